"""`motif compare`: the architectures side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import GroupsOption, JsonOption, print_json, print_table, progress, say

if TYPE_CHECKING:
    from motif.networks import Compared
    from motif.recordings import Dataset

__all__ = ["compare_command"]

SHOWN = ("network", "F1", "by fold", "ECE", "ONNX, MB", "Keras, ms", "ONNX, ms", "fit, s")
"""What fits a narrow terminal; the report and --json hold the rest."""


def compare_command(
    dataset: Annotated[Path, typer.Argument(help="Labelled windows, in any layout `motif import` knows.")],
    architectures: Annotated[
        str | None, typer.Option(help="Only these, with commas between: `tcn,gru`; all by default.")
    ] = None,
    folds: Annotated[int | None, typer.Option(min=1, help="Judge on so many folds; all by default.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Folds judged at once, each in a process of its own.")] = 1,
    groups: Annotated[str | None, GroupsOption] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many epochs.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights on the same machine.")] = 0,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report, one self-contained file.")] = None,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Judge every architecture on the same folds of DATASET: score, size, time of a window, time to fit.

    Examples: `motif compare hands.npz --report compared.html`,
    `motif compare hands.npz --architectures tcn,gru --jobs 2`
    """
    from motif.cli._open import open_dataset
    from motif.cli._pipeline import split_of
    from motif.networks import ARCHITECTURES, compare_architectures

    data = open_dataset(dataset, groups)
    names = [name.strip() for name in architectures.split(",")] if architectures else list(ARCHITECTURES)
    settings: dict[str, Any] = {"random_state": seed} | ({} if epochs is None else {"epochs": epochs})
    split = split_of(data, folds)
    with progress() as display:
        task = display.add_task("architectures", total=len(names) * len(split))

        def move(name: str, done: int, n_folds: int) -> None:
            display.update(task, completed=names.index(name) * n_folds + done, description=name)

        compared = compare_architectures(data, split, architectures=names, settings=settings, jobs=jobs, progress=move)
    if report is not None:
        _write_report(report, data, compared)
        say("[green]report[/] ", str(report))
    if as_json:
        print_json({"dataset": data.name, "split": split.how, "architectures": [one.to_dict() for one in compared]})
        return
    rows = [[row[column] for column in SHOWN] for row in map(_row, compared)]
    print_table(f"{data.name}, {split.how}", SHOWN, rows)


def _row(one: Compared) -> dict[str, Any]:
    macro_f1 = one.folds.spread["macro_f1"]
    return {
        "network": one.architecture,
        "F1": round(macro_f1.mean, 4),
        "by fold": f"{macro_f1.min:.3f}…{macro_f1.max:.3f}",
        "accuracy": round(one.folds.spread["accuracy"].mean, 4),
        "ECE": round(one.folds.spread["ece"].mean, 4),
        "parameters": one.parameters,
        ".keras, MB": round(one.keras_bytes / 1e6, 2),
        "ONNX, MB": round(one.onnx_bytes / 1e6, 2),
        "Keras, ms": round(one.keras_ms, 2),
        "ONNX, ms": round(one.onnx_ms, 3),
        "fit, s": round(one.to_dict()["fit_s"], 1),
    }


def _write_report(path: Path, data: Dataset, compared: tuple[Compared, ...]) -> None:
    from motif.cli._pipeline import dataset_facts, environment
    from motif.evaluation import html_report
    from motif.files import write_bytes

    best, *others = compared
    html = html_report(
        title=f"Architectures on {data.name}",
        folds=best.folds,
        peers={one.architecture: one.folds.pooled for one in others},
        summary=f"The figures on this page are those of {best.architecture}, the best; the tables hold all.",
        dataset=dataset_facts(data),
        notes=data.notes,
        environment=environment(),
        tables={"Architectures": [_row(one) for one in compared]},
    )
    write_bytes(path, html.encode())
