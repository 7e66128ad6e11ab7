"""Time that is moved by hand, and time that cannot be moved."""

import asyncio
import time

import pytest

from motif.errors import ConfigError, InputError
from motif.sources import Backoff, Clock, ManualClock, SystemClock


def test_both_clocks_are_clocks():
    assert isinstance(ManualClock(), Clock)
    assert isinstance(SystemClock(), Clock)


def test_sleepers_wake_in_the_order_of_their_times_and_see_the_time_they_asked_for():
    async def run():
        clock, seen = ManualClock(0), []

        async def sleeper(name, *waits):
            for wait in waits:
                await clock.sleep(wait)
                seen.append((name, clock.time_ns() / 1e9))

        tasks = [asyncio.create_task(sleeper("a", 1, 1)), asyncio.create_task(sleeper("b", 1.5))]
        await clock.until_asleep(2)
        await clock.advance(1.9)
        assert seen == [("a", 1.0), ("b", 1.5)]
        assert clock.n_asleep == 1
        await clock.advance(0.1)
        assert seen[-1] == ("a", 2.0)
        await asyncio.gather(*tasks)

    asyncio.run(run())


def test_a_manual_clock_neither_runs_back_nor_waits_for_nothing():
    async def run():
        clock = ManualClock(5)
        await clock.sleep(0)
        await clock.sleep(-1)
        with pytest.raises(InputError, match="turn the clock back"):
            await clock.advance(-1)
        assert clock.time_ns() == 5

    asyncio.run(run())


def test_a_cancelled_sleeper_holds_nobody_up():
    async def run():
        clock = ManualClock(0)
        task = asyncio.create_task(clock.sleep(1))
        await clock.until_asleep()
        task.cancel()
        await clock.advance(2)
        assert clock.n_asleep == 0
        assert task.cancelled()

    asyncio.run(run())


def test_the_system_clock_ignores_that_the_machine_was_set_to_another_time(monkeypatch):
    clock = SystemClock()
    before = clock.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: before - 3600 * 10**9)
    assert before <= clock.time_ns() < before + 60 * 10**9
    asyncio.run(clock.sleep(-1))


def test_waits_grow_to_the_cap_keep_their_jitter_and_begin_again():
    backoff = Backoff(first_s=1, cap_s=10, jitter=0.5, random_state=0)
    waits = [backoff.next_s() for _ in range(50)]
    assert all(wait <= full for wait, full in zip(waits, [1, 2, 4, 8] + [10] * 46, strict=True))
    assert all(wait >= full / 2 for wait, full in zip(waits, [1, 2, 4, 8] + [10] * 46, strict=True))
    assert len(set(waits[4:])) == 46
    backoff.reset()
    assert backoff.next_s() <= 1


@pytest.mark.parametrize("wrong", [{"first_s": 0}, {"cap_s": 0.1}, {"factor": 0.5}, {"jitter": 2}])
def test_waits_that_cannot_be_are_refused(wrong):
    with pytest.raises(ConfigError, match="cannot be"):
        Backoff(**wrong)
