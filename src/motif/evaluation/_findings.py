"""What the figures themselves give reason to warn of."""

from __future__ import annotations

from motif.evaluation._fold_scores import FoldScores
from motif.evaluation._scores import Scores

FEW_GROUPS = 10
FEW_WINDOWS = 10


def findings(scores: Scores, baseline: Scores | None, folds: FoldScores | None) -> list[str]:
    """Return sentences that a reader should know before trusting a score."""
    found = []
    if baseline and scores.accuracy <= baseline.accuracy:
        found.append(
            f"Accuracy {scores.accuracy:.3f} is no better than always answering with the most frequent class "
            f"({baseline.accuracy:.3f})."
        )
    if absent := [c.name for c in scores.per_class if c.support == 0]:
        found.append(f"Never tested, for want of windows: {', '.join(absent)}.")
    if few := [f"{c.name} ({c.support})" for c in scores.per_class if 0 < c.support < FEW_WINDOWS]:
        found.append(f"Tested on fewer than {FEW_WINDOWS} windows, so their figures say little: {', '.join(few)}.")
    if never := [c.name for c in scores.per_class if c.support and not c.predicted]:
        found.append(f"Never predicted: {', '.join(never)}.")
    if folds and len(folds.per_group) < FEW_GROUPS:
        found.append(
            f"Only {len(folds.per_group)} groups were judged: with others the score may lie outside the spread shown."
        )
    return found
