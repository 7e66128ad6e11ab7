"""`motif evaluate`: judge a bundle on labelled windows it was not trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from motif.cli._console import GroupsOption, JsonOption, print_json, print_table, say

if TYPE_CHECKING:
    from motif.bundles import BundleRecognizer
    from motif.evaluation import Scores
    from motif.recordings import Dataset

__all__ = ["evaluate_command"]

SHOWN = ("accuracy", "macro_f1", "weighted_f1", "kappa", "roc_auc", "log_loss", "ece", "mce", "brier")


def evaluate_command(
    bundle: Annotated[Path, typer.Argument(help="The folder of a bundle.")],
    dataset: Annotated[Path, typer.Argument(help="Labelled windows, in any layout `motif import` knows.")],
    report: Annotated[Path | None, typer.Option(help="Write an HTML report, one self-contained file.")] = None,
    groups: Annotated[str | None, GroupsOption] = None,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Judge BUNDLE on DATASET, beside a baseline that never looks.

    Examples: `motif evaluate my-bundle other-people.npz --report report.html`
    """
    from motif.bundles import load
    from motif.cli._open import check_channels, open_dataset
    from motif.evaluation import baseline_scores, score

    recognizer, data = load(bundle), open_dataset(dataset, groups)
    check_channels(recognizer, data)
    if seen := seen_groups(recognizer, data):
        say("[bold yellow]warning[/] ", f"it was trained on {', '.join(seen)} of {data.name}: these figures flatter it")
    y, names = class_indices(recognizer, data), recognizer.classes_.tolist()
    scores = score(y, recognizer.predict_proba(data.X), names)
    baseline = baseline_scores(y, y, names)
    if report:
        _write_report(report, recognizer, data, scores, baseline)
        say("[green]report[/] ", str(report))
    if as_json:
        print_json(scores.to_dict() | {"baseline": baseline.to_dict(), "trained_on": seen})
        return
    rows = [(name, _cell(getattr(scores, name)), _cell(getattr(baseline, name))) for name in SHOWN]
    print_table(f"{bundle} on {data.name}, {scores.n} windows", ("figure", "recognizer", "never looks"), rows)


def class_indices(recognizer: BundleRecognizer, data: Dataset) -> list[int]:
    """Return each window's class as the bundle counts them.

    Raises
    ------
    LabelError
        A window has a class that the bundle does not know.
    """
    from motif.errors import LabelError

    known = {name: i for i, name in enumerate(recognizer.classes_.tolist())}
    if unknown := sorted(set(data.labels.tolist()) - set(known)):
        raise LabelError(
            f"{data.name} holds {', '.join(unknown)}, which the bundle was never taught (it knows {', '.join(known)}); "
            "leave them out, rename them, or train on them"
        )
    return [known[label] for label in data.labels.tolist()]


def seen_groups(recognizer: BundleRecognizer, data: Dataset) -> list[str]:
    """Return the groups of `data` that the bundle says it was trained on."""
    trained = recognizer.config.data
    return sorted(set(trained.get("groups", ())) & set(data.group_names)) if trained.get("name") == data.name else []


def _cell(value: float | None) -> float | str:
    return "undefined" if value is None else value


def _write_report(path: Path, recognizer: BundleRecognizer, data: Dataset, scores: Scores, baseline: Scores) -> None:
    from motif.cli._pipeline import dataset_facts
    from motif.evaluation import html_report
    from motif.files import write_bytes

    seen = seen_groups(recognizer, data)
    html = html_report(
        f"{recognizer.config.name} on {data.name}",
        scores=scores,
        baseline=baseline,
        dataset=dataset_facts(data),
        notes=data.notes,
        split={"how": "all these windows at once, by a recognizer that was trained before"},
        warnings=[f"Trained on {', '.join(seen)} too: the figures flatter it."] if seen else [],
    )
    write_bytes(path, html.encode())
