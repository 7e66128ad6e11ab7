"""`motif live`: motion in, gestures out, actions done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from motif.cli._console import say
from motif.cli._gesture_folder import FOLDER, opened_database
from motif.cli._sources import SOURCE_HELP

if TYPE_CHECKING:
    from motif.live import ActionMap, Engine, EngineConfig
    from motif.templates import GestureDatabase

__all__ = ["live_command"]


def live_command(
    source: Annotated[str, typer.Option("--source", "-s", help=SOURCE_HELP)] = "sensor-logger",
    gestures: Annotated[
        Path | None,
        typer.Option(
            "--gestures",
            "-g",
            help="A gesture database; what is taught meanwhile counts too. `gesture_database` without it.",
        ),
    ] = None,
    bundle: Annotated[Path | None, typer.Option("--bundle", "-b", help="A trained recognizer instead.")] = None,
    actions: Annotated[
        Path | None, typer.Option("--actions", "-a", help="A YAML file that says what each gesture does.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    record: Annotated[Path | None, typer.Option(help="A folder for the raw readings, to replay them later.")] = None,
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="Tell no gesture with less.")] = 0.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print gestures and actions to stdout, one JSON object a line.")
    ] = False,
) -> None:
    r"""Tell gestures in live motion and do what they are mapped to. Ctrl-C ends it, Ctrl-\ is the panic key.

    Examples: `motif live --gestures my-gestures --actions stage.yaml`,
    `motif simulate gestures - | motif live -s stdin -g my-gestures -a stage.yaml --dry-run`
    """
    from motif.cli._live_session import LiveSession
    from motif.cli._sources import open_source
    from motif.live import ActionMap, EngineConfig, Runner

    config = EngineConfig(min_confidence=min_confidence)
    rules = ActionMap.load(actions) if actions is not None else ActionMap()
    database, engine, known = _engine(gestures, bundle, config)
    _warn_of_strangers(rules, known)
    session = LiveSession(as_json=as_json, database=database, config=config)
    session.run(
        Runner(
            open_source(source),
            engine,
            rules,
            dry_run=dry_run,
            record=record,
            on_event=session.show_event,
            on_outcome=session.show_outcome,
        )
    )


def _engine(
    gestures: Path | None, bundle: Path | None, config: EngineConfig
) -> tuple[GestureDatabase | None, Engine, set[str]]:
    from motif.errors import ConfigError
    from motif.live import Engine, taught

    if gestures is not None and bundle is not None:
        raise ConfigError("want one of --gestures, a database you taught, and --bundle, a trained recognizer")
    if bundle is not None:
        from motif.bundles import load

        recognizer = load(bundle)
        return None, Engine(recognizer, config), {str(name) for name in recognizer.classes_}
    database = opened_database(FOLDER if gestures is None else gestures)
    found = taught(database, config)
    for name in found.left_out:
        say("[yellow]note[/] ", f"{name} has no motion that fits; it is not listened for")
    return database, Engine(found.spotter, found.config), set(found.gestures)


def _warn_of_strangers(rules: ActionMap, known: set[str]) -> None:
    own = (rules.panic.gesture, rules.panic.resume, rules.tempo.tap)
    there = ", ".join(sorted(known))
    for name in sorted({*rules.gestures, *filter(None, own)} - known):
        say("[yellow]note[/] ", f"the action map names {name!r}, which was not taught; there are {there}")
