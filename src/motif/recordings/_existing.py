"""A path that somebody gave, and what to say where nothing is there."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from motif.errors import ConfigError, FormatError, MissingFileError

__all__ = ["existing"]


def existing(path: str | Path, *, want: str) -> Path:
    """Return the path of a file or folder that is there.

    Raises
    ------
    MissingFileError
        Nothing is there, or a link that leads nowhere; the message suggests close names.
    FormatError
        The system does not say whether it is there: a folder on the way may not be entered, or the name is too long.
    ConfigError
        It is no path.
    """
    try:
        path = Path(path)
    except TypeError as error:
        raise ConfigError(f"path is {path!r}; give the name of a file or folder") from error
    try:
        if path.exists():
            return path
        others = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    except OSError as error:
        raise FormatError(
            str(path)[:200],
            f"cannot be looked at ({error.strerror or error})",
            hint="check its name, and the permissions of its folders",
        ) from error
    if path.is_symlink():
        raise MissingFileError(path, want=f"{want}; it is a link that leads nowhere")
    close = get_close_matches(path.name, others, n=3)
    raise MissingFileError(path, want=f"{want}; did you mean {' or '.join(close)}?" if close else want)
