"""`motif convert`: a network in the formats of phones, boards and other frameworks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import GroupsOption, JsonOption, print_json, print_table, progress, say

if TYPE_CHECKING:
    from motif.bundles.targets import Outcome

__all__ = ["convert_command"]

N_CALIBRATION = 200
NOT_MADE = 5
"""The exit code of a bundle that cannot be used."""
COLUMNS = ("target", "kB", "one window, ms", "mean difference", "same class", "macro-F1", "points lost")


def convert_command(
    source: Annotated[Path, typer.Argument(help="The folder of a bundle, a .keras file or an .onnx file.")],
    to: Annotated[list[str], typer.Option("--to", help="A target; give the option again for more of them.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("converted"),
    calibration: Annotated[
        Path | None, typer.Option(help="Windows like those it will see: int8 learns its ranges from them.")
    ] = None,
    judge: Annotated[Path | None, typer.Option(help="Labelled windows to tell the loss of score on.")] = None,
    groups: Annotated[str | None, GroupsOption] = None,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Convert SOURCE to each target and check that it answers as SOURCE does.

    Targets: onnx, onnx-int8, tflite, tflite-float16, tflite-dynamic, tflite-int8, tflite-micro (C source for a
    microcontroller), pth, safetensors, coreml.
    `--groups` names the groups of `--judge`; those of the calibration windows should be others.

    Example: `motif convert my-bundle --to tflite-int8 --to onnx --calibration hands.npz --judge other-day.npz`
    """
    from motif.bundles.targets import TARGETS, convert_all
    from motif.errors import ConfigError

    if calibration is None and (wanting := [name for name in to if name in TARGETS and TARGETS[name].calibrated]):
        raise ConfigError(f"{', '.join(wanting)} learns its ranges from windows; name some with --calibration FILE")
    windows, labels = (None, None) if judge is None else _judged_on(source, judge, groups)
    with progress() as display:
        task = display.add_task("targets", total=len(to))

        def move(done: int, total: int, name: str) -> None:
            display.update(task, completed=done, total=total, description=name or "done")

        outcomes = convert_all(
            source,
            to,
            out,
            calibration=None if calibration is None else _calibration(calibration),
            windows=windows,
            labels=labels,
            progress=move,
        )
    if as_json:
        print_json({"source": str(source), "targets": [outcome.to_dict() for outcome in outcomes]})
    elif rows := [_row(outcome) for outcome in outcomes if outcome.converted]:
        print_table(f"{source}, converted", COLUMNS, rows)
    problems = [outcome for outcome in outcomes if not outcome.converted]
    for outcome in problems:
        say(f"[bold red]not made[/] {outcome.target}: ", outcome.problem)
    if problems:
        raise typer.Exit(NOT_MADE)


def _calibration(path: Path) -> Any:
    """Return windows spread evenly over a data set."""
    import numpy as np

    from motif.cli._open import open_dataset

    X = open_dataset(path).X
    return X[np.unique(np.linspace(0, len(X) - 1, N_CALIBRATION).astype(int))]


def _judged_on(source: Path, path: Path, groups: str | None) -> tuple[Any, list[int]]:
    from motif.bundles import load
    from motif.cli._open import check_channels, open_dataset
    from motif.errors import ConfigError, LabelError

    if not source.is_dir():
        raise ConfigError(f"{source} does not name its classes, so it cannot be judged; give the folder of a bundle")
    recognizer, data = load(source), open_dataset(path, groups)
    check_channels(recognizer, data)
    classes = {name: i for i, name in enumerate(recognizer.classes_.tolist())}
    if unknown := sorted(set(data.labels.tolist()) - set(classes)):
        raise LabelError(f"{path} holds {', '.join(unknown)}, which {source} does not know; leave them out")
    return data.X, [classes[label] for label in data.labels.tolist()]


def _row(outcome: Outcome) -> tuple[object, ...]:
    made = outcome.converted
    assert made is not None
    return (
        outcome.target,
        made.size_bytes / 1e3,
        _cell(made.median_ms),
        made.mean_difference,
        made.agreement,
        _cell(outcome.macro_f1),
        _cell(outcome.lost_points),
    )


def _cell(value: float | None) -> float | str:
    return "–" if value is None else value
