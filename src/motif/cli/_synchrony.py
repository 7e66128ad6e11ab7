"""`motif synchrony`: two recordings, or two devices of one: together or not, who leads, with which lag."""

from __future__ import annotations

from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import JsonOption, print_json, print_table, say

if TYPE_CHECKING:
    from motif.behavior import Pair, Synchrony
    from motif.recordings import Recording

__all__ = ["synchrony_command"]


class MotionKind(StrEnum):
    """What is compared."""

    intensity = "intensity"
    channels = "channels"


class Start(StrEnum):
    """What lies on what."""

    clock = "clock"
    together = "together"


class Chance(StrEnum):
    """What stands for chance."""

    auto = "auto"
    phases = "phases"
    shifted = "shifted"


def synchrony_command(
    a: Annotated[Path, typer.Argument(help="A recording of any format.")],
    b: Annotated[Path | None, typer.Argument(help="Another; leave it out to compare two devices of one.")] = None,
    devices: Annotated[
        str | None, typer.Option(help="Two devices by the beginning of their channels: `back,right_fore_leg`.")
    ] = None,
    motion: Annotated[MotionKind, typer.Option(help="Strength of motion, however sensors sit, or each axis.")] = (
        MotionKind.intensity
    ),
    start: Annotated[Start, typer.Option(help="By the clocks, or both from their first sample.")] = Start.clock,
    rate: Annotated[float | None, typer.Option(help="Common rate in Hz; the slower one's without it.")] = None,
    window: Annotated[float, typer.Option(help="Length of a window, seconds.")] = 30.0,
    max_lag: Annotated[float, typer.Option(help="The largest lag, seconds.")] = 2.5,
    surrogates: Annotated[int, typer.Option(min=99, help="How many draws of chance.")] = 199,
    chance: Annotated[
        Chance, typer.Option(help="b with other phases, or turned in time: for few values, bouts, bursts.")
    ] = Chance.auto,
    drift: Annotated[bool, typer.Option(help="Estimate and undo the drift between two clocks.")] = True,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report, one self-contained file.")] = None,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Measure how A and B move together, with which lag and who leads, against chance.

    Examples: `motif synchrony left.csv right.csv --report together.html`,
    `motif synchrony dog.parquet --devices back,right_fore_leg --window 10`
    """
    from motif.behavior import synchrony

    pair = _paired(a, b, devices, motion.value, start.value, rate)
    found = synchrony(
        pair.a,
        pair.b,
        pair.rate_hz,
        window_s=window,
        max_lag_s=max_lag,
        surrogates=chance.value,
        n_surrogates=surrogates,
        undo_drift=drift,
    )
    names = (devices or "a,b").split(",") if b is None else [a.name, b.name]
    if report:
        _write_report(report, names, pair, found)
        say("[green]report[/] ", str(report))
    if as_json:
        print_json(_facts(pair, found))
        return
    rows = [(m.name, m.value, m.chance, m.effect, m.p_value, m.p_corrected) for m in found.measures]
    print_table(f"{names[0]} (a) and {names[1]} (b)", ("measure", "value", "chance", "effect", "p", "corrected"), rows)
    say(_verdict(found))
    drawn = "of other phases" if found.surrogates == "phases" else "turned in time"
    say("[dim]chance[/] ", f"{found.n_surrogates} draws of b, {drawn}")
    for note in found.notes:
        say("[yellow]note[/] ", note)


def _paired(a: Path, b: Path | None, devices: str | None, motion: Any, start: Any, rate: float | None) -> Pair:
    from motif.behavior import pair_recordings
    from motif.errors import ConfigError
    from motif.recordings import read

    if (b is None) == (devices is None):
        raise ConfigError("want two recordings, or one and --devices first,second")
    first = read(a)
    if b is None:
        prefixes = [name.strip() for name in str(devices).split(",")]
        if len(prefixes) != 2:
            raise ConfigError(f"--devices is {devices!r}; want two, with a comma between")
        one, other = (_device(first, prefix) for prefix in prefixes)
    else:
        one, other = first, read(b)
    return pair_recordings(one, other, rate_hz=rate, motion=motion, start=start)


def _device(recording: Recording, prefix: str) -> Recording:
    """Return the channels of one device, without its name."""
    from dataclasses import replace

    from motif.errors import ColumnError

    names = [name for name in recording.channels if name.startswith(f"{prefix}.")]
    if not names:
        raise ColumnError(f"{prefix}.…", have=recording.channels)
    return replace(recording.select(names), channels=tuple(name.removeprefix(f"{prefix}.") for name in names))


def _facts(pair: Pair, found: Synchrony) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "is_coupled": found.is_coupled,
        "leader": found.leader,
        "lag_s": found.lag_s,
        "lag_error_s": found.lag_error_s if isfinite(found.lag_error_s) else None,
        "surrogates": found.surrogates,
        "n_surrogates": found.n_surrogates,
        "notes": list(found.notes),
        "measures": found.table(),
        "lead": found.lead.table(),
        "lead_shares": found.lead.shares,
        "drift": None if found.drift is None else asdict(found.drift) | {"undone": found.drift.is_certain},
        "channels": list(pair.channels),
        "rate_hz": pair.rate_hz,
        "duration_s": len(pair.a) / pair.rate_hz,
        "left_out_s": pair.left_out_s,
    }


def _verdict(found: Synchrony) -> str:
    if not found.is_coupled:
        return "Nothing beyond chance: [bold]not coupled[/], or too short to tell."
    if found.leader == "neither":
        return "[bold]Coupled[/], and no lag stands out from none."
    error = f" ± {found.lag_error_s * 1e3:.0f}" if isfinite(found.lag_error_s) else ""
    return f"[bold]Coupled[/]: {found.leader} leads by {abs(found.lag_s) * 1e3:.0f}{error} ms."


def _write_report(path: Path, names: list[str], pair: Pair, found: Synchrony) -> None:
    from motif.behavior import synchrony_report
    from motif.files import write_bytes

    data = {
        "a": names[0],
        "b": names[1],
        "channels": ", ".join(pair.channels),
        "rate": f"{pair.rate_hz:g} Hz",
        "length": f"{len(pair.a) / pair.rate_hz:.1f} s",
        "left out beyond gaps": f"{pair.left_out_s:.1f} s",
    }
    html = synchrony_report(f"{names[0]} and {names[1]}", found, summary="Two streams of motion.", data=data)
    write_bytes(path, html.encode())
