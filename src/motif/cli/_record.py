"""`motif record`: live motion into a file that survives a kill."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from motif.cli._console import JsonOption, counted, print_json, say
from motif.cli._sources import SOURCE_HELP

if TYPE_CHECKING:
    from motif.recordings import Aligner, Journal, Readings

__all__ = ["record_command"]


def record_command(
    out: Annotated[
        str, typer.Argument(help="The recording to write, a name that ends in .parquet; or a folder, for all devices.")
    ],
    source: Annotated[str, typer.Option("--source", "-s", help=SOURCE_HELP)] = "sensor-logger",
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="By this machine's clock; without it until Ctrl-C.")
    ] = None,
    channels: Annotated[
        str, typer.Option(help="What to keep, on one grid, with commas between. Landmarks are kept as they come.")
    ] = "acc_x, acc_y, acc_z, gyr_x, gyr_y, gyr_z",
    rate_hz: Annotated[float, typer.Option("--rate", min=1, max=1000, help="Samples per second of that grid.")] = 100.0,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Record live motion to OUT, until Ctrl-C or SIGTERM, which leave it whole.

    A kill loses the last 100 ms at most: what stands is finished by `motif import`. A folder (one that is there, or a
    name that ends in `/` or has no ending) gets every device that sends, each sensor as it came: `FOLDER/gyr.parquet`
    and others, with the number of the device in a channel.

    Examples: `motif record walk.parquet --source sensor-logger --seconds 60`,
    `motif record again.parquet --source replay:walk.parquet`,
    `motif record class/ --source 'sensor-logger:lan?devices=30'`
    """
    path = Path(out)
    if _is_folder(out, path):
        _record_all(path, source, seconds, as_json)
    else:
        _record_one(path, source, seconds, channels, rate_hz, as_json)


def _is_folder(name: str, path: Path) -> bool:
    return path.is_dir() or not path.suffix or name.endswith(("/", os.sep))


def _record_one(out: Path, source: str, seconds: float | None, channels: str, rate_hz: float, as_json: bool) -> None:
    from motif.cli._hearing import hear
    from motif.cli._sources import open_source
    from motif.recordings import read

    writer = _Writer(out, [name.strip() for name in channels.split(",")], rate_hz)
    try:
        ended = hear(
            open_source(source), writer.take, seconds=seconds, opened=lambda: say("[green]recording[/] ", source)
        )
    finally:
        path = writer.close()
    if path is None:
        say("[yellow]nothing came, nothing was written[/]: ", ended.health)
        if as_json:
            print_json({"path": None, "samples": 0})
        raise typer.Exit(4)
    recording = read(path)
    if as_json:
        print_json({"path": str(path), "samples": recording.n_samples, "seconds": recording.duration_s})
    say("[green]written[/] ", f"{path}: {recording!r}")


def _record_all(folder: Path, source: str, seconds: float | None, as_json: bool) -> None:
    from motif.cli._hearing import hear
    from motif.cli._sources import open_source
    from motif.recordings import FleetJournal

    journal = FleetJournal(folder)

    def take(readings: Readings) -> bool:
        journal.append(readings)
        return True

    try:
        ended = hear(open_source(source), take, seconds=seconds, opened=lambda: say("[green]recording[/] ", source))
    finally:
        paths = journal.close()
    if as_json:
        print_json({"paths": [str(path) for path in paths], "samples": journal.acknowledged})
    if not paths:
        say("[yellow]nothing came, nothing was written[/]: ", ended.health)
        raise typer.Exit(4)
    say("[green]written[/] ", f"{', '.join(map(str, paths))}: {counted(journal.acknowledged, 'sample')}")


class _Writer:
    """Readings of the first device that speaks, on one grid, into a journal."""

    def __init__(self, path: Path, channels: list[str], rate_hz: float) -> None:
        self._path, self._channels, self._rate_hz = path, channels, rate_hz
        self._device: str | None = None
        self._aligner: Aligner | None = None
        self._journal: Journal | None = None

    def take(self, readings: Readings) -> bool:
        if self._device is None:
            self._begin(readings)
        if readings.device != self._device or self._journal is None:
            return True
        if self._aligner is not None:
            time_ns, values = self._aligner.push(readings)
        elif readings.channels == self._journal.channels:
            time_ns, values = readings.time_ns, readings.values
        else:
            return True
        if len(time_ns):
            self._journal.append(time_ns, values)
        for mark in readings.annotations:
            self._journal.annotate(mark.label, mark.start_ns, mark.stop_ns)
        return True

    def close(self) -> Path | None:
        if self._journal is None:
            return None
        if self._aligner is not None:
            time_ns, values = self._aligner.flush()
            if len(time_ns):
                self._journal.append(time_ns, values)
        return self._journal.close()

    def _begin(self, readings: Readings) -> None:
        from motif.recordings import Aligner, Journal, unit_of

        self._device = readings.device
        channels = tuple(self._channels)
        if any(name.startswith("hand_") for name in readings.channels):
            channels = readings.channels
        else:
            self._aligner = Aligner(channels, self._rate_hz)
        units = [unit_of(name) for name in channels]
        self._journal = Journal(
            self._path, channels, units, session=readings.session, metadata={"device": self._device}
        )
