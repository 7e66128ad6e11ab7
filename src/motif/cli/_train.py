"""`motif train`: judge on people held out, learn from all, pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from motif.cli._console import GroupsOption, JsonOption, print_json, print_table, say

__all__ = ["train_command"]


def train_command(
    dataset: Annotated[Path, typer.Argument(help="Labelled windows, in any layout `motif import` knows.")],
    out: Annotated[Path, typer.Argument(help="The folder of the bundle to write.")],
    architecture: Annotated[str, typer.Option(help="tcn, cnn1d, gru, lstm or transformer.")] = "tcn",
    folds: Annotated[
        int | None, typer.Option(min=0, help="Judge on so many folds, 0 for none; all by default.")
    ] = None,
    groups: Annotated[str | None, GroupsOption] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many epochs.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights on the same machine.")] = 0,
    config: Annotated[Path | None, typer.Option(help="YAML file with settings of NetworkClassifier.")] = None,
    checkpoints: Annotated[Path | None, typer.Option(help="Folder from which a killed training goes on.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report, one self-contained file.")] = None,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Judge a network on the groups of DATASET held out in turn, train it on all of them, write a bundle to OUT.

    Examples: `motif train gestures.npz my-bundle --report report.html`, `motif train hands.npz b --folds 1 --epochs 20`
    """
    from motif.cli._open import open_dataset
    from motif.cli._pipeline import figures, judge, pack, write_report
    from motif.errors import ConfigError

    if report is not None and folds == 0:
        raise ConfigError("a report needs figures, and --folds 0 asks for none; leave one of the two out")
    data = open_dataset(dataset, groups)
    for note in data.notes:
        say("[yellow]note[/] ", note)
    settings = {"architecture": architecture, "random_state": seed} | _settings(config)
    if epochs is not None:
        settings["epochs"] = epochs
    judged = judge(data, settings, n_folds=folds)
    packed = pack(data, settings, out, judged, checkpoints=checkpoints)
    if report is not None:
        write_report(report, data, packed, judged)
        say("[green]report[/] ", str(report))
    found = figures(packed, judged) | {"bundle": str(out)}
    if as_json:
        print_json(found)
    else:
        print_table(f"{architecture} on {data.name}, {judged.how if judged else 'not judged'}", *_table(found))


def _settings(config: Path | None) -> dict[str, Any]:
    import yaml

    from motif.errors import ConfigError, MissingFileError
    from motif.networks import NetworkClassifier

    if config is None:
        return {}
    try:
        settings = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    except FileNotFoundError as error:
        raise MissingFileError(config, want="a YAML file with settings of NetworkClassifier") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{config} is not YAML: {error}") from error
    known = set(NetworkClassifier().get_params())
    if not isinstance(settings, dict) or set(settings) - known:
        unknown = ", ".join(map(str, set(settings) - known)) if isinstance(settings, dict) else "no settings"
        raise ConfigError(f"{config} holds {unknown}; want some of {', '.join(sorted(known))}")
    return settings


def _table(found: dict[str, Any]) -> tuple[tuple[str, str], list[tuple[str, Any]]]:
    return ("figure", "value"), [(key.replace("_", " "), value) for key, value in found.items()]
