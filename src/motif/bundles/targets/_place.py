"""Where a file may be written: not over what it is made from, and not into a bundle."""

from __future__ import annotations

from pathlib import Path

from motif.bundles._manifest import MANIFEST
from motif.errors import ConfigError

__all__ = ["check_outside_bundles", "check_place_of"]

LABELS = "label_map.json"
"""What a bundle has beside its manifest: extensions of browsers have a `manifest.json`, too."""


def check_place_of(out: Path, *sources: Path) -> None:
    """Refuse to write `out` over one of `sources`, or into a bundle.

    Raises
    ------
    ConfigError
    """
    for source in sources:
        if out.resolve() == source.resolve():
            raise ConfigError(f"{out} is what this is made from; write to another file")
    check_outside_bundles(out)


def check_outside_bundles(out: Path) -> None:
    """Refuse a file within the folder of a bundle, which would then not be what its manifest says.

    Raises
    ------
    ConfigError
    """
    place = out.resolve()
    for folder in place.parents:
        if (folder / MANIFEST).is_file() and (folder / LABELS).is_file():
            raise ConfigError(
                f"{out} lies in a bundle, which would not load any more with a file that its manifest does not list; "
                f"write beside it, such as {folder.with_name(f'{folder.name}-{out.name}')}"
            )
