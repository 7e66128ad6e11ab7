"""A take is two seconds of the device's time, whatever its clock shows and however late it sends."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.templates.gesture_samples import readings

from motif.recordings import Readings
from motif.sources import ManualClock
from motif.templates import GestureRecorder
from motif.terminal import TakeCutter

STEP_NS = 10_000_000


async def send(hear, clock, *, batch_s, delays_s, ahead_ns):
    """Shake, and send what was gathered every `batch_s`, each time another delay late."""
    measured_ns = clock.time_ns()
    for delay_s in delays_s:
        await clock.sleep(batch_s)
        times = np.arange(measured_ns, clock.time_ns() - round(delay_s * 1e9), STEP_NS)
        if len(times):
            measured_ns = int(times[-1]) + STEP_NS
            phase = (times % 10**12)[:, None] / 1e9 * np.arange(9, 15) + np.arange(6)
            for each in readings(times + ahead_ns, 3 * np.sin(phase), chunk=len(times)):
                hear(each)


async def drive(clock, *tasks):
    while not all(task.done() for task in tasks):
        await clock.until_asleep()
        await clock.advance(0.01)
    return [task.result() for task in tasks]


async def played(*, batch_s, delays_s, ahead_ns=0):
    """Return when "now" was said, the sample, and how long after its end it was there."""
    clock = ManualClock()
    recorder = GestureRecorder(auto_save=False, now_ns=clock.time_ns)
    cutter = TakeCutter(recorder, clock)

    async def take():
        await cutter.has_heard.wait()
        await clock.sleep(1.23)
        now_ns = clock.time_ns()
        async with cutter.cutting("wave", 2.0):
            await clock.sleep(2.0)
        return now_ns, recorder.stop_recording(), (clock.time_ns() - now_ns) / 1e9 - 2.0

    phone = asyncio.create_task(send(cutter.hear, clock, batch_s=batch_s, delays_s=delays_s, ahead_ns=ahead_ns))
    ((now_ns, sample, late_s),) = await drive(clock, asyncio.create_task(take()))
    phone.cancel()
    assert sample is not None, recorder.problem
    return now_ns, sample, late_s


@given(
    batch_s=st.sampled_from([0.01, 0.1, 0.37, 1.0, 1.3]),
    seed=st.integers(0, 9),
    ahead_ns=st.integers(-(10**17), 10**17),
)
def test_a_take_is_what_the_device_measured_from_now_on(batch_s, seed, ahead_ns):
    delays_s = np.random.default_rng(seed).uniform(0, 0.1, 2000)
    now_ns, sample, late_s = asyncio.run(played(batch_s=batch_s, delays_s=delays_s, ahead_ns=ahead_ns))
    assert -0.12 < (sample.created_ns - ahead_ns - now_ns) / 1e9 < 0.02
    assert sample.n_samples == pytest.approx(200, abs=2)
    assert late_s <= batch_s + 0.2


def test_a_phone_that_falls_silent_is_waited_for_no_longer_than_patience_lasts():
    _, sample, late_s = asyncio.run(played(batch_s=0.1, delays_s=[0.0] * 20))
    assert sample.n_samples < 100
    assert late_s == pytest.approx(1.5, abs=0.1)


def test_a_device_that_speaks_up_during_the_take_is_cut_by_its_own_clock():
    async def run():
        clock = ManualClock()
        recorder = GestureRecorder(auto_save=False)
        cutter = TakeCutter(recorder, clock)
        async with cutter.cutting("wave", 1.0):
            await drive(
                clock,
                asyncio.create_task(send(cutter.hear, clock, batch_s=0.5, delays_s=[0.0] * 3, ahead_ns=10**15)),
            )
        return recorder.stop_recording()

    assert asyncio.run(run()).n_samples == pytest.approx(100, abs=2)


def test_a_take_that_is_interrupted_is_given_up(tmp_path):
    async def run():
        recorder = GestureRecorder(session_dir=tmp_path)
        with pytest.raises(KeyboardInterrupt):
            async with TakeCutter(recorder, ManualClock()).cutting("wave", 1.0):
                raise KeyboardInterrupt
        return recorder

    recorder = asyncio.run(run())
    assert not recorder.is_recording
    assert recorder.recover() == []


def test_thousands_of_phones_that_came_and_went_are_forgotten_and_the_one_that_is_there_is_not():
    clock = ManualClock()
    cutter = TakeCutter(GestureRecorder(auto_save=False, now_ns=clock.time_ns), clock)
    for guest in range(3000):
        for device in ("host", f"guest {guest}"):
            cutter.hear(Readings(device=device, channels=("acc_x",), time_ns=[guest], values=[[0.0]]))
    assert len(cutter._ahead_ns) == len(cutter._sensors) == 256
    assert len(cutter._ahead_ns["host"]) == 20
