import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.errors import InputError
from motif.templates._recognizer_cache import RevisionCache
from motif.templates._recognizer_history import History, Verdict
from motif.templates._recognizer_metrics import RecognizerMetrics
from motif.templates._recognizer_moves import at_rate, moving_part, pieces_like, stretched
from motif.templates._recognizer_result import RecognitionResult

VERDICTS = st.lists(
    st.builds(Verdict, st.sampled_from(["a", "b"]), st.floats(0, 1), st.booleans()), min_size=0, max_size=60
)


class Time:
    now_s = 0.0

    def __call__(self):
        return self.now_s


def test_the_cache_answers_while_the_revision_stands_and_renews_itself_beside_the_work():
    time, waiting = Time(), []
    cache = RevisionCache(10.0, time, beside=waiting.append)
    made = iter(range(100))

    def get(revision):
        return cache.get(revision, lambda: next(made))

    assert [get(1), get(1), get(1)] == [(0, False), (0, True), (0, True)]
    assert get(2) == (1, False)
    time.now_s = 9.9
    assert get(2) == (1, True)
    time.now_s = 10.0
    assert [get(2), get(2)] == [(1, True), (1, True)]  # its time is over: the old one answers, one renewal waits
    (renew,) = waiting
    renew()
    assert get(2) == (2, True)
    assert (cache.counts.hits, cache.counts.misses) == (5, 3)
    assert cache.counts.hit_rate == 5 / 8


def test_a_renewal_that_comes_too_late_or_fails_changes_nothing():
    time, waiting = Time(), []
    cache = RevisionCache(10.0, time, beside=waiting.append)
    cache.get(1, lambda: "old")
    time.now_s = 11.0
    cache.get(1, lambda: "renewed")
    assert cache.get(2, lambda: "new") == ("new", False)
    waiting.pop()()
    assert cache.get(2, object) == ("new", True)
    time.now_s = 22.0

    def fails():
        raise InputError("the disk is gone")

    cache.get(2, fails)
    waiting.pop()()
    assert cache.get(2, object) == ("new", True)


def test_a_renewal_runs_in_a_thread_by_default():
    time, done = Time(), threading.Event()
    cache = RevisionCache(1.0, time)
    cache.get(1, lambda: None)
    time.now_s = 2.0
    cache.get(1, done.set)
    assert done.wait(30)


def test_a_cache_that_is_off_makes_everything_anew():
    cache = RevisionCache(10.0, Time(), enabled=False)
    assert [cache.get(1, object)[1] for _ in range(3)] == [False] * 3


def history(verdicts):
    found = History()
    for verdict in verdicts:
        found.add(verdict)
    return found


def test_without_verdicts_a_confidence_is_what_it_is():
    assert [History().calibrated(p) for p in (0.0, 0.3, 1.0)] == [0.0, 0.3, 1.0]
    assert History().threshold("a", 0.7) == 0.7
    assert History().accuracy is None


@given(verdicts=VERDICTS)
def test_more_confidence_never_means_less_whatever_was_said(verdicts):
    learnt = history(verdicts)
    found = [learnt.calibrated(p) for p in np.linspace(0, 1, 21)]
    assert found == sorted(found)
    assert 0 <= found[0] <= found[-1] <= 1


@given(verdicts=VERDICTS, base=st.floats(0, 1))
def test_a_threshold_stays_within_reach_of_the_one_that_was_set(verdicts, base):
    assert abs(history(verdicts).threshold("a", base) - base) <= 0.15 + 1e-9


def test_confidence_is_drawn_to_how_often_it_proved_right():
    generator = np.random.default_rng(3)
    raw = generator.uniform(0.75, 0.999, 400)
    learnt = history(Verdict("a", p, bool(generator.random() < 0.6)) for p in raw)
    found = np.array([learnt.calibrated(p) for p in raw])
    assert abs(found.mean() - learnt.accuracy) < 0.05
    assert raw.mean() - learnt.accuracy > 0.2


