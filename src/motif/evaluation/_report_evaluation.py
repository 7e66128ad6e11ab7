"""The parts of the report that only a whole evaluation has."""

from __future__ import annotations

from motif.evaluation._compare import Comparison
from motif.evaluation._evaluation import Evaluation
from motif.evaluation._figures_evaluation import (
    conformal_figure,
    groups_figure,
    selective_figure,
    uncertainty_figure,
    wrong_windows_figure,
)
from motif.evaluation._html import bullets, figure, number, paragraph, section, table
from motif.evaluation._report_sections import Sections
from motif.evaluation._wrong import WrongWindow

__all__ = ["by_subject", "compared", "doubt", "promises", "trust", "where_wrong"]

_MOST_ROWS = 60
_MOST_MISTAKES = 25
_ANSWERED = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)


def by_subject(evaluation: Evaluation) -> Sections:
    """Return how good it was for each group."""
    if len(evaluation.per_group) < 2:
        return {}
    kind = evaluation.group_kind
    rows = sorted(evaluation.per_group, key=lambda group: group.accuracy)[:_MOST_ROWS]
    body = [[g.group, g.n, number(g.accuracy), number(g.macro_f1), number(g.ece)] for g in rows]
    plot = figure(groups_figure(evaluation.per_group), f"Accuracy and macro-F1 of each {kind}, the worst on top")
    listed = table((kind, "windows", "accuracy", "macro-F1", "ECE"), body)
    return {"groups": (f"By {kind}", section("groups", f"By {kind}, the worst first", plot, listed))}


def where_wrong(evaluation: Evaluation) -> Sections:
    """Return which windows were wrong, and where they stand."""
    wrong, n = evaluation.wrong, evaluation.scores.n
    parts = [paragraph(f"{len(wrong):,} of {n:,} windows were answered wrongly.")]
    if wrong:
        parts.append(figure(wrong_windows_figure(evaluation), "Share of wrong windows along each recording"))
        if len(wrong) > _MOST_MISTAKES:
            parts.append(paragraph(f"The {_MOST_MISTAKES} surest mistakes:"))
        heads = ("window", evaluation.group_kind, "recording", "at", "truth", "said", "sure", "of the truth")
        parts.append(table(heads, map(_row, wrong[:_MOST_MISTAKES])))
    return {"wrong": ("Wrong windows", section("wrong", "Which windows were wrong, the surest mistakes first", *parts))}


def _row(w: WrongWindow) -> list[object]:
    place = f"sample {w.start_sample:,}" if w.start_s is None else f"{w.start_s:.2f} s"
    sure, of_the_truth = f"{w.confidence:.1%}", f"{w.confidence_in_truth:.1%}"
    return [w.index, w.group, w.recording, place, w.truth, w.said, sure, of_the_truth]


def trust(evaluation: Evaluation) -> Sections:
    """Return what accuracy is bought by leaving out what it is least sure of."""
    curve = evaluation.selective
    points = [(share, *curve.at_coverage(share)) for share in _ANSWERED]
    body = [[f"{share:.0%}", f"{accuracy:.2%}", number(threshold)] for share, accuracy, threshold in points]
    note = paragraph(
        "If only the surest windows are answered and the others left to somebody else, so many of the answers are "
        f"right. Mean error over the curve: {curve.area:.4f}."
    )
    plot = figure(selective_figure(curve), "Accuracy against the share answered")
    heads = ("windows answered", "right", "from confidence")
    return {"selective": ("Whom to trust", section("selective", "How much to answer", note, plot, table(heads, body)))}


def promises(evaluation: Evaluation) -> Sections:
    """Return what conformal sets are worth for somebody new."""
    if not evaluation.coverage:
        return {}
    kind = evaluation.group_kind
    several = len(evaluation.per_group) > 1
    alone = "the later half of each class's windows, calibrated on the earlier half"
    how = f"each {kind}'s sets calibrated on all the others" if several else alone
    note = paragraph(
        f"A conformal set names classes until it holds the true one as often as promised; {how}. "
        f"Beside the line, the promise does not carry over to that {kind}."
    )
    body = [
        [f"{level:.0%}", c.group or "all", c.n, f"{c.coverage:.1%}", f"{c.mean_size:.2f}", f"{c.empty:.1%}"]
        for level, rows in evaluation.coverage.items()
        for c in rows[: 1 + _MOST_ROWS // 3]
    ]
    plot = figure(conformal_figure(evaluation), "Promised and real coverage")
    heads = ("promised", kind, "windows", "held", "classes a set", "empty sets")
    return {"conformal": ("Sets", section("conformal", "Sets that hold the truth", note, plot, table(heads, body)))}


def doubt(evaluation: Evaluation) -> Sections:
    """Return the doubt of an ensemble, split in two."""
    if evaluation.uncertainty is None:
        return {}
    plot = figure(uncertainty_figure(evaluation.uncertainty, evaluation.right), "Aleatoric and epistemic doubt")
    means = evaluation.to_dict()["uncertainty"]
    body = [[name, number(row["right"]), number(row["wrong"])] for name, row in means.items()]
    note = paragraph(
        "Members that learnt the same from other first weights agree that a movement is ambiguous (aleatoric: "
        "record it better), or disagree (epistemic: record more like it)."
    )
    listed = table(("mean, nats", "windows right", "windows wrong"), body)
    return {"uncertainty": ("Doubt", section("uncertainty", "Where the doubt comes from", note, plot, listed))}


def compared(comparison: Comparison | None) -> Sections:
    """Return which of two is better, and whether that could be chance."""
    if comparison is None:
        return {}
    rows = []
    for name, difference in comparison.differences.items():
        interval = comparison.intervals.get(name)
        spread = f"{interval.low:+.3f} to {interval.high:+.3f}" if interval else "–"
        rows.append([name.replace("_", " "), f"{difference:+.3f}", spread])
    windows, groups = comparison.windows, comparison.groups
    lines = [
        f"On {windows.only_first_right} windows only {comparison.first} was right, on {windows.only_second_right} only "
        f"{comparison.second}: McNemar's exact test gives p = {windows.p_value:.3g}, if windows were independent."
    ]
    if groups:
        lines.append(
            f"Over {groups.n} groups {comparison.first} is {groups.mean_difference:+.1%} more accurate on average: "
            f"p = {groups.p_value:.3g} by exchanging the two within groups (so few groups cannot give less than "
            f"{groups.smallest_p:.3g})."
        )
    heads = (f"{comparison.first} − {comparison.second}", "difference", "95% by group")
    return {"compared": ("Compared", section("compared", "Which is better", table(heads, rows), bullets(lines)))}
