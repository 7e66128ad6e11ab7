"""A run that is going on: its record, its lines, its mirrors."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import MotifError, SourceError
from motif.files import write_bytes
from motif.telemetry import commit, json_ready, logger
from motif.tracking._artifact import described
from motif.tracking._environment import environment
from motif.tracking._lines import LineWriter
from motif.tracking._machine import MachineSampler
from motif.tracking._mirror import Failures, Mirror, Mirrors
from motif.tracking._record import LINES_FILE, RUN_FILE, Artifact, Evaluation, RunRecord, Session, Status
from motif.tracking._values import as_number

__all__ = ["OpenRun", "now_text"]

_log = logger(__name__)


def now_text() -> str:
    """Return the time now, as records hold it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class OpenRun:
    """The one who writes a run's folder, until `close`.

    Parameters
    ----------
    folder : Path
        `runs_dir/<run>`; a run that is in it already goes on.
    record : RunRecord
        What to begin with where there is none.
    mirrors : sequence of Mirror
    machine_every_s : float

    Raises
    ------
    ConfigError
        Another process works on this run.
    WriteError, FormatError
        The folder cannot be written, or holds something else.
    """

    def __init__(self, folder: Path, record: RunRecord, mirrors: list[Mirror], *, machine_every_s: float) -> None:
        self.folder = folder
        self.failures = Failures()
        self._lock = threading.RLock()
        self._lines = LineWriter(folder / LINES_FILE)
        before = [line for line in self._lines.before if line.kind == "metrics"]
        self.step = max((line.step for line in before), default=0)
        self._final = {name: as_number(value) for line in before for name, value in line.values.items()}
        try:
            self.record = self._begun(record)
            self.record.write(folder)
        except MotifError:
            self._lines.close()
            raise
        self._mirrors = Mirrors(mirrors, self.failures)
        self._mirrors.open(self.record, folder)
        if self.failures.reasons:
            self._update()
        self._sampler = MachineSampler(
            self._machine, every_s=machine_every_s, failed=lambda error: self.failures.add("machine", error)
        )

    def _begun(self, record: RunRecord) -> RunRecord:
        loss = {name: count for name, count in asdict(self._lines.loss).items() if count}
        if (self.folder / RUN_FILE).exists():
            old = RunRecord.read(self.folder)
            asked = {"config": record.config, "seeds": record.seeds} if record.config else {}
            tags = list(dict.fromkeys([*old.tags, *record.tags]))
            record = old.model_copy(update={"status": "running", "ended": None, "tags": tags} | asked)
            self.failures.counts = dict(old.failures)
            _log.info("run goes on", run=record.name, step=self.step, lost=str(self._lines.loss))
        found = commit()
        session = Session(
            started=now_text(),
            process=os.getpid(),
            machine=environment(),
            commit=None if found is None else asdict(found),
            lost=loss,
        )
        return record.model_copy(update={"sessions": [*record.sessions, session]})

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Keep numbers."""
        with self._lock:
            self.step = max(self.step, step)
            self._final |= values
            self._append("metrics", step, values)

    def weights(self, arrays: Mapping[str, NDArray[np.generic]], step: int) -> None:
        """Show how weights are spread; they are not kept."""
        with self._lock:
            self._mirrors.tell(lambda mirror: mirror.weights(arrays, step))

    def graph(self, model: Any) -> None:
        """Show how layers hang together; it is not kept."""
        with self._lock:
            self._mirrors.tell(lambda mirror: mirror.graph(model))

    def picture(self, name: str, draw: Callable[[], bytes]) -> None:
        """Draw a picture, keep it as `<name>.png`, show it."""
        with self._lock:
            try:
                png = draw()
                write_bytes(self.folder / f"{name}.png", png)
            except Exception as error:
                self.failures.add("pictures", error)
                return
            self._mirrors.tell(lambda mirror: mirror.picture(name, png, self.step))

    def artifact(self, path: Path, role: str) -> Artifact:
        """Keep the name, size and hash of a file or of all files in a folder."""
        artifact = described(path, role)
        with self._lock:
            others = [known for known in self.record.artifacts if known.path != artifact.path]
            self._update(artifacts=[*others, artifact])
            self._mirrors.tell(lambda mirror: mirror.artifact(artifact))
        return artifact

    def evaluation(self, evaluation: Evaluation) -> None:
        """Keep how the predictions compare."""
        with self._lock:
            self._update(evaluation=evaluation)

    def tags(self, tags: list[str]) -> None:
        """Keep more tags."""
        with self._lock:
            self._update(tags=list(dict.fromkeys([*self.record.tags, *tags])))

    def close(self, status: Status) -> None:
        """Say how it ended, close mirrors and files."""
        self._sampler.stop()
        with self._lock:
            ended = self.record.model_copy(update={"status": status, "ended": now_text()})
            self._mirrors.tell(lambda mirror: mirror.close(ended, self._final))
            self._update(status=status, ended=ended.ended)
            self._guarded(self._lines.close)

    def _machine(self, sample: Mapping[str, float]) -> None:
        with self._lock:
            self._append("machine", self.step, sample)

    def _append(self, kind: str, step: int, values: Mapping[str, float]) -> None:
        self._guarded(lambda: self._lines.append(kind, step, json_ready(values)))
        self._mirrors.tell(lambda mirror: mirror.metrics(values, step))

    def _update(self, **changes: Any) -> None:
        failed = {"failures": dict(self.failures.counts), "problems": self.failures.reasons | self.record.problems}
        self.record = self.record.model_copy(update=changes | failed)
        self._guarded(lambda: self.record.write(self.folder))

    def _guarded(self, write: Callable[[], None]) -> None:
        """A disk that fills up while a network trains costs lines, not the network."""
        try:
            write()
        except SourceError as error:
            self.failures.add("record", error)