def test_a_threshold_falls_for_a_gesture_that_is_right_yet_unsure():
    verdicts = [Verdict("a", 0.62, True)] * 30
    assert history(verdicts).calibrated(0.62) > 0.7 or history(verdicts).threshold("a", 0.7) <= 0.62
    mixed = [Verdict("a", 0.75, False), Verdict("a", 0.9, True)] * 20
    learnt = history(mixed)
    threshold = learnt.threshold("a", 0.7)
    assert learnt.calibrated(0.75) < threshold <= learnt.calibrated(0.9)


def test_a_threshold_that_decides_as_well_as_any_stays():
    assert history([Verdict("a", 0.95, True), Verdict("a", 0.1, False)] * 10).threshold("a", 0.7) == 0.7


def test_few_verdicts_change_nothing():
    learnt = history([Verdict("a", 0.9, False)] * 7)
    assert learnt.calibrated(0.9) == 0.9
    assert learnt.accuracy == pytest.approx(0.0)


def test_a_movement_is_cut_out_of_the_rest_around_it():
    time_s = np.arange(300) / 100
    turn = np.where((time_s > 1) & (time_s < 2), np.sin(2 * np.pi * 2 * (time_s - 1)), 0.0)
    values = np.column_stack([turn, 0.5 * turn, np.zeros(300)]) + np.random.default_rng(0).normal(0, 0.01, (300, 3))
    part = moving_part(values, 100.0)
    start = int(np.flatnonzero((values == part[0]).all(axis=1))[0])
    assert 85 <= start <= 100
    assert 200 <= start + len(part) <= 215


def test_what_never_moves_is_kept_whole():
    assert len(moving_part(np.ones((50, 3)), 100.0)) == 50


@given(n=st.integers(1, 40), length=st.integers(2, 90))
def test_stretching_keeps_both_ends_and_straight_lines(n, length):
    line = np.column_stack([np.linspace(0, 1, n), np.linspace(5, -5, n)])
    found = stretched(line, length)
    assert found.shape == (length, 2)
    np.testing.assert_allclose(found[[0, -1]], line[[0, -1]], atol=1e-9)
    if n > 1:
        np.testing.assert_allclose(found[:, 0], np.linspace(0, 1, length), atol=1e-9)


def test_another_rate_keeps_the_duration():
    assert len(at_rate(np.zeros((101, 2)), 100.0, 50.0)) == 51
    assert len(at_rate(np.zeros((101, 2)), 100.0, 100.2)) == 101
    line = np.linspace(0.0, 1.0, 101)[:, None]
    np.testing.assert_allclose(at_rate(line, 100.0, 200.0), np.linspace(0.0, 1.0, 201)[:, None], atol=1e-9)


def test_answers_are_counted_by_what_became_of_them_and_the_slowest_is_seen():
    metrics = RecognizerMetrics()
    assert metrics.figures()["median_ms"] == 0.0
    for i in range(101):
        gesture, is_outlier = ("wave", False) if i < 60 else (None, i < 90)
        metrics.saw(
            RecognitionResult(gesture=gesture, confidence=0.5, processing_time_ms=float(i), is_outlier=is_outlier)
        )
    assert metrics.figures() == {
        "total_recognitions": 101,
        "recognized": 60,
        "outliers": 30,
        "not_sure_enough": 11,
        "median_ms": 50.0,
        "p99_ms": 99.0,
        "by_gesture": {"wave": 60},
    }


def test_pieces_of_ordinary_motion_are_as_long_as_gestures_and_none_is_at_rest():
    generator = np.random.default_rng(0)
    taught = [generator.normal(size=(n, 3)) for n in (40, 50, 60)]
    ordinary = np.concatenate([np.zeros((500, 3)), generator.normal(size=(500, 3))])
    found = pieces_like(taught, [ordinary, np.zeros((10, 3))], 100.0)
    assert {len(piece) for piece in found} == {50}
    assert 18 <= len(found) <= 21
    assert len(pieces_like(taught, [generator.normal(size=(40_000, 3))], 100.0)) <= 400
    assert pieces_like(taught, [], 100.0) == []
