"""A source, the engine and actions together: bounded, in order, and alive whatever an action does."""

import asyncio
import contextlib
import json
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from tests.live import action_samples as samples
from tests.live.recognizers import Bumps, Turning
from tests.live.test_engine import START, STEP, heard, readings, turns

from motif.errors import ActionError, MotifError, WriteError
from motif.live import ActionMap, Decision, Engine, EngineConfig, Performer, Runner
from motif.live.actions import MemoryPort, MidiAction, MidiSettings, OscMessage
from motif.recordings import Annotation, Readings, read
from motif.sources import ManualClock, PhyphoxSource, ReplaySource, SourceHealth, SourceState, SystemClock
from motif.telemetry import Registry

MAP = """
actions:
  lights: {{type: osc, port: {port}}}
gestures:
  left: {{action: lights, send: {{address: /left, arguments: [$confidence]}}}}
  right: {{action: lights, send: {{address: /right}}}}
"""


class Given:
    """A source of what a test gives it."""

    name = "given"
    state = SourceState.CONNECTED

    def __init__(self, messages):
        self._messages = list(messages)
        self.closed = False

    async def open(self):
        pass

    async def close(self):
        self.closed = True

    async def __aiter__(self):
        for message in self._messages:
            yield message

    def health(self):
        return SourceHealth(state=self.state, message="given")

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        await self.close()


@pytest.mark.parametrize("dry", ["", "by option", "by the map"])
def test_gestures_end_in_messages_to_a_real_osc_server_unless_it_is_a_dry_run(dry):
    async def run():
        told = []
        async with samples.osc_world() as (where, server):
            runner = Runner(
                Given(readings(turns(0, 3, 0, -3, 0))),
                Engine(Turning()),
                ActionMap.from_yaml(MAP.format(**where) + f"dry_run: {str(dry == 'by the map').lower()}"),
                dry_run=dry == "by option",
                on_event=told.append,
                on_outcome=told.append,
            )
            await runner.run()
            got = [] if dry else await server.until(2)
        assert runner.source.closed
        return told, got, runner

    told, got, runner = asyncio.run(run())
    events, outcomes = told[::2], told[1::2]
    assert [event.gesture for event in events] == ["left", "right"]
    assert [outcome.status for outcome in outcomes] == ["planned" if dry else "done"] * 2
    assert outcomes[0].detail.endswith(f"/left {events[0].confidence}")
    assert json.loads(json.dumps(outcomes[0].to_dict()))["gesture"] == "left"
    assert [address for address, *_ in got] == ([] if dry else ["/left", "/right"])
    counters = runner.registry.counters
    assert counters["live.events"] == 2
    assert counters["live.samples"] == 500
    assert "2 gestures" in runner.health()
    if not dry:
        assert got[0][1] == pytest.approx(events[0].confidence)
        assert runner.registry.timings["live.sample_to_action"].count == 2


@pytest.mark.parametrize(("seconds", "is_said"), [(0.1, False), (1.0, True)])
def test_a_phone_that_gathers_samples_for_long_is_said_to_make_gestures_late(seconds, is_said):
    message = Readings(device="ann", channels=("gyr_z",), time_ns=[0, round(seconds * 1e9)], values=[[0.0], [0.0]])
    runner = Runner(Given([message]), Engine(Turning()))
    asyncio.run(runner.run())
    assert ("ann sends 1.0 s at once" in runner.health()) == is_said


def test_thousands_of_phones_that_came_and_went_are_neither_kept_nor_spoken_of():
    def message(i):
        return Readings(device=f"phone {i}", channels=("acc_x",), time_ns=[0, 10**9], values=[[0.0], [0.0]])

    async def run():
        clock = ManualClock()
        runner = Runner(Given(map(message, range(3000))), Engine(Turning(), EngineConfig(max_devices=20)), clock=clock)
        await runner.run()
        runner._take(message(0))
        assert "phone 0 gives no" in runner.health()
        assert runner.health().count("at once") == 3  # more would hide the rest
        await clock.advance(11)
        runner._take(message(7))
        return runner

    runner = asyncio.run(run())
    assert runner.health().count("gives no") == runner.health().count("at once") == 1
    assert "phone 7" in runner.health()
    assert len(runner._heard) == 20


def test_what_the_source_said_before_it_was_closed_is_known_after_the_run():
    async def run():
        runner = Runner(PhyphoxSource("http://127.0.0.1:1"), Engine(Turning()))
        show = asyncio.create_task(runner.run())
        while runner.source.state is not SourceState.RECONNECTING:
            await asyncio.sleep(0)
        await runner.stop()
        await show
        return runner

    runner = asyncio.run(run())
    assert runner.source.health().message == "stopped"
    assert "trying again in" in runner.last_health


