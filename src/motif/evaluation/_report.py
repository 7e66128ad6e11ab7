"""The report: one page that says how good a recognizer is, on what, how far that varies, and beside what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motif.errors import ConfigError
from motif.evaluation._evaluation import Evaluation
from motif.evaluation._findings import findings
from motif.evaluation._fold_scores import FoldScores
from motif.evaluation._html import Html, bullets, card, markup, number, page, section
from motif.evaluation._report_evaluation import by_subject, compared, doubt, promises, trust, where_wrong
from motif.evaluation._report_sections import (
    Sections,
    about,
    across_folds,
    around,
    by_class,
    comparison,
    confidence,
    further,
)
from motif.evaluation._scores import Scores

__all__ = ["html_report"]

_LABELS = {"macro_f1": "Macro-F1", "accuracy": "Accuracy"}


def html_report(
    title: str,
    *,
    evaluation: Evaluation | None = None,
    scores: Scores | None = None,
    folds: FoldScores | None = None,
    baseline: Scores | None = None,
    uncalibrated: Scores | None = None,
    peers: Mapping[str, Scores] | None = None,
    summary: str = "",
    split: Mapping[str, object] | None = None,
    dataset: Mapping[str, object] | None = None,
    notes: Sequence[str] = (),
    history: Mapping[str, Sequence[float]] | None = None,
    bundle: Mapping[str, object] | None = None,
    environment: Mapping[str, object] | None = None,
    tables: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    warnings: Sequence[str] = (),
) -> str:
    """Return one HTML page that loads nothing from anywhere; what is not given is left out.

    Parameters
    ----------
    title : str
        Of the page.
    evaluation : Evaluation, optional
        Brings scores, baseline and all the rest that is not given.
    scores : Scores, optional
        Of windows held out; without them the pooled windows of `folds`.
    folds : FoldScores, optional
        Their mean and spread become the headline where no `scores` are given.
    baseline : Scores, optional
        Of `baseline_scores`; without it that of `folds`.
    uncalibrated : Scores, optional
        The same windows before temperature scaling, for the reliability diagram.
    peers : mapping of str to Scores, optional
        Other recognizers on the same windows.
    summary : str
        A sentence below the title.
    split, dataset, bundle, environment : mapping of str to anything printable, optional
        Facts, shown in their order: how it was split and what the leak check said; sizes, classes and rates; size,
        latency and largest difference of the bundle; versions.
    notes : sequence of str
        What was dropped or assumed while reading.
    history : mapping of str to (n_epochs,), optional
        Of the training, as Keras names it.
    tables : mapping of str to sequence of mappings, optional
        Further tables by their title: rows of equal keys, the first of which names the row.
    warnings : sequence of str
        Shown first, with what the figures themselves give reason to warn of.

    Raises
    ------
    ConfigError
        There is no `evaluation`, no `scores` and no `folds`.
    MissingExtraError
        plotly is not installed.
    """
    if evaluation and not folds:
        scores, baseline = scores or evaluation.scores, baseline or evaluation.baseline
    if evaluation:
        uncalibrated = uncalibrated or evaluation.uncalibrated
        peers = dict(peers or {}) | _rival(evaluation)
        split = {"How": evaluation.how} | dict(split or {}) if not folds else split
    judged = scores or (folds.pooled if folds else None)
    if judged is None:
        raise ConfigError("a report needs scores or folds; make them with motif.evaluation.evaluate or cross_validate")
    beside = baseline or (folds.baseline if folds and scores is None else None)
    sections: Sections = {}
    alarms = [*warnings, *findings(judged, beside, folds)]
    if alarms:
        sections["warnings"] = ("Warnings", section("warnings", "Before you rely on this", bullets(alarms)))
    sections |= by_class(judged)
    if folds:
        sections |= across_folds(folds)
    if evaluation:
        sections |= {} if folds else by_subject(evaluation)
        sections |= where_wrong(evaluation) | confidence(judged, uncalibrated) | trust(evaluation)
        sections |= promises(evaluation) | doubt(evaluation) | compared(evaluation.comparison)
    else:
        sections |= confidence(judged, uncalibrated)
    sections |= further(tables or {})
    sections |= comparison(judged, beside, peers or {})
    sections |= about(split, dataset, notes, folds)
    sections |= around(history, bundle, environment)
    return page(title, _header(title, summary, judged, beside, folds if scores is None else None, evaluation), sections)


def _rival(evaluation: Evaluation) -> dict[str, Scores]:
    if evaluation.rival is None or evaluation.comparison is None:
        return {}
    return {evaluation.comparison.second: evaluation.rival}


def _header(
    title: str,
    summary: str,
    scores: Scores,
    baseline: Scores | None,
    folds: FoldScores | None,
    evaluation: Evaluation | None,
) -> Html:
    cards = [_headline(name, scores, baseline, folds, evaluation) for name in ("macro_f1", "accuracy")]
    cards.append(card("Calibration error (ECE)", number(scores.ece), f"largest gap {number(scores.mce)}"))
    detail = [f"{len(scores.class_names)} classes"]
    if folds:
        detail.append(f"{len(folds.folds)} folds, {len(folds.per_group)} groups")
    elif evaluation:
        detail.append(f"{len(evaluation.per_group)} {evaluation.group_kind}(s)")
    cards.append(card("Windows judged", f"{scores.n:,}", *detail))
    below = f"<p>{markup(summary)}</p>" if summary else ""
    return Html(f'<h1>{markup(title)}</h1>{below}<div class="cards">{"".join(cards)}</div>')


def _headline(
    name: str, scores: Scores, baseline: Scores | None, folds: FoldScores | None, evaluation: Evaluation | None
) -> Html:
    details = []
    value = Html(number(getattr(scores, name)))
    interval = evaluation.intervals.get(name) if evaluation else None
    if folds:
        spread, interval = folds.spread[name], folds.intervals.get(name)
        deviation = f" <small>± {number(spread.std)}</small>" if spread.std is not None else ""
        value = Html(number(spread.mean) + deviation)
        details.append(f"mean of {spread.n} folds, {number(spread.min)} to {number(spread.max)}")
        details.append(f"pooled {number(getattr(scores, name))}")
    if interval:
        details.append(f"{interval.level:.0%} by group {number(interval.low)} to {number(interval.high)}")
    if baseline:
        details.append(f"baseline {number(getattr(baseline, name))}")
    return card(_LABELS[name], value, *details)
