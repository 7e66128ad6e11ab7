"""The command `conv2d`: an experiment file in; a trained, judged, packed recognizer of behaviour out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._commands import command_line, common_options
from motif.cli._console import JsonOption, print_json, print_table, progress, say
from motif.cli._pack import (
    SHELF,
    ShelfOption,
    archive_command,
    clean_command,
    extract_command,
    key_command,
    list_command,
    show_created,
    verify_command,
)

if TYPE_CHECKING:
    from motif.experiments import Experiment

__all__ = ["app", "main"]

ConfigOption = typer.Option(help="The experiment file, such as conf/exp/dogs.yaml.")
DataOption = typer.Option(help="A file or folder of real recordings, instead of the experiment's own data.")
ModelsOption = typer.Option(help="Where trained experiments lie, each in a folder of its name.")

app = command_line()
app.callback(help="Behaviour from body-worn sensors: train, eval, analyze, pack.")(common_options)


@app.command("train")
def train_command(
    config: Annotated[Path, ConfigOption],
    data: Annotated[Path | None, DataOption] = None,
    models: Annotated[Path, ModelsOption] = Path("models"),
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Learn encoder, codes, motifs and smoothing on the training part of the experiment's data.

    Example: `conv2d train --config conf/exp/dogs.yaml`
    """
    from motif.experiments import train

    experiment = _experiment(config, data)
    with progress() as display:
        task = display.add_task("training", total=None)
        trained = train(experiment, models, progress=lambda text: display.update(task, description=text))
    if as_json:
        print_json(trained.to_dict())
    else:
        print_table(f"{experiment.name}, trained", ("what", "is"), list(trained.facts().items()))
        say("[green]trained[/] ", f"{trained.folder}; judge it with: conv2d eval --config {config} --split test")


@app.command("eval")
def eval_command(
    config: Annotated[Path, ConfigOption],
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    save_predictions: Annotated[
        bool, typer.Option("--save-predictions", help="Add predictions.parquet: a row for each window.")
    ] = False,
    data: Annotated[Path | None, DataOption] = None,
    models: Annotated[Path, ModelsOption] = Path("models"),
    output: Annotated[Path, typer.Option(help="Where reports lie, each in a folder named by its content.")] = Path(
        "reports"
    ),
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Judge a trained experiment on one part of its data, and write a report.

    Example: `conv2d eval --config conf/exp/dogs.yaml --split test --save-predictions`
    """
    from motif.experiments import evaluate

    experiment = _experiment(config, data)
    judged = evaluate(experiment, split, models=models, reports=output, save_predictions=save_predictions)
    if as_json:
        print_json(judged.metrics | {"report": str(judged.folder)})
        return
    print_table(
        f"{experiment.name}, {split}: {judged.metrics['windows']} windows",
        ("figure", "smoothed", "window by window", "never looks"),
        judged.rows(),
    )
    say("[green]report[/] ", str(judged.folder))


@app.command("analyze")
def analyze_command(
    report: Annotated[Path, typer.Argument(help="A folder that `conv2d eval` wrote, or a bundle.")],
    compare: Annotated[list[Path] | None, typer.Option(help="Another one to compare; may be given often.")] = None,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Read a report back, beside others where asked.

    Example: `conv2d analyze reports/EXP_HASH/ --compare other_bundle/`
    """
    from motif.experiments import comparison_rows, read_report

    reports = [read_report(path) for path in (report, *(compare or ()))]
    if as_json:
        print_json({str(each.path): each.metrics for each in reports})
        return
    names = [each.name for each in reports]
    columns = ("figure", *names, *(f"{name} − {names[0]}" for name in names[1:]))
    print_table(f"analysis of {names[0]}", columns, comparison_rows(reports))
    if others := [each.name for each in reports[1:] if not each.is_of_the_same_windows(reports[0])]:
        say("[yellow]not subtracted[/] ", f"{', '.join(others)}: judged on other windows than {names[0]}, or not said")


pack_app = typer.Typer(no_args_is_help=True, help="Pack a trained experiment for devices.")


@pack_app.command("create")
def create_command(
    config: Annotated[Path, ConfigOption],
    model: Annotated[Path, typer.Option(help="models/best.pth, or the folder of the trained experiment.")],
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    data: Annotated[Path | None, typer.Option(help="Windows for compilers to learn ranges from.")] = None,
    key: Annotated[Path | None, typer.Option(help="Sign with this private key.")] = None,
    models: Annotated[Path, ModelsOption] = Path("models"),
    artifacts: Annotated[Path, ShelfOption] = SHELF,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Pack a trained experiment into `artifacts/HASH/`; the same content gets the same name.

    Example: `conv2d pack create --config conf/exp/dogs.yaml --model models/best.pth --name dogs_v1`
    """
    from motif.experiments import open_data, pack

    experiment = _experiment(config, data)
    made = pack(
        experiment,
        model,
        text=config.read_text(encoding="utf-8"),
        models=models,
        artifacts=artifacts,
        name=name,
        calibration=None if data is None else open_data(experiment).X,
        key=key,
    )
    show_created(made, as_json=as_json)


for command in (verify_command, list_command, clean_command, archive_command, extract_command, key_command):
    pack_app.command(command.__name__.removesuffix("_command"))(command)
app.add_typer(pack_app, name="pack")


def _experiment(config: Path, data: Path | None) -> Experiment:
    from motif.experiments import Experiment

    return Experiment.load(config).with_data(data)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line."""
    return app(arguments) if arguments is not None else app()
