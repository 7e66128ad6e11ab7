"""Sensors with a rate, a start and gaps of their own come out on one grid; how they came in never shows."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.reference.aligner import aligned

from motif.errors import ConfigError, InputError
from motif.recordings import Aligner, Readings

MS = 1_000_000
START = 1_698_501_144_401_773_001
HOUR = 3600 * 1_000_000_000
ACC, GYR = ("acc_x", "acc_y", "acc_z"), ("gyr_x", "gyr_y", "gyr_z")


def push(aligner, channels, samples):
    times, rows = zip(*samples, strict=True)
    return aligner.push(Readings(device="phone", channels=channels, time_ns=np.array(times), values=np.array(rows)))


def joined(parts):
    times, values = zip(*parts, strict=True)
    return np.concatenate(times), np.concatenate(values)


def steady(channels, rate_hz, seconds, *, start_ns=START, seed=0):
    times = start_ns + np.round(np.arange(int(seconds * rate_hz)) * (1e9 / rate_hz)).astype(np.int64)
    rows = np.random.default_rng(seed).normal(size=(len(times), len(channels)))
    return list(zip(times.tolist(), rows.tolist(), strict=True))


def at_once(aligner, *sensors):
    return joined([*(push(aligner, channels, samples) for channels, samples in sensors), aligner.flush()])


@st.composite
def sensor_samples(draw, channels):
    """Times that step by a few milliseconds, rarely by more than the gap or not at all; numbers that may be NaN."""
    steps = draw(st.lists(st.sampled_from([0, 3, 7, 10, 13, 20, 60, 140]), min_size=1, max_size=25))
    start = START + draw(st.integers(0, 400 * MS))
    times = start + np.cumsum(steps) * MS
    number = st.floats(-1e3, 1e3, width=32) | st.just(float("nan"))
    rows = draw(
        st.lists(
            st.lists(number, min_size=len(channels), max_size=len(channels)), min_size=len(times), max_size=len(times)
        )
    )
    return list(zip(times.tolist(), rows, strict=True))


@settings(max_examples=60)
@given(acc=sensor_samples(("acc_x",)), gyr=sensor_samples(("gyr_x",)), rate_hz=st.sampled_from([100, 60, 37.5]))
def test_two_sensors_come_out_as_the_definition_says(acc, gyr, rate_hz):
    aligner = Aligner(("acc_x", "gyr_x"), rate_hz=rate_hz)
    times, values = at_once(aligner, (("acc_x",), acc), (("gyr_x",), gyr))
    want_times, want = aligned([(("acc_x",), acc), (("gyr_x",), gyr)], ("acc_x", "gyr_x"), rate_hz, 0.1)
    assert times.tolist() == want_times
    np.testing.assert_allclose(values, np.reshape(want, (-1, 2)), rtol=1e-9, atol=1e-9)


@given(data=st.data(), acc=sensor_samples(("acc_x",)), gyr=sensor_samples(("gyr_x",)))
@settings(max_examples=60)
def test_neither_chopping_nor_the_order_of_sensors_shows(data, acc, gyr):
    whole = at_once(Aligner(("acc_x", "gyr_x")), (("acc_x",), acc), (("gyr_x",), gyr))
    chopped, aligner = [], Aligner(("acc_x", "gyr_x"))
    left = {("acc_x",): acc, ("gyr_x",): gyr}
    while any(left.values()):
        channels = data.draw(st.sampled_from([each for each in left if left[each]]))
        n = data.draw(st.integers(1, len(left[channels])))
        chopped.append(push(aligner, channels, left[channels][:n]))
        left[channels] = left[channels][n:]
    for one, other in zip(joined([*chopped, aligner.flush()]), whole, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=50)
@given(
    data=st.data(),
    times=st.lists(st.integers(-40, 40), max_size=60).map(lambda shifts: [i * 100 + s for i, s in enumerate(shifts)]),
)
def test_whatever_the_times_do_chopping_does_not_show(data, times):
    """Also late samples, jumps of the clock and strays, which are far beyond what can be put in order."""
    samples = [(START + time * 40 * MS, [float(time)]) for time in times]
    if not samples:
        return
    whole = at_once(Aligner(("acc_x",)), (("acc_x",), samples))
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(samples) - 1)))))
    aligner = Aligner(("acc_x",))
    pieces = [samples[a:b] for a, b in zip([0, *cuts], [*cuts, len(samples)], strict=True) if a < b]
    parts = [push(aligner, ("acc_x",), piece) for piece in pieces]
    for one, other in zip(joined([*parts, aligner.flush()]), whole, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=150)
@given(
    pieces=st.lists(
        st.tuples(
            st.sampled_from([("acc_x",), ("gyr_x",), ("gyr_x", "acc_x"), ("linear_acc_x",), ("gravity_x", "mag_x")]),
            st.lists(st.sampled_from([*[10] * 8, 3, 7, 60, 150, 0, -20, 5100, -5100]), min_size=1, max_size=12),
        ),
        max_size=12,
    ),
    max_skew_s=st.sampled_from([0.1, 0.15, 2.0]),
    nan=st.sampled_from([2, 5, 10**9]),
)
@example([(("acc_x",), [10] * 3), (("gyr_x", "acc_x"), [10] * 11), (("gyr_x", "acc_x"), [10] * 9)], 0.12, 10**9)
def test_many_samples_at_once_are_as_many_one_by_one(pieces, max_skew_s, nan):
    at_once, one_by_one = (Aligner(("acc_x", "gyr_x"), max_skew_s=max_skew_s) for _ in range(2))
    now_ns = dict.fromkeys((channels for channels, _ in pieces), START)
    n = 0
    for channels, steps in pieces:
        samples = []
        for step in steps:
            now_ns[channels] += step * MS
            n += 1
            samples.append(
                (now_ns[channels], [float("nan") if n % nan == 0 else n + i / 8 for i in range(len(channels))])
            )
        times, values = push(at_once, channels, samples)
        want_times, want = joined([push(one_by_one, channels, [each]) for each in samples])
        np.testing.assert_array_equal(times, want_times)
        np.testing.assert_array_equal(values, want)
    np.testing.assert_array_equal(at_once.flush()[1], one_by_one.flush()[1])
    for count in ("n_repeated", "n_late", "n_stray", "n_stretches"):
        assert getattr(at_once, count) == getattr(one_by_one, count)


@settings(max_examples=30)
@given(seed=st.integers(0, 1000))
def test_samples_that_are_late_by_less_than_asked_for_are_put_in_order(seed):
    acc, gyr = steady(ACC, 97.0, 1.0, seed=1), steady(GYR, 55.0, 1.0, seed=2)
    rng = np.random.default_rng(seed)
    in_order = at_once(Aligner(max_late_s=0.05), (ACC, acc), (GYR, gyr))
    late = [[each[i] for i in np.argsort([t + rng.integers(0, 50 * MS) for t, _ in each])] for each in (acc, gyr)]
    aligner = Aligner(max_late_s=0.05)
    shuffled = at_once(aligner, (ACC, late[0]), (GYR, late[1]))
    assert aligner.n_late == 0
    for one, other in zip(shuffled, in_order, strict=True):
        np.testing.assert_array_equal(one, other)


def test_rows_come_as_soon_as_every_sensor_has_passed_them():
    aligner = Aligner((*ACC, *GYR))
    acc, gyr = steady(ACC, 100, 0.1), steady(GYR, 100, 0.1)
    n_out = 0
    for one, other in zip(acc, gyr, strict=True):
        assert len(push(aligner, ACC, [one])[0]) == 0
        n_out += len(push(aligner, GYR, [other])[0])
    assert n_out == 9


def test_acceleration_without_gravity_and_gravity_make_specific_force():
    linear = steady(("linear_acc_x", "linear_acc_y", "linear_acc_z"), 100, 0.3, start_ns=START // (10 * MS) * 10 * MS)
    gravity = [(time + 2 * MS, [0.0, 0.0, 9.81]) for time, _ in linear]
    aligner = Aligner(ACC)
    times, values = at_once(
        aligner,
        (("linear_acc_x", "linear_acc_y", "linear_acc_z"), linear),
        (("gravity_x", "gravity_y", "gravity_z"), gravity),
    )
    assert times.tolist() == [time for time, _ in linear]
    assert np.isnan(values[0]).all()  # gravity was not known yet
    np.testing.assert_allclose(values[1:], np.add([row for _, row in linear], (0, 0, 9.81))[1:])


def test_a_sensor_that_measures_specific_force_goes_before_the_sum():
    linear, gravity, total = (
        steady((name,), 100, 0.2, seed=seed) for seed, name in enumerate(("linear_acc_x", "gravity_x", "acc_x"))
    )
    aligner = Aligner(("acc_x",))
    _, values = at_once(aligner, (("acc_x",), total), (("linear_acc_x",), linear), (("gravity_x",), gravity))
    alone = at_once(Aligner(("acc_x",)), (("acc_x",), total))[1]
    np.testing.assert_array_equal(values, alone)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_an_hour_begins_a_new_stretch(jump):
    acc, gyr = steady(ACC, 100, 1.0), steady(GYR, 100, 1.0)
    acc2, gyr2 = (
        steady(ACC, 100, 1.0, start_ns=START + jump + 10**9),
        steady(GYR, 100, 1.0, start_ns=START + jump + 10**9),
    )
    aligner = Aligner()
    parts = [push(aligner, ACC, acc + acc2[:50]), push(aligner, GYR, gyr + gyr2), push(aligner, ACC, acc2[50:])]
    times, values = joined([*parts, aligner.flush()])
    steps = np.diff(times)
    (at,) = np.flatnonzero(steps != 10 * MS)
    assert abs(steps[at] - jump) < 30 * MS
    assert len(times) == pytest.approx(200, abs=4)
    assert np.isfinite(values).all()
    assert (aligner.n_stretches, aligner.n_stray, aligner.n_late) == (2, 0, 0)


def test_one_wrong_time_is_dropped_and_counted():
    samples = steady(ACC, 100, 4.0)
    wrong = [*samples[:50], (START - HOUR, [0.0] * 3), *samples[50:]]
    aligner = Aligner(ACC)
    times, values = at_once(aligner, (ACC, wrong))
    clean = at_once(Aligner(ACC), (ACC, samples))
    np.testing.assert_array_equal(times, clean[0])
    np.testing.assert_array_equal(values, clean[1])
    assert (aligner.n_stray, aligner.n_stretches) == (1, 1)


def test_a_silent_sensor_is_waited_for_and_then_missing_and_welcome_back():
    aligner = Aligner((*ACC, *GYR))
    acc, gyr = steady(ACC, 100, 8.0), steady(GYR, 100, 8.0)
    assert aligner.missing == (*ACC, *GYR)
    push(aligner, ACC, acc[:100])
    push(aligner, GYR, gyr[:100])
    assert aligner.missing == ()
    times, values = push(aligner, ACC, acc[100:400])
    assert aligner.missing == GYR
    assert times[-1] == pytest.approx(acc[399][0] - 2e9, abs=10 * MS)
    assert np.isnan(values[5:, 3:]).all()
    assert np.isfinite(values[:, :3]).all()
    push(aligner, GYR, gyr[400:401])
    times, values = push(aligner, ACC, acc[400:402])
    assert times[-1] == pytest.approx(acc[400][0], abs=10 * MS)
    assert aligner.missing == ()


def test_memory_is_bounded_whatever_comes():
    aligner = Aligner((*ACC, *GYR))
    push(aligner, ACC, [(START + i, [0.0] * 3) for i in range(21_000)])  # one channel never comes, times hardly move
    assert aligner._now.n_samples <= 20_000
    push(aligner, ACC, steady(ACC, 1000, 20.0, start_ns=START + MS))
    assert aligner._now.n_samples <= 2_100


def test_repeated_and_late_samples_are_counted():
    samples = steady(ACC, 100, 1.0)
    aligner = Aligner(ACC)
    at_once(aligner, (ACC, [*samples, *samples[-1:], *samples[:10]]))
    assert (aligner.n_repeated, aligner.n_late) == (1, 10)


def test_numbers_near_the_largest_do_not_overflow():
    _, values = at_once(Aligner(("acc_x",)), (("acc_x",), [(0, [1.7e308]), (20 * MS, [-1.7e308])]))
    np.testing.assert_allclose(values[:, 0], [1.7e308, 0.0, -1.7e308])


def test_what_no_row_needs_is_ignored_and_another_device_is_refused():
    aligner = Aligner(ACC)
    assert len(push(aligner, ("mag_x",), [(START, [1.0])])[0]) == 0
    assert aligner.flush()[0].size == 0
    with pytest.raises(InputError, match="'watch' came to the aligner of 'phone'"):
        aligner.push(Readings.of("watch", ACC, START, [0, 0, 0]))


@pytest.mark.parametrize(
    "settings",
    [
        {"channels": ()},
        {"channels": ("acc_x", "acc_x")},
        {"rate_hz": 0},
        {"rate_hz": float("nan")},
        {"max_gap_s": 0},
        {"max_gap_s": 3},
        {"max_late_s": -1},
    ],
)
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(ConfigError):
        Aligner(**{"channels": ACC} | settings)


def test_sensors_in_one_table_are_taken_apart_by_their_gaps():
    """As a journal holds them: a row for each sample of each sensor, NaN for the other sensors."""
    acc, gyr = steady(ACC, 100, 0.5), steady(GYR, 100, 0.5, start_ns=START + 3 * MS, seed=1)
    nothing = [float("nan")] * 3
    table = sorted([(t, [*row, *nothing]) for t, row in acc] + [(t, [*nothing, *row]) for t, row in gyr])
    aligner = Aligner()
    parts = []
    for time, row in table:
        parts += [push(aligner, ACC, [(time, row[:3])]), push(aligner, GYR, [(time, row[3:])])]
    apart = at_once(Aligner(), (ACC, acc), (GYR, gyr))
    for one, other in zip(joined([*parts, aligner.flush()]), apart, strict=True):
        np.testing.assert_array_equal(one, other)
