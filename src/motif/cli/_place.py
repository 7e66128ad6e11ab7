"""Where a command may write a folder."""

from __future__ import annotations

from pathlib import Path

__all__ = ["check_out"]


def check_out(out: Path, *, known_by: str, replace: bool) -> None:
    """Refuse, before long work, a place where something else stands, or an earlier run without `--replace`.

    Raises
    ------
    ConfigError, WriteError
        As `motif.files.check_place`, which `known_by` is of; or something is there and shall not be replaced.
    """
    from motif.errors import ConfigError
    from motif.files import check_place

    check_place(out, known_by=known_by)
    if not replace and out.is_dir() and any(out.iterdir()):
        raise ConfigError(f"{out} is there already; choose another --out, or add --replace")
