"""`motif teach`: samples of one gesture, from a live source into the database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from motif.cli._console import JsonOption, counted, print_json, say
from motif.cli._health_line import HealthLine
from motif.cli._sources import SOURCE_HELP

if TYPE_CHECKING:
    from motif.recordings import Readings
    from motif.sources import Source
    from motif.templates import GestureDatabase, GestureRecorder, GestureTemplate

__all__ = ["teach_command"]


def teach_command(
    name: Annotated[str | None, typer.Argument(help="What the gesture is called; without it a menu opens.")] = None,
    samples: Annotated[int, typer.Option(min=1, max=50, help="How many good takes to record.")] = 5,
    source: Annotated[str, typer.Option("--source", "-s", help=SOURCE_HELP)] = "sensor-logger",
    database: Annotated[Path, typer.Option("--database", "-d", help="The folder of the database.")] = Path(
        "gesture_database"
    ),
    take_s: Annotated[float, typer.Option("--seconds", min=0.3, max=30, help="Length of a take.")] = 2.0,
    countdown_s: Annotated[float, typer.Option("--countdown", min=0, max=30, help="Time to get ready.")] = 3.0,
    marks: Annotated[
        str | None, typer.Option(help="Take no countdown, but the movements that the source itself marks as this.")
    ] = None,
    background_s: Annotated[
        float | None,
        typer.Option("--background", min=1, max=600, help="Record so many seconds of ordinary movement instead."),
    ] = None,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Teach the gesture NAME: for each sample a countdown, then make it once. Without NAME: a menu, to practise too.

    Examples: `motif teach`, `motif teach wave --samples 5`, `motif teach next --source mqtt:192.168.0.7:1883`,
    `motif teach twist --source simulator --marks twist`, `motif teach --background 60`
    """
    from motif.cli._sources import open_source
    from motif.cli._takes import by_countdown, by_marks
    from motif.templates import GestureDatabase, GestureRecorder

    live = open_source(source)
    with GestureDatabase(database) as opened:  # its end makes a backup
        recorder = GestureRecorder(database=opened, session_dir=database / "recording_sessions")
        if background_s is not None:
            return _background(live, recorder, background_s, as_json)
        if name is None:
            return _menu(live, opened, database / "training_session.json")
        try:
            if marks is None:
                ended = by_countdown(live, recorder, name, samples, take_s, countdown_s)
            else:
                ended = by_marks(live, recorder, name, samples, marks)
        finally:
            recorder.end_session()
        if ended.by_signal:
            say("[yellow]interrupted[/]: what was kept stays")
        _report(opened, recorder, name, samples, ended.health, as_json)


def _background(source: Source, recorder: GestureRecorder, seconds: float, as_json: bool) -> None:
    """Record what is no gesture, for so long by the device's clock."""
    from motif.cli._hearing import hear

    began_ns: list[int] = []

    def take(readings: Readings) -> bool:
        recorder.add_sensor_reading(readings)
        began_ns.append(int(readings.time_ns[0]))
        return int(readings.time_ns[-1]) - began_ns[0] < seconds * 1e9

    recorder.start_background()
    ended = hear(source, take, opened=lambda: say("[bold]live as usual[/], ", "and make none of the gestures"))
    kept_s = recorder.stop_background()
    recorder.end_session()
    if as_json:
        print_json({"background_s": kept_s})
    if not kept_s:
        say("[yellow]nothing kept[/]: ", recorder.problem or ended.health)
        raise typer.Exit(4)
    say("[green]kept[/] ", f"{kept_s:.0f} s: what looks like it is no gesture from now on")


def _menu(source: Source, database: GestureDatabase, session_file: Path) -> None:
    from motif.terminal import TrainingUI

    TrainingUI(source, database, session_file).run()


def _report(
    database: GestureDatabase, recorder: GestureRecorder, name: str, wanted: int, health: str, as_json: bool
) -> None:
    kept = recorder.metrics.takes_kept
    if kept:
        _judge(database, name)
    template = database.get_template(name)
    is_judged = template is not None and template.version > 0
    if as_json:
        print_json(
            {
                "gesture": name,
                "kept": kept,
                "refused": recorder.metrics.takes_refused,
                "samples": template.num_samples if template else 0,
                "version": template.version if template else 0,
                "consistency": template.consistency_score if template and is_judged else None,
                "accuracy": template.accuracy if template and is_judged else None,
            }
        )
    if kept and template is not None:
        say(f"[green]{kept} kept[/] ", f"{name}: {_how_well(database, template)}")
    if database.list_templates() == [name]:
        say("[dim]note[/] ", "live tells gestures apart from two on: teach one more before motif live")
    if kept < wanted:
        say("[yellow]fewer than asked for[/]: ", "; ".join(filter(None, [recorder.problem, f"sensors: {health}"])))
        raise typer.Exit(4)


def _judge(database: GestureDatabase, name: str) -> None:
    line = HealthLine()
    if sys.stderr.isatty():
        line.show(f"judging how well {name!r} is understood …")  # the first time on a machine, code is compiled
    database.train_template(name)
    line.clear()


def _how_well(database: GestureDatabase, template: GestureTemplate) -> str:
    if not template.version:
        n_wanted = database.MIN_TRAINING_SAMPLES
        return f"{template.num_samples} so far; how well it is taught shows from {n_wanted} on"
    figures = f"consistency {template.consistency_score:.0%}, understood {template.accuracy:.0%}"
    return f"{counted(template.num_samples, 'sample')}, {figures}"
