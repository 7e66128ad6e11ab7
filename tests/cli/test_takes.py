"""Takes by a countdown, on a clock that is moved by hand."""

from dataclasses import replace

import pytest
from tests.terminal.performer import Performer

from motif.cli._takes import by_countdown
from motif.errors import SourceError
from motif.sources import ManualClock
from motif.templates import GestureDatabase, GestureRecorder


class Phone(Performer):
    """It moves the clock itself, makes a push after each countdown, and may stop or fail after some seconds."""

    def __init__(self, batch_s=0.1, stops_s=1e9, failure=None):
        self.clock = ManualClock()
        super().__init__(self.clock, ["push"], batch_s=batch_s)
        self._stops_ns = self.clock.time_ns() + stops_s * 1e9
        self._failure = failure

    async def _open(self):
        await super()._open()
        self._run(self._move_time())

    async def _move_time(self):
        while True:
            await self.clock.until_asleep()
            await self.clock.advance(0.1)

    def _put(self, readings):
        if self.clock.time_ns() < self._stops_ns:
            super()._put(readings)
        elif self._failure:
            self._buffer.close()

    async def __aiter__(self):
        async for readings in super().__aiter__():
            yield readings
        if self._failure:
            raise self._failure


@pytest.fixture
def recorder(tmp_path):
    with GestureDatabase(tmp_path / "db") as database:
        yield GestureRecorder(database=database, session_dir=tmp_path / "sessions")


def teach(phone, recorder, samples=2):
    return by_countdown(phone, recorder, "push", samples, 2.0, 3.0, phone.clock)


@pytest.mark.parametrize("batch_s", [0.1, 1.0])
def test_takes_are_whole_whether_the_phone_sends_at_once_or_every_second(recorder, batch_s):
    phone = Phone(batch_s)
    for in_s in (batch_s + 3.3, batch_s + 9.5):
        phone.plan("push", in_s)
    teach(phone, recorder, samples=1)
    (sample,) = recorder.database.samples("push")
    assert sample.n_samples == pytest.approx(200, abs=2)


class TwoPhones(Phone):
    """Bob's sends what ann's does, a little later."""

    def _put(self, readings):
        super()._put(replace(readings, device="an\x1bn"))
        super()._put(replace(readings, device="bob"))


def test_of_two_phones_it_is_said_whose_motion_was_kept(recorder, capsys):
    for phone, said in ((Phone(), "kept\n"), (TwoPhones(), "kept, from ann\n")):
        phone.plan("push", in_s=3.4)
        teach(phone, recorder, samples=recorder.metrics.takes_kept + 1)
        assert said in capsys.readouterr().err


def test_a_phone_that_stopped_is_told_with_its_health(recorder, capsys):
    ended = teach(Phone(stops_s=2), recorder)
    said = capsys.readouterr().err
    assert said.count("not kept: 0 readings came") == 3
    assert said.count("does the device still send?") >= 3
    assert ended.health.startswith("stopped ")
    assert not ended.by_signal


def test_what_the_source_raises_is_raised_and_the_take_is_given_up(recorder):
    with pytest.raises(SourceError, match="unplugged"):
        teach(Phone(stops_s=4, failure=SourceError("the phone was unplugged")), recorder)
    assert not recorder.is_recording
    assert recorder.recover() == []
