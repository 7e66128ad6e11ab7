from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from motif.templates import TemplateClassifier
from motif.templates._recognizer_moves import window_of
from motif.templates._spotting_description import Descriptions, describe, described
from motif.templates._spotting_judge import Judge
from motif.templates._spotting_kernels import activity
from motif.templates._spotting_lessons import from_rest, learn_motion, trimmed
from motif.templates._spotting_limits import limit_with_background, taught_limit

shapes = hnp.arrays(np.float64, (12, 2), elements=st.floats(-5, 5).filter(lambda v: v == 0 or abs(v) > 1e-3))


def bumps(n, rng, direction=(1.0, 0.0)):
    return np.sin(np.linspace(0, 2 * np.pi, n))[:, None] * np.array(direction) + rng.normal(0, 0.02, (n, 2))


@given(segment=shapes, strength=st.floats(0.1, 10))
def test_a_stronger_movement_differs_in_strength_alone(segment, strength):
    if (segment**2).mean() < 1e-3:
        return
    scale = np.array([1.0, 3.0])
    weak, strong = describe(segment, scale), describe(segment * strength, scale)
    assert strong[1] - weak[1] == pytest.approx(np.log(strength), abs=1e-6)
    np.testing.assert_allclose(np.delete(weak, 1), np.delete(strong, 1), atol=1e-6)


@given(segment=shapes, length=st.integers(2, 40))
def test_a_stretched_segment_keeps_its_ends_and_its_range(segment, length):
    window = window_of(segment, length)
    np.testing.assert_allclose(window[:, [0, -1]], segment[[0, -1]].T, rtol=1e-6)
    assert window.max() <= np.float32(segment.max())
    assert window.min() >= np.float32(segment.min())
    if length == len(segment):
        np.testing.assert_allclose(window, segment.T, rtol=1e-6, atol=1e-6)


def test_what_is_usual_for_a_class_is_least_strange_there():
    rng = np.random.default_rng(0)
    segments = [bumps(n, rng, d) for d in ((1, 0), (0, 1)) for n in (30, 32, 34)]
    numbers = described(segments, np.ones(2))
    usual = Descriptions.learn(numbers, np.repeat([0, 1], 3), 2)
    strange = usual.strangeness(numbers)
    assert (strange.argmin(axis=1) == np.repeat([0, 1], 3)).all()
    assert (strange.min(axis=1) < 1.0).all()
    alone = Descriptions.learn(numbers[:1], np.array([1]), 2)
    assert np.isnan(alone.strangeness(numbers)[:, 0]).all()
    assert alone.strangeness(numbers[:1])[0, 1] == 0.0


def test_the_judge_knows_a_gesture_done_harder_and_finds_a_longer_one_strange():
    rng = np.random.default_rng(1)
    y = np.repeat(["across", "up"], 4)
    segments = [bumps(30, rng, (1, 0) if label == "across" else (0, 1)) for label in y]
    judge, held_out = Judge.learn(TemplateClassifier(), segments, y, None, np.ones(2), 32)
    assert np.isfinite(held_out).all()
    harder, longer = judge.opinions([1.1 * bumps(30, rng), bumps(120, rng)])
    assert (harder.label, longer.label) == ("across", "across")
    assert harder.strangeness < longer.strangeness
    assert judge.opinions([]) == []
    (by_usual,) = replace(judge, usual=judge.usual + 1.0).opinions([segments[0]])
    assert by_usual.strangeness == pytest.approx(judge.opinions([segments[0]])[0].strangeness - 1.0)


def test_a_gesture_taught_once_is_judged_by_what_others_vary():
    rng = np.random.default_rng(2)
    segments = [bumps(30, rng, d) for d in ((1, 0), (1, 0), (0, 1), (0, 1), (1, 1))]
    y = np.array([0, 0, 1, 1, 2])
    judge, held_out = Judge.learn(TemplateClassifier(), segments, y, None, np.ones(2), 32)
    assert np.isnan(held_out).tolist() == [False, False, False, False, True]
    assert judge.opinions([segments[4]])[0].label == 2
    once, unknown = Judge.learn(TemplateClassifier(), segments[1:3], y[1:3], None, np.ones(2), 32)
    assert np.isnan(unknown).all()
    assert once.usual.tolist() == [0.0, 0.0]


