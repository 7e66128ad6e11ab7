"""The architectures side by side on one data set: how good, how large, how fast."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from motif.bundles import verify
from motif.evaluation import FoldScores, cross_validate
from motif.networks._architectures import ARCHITECTURES, checked_architecture
from motif.networks._classifier import NetworkClassifier

if TYPE_CHECKING:
    from motif.recordings import Dataset, Split

__all__ = ["Compared", "compare_architectures"]

N_TIMED = 200
"""Windows, one after the other, of which the median time is told."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Compared:
    """What one architecture costs and what it is worth."""

    architecture: str
    parameters: int
    keras_bytes: int
    """Of `model.keras`."""
    onnx_bytes: int
    """Of `model.onnx`."""
    keras_ms: float
    """Median time of one window in Keras, in this process."""
    onnx_ms: float
    """Median time of one window in onnxruntime on one thread."""
    difference: float
    """Largest difference between a probability of the two."""
    folds: FoldScores

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON: costs, and each figure's mean and limits across folds."""
        costs = {name: getattr(self, name) for name in self.__slots__ if name != "folds"}
        spread = {
            name: {"mean": found.mean, "min": found.min, "max": found.max}
            for name in ("macro_f1", "accuracy", "ece")
            if (found := self.folds.spread.get(name))
        }
        return costs | spread | {"fit_s": statistics.fmean(fold.fit_seconds for fold in self.folds.folds)}


def compare_architectures(
    dataset: Dataset,
    split: Split,
    *,
    architectures: Sequence[str] = tuple(ARCHITECTURES),
    settings: Mapping[str, Any] | None = None,
    jobs: int = 1,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Compared, ...]:
    """Judge each architecture on the same folds; the best macro-F1 comes first.

    Size and time depend on the graph alone, so they are measured on a network trained for one epoch.

    Parameters
    ----------
    dataset : Dataset
    split : Split
        The folds, of `motif.recordings`.
    architectures : sequence of str
        Names in `ARCHITECTURES`; all of them by default.
    settings : mapping, optional
        Of `NetworkClassifier`, the same for all.
    jobs : int
        Folds judged at once, each in a process of its own.
    progress : callable, optional
        Called as `progress(architecture, folds_done, n_folds)`.

    Raises
    ------
    ConfigError
        An architecture or a setting cannot be, or the folds cannot be judged.
    """
    settings = {"random_state": 0} | dict(settings or {})
    compared = []
    for name in [checked_architecture(name) for name in architectures]:
        make = partial(NetworkClassifier, **settings | {"architecture": name})
        costs = _costs(make, dataset)
        folds = cross_validate(make, dataset, split, jobs=jobs, progress=_told(progress, name))
        compared.append(Compared(architecture=name, folds=folds, **costs))
    return tuple(sorted(compared, key=lambda one: -one.folds.spread["macro_f1"].mean))


def _told(progress: Callable[[str, int, int], None] | None, name: str) -> Callable[[int, int, str], None] | None:
    return progress and (lambda done, n_folds, _: progress(name, done, n_folds))


def _costs(make: Callable[..., NetworkClassifier], dataset: Dataset) -> dict[str, Any]:
    recognizer = make(epochs=1, refit=False).fit(dataset.X, dataset.y, groups=dataset.groups)
    with tempfile.TemporaryDirectory() as folder:
        path = recognizer.save(Path(folder) / "bundle")
        checked = verify(path, n_timed=N_TIMED)
        sizes = {f"{kind}_bytes": (path / f"model.{kind}").stat().st_size for kind in ("keras", "onnx")}
    return {
        "parameters": int(recognizer.model_.count_params()),
        "keras_ms": _median_ms(recognizer.model_.predict_on_batch, dataset.X[:1]),
        "onnx_ms": checked.median_ms,
        "difference": checked.max_difference,
        **sizes,
    }


def _median_ms(call: Callable[[NDArray[np.float32]], Any], window: NDArray[np.float32]) -> float:
    call(window)  # compiles
    times = []
    for _ in range(N_TIMED):
        start = time.perf_counter_ns()
        call(window)
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1e6
