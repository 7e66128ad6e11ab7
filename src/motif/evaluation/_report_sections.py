"""The parts of the report, each left out where there is nothing to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motif.evaluation._confusions import ARROWS, confused_pairs
from motif.evaluation._figures import (
    confusion_figure,
    folds_figure,
    per_class_figure,
    reliability_diagram,
    training_history_figure,
)
from motif.evaluation._fold_scores import FoldScores
from motif.evaluation._html import Html, bullets, facts, figure, number, paragraph, section, table
from motif.evaluation._scores import Scores

Sections = dict[str, tuple[str, Html]]
_MOST_GROUPS = 60
_KINDS = (
    "One-way: the two rates differ beyond chance (Fisher's exact test, Holm's correction over the pairs, 5%). "
    "Symmetric: they don't, and as many confusions in one direction would have shown. Undecided: too few to tell."
)


def about(
    split: Mapping[str, object] | None,
    dataset: Mapping[str, object] | None,
    notes: Sequence[str],
    folds: FoldScores | None,
) -> Sections:
    """How it was split, and what the data are."""
    sections: Sections = {}
    how = dict(split or {})
    if folds:
        how = {"How": folds.how} | how
    if how:
        sections["split"] = ("Split", section("split", "What was split how", facts(how)))
    if dataset or notes:
        parts = [facts(dataset or {})]
        if notes:
            parts += [Html("<h3>Notes from reading</h3>"), bullets(notes)]
        sections["data"] = ("Data", section("data", "Data", *parts))
    return sections


def comparison(scores: Scores, baseline: Scores | None, peers: Mapping[str, Scores]) -> Sections:
    """Every figure beside the baseline and the peers."""
    rows = {"this recognizer": scores, **peers}
    if baseline:
        rows["class frequencies (baseline)"] = baseline
    names = ("accuracy", "macro_f1", "weighted_f1", "kappa", "matthews", "roc_auc", "log_loss", "brier", "ece", "mce")
    heads = ("accuracy", "macro-F1", "weighted F1", "kappa", "Matthews", "ROC-AUC", "log loss", "Brier", "ECE", "MCE")
    body = table(
        ["", *heads], [[label, *(number(getattr(row, name)) for name in names)] for label, row in rows.items()]
    )
    top = ", ".join(f"top-{k} {number(value)}" for k, value in scores.top_k.items())
    lines = [f"{name}: {why}" for name, why in scores.reasons.items()]
    if scores.roc_auc is not None and scores.without_auc:
        lines.append(f"ROC-AUC leaves out {', '.join(scores.without_auc)}: no window here is of them")
    reasons = bullets(lines) if lines else Html("")
    note = paragraph(f"All on the same {scores.n:,} windows; {top} of this recognizer.")
    return {"scores": ("Scores", section("scores", "Scores", note, body, reasons))}


def across_folds(folds: FoldScores) -> Sections:
    """How far the figures vary."""
    heads = ("fold", "trained on", "tested on", "accuracy", "macro-F1", "ECE", "baseline", "fit s")
    rows = [
        [fold.name, fold.n_train, fold.n_test]
        + [number(x) for x in (fold.scores.accuracy, fold.scores.macro_f1, fold.scores.ece, fold.baseline.accuracy)]
        + [number(fold.fit_seconds, 1)]
        for fold in folds.folds
    ]
    plot = figure(folds_figure(folds), "Accuracy and macro-F1 of each fold")
    parts = [plot, table(heads, rows)]
    if [group.group for group in folds.per_group] != [fold.name for fold in folds.folds]:
        worst = sorted(folds.per_group, key=lambda group: group.accuracy)[:_MOST_GROUPS]
        groups = [[g.group, g.n, number(g.accuracy), number(g.macro_f1)] for g in worst]
        parts += [
            Html("<h3>By group, the worst first</h3>"),
            table(("group", "windows", "accuracy", "macro-F1"), groups),
        ]
    return {"folds": ("Folds", section("folds", "Across folds", *parts))}


def by_class(scores: Scores) -> Sections:
    """What is recognized, and what is taken for what."""
    heads = ("class", "precision", "recall", "F1", "ROC-AUC", "windows", "predicted")
    rows = [
        [c.name, *(number(x) for x in (c.precision, c.recall, c.f1, c.roc_auc)), c.support, c.predicted]
        for c in scores.per_class
    ]
    plot = figure(per_class_figure(scores), "Precision, recall and F1 of each class")
    pairs = confused_pairs(scores)
    confused = [
        [
            f"{p.first} {ARROWS[p.kind]} {p.second}",
            f"{p.first_as_second} ({p.first_rate:.1%})",
            f"{p.second_as_first} ({p.second_rate:.1%})",
            p.kind,
            f"{p.p_value:.2g}",
        ]
        for p in pairs
    ]
    matrix = [figure(confusion_figure(scores), "Confusion matrix, rows are the truth")]
    if pairs:
        heads_of_pairs = ("pair", "this way", "the other way", "kind", "p")
        matrix += [Html("<h3>Most confused pairs</h3>"), table(heads_of_pairs, confused), paragraph(_KINDS)]
    return {
        "confusion": ("Confusion", section("confusion", "What is taken for what", *matrix)),
        "classes": ("Classes", section("classes", "By class", plot, table(heads, rows))),
    }


def confidence(scores: Scores, uncalibrated: Scores | None) -> Sections:
    """Whether a confidence means what it says."""
    tables = {"before scaling": uncalibrated.reliability} if uncalibrated else {}
    tables["after scaling" if uncalibrated else "this recognizer"] = scores.reliability
    note = "Of windows answered with 80% confidence, 80% should be right: on the dotted line a confidence is honest."
    if uncalibrated:
        note += f" ECE {number(uncalibrated.ece)} before temperature scaling, {number(scores.ece)} after."
    plot = figure(reliability_diagram(tables), "Reliability diagram")
    return {
        "calibration": (
            "Calibration",
            section("calibration", "Does a confidence mean what it says", paragraph(note), plot),
        )
    }


def around(
    history: Mapping[str, Sequence[float]] | None,
    bundle: Mapping[str, object] | None,
    environment: Mapping[str, object] | None,
) -> Sections:
    """How it was trained, packed, and on what."""
    sections: Sections = {}
    if history:
        plot = figure(training_history_figure(history), "Loss and scores of each epoch")
        sections["training"] = ("Training", section("training", "Training", plot))
    if bundle:
        sections["bundle"] = ("Bundle", section("bundle", "Bundle", facts(bundle)))
    if environment:
        sections["environment"] = ("Environment", section("environment", "Environment", facts(environment)))
    return sections


def further(tables: Mapping[str, Sequence[Mapping[str, object]]]) -> Sections:
    """Tables that the caller made."""
    sections: Sections = {}
    for i, (title, rows) in enumerate(tables.items()):
        body = table(tuple(rows[0]), [[_cell(value) for value in row.values()] for row in rows])
        sections[f"table-{i}"] = (title, section(f"table-{i}", title, body))
    return sections


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
