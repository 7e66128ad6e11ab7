"""`motif train`: judge on people held out, learn, pack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import GroupsOption, JsonOption, print_json, print_table, say

if TYPE_CHECKING:
    from motif.cli._training_file import TrainingFile

__all__ = ["train_command"]


def train_command(
    dataset: Annotated[
        Path | None, typer.Argument(help="Labelled windows, in any layout `motif import` knows.")
    ] = None,
    out: Annotated[Path | None, typer.Argument(help="The folder of the bundle to write.")] = None,
    data: Annotated[Path | None, typer.Option(help="The same as DATASET, for a script that names its own.")] = None,
    architecture: Annotated[str | None, typer.Option(help="tcn, cnn1d, gru, lstm or transformer.")] = None,
    folds: Annotated[
        int | None, typer.Option(min=0, help="Judge on so many folds, 0 for none; all by default.")
    ] = None,
    hold_out: Annotated[
        float | None, typer.Option(min=0, max=0.5, help="Keep this share from training, for `motif evaluate`.")
    ] = None,
    groups: Annotated[str | None, GroupsOption] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many epochs.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same weights on the same machine.")] = None,
    config: Annotated[Path | None, typer.Option(help="YAML file of all this, as config/config.yaml.")] = None,
    checkpoints: Annotated[Path | None, typer.Option(help="Folder from which a killed training goes on.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report, one self-contained file.")] = None,
    track: Annotated[
        bool | None, typer.Option("--track/--no-track", help="Keep the run in logs/, for `motif runs` and TensorBoard.")
    ] = None,
    use_wandb: Annotated[bool, typer.Option("--use-wandb", help="Track, with Weights & Biases too.")] = False,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Judge a network on the groups of DATASET held out in turn, train it on all of them, write a bundle to OUT.

    What is given here comes before what stands in the file of --config.

    Examples: `motif train gestures.npz my-bundle --report report.html`,
    `motif train hands.npz my-bundle --folds 1 --epochs 20`,
    `motif train --config config/config.yaml --architecture gru --track`
    """
    from motif.cli._run import run

    asked = {
        "data": {"path": data or dataset, "held_out": hold_out},
        "model": {"architecture": architecture},
        "training": {"epochs": epochs, "random_state": seed, "checkpoints": checkpoints},
        "evaluation": {"folds": folds},
        "output": out,
    }
    file = _merged(config, asked, track, use_wandb)
    found = run(file, groups=groups, report=report)
    if as_json:
        print_json(found)
    else:
        rows = [(key.replace("_", " "), value) for key, value in found.items()]
        print_table(f"{file.model.architecture} on {found['data']}", ("figure", "value"), rows)


def _merged(config: Path | None, asked: dict[str, Any], track: bool | None, use_wandb: bool) -> TrainingFile:
    """Return the file of --config with what was asked for on the line; without a file nothing is tracked unasked."""
    from pydantic import ValidationError

    from motif.cli._training_file import TrainingFile
    from motif.errors import ConfigError
    from motif.settings import problems, read_settings

    if config is None and (asked["data"]["path"] is None or asked["output"] is None):
        raise ConfigError("what to train on and where to write are not named; give DATASET and OUT, or a --config")
    found = (read_settings(TrainingFile, config) if config else TrainingFile()).model_dump()
    for section, values in asked.items():
        if isinstance(values, dict):
            found[section] |= {name: value for name, value in values.items() if value is not None}
        elif values is not None:
            found[section] = values
    if use_wandb:
        found["tracking"]["wandb"]["enabled"] = True
    wanted = use_wandb if track is None and config is None else track or use_wandb or None
    if wanted is not None or track is False:
        found["tracking"]["enabled"] = bool(wanted)
    if found["tracking"]["enabled"]:
        say("[dim]tracked[/] ", f"in {found['tracking']['tensorboard']['log_dir'].parent}")
    try:
        return TrainingFile.model_validate(found)
    except ValidationError as error:
        raise ConfigError(problems(error, None, "the options")) from error
