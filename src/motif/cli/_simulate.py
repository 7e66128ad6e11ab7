"""`motif simulate`: recordings of people and animals that never were, with the truth beside them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from motif.cli._console import JsonOption, print_json, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from motif.recordings import Dataset, Recording

__all__ = ["simulate_command"]


class Mover(StrEnum):
    """Who moves."""

    gestures = "gestures"
    quadruped = "quadruped"
    hand = "hand"
    pair = "pair"


def simulate_command(
    mover: Annotated[Mover, typer.Argument(help="A phone's gestures, a quadruped's gaits, a hand, or a pair.")],
    out: Annotated[
        Path, typer.Argument(help="A .npz for a data set; a folder for a pair or with --continuous; `-` for a stream.")
    ],
    people: Annotated[int, typer.Option(min=1, help="People or animals; each moves in an own way.")] = 8,
    repetitions: Annotated[int, typer.Option(min=1, help="How often each of them does each movement.")] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
    continuous: Annotated[bool, typer.Option("--continuous", help="Whole recordings with annotations.")] = False,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="How long a stream is, endless without it; or a pair, else 120.")
    ] = None,
    speed: Annotated[float, typer.Option(min=0, help="Of a stream: 1 as it would be; 0 as fast as it is read.")] = 1.0,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Simulate motion sensors or hand landmarks, physically and with noise, and write them to OUT.

    With `-`, one person's gestures go to stdout as they would come from a phone: readings, one JSON object a line.

    Examples: `motif simulate gestures phone.npz --people 12`, `motif simulate pair two/ --seed 3`,
    `motif simulate gestures - | motif live --source stdin --gestures my-gestures`
    """
    from motif.recordings import write_parquet

    if out == Path("-"):
        _stream(mover, seconds, speed, seed)
        return
    recordings = (
        _recordings(mover, people, repetitions, seconds or 120.0, seed) if continuous or mover is Mover.pair else []
    )
    if recordings:
        paths = [write_parquet(recording, out / f"{name}.parquet") for name, recording in recordings]
    else:
        paths = [_dataset(mover, people, repetitions, seed, out.with_suffix(".npz"))]
    if as_json:
        print_json({"paths": [str(path) for path in paths]})
    for path in paths:
        say("[green]written[/] ", str(path))


def _stream(mover: Mover, seconds: float | None, speed: float, seed: int) -> None:
    import asyncio

    from motif.cli._lines import line_of_readings
    from motif.errors import ConfigError
    from motif.sources import SimulatorSource

    if mover is not Mover.gestures:
        raise ConfigError(f"{mover.value} cannot be streamed; only gestures can: motif simulate gestures -")

    async def run() -> None:
        async with SimulatorSource(duration_s=seconds, random_state=seed, speed=speed or None) as source:
            async for readings in source:
                typer.echo(line_of_readings(readings))

    try:
        asyncio.run(run())
    except BrokenPipeError:  # whoever read has enough
        import os
        import sys

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains again at exit


def _dataset(mover: Mover, people: int, repetitions: int, seed: int, out: Path) -> Path:
    from motif import recordings

    simulators: dict[Mover, Callable[..., Dataset]] = {
        Mover.gestures: recordings.simulate_gestures,
        Mover.quadruped: recordings.simulate_quadruped,
        Mover.hand: recordings.simulate_hand,
    }
    simulate = simulators[mover]
    return recordings.save_dataset(simulate(people, repetitions, random_state=seed), out)


def _recordings(mover: Mover, people: int, repetitions: int, seconds: float, seed: int) -> list[tuple[str, Recording]]:
    from motif import recordings
    from motif.errors import ConfigError

    if mover is Mover.pair:
        return list(zip(("first", "second"), recordings.simulate_pair(seconds, random_state=seed), strict=True))
    if mover is Mover.gestures:
        found = recordings.simulate_gesture_recordings(people, repetitions, random_state=seed)
    elif mover is Mover.quadruped:
        found = recordings.simulate_quadruped_recordings(people, 6.0 * repetitions, random_state=seed)
    else:
        raise ConfigError("a hand is simulated as windows alone; leave out --continuous")
    return [(recording.subject or f"{i:03d}", recording) for i, recording in enumerate(found)]
