"""Which windows were wrong, and where in which recording they stand."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from motif.errors import ShapeError
from motif.evaluation._inputs import checked_pair

if TYPE_CHECKING:
    from motif.recordings import Dataset

__all__ = ["WrongWindow", "wrong_windows"]


@dataclass(frozen=True, slots=True)
class WrongWindow:
    """A window that was answered wrongly."""

    index: int
    """In the data set."""
    group: str
    """Its subject, session or block."""
    stretch: int
    """The continuous stretch of recording it was cut from."""
    recording: str
    """What that stretch is called: the file, where the data came from files; `stretch 3` where nobody says."""
    start_sample: int
    """Of its first sample, within the stretch."""
    start_s: float | None
    """The same in seconds; None where the rate is unknown."""
    truth: str
    said: str
    confidence: float
    """Of what was said."""
    confidence_in_truth: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON or a table."""
        return asdict(self)


def wrong_windows(
    dataset: Dataset, probabilities: ArrayLike, indices: ArrayLike | None = None
) -> tuple[WrongWindow, ...]:
    """Return the windows answered wrongly, the surest mistakes first: those are labels to look at, or blind spots.

    Parameters
    ----------
    dataset : Dataset
    probabilities : (n, n_classes)
        Columns as `dataset.class_names`.
    indices : (n,), optional
        Which windows of the data set the rows are; all in their order when not given.

    Raises
    ------
    ShapeError, LabelError, DtypeError, NotFiniteError
        The arrays do not belong together.
    """
    rows = np.arange(dataset.n_windows) if indices is None else np.asarray(indices, dtype=np.int64)
    y, p = checked_pair(dataset.y[rows], probabilities)
    if p.shape[1] != len(dataset.class_names):
        raise ShapeError("probabilities", got=p.shape, want=f"({len(y)}, {len(dataset.class_names)}), as class_names")
    said = p.argmax(axis=1)
    wrong = np.flatnonzero(said != y)
    found = []
    for i in wrong[np.argsort(-p[wrong, said[wrong]], kind="stable")]:
        row, start = int(rows[i]), int(dataset.start[rows[i]])
        found.append(
            WrongWindow(
                index=row,
                group=str(dataset.groups[row]),
                stretch=int(dataset.stretch[row]),
                recording=dataset.stretch_name(int(dataset.stretch[row])),
                start_sample=start,
                start_s=start / dataset.rate_hz if dataset.rate_hz else None,
                truth=dataset.class_names[y[i]],
                said=dataset.class_names[said[i]],
                confidence=float(p[i, said[i]]),
                confidence_in_truth=float(p[i, y[i]]),
            )
        )
    return tuple(found)
