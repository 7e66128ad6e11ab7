"""`motif import`: any format the readers know, into ours."""

from __future__ import annotations

from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from motif.cli._coded import ObservationOption, OffsetOption, SubjectOption, coded_recordings
from motif.cli._console import JsonOption, print_json, say

if TYPE_CHECKING:
    from motif.recordings import Recording

__all__ = ["import_command"]

_LATE_S = 1.0


class Kind(StrEnum):
    """What to import as."""

    recording = "recording"
    dataset = "dataset"


def import_command(
    source: Annotated[Path, typer.Argument(help="A file or folder that a phone, board, tracker or archive made.")],
    out: Annotated[Path, typer.Argument(help="Where to write: .parquet, .npz or .nc; a data set is always .npz.")],
    kind: Annotated[Kind | None, typer.Option("--as", help="Found out where left out.")] = None,
    reader: Annotated[str | None, typer.Option(help="Name of the reader, where the file does not tell.")] = None,
    layout: Annotated[str | None, typer.Option(help="Name of the data set's layout, where it does not tell.")] = None,
    rate: Annotated[float | None, typer.Option(help="Samples a second of the recording that comes out, in Hz.")] = None,
    columns: Annotated[Path | None, typer.Option(help="YAML file that maps a CSV's columns to channels.")] = None,
    window: Annotated[float | None, typer.Option(help="Length of a data set's windows, in seconds.")] = None,
    hop: Annotated[float | None, typer.Option(help="Time between two window starts, in seconds.")] = None,
    labels: Annotated[
        Path | None, typer.Option(help="A file of BORIS or ELAN: what was coded becomes the recording's annotations.")
    ] = None,
    observation: Annotated[str | None, ObservationOption] = None,
    subject: Annotated[str | None, SubjectOption] = None,
    offset: Annotated[float, OffsetOption] = 0.0,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Read SOURCE, whatever its format, and write it to OUT; says what was dropped or assumed.

    Examples: `motif import export.zip walk.parquet`, `motif import landmarks/ hands.npz --as dataset`,
    `motif import walk.csv walk.parquet --labels coded.boris --offset 12.5`
    """
    from motif.cli._info import describe
    from motif.cli._open import open_data
    from motif.errors import ConfigError
    from motif.recordings import Dataset, save_dataset

    if layout or window or hop:
        kind = kind or Kind.dataset
    elif reader or rate or labels:
        kind = kind or Kind.recording
    if labels and kind is Kind.dataset:
        raise ConfigError("--labels is for a recording; write it as .parquet, and import that again --as dataset")
    found = open_data(
        source, kind=kind, reader=reader, layout=layout, rate_hz=rate, columns=columns, window_s=window, hop_s=hop
    )
    if isinstance(found, Dataset):
        if out.suffix not in ("", ".npz"):
            raise ConfigError(f"{out} ends with {out.suffix}; a data set is written as .npz")
        out = out.with_suffix(".npz")
        save_dataset(found, out)
        for note in found.notes:
            say("[yellow]note[/] ", note)
    else:
        named = {source.stem: found}
        coded = coded_recordings(labels, named, observation=observation, subject=subject, offset=offset)
        found = coded.get(source.stem, found)
        _write_recording(found, out)
        for note in _assumed(found) + (_at_once(found) if coded else []):
            say("[yellow]note[/] ", note)
    if as_json:
        print_json({"path": str(out)} | describe(found))
    else:
        say("[green]written[/] ", f"{out}: {found!r}")


def _assumed(recording: Recording) -> list[str]:
    """Return what its reader left out or had to assume, in words."""
    said = recording.metadata
    left_out = [f"{name}: {said[name]}" for name in said if name.endswith("left out") and said[name] not in ("", "0")]
    assumed = [f"{name} {value}" for name, value in said.items() if "assumed, " in value]
    if said.get("platform known from") == "nothing: assumed":
        assumed.append(f"nothing says whose signs it has, {said['platform']}'s are assumed: see docs/data.md")
    return left_out + assumed + _set_back(recording)


def _at_once(recording: Recording) -> list[str]:
    """Return how many annotations begin before another has ended."""
    spans = sorted((mark.start_ns, mark.stop_ns) for mark in recording.annotations if mark.stop_ns > mark.start_ns)
    ends = accumulate((stop for _, stop in spans), max)
    count = sum(start < end for (start, _), end in zip(spans[1:], ends, strict=False))
    return [f"{count} of {len(spans)} codings begin during another: a window is what began last"] if count else []


def _set_back(recording: Recording) -> list[str]:
    """Return where its clock was set back, as at the end of summer time; samples that are only late are no news."""
    import numpy as np

    steps_s = np.diff(recording.time_ns) / 1e9
    if not steps_s.size or steps_s.min() > -_LATE_S:
        return []
    return [
        f"time runs back by {-steps_s.min():.1f} s at sample {int(steps_s.argmin()) + 1}: the clock was set, and what "
        "needs an even grid will refuse this recording; write times in UTC or with their zone, or split it there"
    ]


def _write_recording(recording: Recording, out: Path) -> None:
    from motif.errors import ConfigError
    from motif.recordings import write_netcdf, write_npz, write_parquet

    writers = {".parquet": write_parquet, ".npz": write_npz, ".nc": write_netcdf}
    if out.suffix not in writers:
        ending = f"ends with {out.suffix}" if out.suffix else "has no ending"
        raise ConfigError(f"{out} {ending}; want {', '.join(writers)}")
    writers[out.suffix](recording, out)