@asynccontextmanager
async def running(rules, messages, actions, clock, **options):
    """Yield a runner whose actions are those given, and what it told; it runs to its end inside."""
    told = []
    runner = Runner(Given(messages), Engine(Turning()), rules, clock=clock, on_outcome=told.append, **options)
    runner._performer._actions.update(actions)
    task = asyncio.create_task(runner.run())
    try:
        yield runner, told, task
        await task
    finally:
        task.cancel()


class Slow:
    """An action that performs when it is let, and may fail."""

    def __init__(self, failing=()):
        self.began, self.let = asyncio.Event(), asyncio.Event()
        self.performed, self.released, self.closed = [], 0, 0
        self._failing = list(failing)

    async def open(self):
        pass

    async def perform(self, event, message):
        self.began.set()
        await self.let.wait()
        if self._failing:
            raise self._failing.pop(0)
        self.performed.append(event.gesture)

    def describe(self, message):
        return "slowly"

    async def release(self):
        self.released += 1

    async def close(self):
        self.closed += 1


def rules(extra="", more=""):
    text = MAP.format(port=9).replace("{address: /left, arguments: [$confidence]}", "{address: /left}" + extra) + more
    return ActionMap.from_yaml(text)


def test_an_action_that_fails_is_told_and_the_next_gesture_is_performed():
    async def run():
        action = Slow([ActionError("no luck"), ZeroDivisionError("a bug")])
        action.let.set()
        async with running(rules(), readings(turns(0, 3, 0, -3, 0, 3, 0)), {"lights": action}, SystemClock()) as (
            _,
            told,
            _,
        ):
            pass
        return [(outcome.status, outcome.detail) for outcome in told], action

    told, action = asyncio.run(run())
    assert told == [("failed", "no luck"), ("failed", "ZeroDivisionError: a bug"), ("done", "slowly")]
    assert action.performed == ["left"]
    assert action.closed == 1


def test_a_stuck_action_drops_and_counts_what_comes_beyond_its_lane():
    async def run():
        action = Slow()
        many = ActionMap.from_yaml(
            "actions: {lights: {type: osc, port: 9}}\ngestures: {left: ["
            + ", ".join(["{action: lights, send: {address: /a}}"] * 80)
            + "]}"
        )
        async with running(many, readings(turns(0, 3, 0)), {"lights": action}, SystemClock()) as (runner, *_):
            await action.began.wait()
            assert runner.registry.counters["live.actions.dropped"] >= 15
            assert "actions not done" in runner.health()
            action.let.set()
        return runner.registry.counters

    counters = asyncio.run(run())
    assert counters["live.actions.dropped"] + counters["live.actions.done"] == 80
    assert counters["live.actions.done"] in (64, 65)


def test_of_gestures_that_wait_for_their_bar_only_so_many_are_kept(monkeypatch):
    monkeypatch.setattr("motif.live._performer._WAITING", 3)

    async def run():
        action, clock = Slow(), ManualClock()
        action.let.set()
        rule = "{action: lights, send: {address: /a}, when: bar}"
        many = ActionMap.from_yaml(
            f"actions: {{lights: {{type: osc, port: 9}}}}\ngestures: {{left: [{', '.join([rule] * 5)}]}}"
        )
        async with running(many, readings(turns(0, 3, 0)), {"lights": action}, clock) as (runner, told, _):
            runner.conductor.tempo.set(60, phase_ns=clock.time_ns() - 10**9)
            await clock.until_asleep(3)
            assert [outcome.status for outcome in told] == ["dropped"] * 2
            await clock.advance(3)
        return runner.registry.counters["live.actions.done"]

    assert asyncio.run(run()) == 3


def test_what_waits_for_its_bar_is_performed_on_it_and_before_the_end():
    async def run():
        clock, port = ManualClock(), MemoryPort()
        midi = MidiAction(MidiSettings(), clock=clock, port=lambda name, virtual: port)
        on_the_bar = ActionMap.from_yaml(
            "actions: {synth: {type: midi}}\ngestures: {left: {action: synth, send: {control: 7}, when: bar}}\n"
            "tempo: {bpm: 60}"
        )
        async with running(on_the_bar, readings(turns(0, 3, 0)), {"synth": midi}, clock) as (runner, told, task):
            runner.conductor.tempo.set(60, phase_ns=clock.time_ns() - 10**9)
            await clock.until_asleep()
            await clock.advance(2.9)
            assert port.messages == []
            assert not task.done()
            await clock.advance(0.1)
        (outcome,) = told
        assert len(port.messages) == 1
        assert (outcome.status, outcome.after_s) == ("done", 0.0)  # from when it was due

    asyncio.run(run())


