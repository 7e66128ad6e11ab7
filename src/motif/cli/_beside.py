"""Bundles beside the one that is judged: a rival to compare it with, members that learnt alike to split its doubt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from motif.cli._console import counted, print_table
from motif.cli._held_out import seen_among

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motif.bundles import BundleRecognizer
    from motif.evaluation import Comparison, Evaluation
    from motif.recordings import Dataset

__all__ = ["answers", "loaded", "print_beside", "seen_by_others"]


def loaded(paths: Iterable[Path | None]) -> dict[str, BundleRecognizer]:
    """Return the bundles by their places."""
    from motif.bundles import load

    return {str(path): load(path) for path in paths if path is not None}


def answers(other: BundleRecognizer, recognizer: BundleRecognizer, X: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return another bundle's probabilities, columns as the first one's classes.

    Raises
    ------
    LabelError
        The two don't tell the same classes apart.
    """
    from motif.errors import LabelError

    if set(other.classes_.tolist()) != set(recognizer.classes_.tolist()):
        raise LabelError(
            f"{other.config.name} tells {', '.join(other.classes_)} apart, {recognizer.config.name} "
            f"{', '.join(recognizer.classes_)}; want bundles of the same classes"
        )
    order = [other.classes_.tolist().index(name) for name in recognizer.classes_.tolist()]
    return other.predict_proba(X)[:, order]


def seen_by_others(
    rivals: Mapping[str, BundleRecognizer],
    members: Mapping[str, BundleRecognizer],
    data: Dataset,
    rows: NDArray[np.int64],
) -> list[str]:
    """Return a warning for each bundle that was trained on some of the windows it is asked about."""
    told = []
    for role, others, so in (
        ("rival", rivals, "the comparison flatters it"),
        ("member", members, "it doubts them too little"),
    ):
        seen = {name: seen_among(other, data, rows) for name, other in others.items()}
        told += [f"the {role} {name} was trained on {windows}: {so}" for name, windows in seen.items() if windows]
    return told


def print_beside(evaluation: Evaluation) -> None:
    """Print which of two is better and whether that could be chance, and where the doubt comes from."""
    if evaluation.comparison:
        _print_comparison(evaluation.comparison, evaluation.group_kind)
    if evaluation.uncertainty:
        doubt = evaluation.to_dict()["uncertainty"]
        rows = [(name, *("–" if mean is None else mean for mean in means.values())) for name, means in doubt.items()]
        print_table("doubt, mean nats a window", ("doubt", "windows right", "windows wrong"), rows)


def _print_comparison(comparison: Comparison, group_kind: str) -> None:
    rows = []
    for name, difference in comparison.differences.items():
        interval = comparison.intervals.get(name)
        spread = f"{interval.low:+.3f} to {interval.high:+.3f}" if interval else ""
        rows.append((name, f"{difference:+.3f}", spread))
    title = f"{comparison.first} less {comparison.second}"
    print_table(title, ("figure", "difference", "95% by group"), rows)

    windows, groups = comparison.windows, comparison.groups
    only = f"alone right on {counted(windows.only_first_right, 'window')}, the rival on {windows.only_second_right}"
    tests = [("McNemar, window by window", f"{windows.p_value:.3g}", only)]
    if groups:
        least = f"so few cannot give less than {groups.smallest_p:.3g}"
        tests.append((f"exchanged within {counted(groups.n, group_kind)}", f"{groups.p_value:.3g}", least))
    print_table("could it be chance?", ("test", "p", "because"), tests)
