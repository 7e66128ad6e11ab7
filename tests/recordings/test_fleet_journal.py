"""Many devices in shared journals: each gets back what it sent, also after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.errors import InputError, WriteError
from motif.recordings import FleetJournal, Readings, Recording, by_device, by_session, finish, interrupted, read
from motif.recordings._recording import Annotation

GYR, ACC = ("gyr_x", "gyr_y", "gyr_z"), ("linear_acc_x", "linear_acc_y", "linear_acc_z")

NAMES = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=8)


def readings(device: str, first: int, n: int, channels: tuple[str, ...] = GYR) -> Readings:
    values = np.arange(first, first + n)[:, None] + np.arange(3) / 10
    return Readings(device=device, channels=channels, time_ns=np.arange(first, first + n) * 10**7 + 1, values=values)


@settings(max_examples=15, deadline=None)
@given(said=st.lists(st.tuples(NAMES, st.integers(1, 5), st.sampled_from([GYR, ACC])), min_size=1, max_size=12))
def test_each_device_gets_back_what_it_sent_in_its_order(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, int, tuple[str, ...]]]
) -> None:
    sent = [readings(device, 10 * i, n, channels) for i, (device, n, channels) in enumerate(said)]
    with FleetJournal(tmp_path_factory.mktemp("fleet") / "stored") as journal:
        for each in sent:
            journal.append(each)
    stored = {recording.channels: by_device(recording) for recording in map(read, journal.close())}
    stored = {channels[:-1]: apart for channels, apart in stored.items()}
    assert journal.acknowledged == sum(each.n_samples for each in sent)
    for device, channels in {(each.device, each.channels) for each in sent}:
        own = [each for each in sent if (each.device, each.channels) == (device, channels)]
        found = stored[channels][device]
        np.testing.assert_array_equal(found.values, np.concatenate([each.values for each in own]))
        np.testing.assert_array_equal(found.time_ns, np.concatenate([each.time_ns for each in own]))
        assert found.subject == device


def test_marks_stay_with_the_device_they_were_set_on(tmp_path: Path) -> None:
    mark = Annotation(5, 9, "device 0 is another")
    with FleetJournal(tmp_path) as journal:
        journal.append(readings("a", 0, 1))
        marked = Readings(device="b", channels=GYR, time_ns=[1], values=[[0.0, 0.0, 0.0]], annotations=(mark,))
        journal.append(marked)
    apart = by_device(read(tmp_path / "gyr.parquet"))
    assert apart["a"].annotations == ()
    assert apart["b"].annotations == (mark,)


def test_sessions_stand_apart_and_a_device_has_its_rows_in_their_order(tmp_path: Path) -> None:
    def sent(session: str, first: int, device: str = "a") -> Readings:
        return replace(readings(device, first, 2), session=session)

    with FleetJournal(tmp_path, samples_per_part=6) as journal:
        for each in (sent("walk", 0), sent("", 0, "b"), sent("run", 2), sent("walk", 4), sent("run", 6)):
            journal.append(each)
    parts = [read(path) for path in journal.close()]
    assert len(parts) == 2
    apart = by_session(*parts)
    assert {key: found.values[:, 0].tolist() for key, found in apart.items()} == {
        ("a", "walk"): [0, 1, 4, 5],
        ("a", "run"): [2, 3, 6, 7],
        ("b", ""): [0, 1],
    }
    assert {(found.subject, found.session) for found in apart.values()} == set(apart)
    whole = by_device(*parts)
    np.testing.assert_array_equal(whole["a"].values, readings("a", 0, 8).values)
    assert (whole["a"].session, whole["b"].session) == ("", "")


def test_marks_that_came_by_themselves_are_given_to_the_devices_and_sessions_they_are_of(tmp_path: Path) -> None:
    def marked(device: str, session: str, label: str) -> Readings:
        nothing = {"time_ns": np.empty(0, np.int64), "values": np.empty((0, 1))}
        mark = Annotation(5, 9, label)
        return Readings(device=device, channels=("annotation",), session=session, annotations=(mark,), **nothing)

    with FleetJournal(tmp_path) as journal:
        for session in ("one", "two"):
            journal.append(replace(readings("a", 0, 1), session=session))
            journal.append(marked("a", session, f"turn {session}"))
        journal.append(marked("silent", "", "nobody moved"))
        journal.append(readings("b", 0, 1))
    gyr, marks = read(tmp_path / "gyr.parquet"), read(tmp_path / "annotation.parquet")
    apart = by_session(marks, gyr)
    labels = {key: [mark.label for mark in found.annotations] for key, found in apart.items()}
    assert labels == {("a", "one"): ["turn one"], ("a", "two"): ["turn two"], ("b", ""): []}
    assert [mark.label for mark in by_device(gyr, marks)["a"].annotations] == ["turn one", "turn two"]
    assert by_device(marks)["silent"].annotations[0].label == "nobody moved"


def test_a_recording_that_is_long_enough_is_finished_and_the_next_begun(tmp_path: Path) -> None:
    with FleetJournal(tmp_path, samples_per_part=10) as journal:
        for i in range(5):
            journal.append(readings("a", 5 * i, 5))
    assert [path.name for path in journal.close()] == ["gyr.parquet", "gyr-2.parquet", "gyr-3.parquet"]
    parts = [by_device(read(path))["a"].n_samples for path in journal.close()]
    assert parts == [10, 10, 5]
    whole = by_device(*map(read, journal.close()))["a"]
    np.testing.assert_array_equal(whole.values, readings("a", 0, 25).values)


def test_devices_that_send_ever_new_kinds_of_sensors_do_not_take_all_files(tmp_path: Path) -> None:
    kinds = [tuple(f"sensor{i}_{axis}" for axis in "xyz") for i in range(4)]
    with FleetJournal(tmp_path, journals_at_once=2) as journal:
        for channels in (*kinds, kinds[0]):
            journal.append(readings("a", 0, 3, channels))
    found = {path.name: by_device(read(path))["a"].n_samples for path in journal.close()}
    assert found == dict.fromkeys([f"sensor{i}.parquet" for i in range(4)] + ["sensor0-2.parquet"], 3)


def test_what_is_there_already_stays(tmp_path: Path) -> None:
    for _ in range(2):
        with FleetJournal(tmp_path) as journal:
            journal.append(readings("a", 0, 1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gyr-2.parquet", "gyr.parquet"]


def test_a_device_whose_name_could_not_be_written_has_no_rows_without_a_name(tmp_path: Path) -> None:
    with FleetJournal(tmp_path) as journal:
        for _ in range(2):
            with pytest.raises(InputError, match="UTF-8"):
                journal.append(readings("\ud800", 0, 3))
        journal.append(readings("a", 0, 2))
    stored = read(tmp_path / "gyr.parquet")
    assert stored.n_samples == by_device(stored)["a"].n_samples == 2


def test_what_could_not_be_finished_is_finished_by_closing_again(tmp_path: Path) -> None:
    journal = FleetJournal(tmp_path)
    journal.append(readings("a", 0, 5))
    (tmp_path / "gyr.parquet" / "in the way").mkdir(parents=True)
    with pytest.raises(WriteError):
        journal.close()
    with pytest.raises(InputError, match="closed"):
        journal.append(readings("a", 5, 1))
    (tmp_path / "gyr.parquet" / "in the way").rmdir()
    (tmp_path / "gyr.parquet").rmdir()
    assert [read(path).n_samples for path in journal.close()] == [5]


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with FleetJournal(tmp_path / "file") as journal, pytest.raises(WriteError, match="file"):
        journal.append(readings("a", 0, 1))


def test_after_a_kill_all_that_was_acknowledged_stands(tmp_path: Path) -> None:
    code = (
        "import sys, threading\n"
        "from tests.recordings.test_fleet_journal import readings\n"
        "from motif.recordings import FleetJournal\n"
        f"journal = FleetJournal({str(tmp_path)!r})\n"
        "for i in range(40):\n"
        "    journal.append(readings(f'phone {i % 4}', i, 1))\n"
        "while journal.acknowledged < 40:\n"
        "    threading.Event().wait(0.01)\n"
        "print('on the disk', flush=True)\n"
        "threading.Event().wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "on the disk\n"
        writer.send_signal(signal.SIGKILL)
    (left,) = interrupted(tmp_path)
    finish(left)
    apart = by_device(read(tmp_path / "gyr.parquet"))
    assert {name: found.n_samples for name, found in apart.items()} == {f"phone {k}": 10 for k in range(4)}


def test_any_other_recording_is_not_taken_apart() -> None:
    walk = Recording(values=np.zeros((1, 1)), time_ns=np.array([0]), channels=("gyr_x",), units=("rad/s",))
    with pytest.raises(InputError, match="FleetJournal"):
        by_device(walk)