@pytest.mark.parametrize(("busy_s", "status"), [(0.9, "done"), (1.1, "dropped")])
def test_what_waited_for_its_beat_is_not_done_when_the_next_one_is_there(busy_s, status):
    async def run():
        told, action, clock = [], Slow(), ManualClock()
        performer = Performer({"synth": action}, clock=clock, registry=Registry(), tell=told.append)
        await performer.open()
        now = Decision(samples.EVENT, "synth", OscMessage(address="/a"), due_ns=0)
        performer.submit(now, 0)
        await action.began.wait()
        beat_ns = clock.time_ns()
        performer.submit(replace(now, due_ns=beat_ns, too_late_ns=beat_ns + 10**9), 0)
        await clock.advance(busy_s)
        action.let.set()
        await performer.drain()
        await performer.close()
        return [outcome.status for outcome in told]

    assert asyncio.run(run()) == ["done", status]


def test_panic_interrupts_drops_releases_and_mutes():
    async def run():
        action, clock = Slow(), ManualClock()
        at_once, on_the_bar = (
            "{action: lights, send: {address: /a}}",
            "{action: lights, send: {address: /b}, when: bar}",
        )
        several = ActionMap.from_yaml(
            f"actions: {{lights: {{type: osc, port: 9}}}}\ngestures: {{left: [{at_once}, {at_once}, {on_the_bar}]}}"
        )
        async with running(several, readings(turns(0, 3, 0)), {"lights": action}, clock) as (runner, told, _):
            runner.conductor.tempo.set(60, phase_ns=clock.time_ns() - 10**9)
            await asyncio.gather(action.began.wait(), clock.until_asleep())
            await asyncio.gather(runner.panic(), runner.panic())
            assert action.released == 2
            assert runner.conductor.is_muted
            assert "muted" in runner.health()
            assert [outcome.status for outcome in told] == ["dropped"] * 3
            assert sorted(outcome.detail for outcome in told) == ["interrupted", "panic", "panic"]
            runner.resume()
            assert not runner.conductor.is_muted
            action.let.set()
            await clock.advance(10)
        assert "motif-lights" not in {task.get_name() for task in asyncio.all_tasks()}
        return action.performed, len(told)

    assert asyncio.run(run()) == ([], 3)


def test_a_panic_lets_go_of_everything_though_one_action_cannot_and_another_is_slow_to_stop():
    class Broken(Slow):
        async def release(self):
            raise RuntimeError("the display is gone")

    class Stubborn(Slow):
        async def perform(self, event, message):
            self.began.set()
            while not self.let.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await self.let.wait()

    async def run():
        told, actions = [], {"broken": Broken(), "stubborn": Stubborn(), "good": Slow()}
        performer = Performer(actions, clock=SystemClock(), registry=Registry(), tell=told.append)
        await performer.open()
        later = Decision(samples.EVENT, "broken", OscMessage(address="/a"), due_ns=0)
        performer.submit(replace(later, action="stubborn"), 0)
        await actions["stubborn"].began.wait()
        panic = asyncio.create_task(performer.panic())
        asyncio.get_running_loop().call_later(5, actions["stubborn"].let.set)
        while not (actions["good"].released or panic.done()):
            await asyncio.sleep(0)
        assert not actions["stubborn"].let.is_set()
        actions["stubborn"].let.set()
        await panic
        assert actions["stubborn"].released == 1
        actions["broken"].let.set()
        performer.submit(later, 0)
        async with asyncio.timeout(20):
            await performer.drain()
        await performer.close()
        return told[-1].decision.action, told[-1].status

    assert asyncio.run(run()) == ("broken", "done")


@pytest.mark.parametrize(("least", "rest"), [(0.5, ["done", "refused"]), (1.0, ["refused", "done"])])
def test_a_gesture_can_be_the_panic_where_it_is_sure_enough(least, rest):
    async def run():
        action = Slow()
        action.let.set()
        text = "\n".join(
            [
                "actions: {lights: {type: osc, port: 9}}",
                "gestures: {left: {action: lights, send: {address: /a}}}",
                f"panic: {{gesture: right, min_confidence: {least}}}",
            ]
        )
        messages = readings(turns(0, 3, 0, -3, 0, 3, 0))
        async with running(ActionMap.from_yaml(text), messages, {"lights": action}, SystemClock()) as (_, told, _):
            pass
        return action, [(outcome.decision.action, outcome.status) for outcome in told]

    action, told = asyncio.run(run())
    assert told == list(zip(["lights", "panic", "lights"], ["done", *rest], strict=True))
    assert action.released == rest.count("done") - (least == 1.0)


