"""`GestureDatabase`: what was taught, on disk, in versions, with backups."""

from __future__ import annotations

import asyncio
import math
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from motif.errors import DatabaseError, InputError, LabelError, WriteError
from motif.telemetry import logger
from motif.templates._backups import Backup, backups_in, make_backup, prune
from motif.templates._database_changes import Change
from motif.templates._database_rows import (
    BACKGROUND,
    add_samples,
    add_version,
    checked_name,
    counts_of,
    ensure_gesture,
    existing_id,
    gesture_id,
    gesture_names,
    revision_of,
    sample_rows,
    samples_of,
    template_of,
    version_content,
)
from motif.templates._database_schema import SCHEMA_VERSION
from motif.templates._database_store import Store, notes
from motif.templates._database_training import judge, outlying
from motif.templates._sample import GestureSample
from motif.templates._sensor_features import SensorFeatures
from motif.templates._template import GestureTemplate

__all__ = ["GestureDatabase", "SampleLike"]

_LOG = logger(__name__)
T = TypeVar("T")
SampleLike = GestureSample | SensorFeatures | Mapping[str, Any]
"""A sample, or its features alone."""


class GestureDatabase:
    """The gestures taught so far, in a folder; made where there is none.

    What a method has written is on the disk when it returns. Threads and other processes may use the same folder. A
    damaged file is set aside, restored and reported when it is opened or met; see `get_stats`.

    Parameters
    ----------
    folder : path
        Where `gestures.db`, `backups/` and what was set aside lie. A `templates.json` of the prototype is taken in.
    clock : callable, optional
        Returns nanoseconds since the epoch; replaced in tests.

    Raises
    ------
    DatabaseError, WriteError
        A newer motif wrote it, another program holds it, or the folder cannot be made.

    Examples
    --------
    >>> import tempfile
    >>> database = GestureDatabase(tempfile.mkdtemp())
    >>> for size in (1.0, 1.1, 0.9, 1.05):
    ...     _ = database.add_sample("swipe", {"duration_s": size, "gyr_peak": 4 * size})
    >>> template = database.train_template("swipe")
    >>> template.version, template.num_samples, database.get_stats()["state"]
    (1, 4, 'healthy')
    """

    MAX_BACKUP_COUNT: ClassVar[int] = 10
    """How many backups are kept."""
    BACKUP_RETENTION_DAYS: ClassVar[float] = 30
    """How old a backup may become; the newest whole one stays."""
    AUTO_BACKUP_INTERVAL: ClassVar[float] = 300
    """Seconds after which a change makes the next backup."""
    MIN_TRAINING_SAMPLES: ClassVar[int] = 3
    """With fewer, `train_template` returns None."""

    def __init__(self, folder: str | Path = "./gesture_database", *, clock: Callable[[], int] = time.time_ns) -> None:
        self.folder = Path(folder)
        self._clock = clock
        self._store = Store(self.folder, clock)
        self._changed = False
        self._finalizer = weakref.finalize(self, Store.close, self._store)

    # reading

    def list_templates(self) -> list[str]:
        """Return the names of all gestures, sorted."""
        return self._store.read(gesture_names)

    def get_template(self, name: str) -> GestureTemplate | None:
        """Return a gesture's template, or None where there is none of that name."""
        return self._store.read(lambda connection: template_of(connection, name))

    def samples(self, name: str, *, outlying: bool = True) -> list[GestureSample]:
        """Return a gesture's samples in the order they were added; none where there is no such gesture.

        `outlying=False` leaves out those that training found unlike the others.
        """
        return [sample for sample in self._samples(name, "gesture") if outlying or not sample.outlying]

    def background(self) -> list[GestureSample]:
        """Return recordings of ordinary movement, which teach what is no gesture."""
        return self._samples("", BACKGROUND)

    @property
    def revision(self) -> int:
        """Grows with each change, by whomever; cheap to ask."""
        return self._store.revision

    def get_stats(self) -> dict[str, Any]:
        """Return figures and the state of the database.

        `state` is `healthy`; `degraded` when something was lost or nothing can be written, with the reason in
        `problem`; `recovering`; or `corrupted`, when it could not be repaired and a backup is read. `recovery` tells of
        the last recovery: reasons, what it was restored from, what is lost, where the damaged files are.
        """
        counts, facts, revision = self._store.read(lambda found: (counts_of(found), notes(found), revision_of(found)))
        backups = self.list_backups()
        return {
            "num_templates": counts["gestures"],
            "total_samples": counts["samples"],
            "state": self._store.state,
            "problem": self._store.problem,
            "num_outlying": counts["outlying"],
            "revision": revision,
            "schema_version": SCHEMA_VERSION,
            "size_bytes": sum(path.stat().st_size for path in self.folder.glob("gestures.db*") if path.exists()),
            "num_backups": len(backups),
            "last_backup": backups[-1].path.name if backups else None,
            "recovery": facts.get("recovery"),
            "folder": str(self.folder),
        }

    # changing

    def add_sample(self, name: str, sample: SampleLike) -> str:
        """Add a sample of a gesture, which is made where there is none; return the sample's id.

        Raises
        ------
        InputError
            The name or the sample cannot be; its features are impossible.
        WriteError, DatabaseError
            It could not be written; nothing was changed.
        """
        return self.add_samples(name, [sample])[0]

    def add_samples(self, name: str, samples: Sequence[SampleLike]) -> list[str]:
        """Add several samples of a gesture, all or none; return their ids."""
        checked_name(name)
        checked = [_checked_sample(sample, self._clock()) for sample in samples]
        if not checked:
            return []
        return self._write(f"add {len(checked)} samples to {name!r}",
                           lambda change: add_samples(change, ensure_gesture(change, name), checked))  # fmt: skip

    def add_background(self, values: ArrayLike, *, channels: Sequence[str], rate_hz: float, group: str = "") -> str:
        """Add a recording (n_samples, n_channels) of ordinary movement, in which no gesture is made; return its id."""
        sample = GestureSample(values=np.asarray(values, np.float32), channels=tuple(channels), rate_hz=rate_hz,
                               created_ns=self._clock(), group=group)  # fmt: skip

        def add(change: Change) -> str:
            return add_samples(change, ensure_gesture(change, "", kind=BACKGROUND), [sample])[0]

        return self._write("add a recording of ordinary movement", add)

    def clear_background(self) -> None:
        """Remove all recordings of ordinary movement."""

        def clear(change: Change) -> None:
            found = gesture_id(change, "", BACKGROUND)
            for row in sample_rows(change, found) if found else []:
                change.update("samples", row["id"], kept=0)

        self._write("remove the recordings of ordinary movement", clear)

    def remove_sample(self, name: str, sample: str | GestureSample) -> bool:
        """Remove a sample, named by its id, its hash or itself; return whether it was there.

        Raises
        ------
        LabelError
            There is no such gesture.
        """
        wanted = {sample.sample_id} if isinstance(sample, GestureSample) else {sample}

        def remove(change: Change) -> bool:
            rows = sample_rows(change, existing_id(change, name))
            found = [row for row in rows if row["id"] in wanted]
            found = found or [row for row in reversed(rows) if samples_of([row])[0].hash in wanted][:1]
            for row in found:
                change.update("samples", row["id"], kept=0)
            return bool(found)

        return self._write(f"remove a sample of {name!r}", remove)

    def rename_template(self, old: str, new: str) -> None:
        """Give a gesture another name.

        Raises
        ------
        LabelError
            There is no such gesture, or another one has that name.
        """
        checked_name(new)

        def rename(change: Change) -> None:
            found = existing_id(change, old)
            if new != old and gesture_id(change, new) is not None:
                raise LabelError(f"there is a gesture {new!r} already; choose another name, or delete it first")
            change.update("gestures", found, name=new)

        self._write(f"rename {old!r} to {new!r}", rename)

    def delete_template(self, name: str) -> bool:
        """Remove a gesture with its samples; return whether it was there. `undo` and backups still have it."""

        def delete(change: Change) -> bool:
            found = gesture_id(change, name)
            if found is not None:
                change.update("gestures", found, kept=0)
            return found is not None

        return self._write(f"delete {name!r}", delete)

    def undo(self) -> str | None:
        """Take the last change back that was not yet; return what it was, or None where there is none."""
        return self._write("undo", Change.undo_last, undoable=False)

    # training and versions

    def train_template(self, name: str, run_cross_validation: bool = True) -> GestureTemplate | None:
        """Judge a gesture's samples and make the next version of it.

        Samples unlike the others are flagged and left out, never deleted. Consistency says how alike the rest are,
        accuracy how often one of them, left out, is known among all gestures.

        Returns
        -------
        GestureTemplate or None
            None where there are fewer than `MIN_TRAINING_SAMPLES` samples, or no such gesture.
        """
        taught = {other: self.samples(other, outlying=other == name) for other in self.list_templates()}
        mine = taught.get(name, [])
        if len(mine) < self.MIN_TRAINING_SAMPLES:
            return None
        flags = {sample.sample_id: int(flag) for sample, flag in zip(mine, outlying(mine), strict=True)}
        taught[name] = [sample for sample in mine if not flags[sample.sample_id]]
        figures = judge(name, taught, run_cross_validation=run_cross_validation)

        def train(change: Change) -> None:
            found = existing_id(change, name)
            for row in sample_rows(change, found):
                if row["id"] in flags:
                    change.update("samples", row["id"], outlying=flags[row["id"]])
            add_version(change, found, figures, [row for row in sample_rows(change, found) if row["id"] in flags])

        self._write(f"train {name!r}", train)
        return self.get_template(name)

    def versions(self, name: str) -> list[int]:
        """Return the versions of a gesture that `rollback` can go to."""
        sql = ("SELECT DISTINCT v.version FROM versions v JOIN gestures g ON g.id = v.gesture "
               "WHERE g.kept AND g.kind = 'gesture' AND g.name = ? ORDER BY v.version")  # fmt: skip
        return self._store.read(lambda connection: [row[0] for row in connection.execute(sql, (name,))])

    def rollback(self, name: str, version: int) -> GestureTemplate:
        """Bring back a gesture's samples and figures as they were in an earlier version; nothing is deleted.

        Raises
        ------
        LabelError
            There is no such gesture or version.
        """

        def roll_back(change: Change) -> None:
            found = existing_id(change, name)
            content = version_content(change, found, version)
            if content is None:
                raise LabelError(f"{name!r} has no version {version}; there are {self.versions(name)}")
            for row in sample_rows(change, found, kept_only=False):
                flag = content["samples"].get(row["id"])
                change.update("samples", row["id"], kept=int(flag is not None), outlying=int(flag or 0))
            change.update("gestures", found, version=version)

        self._write(f"roll {name!r} back to version {version}", roll_back)
        template = self.get_template(name)
        if template is None:
            raise LabelError(f"no gesture {name!r}; somebody deleted it meanwhile")
        return template

    # backups

    def backup(self) -> Path:
        """Make a backup now and return its file.

        Raises
        ------
        WriteError
            It could not be written.
        """
        with self._store.locked():
            folder = self._store.files.backups
            made = self._store.read(lambda connection: make_backup(connection, folder, self._clock()))
            prune(folder, most=self.MAX_BACKUP_COUNT, days=self.BACKUP_RETENTION_DAYS,
                  now_ns=self._clock())  # fmt: skip
        return made.path

    def list_backups(self) -> list[Backup]:
        """Return the backups, the oldest first."""
        return backups_in(self._store.files.backups)

    # around

    async def add_sample_async(self, name: str, sample: SampleLike) -> str:
        """As `add_sample`, in a thread: the event loop goes on."""
        return await asyncio.to_thread(self.add_sample, name, sample)

    async def save_async(self, name: str, samples: Sequence[SampleLike]) -> list[str]:
        """As `add_samples`, in a thread: the event loop goes on."""
        return await asyncio.to_thread(self.add_samples, name, samples)

    async def train_template_async(self, name: str, run_cross_validation: bool = True) -> GestureTemplate | None:
        """As `train_template`, in a thread: the event loop goes on."""
        return await asyncio.to_thread(self.train_template, name, run_cross_validation)

    def close(self) -> None:
        """Close it, after a backup of what changed since the last one. Without it nothing is lost either."""
        if self._finalizer.alive:
            with suppress(WriteError, DatabaseError):  # what was taught is safe without it
                if self._changed and self.revision > max((each.revision for each in self.list_backups()), default=-1):
                    self.backup()
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<GestureDatabase {self.folder}: {self._store.state}>"

    def _samples(self, name: str, kind: str) -> list[GestureSample]:
        def find(connection: Any) -> list[GestureSample]:
            found = gesture_id(connection, name, kind)
            return samples_of(sample_rows(connection, found)) if found else []

        return self._store.read(find)

    def _write(self, what: str, work: Callable[[Change], T], *, undoable: bool = True) -> T:
        result = self._store.write(what, work, undoable=undoable)
        self._changed = True
        self._backup_if_due()
        return result

    def _backup_if_due(self) -> None:
        """Make a backup when the last one is `AUTO_BACKUP_INTERVAL` old, or of the future: the clock was set back."""
        backups = self.list_backups()
        age_s = (self._clock() - backups[-1].time_ns) / 1e9 if backups else math.inf
        if not 0 <= age_s < self.AUTO_BACKUP_INTERVAL:
            try:
                self.backup()
            except (WriteError, DatabaseError) as error:
                _LOG.warning("no backup of the gesture database", folder=str(self.folder), cause=str(error))


def _checked_sample(sample: SampleLike, now_ns: int) -> GestureSample:
    """Return a sample with possible features.

    Raises
    ------
    InputError
    """
    if isinstance(sample, Mapping):
        sample = SensorFeatures.from_dict(sample)
    if isinstance(sample, SensorFeatures):
        sample = GestureSample(features=sample, created_ns=now_ns)
    if not isinstance(sample, GestureSample):
        raise InputError(f"a sample is {type(sample).__name__}; want a GestureSample, SensorFeatures or a dictionary")
    if sample.features is not None and (problems := sample.features.problems()):
        raise InputError(f"the sample's features are impossible: {'; '.join(problems)}; record it again")
    return replace(sample, outlying=False)
