"""One evaluation as Markdown, for a pull request or a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from motif.evaluation._confusions import ARROWS
from motif.evaluation._evaluation import Evaluation
from motif.evaluation._scores import METRICS

__all__ = ["markdown_report"]

_MOST_ROWS = 20


def markdown_report(evaluation: Evaluation, *, warnings: Sequence[str] = ()) -> str:
    """Return the figures as tables; what is many is cut at twenty rows."""
    scores = evaluation.scores
    worst = sorted(evaluation.per_group, key=lambda group: group.accuracy)[:_MOST_ROWS]
    parts = [
        f"# {_text(evaluation.name)}",
        f"{scores.n:,} windows, {len(scores.class_names)} classes: {_text(evaluation.how)}.",
        "\n".join(f"- **{_text(line)}**" for line in warnings),
        "## Scores",
        _table(("figure", "value", "95% by group", "never looks"), _scores(evaluation)),
        "## By class",
        _table(
            ("class", "precision", "recall", "F1", "ROC-AUC", "windows"),
            ((c.name, c.precision, c.recall, c.f1, c.roc_auc, c.support) for c in scores.per_class),
        ),
        f"## By {evaluation.group_kind}, the worst first",
        _table(
            (evaluation.group_kind, "windows", "accuracy", "macro-F1", "ECE"),
            ((g.group, g.n, g.accuracy, g.macro_f1, g.ece) for g in worst),
        ),
        "## Confusion (rows are the truth)",
        _table(("", *scores.class_names), _confusion(evaluation)),
    ]
    if evaluation.pairs:
        pairs = (
            (f"{p.first} {ARROWS[p.kind]} {p.second}", p.first_as_second, p.second_as_first, p.kind, p.p_value)
            for p in evaluation.pairs
        )
        parts += ["## Most confused", _table(("pair", "this way", "the other way", "kind", "p"), pairs)]
    if evaluation.wrong:
        rows = (
            (w.index, w.group, w.recording, w.start_sample, w.truth, w.said, w.confidence)
            for w in evaluation.wrong[:_MOST_ROWS]
        )
        heads = ("window", evaluation.group_kind, "recording", "sample", "truth", "said", "sure")
        parts += ["## Surest mistakes", _table(heads, rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _scores(evaluation: Evaluation) -> Iterable[Sequence[object]]:
    for name in METRICS:
        interval = evaluation.intervals.get(name)
        spread = f"{interval.low:.3f} to {interval.high:.3f}" if interval else "–"
        yield name, getattr(evaluation.scores, name), spread, getattr(evaluation.baseline, name)
    for k, value in evaluation.scores.top_k.items():
        yield f"top-{k}", value, "–", evaluation.baseline.top_k[k]


def _confusion(evaluation: Evaluation) -> Iterable[Sequence[object]]:
    scores = evaluation.scores
    for name, row in zip(scores.class_names, scores.confusion.tolist(), strict=True):
        yield name, *(count or "" for count in row)


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, [":--"] + ["--:"] * (len(heads) - 1), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else _text(value)


def _text(value: object) -> str:
    return str(value).replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
