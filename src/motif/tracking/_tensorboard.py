"""A run as TensorBoard reads it: one event file a session.

tensorboardX says what an event is; the file is written here and now. Its own writer has a thread behind a queue, and
once that thread has died of a full disk the next event waits for ever.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.tracking._events import events
from motif.tracking._graph import graph_bytes
from motif.tracking._record import Artifact, RunRecord
from motif.tracking._values import flat

__all__ = ["TensorBoardMirror"]

FLUSH_EVERY_S = 2.0
N_BINS = 32


class TensorBoardMirror:
    """Writes `log_dir/<run>/events.out.tfevents.…`.

    Parameters
    ----------
    log_dir : Path
        What `tensorboard --logdir` is given.
    """

    name = "tensorboard"

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = self._place = log_dir
        self._records: Any = None
        self._flushed = 0.0
        self._config: Mapping[str, Any] | None = None

    def open(self, run: RunRecord, folder: Path) -> None:
        """Begin a file; a run that is resumed gets another one."""
        self._place = self._log_dir / run.name
        self._place.mkdir(parents=True, exist_ok=True)
        self._config = run.config if len(run.sessions) == 1 else None
        with self._whole() as records:
            records.flush()

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Show numbers; with the first ones of the training the settings become a row of the table of all runs."""
        summary = _summary()
        if self._config is not None and not all(name.startswith("machine/") for name in values):
            experiment, start, _ = summary.hparams(_hyperparameters(self._config), dict.fromkeys(values))
            self._write(summary=experiment)
            self._write(summary=start)
            self._config = None
        for name, value in values.items():
            self._write(summary=summary.scalar(name, value), step=step)
        self._flush_now_and_then()

    def weights(self, arrays: Mapping[str, NDArray[np.generic]], step: int) -> None:
        """Show histograms; values that are not finite are left out."""
        for name, array in arrays.items():
            finite = np.asarray(array, dtype=np.float64)
            finite = finite[np.isfinite(finite)]
            if finite.size:
                self._write(summary=_summary().histogram(f"weights/{name}", finite, N_BINS), step=step)
        self._flush_now_and_then()

    def graph(self, model: Any) -> None:
        """Show the layers."""
        self._write(graph_def=graph_bytes(model))

    def picture(self, name: str, png: bytes, step: int) -> None:
        """Show a picture."""
        width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))  # where PNG says so
        proto = events("proto.summary_pb2")
        image = proto.Summary.Image(width=width, height=height, colorspace=4, encoded_image_string=png)
        self._write(summary=proto.Summary(value=[proto.Summary.Value(tag=name, image=image)]), step=step)

    def artifact(self, artifact: Artifact) -> None:
        """Show what a file is called and its hash."""
        text = f"`{artifact.path}` ({artifact.role}, {artifact.bytes} bytes, sha256 {artifact.sha256})"
        self._write(summary=_summary().text(f"artifacts/{artifact.role}", text))

    def close(self, run: RunRecord, final: Mapping[str, float]) -> None:
        """Close the row of the table and the file."""
        _, _, end = _summary().hparams({}, {})
        self._write(summary=end)
        with self._whole() as records:
            records.flush()
            records.close()

    def _write(self, *, step: int = 0, **content: Any) -> None:
        event = events("proto.event_pb2").Event(wall_time=time.time(), step=step, **content)
        with self._whole() as records:
            records.write(event.SerializeToString())

    def _flush_now_and_then(self) -> None:
        if time.monotonic() - self._flushed >= FLUSH_EVERY_S:
            with self._whole() as records:
                records.flush()
            self._flushed = time.monotonic()

    @contextmanager
    def _whole(self) -> Iterator[Any]:
        """Give the file; one in which a full disk left half an event is left, for TensorBoard reads it no further."""
        if self._records is None:
            name = f"events.out.tfevents.{time.time_ns()}.{socket.gethostname()}.{os.getpid()}"
            self._records = events("record_writer").RecordWriter(str(self._place / name))
            self._records.write(events("proto.event_pb2").Event(file_version="brain.Event:2").SerializeToString())
        try:
            yield self._records
        except OSError:
            with suppress(OSError):
                self._records.close()
            self._records = None
            raise


def _summary() -> Any:
    return events("summary")


def _hyperparameters(config: Mapping[str, Any]) -> dict[str, bool | float | str]:
    known = flat(config)
    return {name: value if isinstance(value, bool | int | float | str) else str(value) for name, value in known.items()}
