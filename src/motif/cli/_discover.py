"""`motif discover` and `motif label`: states of motion that nobody labelled, and the same states elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._coded import (
    AgainstOption,
    ObservationOption,
    OffsetOption,
    SubjectOption,
    agreement_values,
    agreement_with,
    coded_recordings,
    show_agreement,
)
from motif.cli._console import JsonOption, counted, print_json, print_table, progress, say
from motif.cli._sensor_notes import sensor_notes

if TYPE_CHECKING:
    from motif.behavior import StateFinder
    from motif.evaluation import CodedAgreement, Ethogram
    from motif.recordings import Recording

__all__ = ["discover_command", "label_command"]

_SEGMENTS = "segments.parquet"
_SLOWER = 0.8
"""Of the model's rate; it is rounded to what frames divide evenly."""

RecordingsArgument = typer.Argument(help="Recordings of any format.")
OutOption = typer.Option("--out", "-o", help="The folder to write.")
ReplaceOption = typer.Option("--replace", help="Replace the folder of an earlier run, with all that is in it.")


def discover_command(
    recordings: Annotated[list[Path], RecordingsArgument],
    out: Annotated[Path, OutOption] = Path("states"),
    typical: Annotated[float, typer.Option(min=0.1, help="How long a segment lasts about, seconds.")] = 1.5,
    shortest: Annotated[float | None, typer.Option(help="How long it lasts at least, seconds.")] = None,
    longest: Annotated[float | None, typer.Option(help="How long at most, seconds; found without it.")] = None,
    most: Annotated[int, typer.Option(min=2, help="No more states than this.")] = 25,
    models: Annotated[
        int, typer.Option(min=1, help="Models from different starts; how far they disagree is shown.")
    ] = 1,
    channels: Annotated[str | None, typer.Option(help="Only these channels: `acc_x,acc_y`.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same states.")] = 0,
    against: Annotated[Path | None, AgainstOption] = None,
    observation: Annotated[str | None, ObservationOption] = None,
    subject: Annotated[str | None, SubjectOption] = None,
    offset: Annotated[float, OffsetOption] = 0.0,
    replace_out: Annotated[bool, ReplaceOption] = False,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Find states in RECORDINGS without any label, and write what happened when.

    The folder holds `report.html`, `ethogram.boris`, `ethogram.eaf`, `segments.parquet`, a `.nc` for each recording,
    and `model/`, which `motif label` applies to others.

    Examples: `motif discover dog1.parquet dog2.parquet -o dogs`, `motif discover export.zip --typical 3 --longest 60`,
    `motif discover dog1.parquet --against coded.boris --offset 12.5`
    """
    from motif.behavior import StateFinder
    from motif.cli._place import check_out
    from motif.errors import ConfigError
    from motif.files import atomic_folder

    if not (shortest or 0.0) <= typical <= (longest or typical):
        raise ConfigError(
            f"--shortest {shortest} --typical {typical} --longest {longest} cannot be; want each above the one before"
        )
    check_out(out, known_by=_SEGMENTS, replace=replace_out)
    opened = _opened(recordings)
    coded = coded_recordings(against, opened, observation=observation, subject=subject, offset=offset)
    with progress() as display:
        task = display.add_task("states", total=None)
        finder = StateFinder(
            max_states=most,
            n_models=models,
            shortest_s=shortest,
            typical_s=typical,
            longest_s=longest,
            channels=None if channels is None else [name.strip() for name in channels.split(",")],
            random_state=seed,
            progress=lambda what, _: display.update(task, description=what),
        ).fit(list(opened.values()))
    ethograms = _labelled(finder, opened)
    agreement, missing = agreement_with(against, ethograms, coded)
    notes = _of_recordings(opened) + missing
    with atomic_folder(out, known_by=_SEGMENTS) as folder:
        finder.save(folder / "model")
        _write(folder, finder, "States found in " + _listed(opened), opened, ethograms, notes, agreement)
    _show(out, ethograms, agreement, as_json)
    _tell(notes)


def label_command(
    model: Annotated[Path, typer.Argument(help="The folder `model` that `motif discover` wrote.")],
    recordings: Annotated[list[Path], RecordingsArgument],
    out: Annotated[Path, OutOption] = Path("labelled"),
    names: Annotated[str | None, typer.Option(help="Names you found for states: `state 1=walk,state 2=rest`.")] = None,
    against: Annotated[Path | None, AgainstOption] = None,
    observation: Annotated[str | None, ObservationOption] = None,
    subject: Annotated[str | None, SubjectOption] = None,
    offset: Annotated[float, OffsetOption] = 0.0,
    replace_out: Annotated[bool, ReplaceOption] = False,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Say of RECORDINGS what MODEL would have said had it seen them in training; files as `motif discover` writes.

    Examples: `motif label dogs/model dog3.parquet -o dog3 --names "state 1=trot,state 2=rest"`
    """
    from motif.behavior import StateFinder
    from motif.cli._place import check_out
    from motif.errors import ConfigError
    from motif.files import atomic_folder

    check_out(out, known_by=_SEGMENTS, replace=replace_out)
    finder = StateFinder.load(model)
    if names:
        pairs = [pair.partition("=") for pair in names.split(",")]
        if not all(equals and new.strip() for _, equals, new in pairs):
            raise ConfigError(f"--names is {names!r}; want `state 1=walk`, with commas between several")
        finder.rename({old.strip(): new.strip() for old, _, new in pairs})
    opened = _opened(recordings)
    coded = coded_recordings(against, opened, observation=observation, subject=subject, offset=offset)
    ethograms = _labelled(finder, opened)
    agreement, missing = agreement_with(against, ethograms, coded)
    notes = _slower(finder, opened) + _of_recordings(opened) + missing
    with atomic_folder(out, known_by=_SEGMENTS) as folder:
        _write(folder, finder, "States in " + _listed(opened), opened, ethograms, notes, agreement)
    _show(out, ethograms, agreement, as_json)
    _tell(notes)


def _of_recordings(opened: dict[str, Recording]) -> list[str]:
    """Return what looks like a fault of a sensor and would be found as a state, and which key points are hidden."""
    from motif.behavior import hidden_points

    return [
        f"{name}: {note}"
        for name, recording in opened.items()
        for note in (*sensor_notes(recording), *hidden_points(recording))
    ]


def _tell(notes: list[str]) -> None:
    for note in notes:
        say("[yellow]note[/] ", note)


def _slower(finder: StateFinder, opened: dict[str, Recording]) -> list[str]:
    """Return which recordings have fewer samples a second than the model looks at."""
    return [
        f"{name} has {recording.rate_hz:.4g} samples a second, the model looks at {finder.rate_hz_:.4g}: quick motion "
        "that it knows cannot be seen; discover with such recordings among the others"
        for name, recording in opened.items()
        if recording.rate_hz < _SLOWER * finder.rate_hz_
    ]


def _opened(paths: list[Path]) -> dict[str, Recording]:
    """Return recordings by a name that no other has."""
    from motif.recordings import read

    found: dict[str, Recording] = {}
    for path in paths:
        name = path.stem if path.stem not in found else f"{path.stem} {len(found) + 1}"
        recording = read(path)
        found[name] = recording if recording.subject or recording.session else replace(recording, session=name)
    return found


def _labelled(finder: StateFinder, opened: dict[str, Recording]) -> dict[str, Ethogram]:
    return {name: replace(finder.label(recording), name=name) for name, recording in opened.items()}


def _write(
    out: Path,
    finder: StateFinder,
    title: str,
    opened: dict[str, Recording],
    ethograms: dict[str, Ethogram],
    warnings: Sequence[str],
    agreement: CodedAgreement | None,
) -> None:
    from motif.behavior import brief_states, cut_short, few_segments
    from motif.evaluation import ethogram_report
    from motif.files import write_bytes
    from motif.recordings import write_boris, write_elan, write_segments, write_states_netcdf

    several = list(ethograms.values())
    marked = [replace(opened[name], annotations=one.annotations()) for name, one in ethograms.items()]
    write_boris(marked, out / "ethogram.boris")
    write_elan(marked, out / "ethogram.eaf")
    write_segments(marked, out / _SEGMENTS)
    for name, one in ethograms.items():
        write_states_netcdf(
            out / f"{name}.nc",
            time_ns=one.time_ns,
            states=one.states,
            names=one.names,
            rate_hz=one.rate_hz,
            probabilities=one.probabilities,
            individual=opened[name].subject,
        )
    notes = [
        f"{several[0].rate_hz:g} frames a second; a hidden semi-Markov model found how many states there are.",
        "Each recording is looked at on its own scale, so that animals and how sensors sit can differ.",
        "Where a gap is, nothing was seen, and nothing is drawn.",
    ]
    brief = brief_states(several, finder.window_s, finder.shortest_s or 0.0)
    pressed = cut_short(several, finder.longest_s) if finder.longest_s else []
    doubts = [*warnings, *few_segments(several), *brief, *pressed]
    html = ethogram_report(title, several, notes=notes, warnings=doubts, agreement=agreement)
    write_bytes(out / "report.html", html.encode())


def _show(out: Path, ethograms: dict[str, Ethogram], agreement: CodedAgreement | None, as_json: bool) -> None:
    from motif.evaluation import state_cards

    cards = state_cards(list(ethograms.values()))
    rows: list[dict[str, Any]] = [
        {
            "state": card.name,
            "share": card.share,
            "segments": len(card.durations_s),
            "median_s": float(sorted(card.durations_s)[len(card.durations_s) // 2]),
            "certainty": card.certainty,
        }
        for card in cards
    ]
    say("[green]written[/] ", str(out))
    if as_json:
        compared = {} if agreement is None else {"agreement": agreement_values(agreement)}
        print_json({"folder": str(out), "recordings": list(ethograms), "states": rows} | compared)
        return
    title = f"{counted(len(rows), 'state')} in {counted(len(ethograms), 'recording')}"
    print_table(title, tuple(rows[0]), [tuple(row.values()) for row in rows])
    if agreement is not None:
        show_agreement(agreement)


def _listed(opened: dict[str, Recording]) -> str:
    return next(iter(opened)) if len(opened) == 1 else f"{len(opened)} recordings"
