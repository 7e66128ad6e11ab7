"""`motif evaluate`: judge a bundle on labelled windows it was not trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import GroupsOption, JsonOption, counted, print_json, print_table, say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motif.bundles import BundleRecognizer
    from motif.cli._training_file import TrainingFile
    from motif.evaluation import Evaluation
    from motif.recordings import Dataset

__all__ = ["evaluate_command"]

SHOWN = ("macro_f1", "accuracy", "weighted_f1", "kappa", "matthews", "roc_auc", "log_loss", "ece", "mce", "brier")


def evaluate_command(
    bundle: Annotated[Path | None, typer.Argument(help="The folder of a bundle.")] = None,
    dataset: Annotated[
        Path | None, typer.Argument(help="Labelled windows, in any layout `motif import` knows.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The same as DATASET, for a script that names its own.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="The YAML file it was trained with names what is left out.")
    ] = None,
    save_report: Annotated[
        bool, typer.Option("--save-report", help="Write HTML, Markdown, JSON and CSV to the folder of reports.")
    ] = False,
    report_dir: Annotated[Path | None, typer.Option(help="That folder; reports/evaluation by default.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the HTML alone, to this file.")] = None,
    against: Annotated[
        Path | None, typer.Option(help="Another bundle: which is better, and could it be chance?")
    ] = None,
    member: Annotated[
        list[Path] | None, typer.Option(help="A bundle trained alike with another seed: doubt is split in two.")
    ] = None,
    groups: Annotated[str | None, GroupsOption] = None,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Judge BUNDLE on DATASET, beside a baseline that never looks.

    Of the data it was trained on, only what was held out then is judged.

    Examples: `motif evaluate my-bundle other-people.npz --save-report`,
    `motif evaluate new other-people.npz --against old --member new-seed1 --member new-seed2`
    """
    from motif.bundles import load
    from motif.cli._beside import loaded, print_beside, seen_by_others
    from motif.cli._held_out import judged_rows, seen_groups

    file = _file(config, bundle, data or dataset)
    recognizer = load(bundle or file.output)
    rivals, members = loaded([against]), loaded(member or [])
    windows = _windows(file, data or dataset, groups)
    rows, how, warning = judged_rows(recognizer, windows)
    known, name = with_classes_of(recognizer, windows), str(bundle or file.output)
    evaluation = _evaluated(recognizer, known, rows, name, how, members=members, rivals=rivals)
    part = windows.subset(rows)
    warnings = [*([warning] if warning else []), *seen_by_others(rivals, members, windows, rows)]
    for each in warnings:
        say("[bold yellow]warning[/] ", each)
    if save_report or report_dir:
        place = report_dir or file.evaluation.report
        say("[green]report[/] ", str(_saved(evaluation, part, warnings, place)))
    if report:
        _write(evaluation, part, warnings, report)
        say("[green]report[/] ", str(report))
    if as_json:
        seen = {"warning": warning, "warnings": warnings, "trained_on": seen_groups(recognizer, part)}
        print_json(evaluation.to_dict() | evaluation.scores.to_dict() | seen)
    else:
        heads = ("figure", "value", "95% by group", "never looks")
        title = f"{evaluation.name} on {part.name}, {counted(evaluation.scores.n, 'window')}"
        print_table(title, heads, _rows(evaluation))
        print_beside(evaluation)


def _file(config: Path | None, bundle: Path | None, dataset: Path | None) -> TrainingFile:
    from motif.cli._training_file import TrainingFile
    from motif.errors import ConfigError
    from motif.settings import read_settings

    if config is None and (bundle is None or dataset is None):
        raise ConfigError("what to judge and on what are not named; give BUNDLE and DATASET, or a --config")
    return read_settings(TrainingFile, config) if config else TrainingFile()


def _windows(file: TrainingFile, path: Path | None, groups: str | None) -> Dataset:
    from motif.cli._open import open_dataset
    from motif.cli._run import open_data

    return open_data(file, groups) if path is None else open_dataset(path, groups)


def _evaluated(
    recognizer: BundleRecognizer,
    data: Dataset,
    rows: NDArray[np.int64],
    name: str,
    how: str,
    *,
    members: Mapping[str, BundleRecognizer],
    rivals: Mapping[str, BundleRecognizer],
) -> Evaluation:
    from motif.cli._beside import answers
    from motif.evaluation import evaluate

    windows = data.X[rows]
    rival_name, rival = next(iter(rivals.items()), ("rival", None))
    return evaluate(
        data,
        recognizer.predict_proba(windows),
        rows=rows,
        name=name,
        how=how,
        temperature=_temperature(recognizer),
        members=[answers(member, recognizer, windows) for member in members.values()],
        rival=answers(rival, recognizer, windows) if rival else None,
        rival_name=rival_name,
    )


def _temperature(recognizer: BundleRecognizer) -> float | None:
    """Return by what its logits were divided; None where nothing was."""
    temperature = float(recognizer.config.settings.get("temperature", 1.0))
    return None if temperature == 1 else temperature


def with_classes_of(recognizer: BundleRecognizer, data: Dataset) -> Dataset:
    """Return the same windows with their classes as the bundle counts them.

    Raises
    ------
    LabelError
        A window has a class that the bundle does not know.
    ConfigError
        They hold other channels than the bundle learnt.
    """
    from dataclasses import replace

    import numpy as np

    from motif.cli._open import check_channels
    from motif.errors import LabelError

    check_channels(recognizer, data)
    names = recognizer.classes_.tolist()
    if unknown := sorted(set(data.labels.tolist()) - set(names)):
        raise LabelError(
            f"{data.name} holds {', '.join(unknown)}, which the bundle was never taught (it knows {', '.join(names)}); "
            "leave them out, rename them, or train on them"
        )
    return replace(data, class_names=tuple(names), y=np.array([names.index(label) for label in data.labels.tolist()]))


def _rows(evaluation: Evaluation) -> list[tuple[str, float | str, str, float | str]]:
    rows = []
    for name in SHOWN:
        interval = evaluation.intervals.get(name)
        spread = f"{interval.low:.3f} to {interval.high:.3f}" if interval else ""
        rows.append((name, _cell(getattr(evaluation.scores, name)), spread, _cell(getattr(evaluation.baseline, name))))
    return rows


def _cell(value: float | None) -> float | str:
    return "undefined" if value is None else value


def _facts(data: Dataset, warnings: Sequence[str]) -> dict[str, Any]:
    from motif.cli._pipeline import dataset_facts, environment

    return {
        "dataset": dataset_facts(data),
        "notes": data.notes,
        "environment": environment(),
        "warnings": [f"{warning[0].upper()}{warning[1:]}." for warning in warnings],
    }


def _saved(evaluation: Evaluation, data: Dataset, warnings: Sequence[str], folder: Path) -> Path:
    from motif.evaluation import save_report

    return save_report(evaluation, folder, **_facts(data, warnings))


def _write(evaluation: Evaluation, data: Dataset, warnings: Sequence[str], path: Path) -> None:
    from motif.evaluation import html_report
    from motif.files import write_bytes

    html = html_report(f"{evaluation.name} on {data.name}", evaluation=evaluation, **_facts(data, warnings))
    write_bytes(path, html.encode())
