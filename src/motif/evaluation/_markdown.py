"""Scores as a table for a README, a model card or a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motif.errors import ConfigError
from motif.evaluation._fold_scores import FoldScores
from motif.evaluation._scores import METRICS, Scores

__all__ = ["markdown_table"]


def markdown_table(
    rows: Mapping[str, Scores | FoldScores],
    metrics: Sequence[str] = ("accuracy", "macro_f1", "ece"),
) -> str:
    """Return a Markdown table, a row for each recognizer; scores across folds as mean ± deviation.

    Raises
    ------
    ConfigError
        A metric is none of `METRICS`.

    Examples
    --------
    >>> from motif.evaluation import score
    >>> print(markdown_table({"always wave": score([0, 1], [[1, 0], [1, 0]], ["wave", "tap"])}, ["accuracy"]))
    |  | n | accuracy |
    |:--|--:|--:|
    | always wave | 2 | 0.500 |
    """
    for metric in metrics:
        if metric not in METRICS:
            raise ConfigError(f"there is no metric {metric!r}; want any of {', '.join(METRICS)}")
    lines = [f"|  | n | {' | '.join(metrics)} |", "|:--|--:|" + "--:|" * len(metrics)]
    for name, scores in rows.items():
        n = scores.pooled.n if isinstance(scores, FoldScores) else scores.n
        label = name.replace("|", "\\|").replace("\n", " ")
        lines.append(f"| {label} | {n} | {' | '.join(_cell(scores, metric) for metric in metrics)} |")
    return "\n".join(lines)


def _cell(scores: Scores | FoldScores, metric: str) -> str:
    if isinstance(scores, FoldScores):
        spread = scores.spread.get(metric)
        if spread is None:
            return "–"
        return f"{spread.mean:.3f}" + (f" ± {spread.std:.3f}" if spread.std is not None else "")
    value = getattr(scores, metric)
    return "–" if value is None else f"{value:.3f}"