def test_persons_are_left_out_whole_when_they_are_known():
    rng = np.random.default_rng(3)
    segments = [bumps(30, rng, d) * k for k in (1, 3) for d in ((1, 0), (0, 1)) for _ in range(3)]
    y, persons = np.tile(np.repeat([0, 1], 3), 2), np.repeat(["a", "b"], 6)
    _, among = Judge.learn(TemplateClassifier(), segments, y, None, np.ones(2), 32)
    _, across = Judge.learn(TemplateClassifier(), segments, y, persons, np.ones(2), 32)
    assert np.median(across) > np.median(among)


@settings(deadline=None)
@given(
    values=hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 10)),
    keep=st.floats(0.5, 0.99),
)
def test_the_taught_limit_is_a_conformal_quantile_where_there_are_enough_samples(values, keep):
    limit = taught_limit(values, keep, another_day=False)
    rank = int(np.ceil((len(values) + 1) * keep))
    if rank <= len(values):
        assert (values <= limit).sum() >= rank
        assert limit in values
    else:
        assert limit > values.mean()
    assert taught_limit(values, keep, another_day=True) > limit


def test_a_limit_keeps_what_it_promises_for_samples_of_one_kind():
    rng = np.random.default_rng(4)
    for n in (3, 10, 40):
        kept = [rng.normal() <= taught_limit(rng.normal(size=n), 0.9, another_day=False) for _ in range(2000)]
        assert np.mean(kept) == pytest.approx(0.9, abs=0.035)
    assert taught_limit(np.array([np.nan]), 0.9, another_day=True) == np.inf


@given(
    background=hnp.arrays(np.float64, st.integers(0, 30), elements=st.floats(0, 10)),
    limit=st.floats(1, 10),
    allowed=st.floats(0, 5),
)
def test_no_more_of_the_background_passes_than_is_allowed_unless_it_looks_taught(background, limit, allowed):
    lowered = limit_with_background(limit, 0.5, background, allowed)
    assert 0.5 <= lowered <= limit
    assert (background <= lowered).sum() <= allowed or lowered == 0.5


def test_a_sample_with_rest_around_it_is_trimmed_to_its_movement():
    rng = np.random.default_rng(5)
    rest = rng.normal(0, 0.02, (25, 2))
    samples = [np.vstack([rest, bumps(40, rng, (1, 0.5)), rest]), bumps(40, rng, (0.5, 1))]
    motion = learn_motion(samples, np.array([0, 1]), 50.0, 0.16)
    assert 34 <= len(trimmed(samples[0], motion)) <= 44
    assert 34 <= len(trimmed(samples[1], motion)) <= 40
    assert len(trimmed(np.zeros((20, 2)), motion)) == 20
    assert motion.calms < motion.wakes
    assert motion.shortest < 40 < motion.longest


def test_what_gravity_adds_to_rest_is_taken_off_the_movement():
    rng = np.random.default_rng(7)
    samples = [np.vstack([np.zeros((10, 2)), bumps(40, rng)]) for _ in range(3)]
    level = np.array([5.0, -3.0])
    motion = learn_motion([each + level for each in samples], np.zeros(3), 50.0, 0.16)
    assert motion.is_level.all()
    np.testing.assert_allclose(from_rest(samples[0] + level, 10, 50, motion), samples[0][10:], atol=1e-9)


def test_an_axis_that_only_ever_trembled_does_not_count_for_its_noise():
    rng = np.random.default_rng(6)
    samples = [np.hstack([bumps(40, rng, (1, 0.5)), rng.normal(0, 0.01, (40, 1))]) for _ in range(3)]
    motion = learn_motion(samples, np.zeros(3), 50.0, 0.16)
    still = np.hstack([np.zeros((30, 2)), rng.normal(0, 0.01, (30, 1))])
    assert activity(still, motion.scale, motion.width).max() < motion.calms / 3