def test_a_panic_at_the_very_end_has_let_go_before_anything_is_closed():
    class Letting(Slow):
        async def release(self):
            await asyncio.sleep(0)
            assert not self.closed
            await super().release()

    async def run():
        action = Letting()
        panic = ActionMap.from_yaml("actions: {lights: {type: osc, port: 9}}\npanic: {gesture: left}")
        async with running(panic, readings(turns(0, 3)), {"lights": action}, SystemClock()):
            pass
        return action.released, action.closed

    assert asyncio.run(run()) == (1, 1)


def test_a_gesture_under_way_when_the_source_ends_is_told():
    told = []
    times = START + STEP * np.arange(10)
    last = Readings(device="watch", channels=("acc_x",), time_ns=times, values=np.full((10, 1), 2.0))
    asyncio.run(Runner(Given([last]), Engine(Bumps()), on_event=told.append).run())
    assert [event.gesture for event in told] == ["bump"]


def test_stopping_ends_the_run_after_the_readings_at_hand():
    async def run():
        runner = Runner(Given(readings(turns(*[0] * 50))), Engine(Turning()))

        async def stop_soon():
            await asyncio.sleep(0)
            await runner.stop()

        await asyncio.gather(runner.run(), stop_soon())
        return runner

    runner = asyncio.run(run())
    assert runner.source.closed
    assert 0 < runner.registry.counters["live.samples"] < 5000


def test_an_action_that_is_not_there_ends_the_run_before_it_began():
    class Absent(Slow):
        async def open(self):
            raise ActionError("no synthesizer")

    async def run():
        absent = Absent()
        with pytest.raises(ActionError, match="no synthesizer"):
            async with running(rules(), [], {"lights": absent}, SystemClock()):
                pass
        return absent

    assert asyncio.run(run()).closed == 1


def test_a_run_that_was_recorded_replays_to_the_same_events(tmp_path):
    signal = np.random.default_rng(5).normal(size=900).cumsum() / 3
    messages = list(readings(signal, device="left/phone"))
    messages.append(
        Readings(
            device="left/phone",
            channels=("temperature",),
            time_ns=messages[0].time_ns,
            values=np.ones((10, 1)),
            annotations=(Annotation(1, 2, "now"),),
        )
    )

    def ran(source, **options):
        told = []
        asyncio.run(Runner(source, Engine(Turning()), on_event=told.append, **options).run())
        return told

    live = ran(Given(messages), record=tmp_path / "raw")
    assert live == heard(Engine(Turning()), messages)
    assert len(live) > 2
    paths = sorted(path.name for path in (tmp_path / "raw").iterdir())
    assert paths == ["left_phone-2.parquet", "left_phone.parquet"]
    for speed in (None, None):  # as often as one likes
        assert ran(ReplaySource(tmp_path / "raw/left_phone.parquet", speed=speed, chunk_s=0.03)) == live
    assert read(tmp_path / "raw/left_phone-2.parquet").annotations == (Annotation(1, 2, "now"),)
    assert ran(Given(messages[:2]), record=tmp_path / "raw") == []
    assert (tmp_path / "raw/left_phone-3.parquet").exists()  # what was there stays


def test_readings_the_engine_refuses_are_counted_and_the_run_goes_on():
    class Picky(Turning):
        def predict_proba(self, X):
            if np.asarray(X).max() > 100:
                raise MotifError("too fast for me")
            return super().predict_proba(X)

    async def run():
        told = []
        runner = Runner(
            Given([*readings(turns(0, 200, 0)), *readings(turns(0, 3, 0), device="watch")]),
            Engine(Picky()),
            on_event=told.append,
        )
        await runner.run()
        return told, runner.registry.counters

    told, counters = asyncio.run(run())
    assert counters["live.readings_refused"] > 0
    assert [event.device for event in told] == ["watch"]


def test_a_full_disk_loses_the_recording_and_not_the_show(tmp_path):
    class Full:
        def append(self, readings):
            raise WriteError("raw", OSError(28, "no space left"))

        def close(self):
            return ()

    async def run():
        told = []
        runner = Runner(
            Given(readings(turns(0, 3, 0))),
            Engine(Turning()),
            record=tmp_path,
            on_event=told.append,
            registry=Registry(),
        )
        runner._journals = Full()
        await runner.run()
        return told, runner.registry.counters

    told, counters = asyncio.run(run())
    assert len(told) == 1
    assert counters["live.not_recorded"] == 300
