"""Events depend on a device's readings and nothing else."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.live.recognizers import Bumps, Turning

from motif.errors import ConfigError
from motif.live import Agreement, Engine, EngineConfig
from motif.recordings import Readings

START = 1_700_000_000_000_000_000
STEP = 10_000_000
ACC, GYR = ("acc_x", "acc_y", "acc_z"), ("gyr_x", "gyr_y", "gyr_z")


def turns(*rates, seconds=0.5):
    """Return gyr_x at 100 Hz: each rate for half a second."""
    return np.repeat(rates, int(seconds * 100)).astype(float)


def readings(signal, *, device="phone", start_ns=START, size=10):
    """Return accelerometer and gyroscope in turn, `size` samples at a time."""
    for at in range(0, len(signal), size):
        piece = signal[at : at + size]
        times = start_ns + STEP * np.arange(at, at + len(piece))
        still = np.tile([0.0, 0.0, 9.81], (len(piece), 1))
        yield Readings(device=device, channels=ACC, time_ns=times, values=still)
        yield Readings(device=device, channels=GYR, time_ns=times, values=np.outer(piece, [1.0, 0.0, 0.0]))


def heard(engine, messages):
    return [*itertools.chain.from_iterable(engine.step(each) for each in messages), *engine.flush()]


def test_windows_that_agree_tell_each_gesture_once():
    events = heard(Engine(Turning()), readings(turns(0, 3, 0, -3, 0, 3, 0)))
    assert [event.gesture for event in events] == ["left", "right", "left"]
    for event, start_s in zip(events, (0.5, 1.5, 2.5), strict=True):
        assert START + start_s * 1e9 - 0.1e9 < event.start_ns < event.end_ns <= event.decided_ns
        assert event.decided_ns < START + (start_s + 0.5) * 1e9
        assert event.delay_s == pytest.approx((event.decided_ns - event.end_ns) / 1e9)
        assert 0.5 < event.confidence <= 1
        assert event.to_dict()["gesture"] == event.gesture


@settings(max_examples=15)
@given(size=st.integers(1, 200), seed=st.integers(0, 100))
def test_chunks_do_not_show_and_a_replay_equals_the_live_run(size, seed):
    signal = np.random.default_rng(seed).normal(size=400).cumsum() / 3
    engine = Engine(Turning())
    live = heard(engine, readings(signal, size=1))
    assert heard(engine, readings(signal, size=size)) == live
    assert heard(Engine(Turning()), readings(signal, size=size)) == live


def test_devices_do_not_hear_each_other():
    signals = {"left": turns(0, 3, 0, 3, 0), "right": turns(0, -3, 0, 0, 0)}
    alone = [event for name in signals for event in heard(Engine(Turning()), readings(signals[name], device=name))]
    mixed = zip(*(readings(signal, device=name) for name, signal in signals.items()), strict=True)
    together = heard(Engine(Turning()), itertools.chain.from_iterable(mixed))
    assert sorted(together, key=lambda event: (event.device, event.start_ns)) == alone
    assert {event.gesture for event in alone if event.device == "right"} == {"right"}


def test_a_spotter_is_followed_through_gaps_and_jumps_of_the_clock():
    bump = turns(0, 2, 0, seconds=0.1)

    def acc(signal, start_ns):
        times = start_ns + STEP * np.arange(len(signal))
        return Readings(device="watch", channels=("acc_x",), time_ns=times, values=signal[:, None])

    engine = Engine(Bumps())
    assert (engine.channels, engine.rate_hz) == (("acc_x",), 100.0)
    hour = 3600 * 10**9
    messages = [acc(bump, START), acc(bump[:15], START + 10**9), acc(bump, START - hour), acc(bump, START)]
    events = heard(engine, messages)
    assert [round((event.start_ns - START) / 1e9, 2) for event in events] == [0.1, 1.1, -3599.9, 0.1]
    assert [event.delay_s for event in events] == pytest.approx([0.03, 0.0, 0.03, 0.03], abs=0.011)
    assert events[1].outlier_score == 0.0
    times, values = (np.concatenate([getattr(each, what) for each in messages]) for what in ("time_ns", "values"))
    at_once = Readings(device="watch", channels=("acc_x",), time_ns=times, values=values)
    assert heard(engine, [at_once]) == events


def test_two_devices_share_a_spotter_but_not_its_stream():
    bump = turns(0, 2, 0, seconds=0.1)[:, None]
    spotter, times = Bumps(), START + STEP * np.arange(30)
    spotter.step(times[:3] - 10**9, np.full((3, 1), 2.0))  # it may have been listening elsewhere
    both = [
        Readings(device=name, channels=("acc_x",), time_ns=times[i : i + 1], values=bump[i : i + 1])
        for i in range(30)
        for name in ("a", "b")
    ]
    events = heard(Engine(spotter), both)
    assert [(event.device, event.start_ns) for event in events] == [("a", times[10]), ("b", times[10])]
    assert spotter._run == (times[:3] - 10**9).tolist()


def test_a_gap_in_a_sensor_breaks_the_windows_and_is_never_filled():
    signal = turns(0, 3, 0)
    signal[60:100] = np.nan  # what is left of the turn is too short for four windows in a row
    assert heard(Engine(Turning()), readings(signal)) == []


def test_a_held_gesture_is_told_again_only_after_it_was_let_go():
    once = heard(Engine(Turning()), readings(turns(0, 3, 3, 3, 0)))
    twice = heard(Engine(Turning()), readings(turns(0, 3, 3, 0, 3, 0)))
    assert (len(once), len(twice)) == (1, 2)


def test_after_an_event_the_device_is_quiet_for_a_while():
    signal = turns(0, 3, -3, 0, seconds=0.4)
    quiet = EngineConfig(agreement=Agreement(refractory_s=5.0))
    awake = EngineConfig(agreement=Agreement(refractory_s=0.0))
    assert [len(heard(Engine(Turning(), config), readings(signal))) for config in (quiet, awake)] == [1, 2]


def test_what_is_told_with_too_little_confidence_is_no_event():
    signal = turns(0, 0.8, 0)
    assert len(heard(Engine(Turning()), readings(signal))) == 1
    assert heard(Engine(Turning(), EngineConfig(min_confidence=0.9)), readings(signal)) == []


def test_of_too_many_devices_the_one_not_heard_for_longest_is_forgotten():
    engine = Engine(Turning(), EngineConfig(max_devices=2))
    for name in ("a", "b", "a", "c"):
        engine.step(readings(turns(0, seconds=0.1), device=name))
    assert engine.devices == ("a", "c")
    assert engine.missing("a") == ()
    assert engine.missing("b") == (*ACC, *GYR)


def test_another_recognizer_takes_over_and_a_bad_one_changes_nothing():
    engine = Engine(Turning())
    with pytest.raises(ConfigError, match="a dict tells no gestures"):
        engine.use({})
    engine.step(readings(turns(0, 3)))
    engine.use(Bumps())
    assert engine.channels == ("acc_x",)
    assert engine.devices == ()


def test_what_is_like_nothing_taught_and_ordinary_movement_are_no_gestures():
    class Strange(Turning):
        def recognize(self, window):
            return replace(super().recognize(window), is_outlier=True)

    signal = turns(0, 3, 0)
    ordinary = EngineConfig(agreement=Agreement(ordinary=frozenset({"rest", "left"})))
    assert heard(Engine(Strange()), readings(signal)) == heard(Engine(Turning(), ordinary), readings(signal)) == []


def test_a_bundle_hears_motion_in_the_units_that_it_learnt():
    class Noting(Turning):
        def recognize(self, window):
            self.seen = window
            return super().recognize(window)

    recognizer = Noting()
    units = ("g", "g", "g", "deg/s", "deg/s", "deg/s")
    spec = SimpleNamespace(shape=(6, 20), channels=(*ACC, *GYR), units=units, rate_hz=100.0, time_last=True)
    recognizer.config = SimpleNamespace(window=spec)
    heard(Engine(recognizer), readings(turns(3)))
    assert recognizer.seen[2] == pytest.approx(9.81 / 9.80665)
    assert recognizer.seen[3] == pytest.approx(np.degrees(3))


@pytest.mark.parametrize(
    ("recognizer", "config", "message"),
    [
        (object(), {}, "a object tells no gestures"),
        (Turning(n_channels=3), {}, "takes 20 channels, 6 are configured"),
        (type("Unfitted", (), {"recognize": None})(), {}, "does not say its window"),
        (Turning(), {"channels": ("acc_x",)}, "1 are configured: acc_x"),
    ],
)
def test_what_cannot_listen_is_refused(recognizer, config, message):
    with pytest.raises(ConfigError, match=message):
        Engine(recognizer, EngineConfig(**config))


def test_several_sensors_are_refused_and_bundles_say_their_own_window():
    several = Turning()
    several.window_shape_ = (6, 2, 20)
    with pytest.raises(ConfigError, match="2 sensors cannot come from one device"):
        Engine(several)


@settings(max_examples=15)
@given(cuts=st.tuples(st.integers(0, 300), st.integers(0, 300)), size=st.integers(1, 40), gap=st.booleans())
def test_who_catches_up_judges_the_newest_window_alone_and_goes_on_as_others_do(cuts, size, gap):
    class Noting(Turning):
        def __init__(self):
            super().__init__()
            self.seen = []

        def recognize(self, window):
            self.seen.append(float(window[3, -1]))
            return super().recognize(window)

    signal = np.arange(300.0)
    if gap:
        signal[110] = np.nan
    first, last = sorted(cuts)
    whole, hurried = Noting(), Noting()
    Engine(whole).step(readings(signal, size=size))
    engine, messages = Engine(hurried), list(readings(signal, size=size))
    first, last = 2 * first // size, 2 * last // size
    engine.step(messages[:first])
    before = len(hurried.seen)
    _, n_skipped = engine.catch_up(messages[first:last])
    after = len(hurried.seen)
    engine.step(messages[last:])
    due = whole.seen[before : before + after - before + n_skipped]
    assert hurried.seen[before:after] == due[-1:]
    assert hurried.seen == whole.seen[:before] + due[-1:] + whole.seen[before + len(due) :]


def test_a_spotter_that_catches_up_skips_nothing():
    signal = turns(0, 2, 0, 2, 0, seconds=0.1)[:, None]
    times = START + STEP * np.arange(len(signal))
    messages = [
        Readings(device=name, channels=("acc_x",), time_ns=times[i : i + 7], values=signal[i : i + 7])
        for i in range(0, len(signal), 7)
        for name in ("a", "b")
    ]
    events, n_skipped = Engine(Bumps()).catch_up(messages)
    in_time = Engine(Bumps()).step(messages)
    assert events == sorted(in_time, key=lambda event: event.device)
    assert ([event.device for event in events], n_skipped) == (["a", "a", "b", "b"], 0)


@pytest.mark.parametrize("seed", range(3))
def test_a_bad_network_does_not_change_what_is_told(seed):
    """A tenth of the samples twice, one in twenty lost, a sensor up to two seconds behind the other."""
    rng = np.random.default_rng(seed)
    clean = list(readings(turns(0, 3, 0, -3, 0, 3, 0, seconds=1.0), size=1))
    kept = [each for each in clean if rng.random() > 0.05]
    doubled = [each for each in kept for _ in range(1 + (rng.random() < 0.1))]
    behind = {ACC: 0, GYR: 1_900_000_000}
    late = sorted(doubled, key=lambda each: int(each.time_ns[0]) + behind[each.channels])
    assert heard(Engine(Turning()), late) == heard(Engine(Turning()), kept)
    told = [event.gesture for event in heard(Engine(Turning()), late)]
    assert told == [event.gesture for event in heard(Engine(Turning()), clean)] == ["left", "right", "left"]


def test_samples_that_come_late_count_where_the_engine_waits_for_them():
    in_order = list(readings(turns(0, 3, 0, -3, 0), size=1))
    arrival = [
        int(each.time_ns[0]) + lag for each, lag in zip(in_order, itertools.cycle([0, 0, 90_000_000, 90_000_000]))
    ]
    late = [in_order[i] for i in np.argsort(arrival, kind="stable")]
    assert heard(Engine(Turning(), EngineConfig(max_late_s=0.1)), late) == heard(Engine(Turning()), in_order)


def test_a_sensor_that_is_behind_is_waited_for_as_long_as_configured():
    clean = list(readings(turns(0, 3, 0, seconds=1.0), size=1))
    behind = sorted(clean, key=lambda each: int(each.time_ns[0]) + (each.channels == GYR) * 10**9)
    told = [heard(Engine(Turning(), EngineConfig(max_skew_s=seconds)), behind) for seconds in (0.5, 2.0)]
    assert [len(events) for events in told] == [0, 1]
