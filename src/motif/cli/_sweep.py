"""`motif sweep`: settings searched for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import GroupsOption, JsonOption, print_json, print_table, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from motif.networks import Sweep, Trial

__all__ = ["sweep_command"]


def sweep_command(
    dataset: Annotated[Path, typer.Argument(help="Labelled windows, in any layout `motif import` knows.")],
    trials: Annotated[int, typer.Option(min=1, help="How many there shall be, those done before counted.")] = 20,
    storage: Annotated[
        Path | None, typer.Option(help="SQLite file: the same command goes on there after a stop, or side by side.")
    ] = None,
    name: Annotated[str, typer.Option(help="Of the sweep in that file.")] = "sweep",
    space: Annotated[
        Path | None, typer.Option(help="YAML: setting → list to choose from, or {low: …, high: …, log: true}.")
    ] = None,
    architecture: Annotated[str, typer.Option(help="tcn, cnn1d, gru, lstm or transformer.")] = "tcn",
    folds: Annotated[int | None, typer.Option(min=1, help="Judge on so many folds; all by default.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Folds judged at once, each in a process of its own.")] = 1,
    groups: Annotated[str | None, GroupsOption] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many epochs.")] = None,
    seed: Annotated[int, typer.Option(help="Of the search and of the weights.")] = 0,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Search settings under which networks do best on folds of DATASET; give up early what falls behind.

    The best score was chosen among many and flatters: keep some people out with --groups and judge on them.

    Examples: `motif sweep hands.npz --storage sweeps.db --trials 30`, `motif sweep hands.npz --groups p1,p2,p3`
    """
    from motif.cli._open import open_dataset
    from motif.cli._pipeline import split_of
    from motif.networks import SPACE, sweep

    data = open_dataset(dataset, groups)
    settings: dict[str, Any] = {"architecture": architecture, "random_state": seed}
    settings |= {} if epochs is None else {"epochs": epochs}
    choices = SPACE if space is None else _space(space)
    settings = {key: value for key, value in settings.items() if key not in choices}
    with progress() as display:
        task = display.add_task("trials", total=trials)

        def move(trial: Trial) -> None:
            display.update(task, advance=1, description=f"trial {trial.number}")

        found = sweep(
            data,
            split_of(data, folds),
            trials=trials,
            storage=storage,
            name=name,
            settings=settings,
            space=choices,
            jobs=jobs,
            seed=seed,
            progress=move,
        )
    if as_json:
        print_json(_plain(found))
    else:
        columns = ("trial", "macro-F1", "state", *choices)
        print_table(f"{architecture} on {data.name}: {name}", columns, _rows(found, choices))
        say("[yellow]note[/] ", "the best was chosen by this score, which flatters it; judge it on other people")


def _plain(found: Sweep) -> dict[str, Any]:
    rows = [
        {"number": t.number, "state": t.state, "score": t.score, "folds": t.n_folds, "settings": t.settings}
        for t in found.trials
    ]
    return {"best": found.best.settings, "best_score": found.best.score, "trials": rows}


def _rows(found: Sweep, choices: Iterable[str]) -> list[tuple[object, ...]]:
    """Return a row for each trial, the best first and those that were given up last."""
    ranked = sorted(found.trials, key=lambda trial: (trial.state != "complete", -(trial.score or 0.0)))
    return [
        (t.number, "–" if t.score is None else round(t.score, 4), t.state, *(t.settings.get(c, "–") for c in choices))
        for t in ranked
    ]


def _space(path: Path) -> dict[str, Any]:
    import yaml

    from motif.errors import ConfigError
    from motif.settings import read_text

    try:
        choices = yaml.safe_load(read_text(path, want="a YAML file of settings and what to choose from"))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{path} is not YAML: {error}") from error
    if not isinstance(choices, dict) or not choices:
        raise ConfigError(f"{path} holds no choices; want lines such as `dropout: {{low: 0.0, high: 0.4}}`")
    return choices
