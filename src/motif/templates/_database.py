"""`GestureDatabase`: what was taught, on disk, in versions, with backups."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from motif.errors import InputError, LabelError
from motif.templates._archive import ArchivedGesture, write_archive
from motif.templates._database_archive import archived, read_gestures, unpack
from motif.templates._database_changes import Change
from motif.templates._database_rows import (
    BACKGROUND,
    add_samples,
    add_version,
    checked_name,
    ensure_gesture,
    existing_id,
    gesture_id,
    gesture_ids,
    gesture_names,
    sample_rows,
    samples_of,
    template_of,
    version_content,
)
from motif.templates._database_upkeep import Upkeep
from motif.templates._sample import GestureSample
from motif.templates._sensor_features import SensorFeatures
from motif.templates._template import GestureTemplate

__all__ = ["GestureDatabase", "SampleLike"]

SampleLike = GestureSample | SensorFeatures | Mapping[str, Any]
"""A sample, or its features alone."""


class GestureDatabase(Upkeep):
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

    MIN_TRAINING_SAMPLES: int = 3
    """With fewer, `train_template` returns None."""

    # reading

    def list_templates(self) -> list[str]:
        """Return the names of all gestures, sorted."""
        return self._store.read(gesture_names)

    def gesture_ids(self) -> dict[str, str]:
        """Return the id of each gesture by its name; it stays when the gesture gets another name."""
        return self._store.read(gesture_ids)

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
        many = "a sample" if len(checked) == 1 else f"{len(checked)} samples"
        return self._write(f"add {many} to {name!r}",
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
        from motif.templates._database_quality import judged  # it brings the recognizer's kernels

        mine = self.samples(name)
        if len(mine) < self.MIN_TRAINING_SAMPLES:
            return None
        taught = {other: self.samples(other, outlying=False) for other in self.list_templates()} | {name: mine}
        far, figures = judged(name, taught, run_cross_validation=run_cross_validation)
        flags = {sample.sample_id: int(flag) for sample, flag in zip(mine, far, strict=True)}

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

    # handing on

    def export_template(self, name: str, path: str | Path) -> Path:
        """Write a gesture with its samples to a `.json` or a `.zip` and return the path.

        Raises
        ------
        LabelError, InputError, WriteError
            There is no such gesture, the path ends otherwise, or it cannot be written.
        """
        self._store.read(lambda connection: existing_id(connection, name))
        write_archive(path, self._store.read(lambda connection: archived(connection, [name])))
        return Path(path)

    def export_all(self, path: str | Path) -> Path:
        """Write all gestures, and recordings of ordinary movement, to a `.json` or a `.zip` and return the path."""
        write_archive(path, self._store.read(archived))
        return Path(path)

    def import_template(self, path: str | Path) -> GestureTemplate:
        """Take in the gesture of a file that `export_template` wrote, or of a `templates.json`, and return it.

        A gesture that is there already gets the samples it does not have.

        Raises
        ------
        FormatError, MissingFileError
            It is damaged, was altered, or is no such file; nothing is taken in.
        InputError
            It holds several gestures, or none.
        """
        found = read_gestures(Path(path))
        if len(found) != 1:
            raise InputError(f"{path} holds {len(found)} gestures; take them in by import_all")
        return self._take_in(found)[0]

    def import_all(self, path: str | Path) -> list[GestureTemplate]:
        """Take in all gestures of a file, as `import_template` does with one, all or none of them."""
        return self._take_in(read_gestures(Path(path)))

    # in an event loop

    async def add_sample_async(self, name: str, sample: SampleLike) -> str:
        """As `add_sample`, in a thread: the event loop goes on."""
        return await asyncio.to_thread(self.add_sample, name, sample)

    async def save_async(self, name: str, samples: Sequence[SampleLike]) -> list[str]:
        """As `add_samples`, in a thread: the event loop goes on."""
        return await asyncio.to_thread(self.add_samples, name, samples)

    async def train_template_async(self, name: str, run_cross_validation: bool = True) -> GestureTemplate | None:
        """As `train_template`, in a thread: the event loop goes on."""
        return await asyncio.to_thread(self.train_template, name, run_cross_validation)

    def _take_in(self, gestures: Sequence[ArchivedGesture]) -> list[GestureTemplate]:
        names = [gesture.name for gesture in gestures if gesture.kind != BACKGROUND]

        def put(change: Change) -> None:
            for gesture in gestures:
                unpack(change, gesture)

        self._write(f"import {', '.join(map(repr, names))}", put)
        return [template for name in names if (template := self.get_template(name)) is not None]

    def _samples(self, name: str, kind: str) -> list[GestureSample]:
        def find(connection: Any) -> list[GestureSample]:
            found = gesture_id(connection, name, kind)
            return samples_of(sample_rows(connection, found)) if found else []

        return self._store.read(find)


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
