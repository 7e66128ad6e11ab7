"""Several targets side by side: what each costs in size and time, and what it loses in score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.bundles.targets._convert import Converted, checked_inputs, compared_and_written
from motif.bundles.targets._formats import Answers, answers_of_source, target_named
from motif.bundles.targets._place import check_place_of
from motif.bundles.targets._source import open_source
from motif.errors import BundleError, MissingExtraError

__all__ = ["Outcome", "convert_all"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one target."""

    target: str
    converted: Converted | None
    """None where it could not be made."""
    problem: str = ""
    """Why it could not."""
    accuracy: float | None = None
    macro_f1: float | None = None
    lost_points: float | None = None
    """Macro-F1 of the source less that of the target, times 100; None without labels."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything by name, JSON-ready."""
        return asdict(self) | {"converted": self.converted and self.converted.to_dict()}


def convert_all(
    source: str | Path,
    targets: Sequence[str],
    out: str | Path,
    *,
    calibration: ArrayLike | None = None,
    windows: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[Outcome]:
    """Convert a network to each of `targets` in the folder `out`, and say what each costs.

    A target that cannot be made is reported, not raised: the others are made.

    Parameters
    ----------
    source, calibration, windows
        As `convert` takes them.
    targets : names of `TARGETS`
    out : folder
        Each file is called after its target: `tflite-int8.tflite`.
    labels : (n,), optional
        The class of each of `windows`, counted as the outputs are: then scores are compared, too.
    progress : callable, optional
        Gets how many targets are done, how many there are, and the name of the next.

    Raises
    ------
    ConfigError, ShapeError, DtypeError, NotFiniteError
        A target or window that cannot be, or a file would lie in a bundle or over the source.
    BundleError
        The source cannot be read.
    """
    wanted = [target_named(name) for name in targets]
    places = [Path(out) / f"{target.name}{target.suffix}" for target in wanted]
    for place in places:
        check_place_of(place, Path(source))
    network = open_source(source)
    learnt_from, compared = checked_inputs(network, calibration, windows)
    truth = None if labels is None else np.asarray(labels)
    want = answers_of_source(network, compared)
    outcomes = []
    for done, (target, place) in enumerate(zip(wanted, places, strict=True)):
        if progress:
            progress(done, len(wanted), target.name)
        try:
            files = target.make(network, learnt_from)
            converted, got = compared_and_written(target, files, network, compared, want, place)
        except (BundleError, MissingExtraError) as error:
            outcomes.append(Outcome(target.name, None, problem=str(error)))
        else:
            outcomes.append(_judged(converted, got, want, truth))
    if progress:
        progress(len(wanted), len(wanted), "")
    return outcomes


def _judged(converted: Converted, got: Answers, want: Answers, truth: NDArray[Any] | None) -> Outcome:
    if truth is None:
        return Outcome(converted.target, converted)
    from motif.evaluation import score

    names = [str(i) for i in range(want.probabilities.shape[1])]
    before, after = score(truth, want.probabilities, names), score(truth, got.probabilities, names)
    return Outcome(
        converted.target,
        converted,
        accuracy=after.accuracy,
        macro_f1=after.macro_f1,
        lost_points=100 * (before.macro_f1 - after.macro_f1),
    )
