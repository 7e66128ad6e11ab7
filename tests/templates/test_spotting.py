import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.errors import ConfigError, InputError, NotFiniteError, ShapeError, TooFewSamplesError
from motif.recordings import Recording
from motif.templates import Spotter, TemplateClassifier

RATE = 50.0
NS = 20_000_000


def gesture(label, rng, n=40):
    phase = np.linspace(0, 2 * np.pi, n)
    wave = np.sin(phase * (1 + label))[:, None] * np.roll([3.0, 1.0, 0.2], label)
    return wave * rng.uniform(0.9, 1.1) + rng.normal(0, 0.05, (n, 3))


def rest(rng, n=40):
    return rng.normal(0, 0.02, (n, 3))


@pytest.fixture(scope="module")
def taught():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 4)
    samples = [np.vstack([rest(rng, 10), gesture(label, rng), rest(rng, 10)]) for label in labels]
    return Spotter(TemplateClassifier(), RATE, length=32).fit(samples, np.array(["a", "b", "c"])[labels])


@pytest.fixture(scope="module")
def stream():
    rng = np.random.default_rng(1)
    parts, truth, at = [rest(rng, 60)], [], 60
    for label in (1, 0, 2, 2, 1):
        parts += [gesture(label, rng), rest(rng, 50)]
        truth.append(("abc"[label], at, at + 40))
        at += 90
    return np.vstack(parts), truth


def test_gestures_are_found_where_they_are(taught, stream):
    values, truth = stream
    found = taught.spot(values)
    assert [f.label for f in found] == [label for label, _, _ in truth]
    for one, (_, start, stop) in zip(found, truth, strict=True):
        assert abs(one.start_ns / NS - start) <= 4
        assert abs(one.end_ns / NS - stop) <= 4
        assert one.end_ns < one.decided_ns <= one.end_ns + 0.35e9
        assert 0.5 < one.confidence <= 1.0
        assert one.outlier_score <= taught.limit_


def test_gestures_of_slow_people_are_found_beside_the_noise_of_their_rest():
    rng = np.random.default_rng(0)

    def slow(label):
        moments = np.linspace(0, 2 * np.pi, int(rng.integers(185, 215)))[:, None]
        made = np.sin(moments / 2) * np.sin(moments * (1 + label) + [0.0, 1.5, 3.0])
        return made + rng.normal(0, 0.02, made.shape)

    labels = [0, 1, 2] * 4
    spotter = Spotter(TemplateClassifier(), RATE).fit([slow(label) for label in labels], labels)
    parts = [part for label in labels for part in (rest(rng, 60), slow(label))]
    assert [found.label for found in spotter.spot(np.vstack([*parts, rest(rng, 60)]))] == labels


@settings(deadline=None, max_examples=25)
@given(cuts=st.lists(st.integers(0, 510), max_size=12))
def test_the_size_of_the_pieces_makes_no_difference(taught, stream, cuts):
    values, _ = stream
    time_ns = np.arange(len(values)) * NS
    taught.reset()
    found = []
    for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), len(values)], strict=True):
        found += taught.step(time_ns[start:stop], values[start:stop])
    assert found + taught.flush() == taught.spot(values)


def test_sample_by_sample_is_as_all_at_once(taught, stream):
    values, _ = stream
    taught.reset()
    found = [f for i, row in enumerate(values) for f in taught.step([i * NS], [row])]
    assert found + taught.flush() == taught.spot(values)


def test_a_long_recording_takes_no_more_memory_and_is_cut_into_blocks_unseen(taught, stream):
    values, _ = stream
    many = np.vstack([values] * 20)
    taught.reset()
    size = len(taught._stream._values)
    found = taught.step(np.arange(len(many)) * NS, many)
    assert len(found) == 20 * len(taught.spot(values))
    assert len(taught._stream._values) == size


def test_a_gap_ends_a_gesture_and_hides_what_lies_in_it(taught, stream):
    values, truth = stream
    broken = values.copy()
    broken[truth[0][2] + 8] = np.nan
    broken[truth[1][1] + 20, 0] = np.nan
    found = taught.spot(broken)
    assert found[0].decided_ns == (truth[0][2] + 8) * NS
    assert not any(f.start_ns < truth[1][1] * NS + 20 * NS < f.end_ns for f in found)
    assert [f.label for f in found[-3:]] == [label for label, _, _ in truth[-3:]]


def test_a_recording_keeps_its_own_time(taught, stream):
    values, _ = stream
    late = 1_700_000_000_000_000_000
    recording = Recording(
        values=values, time_ns=np.arange(len(values)) * NS + late, channels=("x", "y", "z"), units=("m/s²",) * 3
    )
    assert [f.start_ns - late for f in taught.spot(recording)] == [f.start_ns for f in taught.spot(values)]


def test_a_movement_without_end_is_no_gesture(taught):
    endless = np.sin(np.arange(2000) / 3)[:, None] * np.array([3.0, 1.0, 0.2])
    assert taught.spot(endless) == []


