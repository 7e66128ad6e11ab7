"""Runs read back: one, all of a folder, several side by side, as a table for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from motif.errors import ConfigError, FormatError, MissingFileError
from motif.files import is_claimed, write_bytes
from motif.telemetry import json_ready
from motif.tracking._lines import Line, Loss, read_lines
from motif.tracking._record import LINES_FILE, RUN_FILE, RunRecord, Status
from motif.tracking._values import as_number, flat

__all__ = ["Comparison", "Run", "compare_runs", "export_runs", "list_runs", "read_run"]


@dataclass(frozen=True)
class Run:
    """A run on disk."""

    folder: Path
    record: RunRecord
    lines: list[Line]
    loss: Loss
    """What a kill or a full disk left out."""
    status: Status
    """`killed` where nobody finished it and nobody works on it."""

    @property
    def name(self) -> str:
        """Name of the run."""
        return self.record.name

    @cached_property
    def steps(self) -> dict[int, dict[str, float]]:
        """Numbers of each step; those of a step told twice are the later ones."""
        steps: dict[int, dict[str, float]] = {}
        for line in self._of("metrics"):
            steps.setdefault(line.step, {}).update({name: as_number(v) for name, v in line.values.items()})
        return dict(sorted(steps.items()))

    @property
    def final(self) -> dict[str, float]:
        """The last value of each number."""
        return {name: value for values in self.steps.values() for name, value in values.items()}

    @property
    def machine(self) -> list[dict[str, float]]:
        """Samples of processor, memory and GPUs, with `time` in seconds since the epoch."""
        return [
            {"time": line.time} | {name: as_number(v) for name, v in line.values.items()}
            for line in self._of("machine")
        ]

    @property
    def duration_s(self) -> float:
        """Time from the first line to the last."""
        return self.lines[-1].time - self.lines[0].time if self.lines else 0.0

    def _of(self, kind: str) -> list[Line]:
        return [line for line in self.lines if line.kind == kind]


@dataclass(frozen=True)
class Comparison:
    """Runs side by side: for each name a value of each run, None where a run has none."""

    runs: list[str]
    differing: dict[str, list[Any]]
    """Settings that are not the same in all."""
    same: dict[str, Any]
    """Settings that are."""
    metrics: dict[str, list[float | None]]
    """Last value of each number."""


def read_run(folder: str | Path) -> Run:
    """Read a run, whether it is finished, going on or was killed.

    Raises
    ------
    MissingFileError
        There is no run in `folder`.
    FormatError
        Its record is damaged.
    """
    folder = Path(folder)
    record = RunRecord.read(folder)
    lines, loss = read_lines(folder / LINES_FILE)
    status = record.status
    if status == "running":
        if is_claimed(folder / LINES_FILE):
            loss = Loss(damaged=loss.damaged, missing=loss.missing)  # the last line is being written
        else:
            status = "killed"
    return Run(folder, record, lines, loss, status)


def list_runs(folder: str | Path) -> tuple[list[Run], dict[Path, FormatError]]:
    """Return the runs in a folder, the newest first, and what is wrong with those that cannot be read.

    Raises
    ------
    MissingFileError
        There is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise MissingFileError(folder, want="the folder of runs, `logs/runs` unless you chose another")
    runs, damaged = [], {}
    for path in sorted(folder.glob(f"*/{RUN_FILE}")):
        try:
            runs.append(read_run(path.parent))
        except FormatError as error:
            damaged[path.parent] = error
    return sorted(runs, key=lambda run: (run.record.started, run.name), reverse=True), damaged


def compare_runs(runs: Sequence[Run]) -> Comparison:
    """Lay runs side by side.

    Raises
    ------
    ConfigError
        There are fewer than two.
    """
    if len(runs) < 2:
        raise ConfigError(f"{len(runs)} run given; want at least two to compare")
    configs = [flat(run.record.config) for run in runs]
    names = list(dict.fromkeys(name for config in configs for name in config))
    values = {name: [config.get(name) for config in configs] for name in names}
    differing = {name: row for name, row in values.items() if any(value != row[0] for value in row)}
    finals = [run.final for run in runs]
    metrics = sorted({name for final in finals for name in final})
    return Comparison(
        runs=[run.name for run in runs],
        differing=differing,
        same={name: row[0] for name, row in values.items() if name not in differing},
        metrics={name: [final.get(name) for final in finals] for name in metrics},
    )


def export_runs(runs: Sequence[Run], path: str | Path, *, layout: Literal["csv", "json"] | None = None) -> Path:
    """Write runs for other programs: CSV has a row a step, JSON all that is known.

    Parameters
    ----------
    runs : sequence of Run
    path : path
    layout : {"csv", "json"}, optional
        By default as the name of `path` ends.

    Raises
    ------
    ConfigError
        The name says neither, and nothing else does.
    WriteError
        The place cannot be written.
    """
    path = Path(path)
    layout = layout or _layout(path)
    write_bytes(path, (_as_csv(runs) if layout == "csv" else _as_json(runs)).encode())
    return path


def _layout(path: Path) -> Literal["csv", "json"]:
    match path.suffix.lower():
        case ".csv":
            return "csv"
        case ".json":
            return "json"
    raise ConfigError(f"{path} says neither CSV nor JSON; let it end with .csv or .json")


def _as_csv(runs: Sequence[Run]) -> str:
    metrics = sorted({name for run in runs for values in run.steps.values() for name in values})
    settings = sorted({name for run in runs for name in flat(run.record.config)})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["run", "status", "step", *metrics, *(f"config.{name}" for name in settings)])
    for run in runs:
        config = flat(run.record.config)
        for step, values in run.steps.items():
            chosen = [_cell(config.get(name)) for name in settings]
            writer.writerow([run.name, run.status, step, *(values.get(name, "") for name in metrics), *chosen])
    return text.getvalue()


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | Mapping) else value


def _as_json(runs: Sequence[Run]) -> str:
    found = [
        run.record.model_dump(mode="json")
        | {"status": run.status}
        | {name: json_ready(getattr(run, name)) for name in ("steps", "final", "machine")}
        for run in runs
    ]
    return json.dumps({"runs": found}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
