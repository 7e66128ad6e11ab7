"""Nobody sits like anybody else: what whole segments differ by is no reason for a state of its own."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.behavior import HDPHSMM
from motif.behavior.semi_markov._frame_weight import unexplained
from motif.behavior.semi_markov._gaussian import _no_narrower
from motif.behavior.semi_markov._offsets import by_segment, offsets_of
from motif.behavior.semi_markov._settings import Frames, durations_of, emission_of
from motif.behavior.semi_markov._starts import from_labels, neutral


def recording(offset, seed=0, n_segments=150, noise=0.3):
    """Three states far apart; each segment lies `offset` beside its state, frames scatter by `noise`."""
    rng = np.random.default_rng(seed)
    places = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])
    states = np.arange(n_segments) % 3
    lengths = rng.integers(20, 60, n_segments)
    wholes = places[states] + offset * rng.normal(size=(n_segments, 2))
    frames = np.repeat(wholes, lengths, axis=0) + noise * rng.normal(size=(lengths.sum(), 2))
    return frames, np.repeat(states, lengths)


def fitted(frames, states):
    emission = emission_of("gaussian", [frames], 3, covariance="full", order=1, levels=None)
    return from_labels(neutral(emission, durations_of("negative_binomial", Frames(1, 30, 100), 3)), [frames], [states])


def offsets(model, frames):
    """What segments share, in the unit of the frames."""
    segments = by_segment(*unexplained(model, [frames]))
    return offsets_of(segments, segments.states, 1.0) * np.outer(model.emission.scale, model.emission.scale)


def test_what_segments_share_is_told_from_the_noise_of_their_frames():
    frames, states = recording(offset=1.0)
    model = fitted(frames, states)
    np.testing.assert_allclose(offsets(model, frames), np.eye(2), atol=0.35)


def test_segments_that_differ_by_noise_alone_have_next_to_no_offset():
    frames, states = recording(offset=0.0, noise=1.0)
    model = fitted(frames, states)
    assert np.linalg.eigvalsh(offsets(model, frames)).max() < 0.03


def test_frames_that_are_missing_say_nothing_of_offsets():
    frames, states = recording(offset=1.0)
    frames[::7] = np.nan
    model = fitted(frames, states)
    np.testing.assert_allclose(offsets(model, frames), np.eye(2), atol=0.35)


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32 - 1), rank=st.integers(0, 3))
def test_a_covariance_is_widened_where_it_is_too_narrow_and_nowhere_else(seed, rank):
    rng = np.random.default_rng(seed)
    root, part = rng.normal(size=(3, 3)) + np.eye(3), rng.normal(size=(3, rank))
    covariance, least = root @ root.T + 0.01 * np.eye(3), part @ part.T
    wide = _no_narrower(covariance, least)
    assert np.linalg.eigvalsh(wide - least).min() > -1e-9
    assert np.linalg.eigvalsh(wide - covariance).min() > -1e-9
    np.testing.assert_allclose(_no_narrower(wide, least), wide)
    np.testing.assert_array_equal(_no_narrower(covariance, 1e-6 * covariance), covariance)


def test_no_state_is_narrower_than_what_segments_differ_by():
    frames, _ = recording(offset=0.7)
    emission = HDPHSMM(10, typical_s=30, longest_s=100, random_state=0).fit(frames).parameters_.emission
    assert np.linalg.eigvalsh(emission.offsets).min() > 0.0
    for covariance in emission.covariances:
        assert np.linalg.eigvalsh(covariance - emission.offsets).min() > -1e-9


def test_a_model_may_have_one_state_and_answers_as_any_other(tmp_path):
    frames = np.random.default_rng(1).normal(size=(300, 2))
    model = HDPHSMM(start_states=4, longest_s=40, random_state=1).fit(frames)
    assert model.n_states_ == 1
    model.calibrate(frames).save(tmp_path / "one.safetensors")
    again = HDPHSMM.load(tmp_path / "one.safetensors")
    assert not again.predict(frames).any()
    np.testing.assert_allclose(again.predict_proba(frames), 1.0)
    assert np.isfinite(again.score(frames))
    assert len(again.report(frames).states) == 1