def test_ordinary_movement_lowers_the_limit_until_hardly_any_of_it_passes(stream):
    rng = np.random.default_rng(2)
    labels = np.repeat([0, 1, 2], 4)
    spotter = Spotter(TemplateClassifier(), RATE, keep=0.9).fit([gesture(k, rng) for k in labels], labels)
    ordinary = np.vstack([part for _ in range(30) for part in (rest(rng), gesture(0, rng) * [0, 2.0, 2.0])])
    before = spotter.limit_
    spotter.limit_ = np.inf
    n_movements = len(spotter.spot(ordinary))
    spotter.fit_background(ordinary)
    assert n_movements == 30
    assert spotter.spot(ordinary) == []
    assert spotter.limit_ <= before
    assert {f.label for f in spotter.spot(stream[0])} <= {0, 1, 2}
    assert spotter.fit_background(rest(rng, 500)).limit_ == before


def test_what_cannot_be_taught_or_spotted_is_said(taught):
    fresh = Spotter(TemplateClassifier(), RATE)
    with pytest.raises(ConfigError, match="not taught yet"):
        fresh.step([0], [[0.0, 0.0, 0.0]])
    with pytest.raises(ConfigError, match="keep=1"):
        Spotter(TemplateClassifier(), RATE, keep=1.0)
    with pytest.raises(ConfigError, match="rate_hz"):
        Spotter(TemplateClassifier(), 0)
    with pytest.raises(TooFewSamplesError, match="samples is empty"):
        fresh.fit([], [])
    with pytest.raises(TooFewSamplesError, match=r"samples\[0\] has 2"):
        fresh.fit([np.zeros((2, 3))], [0])
    with pytest.raises(ShapeError, match="labels"):
        fresh.fit([np.zeros((9, 3))], [0, 1])
    with pytest.raises(ShapeError, match="same channels"):
        fresh.fit([np.zeros((9, 3)), np.zeros((9, 2))], [0, 1])
    with pytest.raises(ShapeError, match="the channels taught"):
        taught.step([0], [[0.0, 0.0]])
    with pytest.raises(NotFiniteError):
        taught.step([0], [[np.inf, 0.0, 0.0]])
    with pytest.raises(InputError):
        taught.step([0.5], [[0.0, 0.0, 0.0]])


def test_gravity_in_the_stream_changes_nothing_of_what_is_found(stream):
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1, 2], 4)
    samples = [np.vstack([rest(rng, 10), gesture(label, rng), rest(rng, 10)]) for label in labels]
    names = np.array(["a", "b", "c"])[labels]
    free = Spotter(TemplateClassifier(), RATE).fit(samples, names)
    flat, tilted = np.array([0.0, 0.0, 9.8]), np.array([0.0, 5.6, 8.0])
    heavy = Spotter(TemplateClassifier(), RATE).fit([sample + flat for sample in samples], names)
    assert not free.motion_.is_level.any()
    assert heavy.motion_.is_level.all()
    found, same = free.spot(stream[0]), heavy.spot(stream[0] + tilted)
    assert [(f.label, f.start_ns, f.end_ns) for f in same] == [(f.label, f.start_ns, f.end_ns) for f in found]
    assert len(found) == 5


def test_sessions_that_hold_one_gesture_each_are_no_groups_to_judge_by():
    rng = np.random.default_rng(4)
    labels = np.repeat([0, 1, 2], 4)
    samples = [gesture(label, rng) for label in labels]
    apart = Spotter(TemplateClassifier(), RATE).fit(samples, labels, groups=[f"day {label}" for label in labels])
    alike = Spotter(TemplateClassifier(), RATE).fit(samples, labels)
    assert np.isfinite(apart.limit_)
    assert apart.limit_ == alike.limit_
    with pytest.raises(ShapeError, match="groups"):
        alike.fit(samples, labels, groups=["one"])


def test_gestures_taught_once_are_spotted_and_no_stranger_than_one_gesture_is_to_the_others(stream):
    rng = np.random.default_rng(5)
    once = Spotter(TemplateClassifier(), RATE).fit([gesture(label, rng) for label in (0, 1, 2)], [0, 1, 2])
    assert [f.label for f in once.spot(stream[0])] == ["abc".index(label) for label, _, _ in stream[1]]
    assert np.isfinite(once.limit_)
    other = np.vstack([rest(rng), gesture(3, rng, 80) * [0.1, 1, -1], rest(rng)])
    assert once.spot(other) == []
    two = Spotter(TemplateClassifier(), RATE).fit([gesture(label, rng) for label in (0, 1)], [0, 1])
    assert two.limit_ == np.inf
    itself = np.vstack([rest(rng), gesture(0, rng), rest(rng)])
    assert once.fit_background(itself).limit_ == once.taught_limit_ / 2
    assert np.isfinite(two.fit_background(itself).limit_)


def test_a_sample_given_twice_teaches_a_spotter_as_if_given_once():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 4)
    samples = [gesture(label, rng) for label in labels]
    once = Spotter(TemplateClassifier(), RATE).fit(samples, labels)
    twice = Spotter(TemplateClassifier(), RATE).fit(samples * 2, np.tile(labels, 2))
    assert twice.limit_ == once.limit_


def test_two_spotters_may_be_given_one_classifier():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 4)
    samples = [np.vstack([rest(rng, 10), gesture(label, rng), rest(rng, 10)]) for label in labels]
    stream = np.vstack([rest(rng, 60), *samples])
    classifier = TemplateClassifier()
    one = Spotter(classifier, RATE).fit(samples, labels)
    before = one.spot(stream)
    Spotter(classifier, RATE).fit([sample[:, ::-1] for sample in samples], labels)
    assert one.spot(stream) == before
