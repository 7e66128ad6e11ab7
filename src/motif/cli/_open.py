"""Open a path as whatever it is: a bundle, a data set or a recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from motif.bundles import BundleRecognizer
    from motif.recordings import Dataset, Recording

__all__ = ["open_data", "open_path"]


def open_path(path: Path) -> BundleRecognizer | Dataset | Recording:
    """Return the bundle, data set or recording at `path`."""
    if (path / "manifest.json").exists():
        from motif.bundles import load

        return load(path)
    return open_data(path)


def open_data(path: Path, *, kind: str | None = None, **options: Any) -> Dataset | Recording:
    """Return a data set where a layout recognizes `path`, a recording otherwise, or the `kind` asked for."""
    from motif.recordings import dataset_layouts, load_dataset, read

    if kind is None:  # an annotated recording could be cut into a data set; unasked, it stays a recording
        layouts = [layout for name, layout in dataset_layouts().items() if name != "recordings"]
        labelled = path.exists() and any(layout.recognizes(path) for layout in layouts)
        kind = "dataset" if labelled else "recording"
    given = {name: value for name, value in options.items() if value is not None}
    return load_dataset(path, **given) if kind == "dataset" else read(path, **given)
