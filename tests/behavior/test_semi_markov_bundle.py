"""A semi-Markov model on a device: a graph that says of a window what the model says, and parameters to go on from."""

import numpy as np
import onnxruntime
import pytest

from motif import bundles
from motif.behavior import HDPHSMM, HSMM
from motif.behavior.semi_markov._durations import segments_of
from motif.behavior.semi_markov._graph import graph_of
from motif.behavior.semi_markov._phases import phases_of
from motif.behavior.semi_markov._settings import Frames, durations_of, emission_of
from motif.behavior.semi_markov._starts import from_labels, neutral
from motif.errors import BundleError, ConfigError, FormatError, LabelError

N_FRAMES = 40


def recording(time=600, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(time) % 3, rng.integers(8, 20, time))[:time]
    looks = np.array([[0.0, 0.0], [1.5, 0.0], [0.0, 1.5]])
    return looks[labels] + rng.normal(size=(time, 2)), labels


def learnt(durations, emissions, covariance="full", order=1):
    """A model of labelled frames, and these frames."""
    frames, labels = recording()
    if emissions == "categorical":
        frames = (frames > 1.0).astype(np.float64)
    emission = emission_of(emissions, [frames], 3, covariance=covariance, order=order, levels=None)
    blank = neutral(emission, durations_of(durations, Frames(1, 15, 40), 3))
    return from_labels(blank, [frames], [labels]), frames


@pytest.mark.parametrize("lag", [0, 7])
@pytest.mark.parametrize(
    ("durations", "emissions", "covariance", "order"),
    [
        ("negative_binomial", "gaussian", "full", 1),
        ("free", "gaussian", "diag", 1),
        ("stages", "autoregressive", "full", 2),
        ("geometric", "categorical", "full", 1),
    ],
)
def test_the_graph_says_of_a_window_what_the_model_says(durations, emissions, covariance, order, lag):
    model, frames = learnt(durations, emissions, covariance, order)
    content = graph_of(model, window=(N_FRAMES, 2), used=np.arange(2), lag=lag)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    for start in range(0, 500, 45):
        window = frames[start : start + N_FRAMES].astype(np.float32)
        (answer,) = session.run(None, {"window": window[None]})[0]
        expected = model.posterior(window.astype(np.float64)).states[N_FRAMES - 1 - lag]
        np.testing.assert_allclose(answer, expected, atol=1e-6)


@pytest.fixture(scope="module")
def fitted():
    frames, _ = recording()
    copied = np.column_stack([frames, frames[:, 0]])  # a feature that says nothing new is in the window all the same
    return HSMM(3, rate_hz=10.0, typical_s=1.5, longest_s=4.0, n_starts=1, random_state=0).fit(copied), copied


@pytest.fixture(scope="module")
def saved(fitted, tmp_path_factory):
    model, frames = fitted
    model.calibrate(frames)
    folder = tmp_path_factory.mktemp("bundled")
    return model.save_bundle(folder / "states", lag_s=0.5, state_names=["sit", "walk", "run"])


def test_a_bundle_answers_without_the_model_and_gives_the_model_back(fitted, saved):
    model, frames = fitted
    assert bundles.verify(saved, n_timed=3).max_difference < 1e-6
    packed = bundles.load(saved)
    assert packed.config.recognizer == "HSMM"
    assert packed.classes_.tolist() == ["sit", "walk", "run"]
    window = frames[100:145].astype(np.float32)
    np.testing.assert_allclose(packed.predict_proba(window[None])[0], model.predict_proba(window)[39], atol=1e-6)
    again = HSMM.load(saved)
    assert again.temperature_ == model.temperature_
    np.testing.assert_array_equal(again.predict_proba(frames), model.predict_proba(frames))


def test_the_same_model_gives_the_same_bundle(fitted, saved, tmp_path):
    again = fitted[0].save_bundle(tmp_path / "again", lag_s=0.5, state_names=["sit", "walk", "run"])
    assert bundles.verify(again, n_timed=1).content_hash == bundles.verify(saved, n_timed=1).content_hash


def test_a_bundle_of_something_else_is_no_model(saved, tmp_path):
    with pytest.raises(FormatError, match="it holds a 'HSMM'"):
        HDPHSMM.load(saved)
    graph = (saved / "model.onnx").read_bytes()
    config = bundles.load(saved).config
    other = bundles.save(tmp_path / "other", onnx=graph, config=config, class_names=["a", "b", "c"])
    with pytest.raises(BundleError, match=r"no states\.safetensors"):
        HSMM.load(other)


def test_what_cannot_be_bundled_is_named(fitted, tmp_path):
    model, _ = fitted
    with pytest.raises(ConfigError, match="want 11 or more"):
        model.save_bundle(tmp_path / "short", window_s=0.5, lag_s=1.0)
    with pytest.raises(ConfigError):
        model.save_bundle(tmp_path / "early", lag_s=-1.0)
    with pytest.raises(LabelError):
        model.save_bundle(tmp_path / "names", state_names=["a", "a", "b"])


def test_phases_last_as_long_as_the_durations_they_stand_for():
    seen = segments_of([np.repeat([0, 1, 0, 1], [9, 20, 12, 30])])
    durations = durations_of("stages", Frames(1, 15, 200), 2).learnt(seen)
    phases = phases_of(durations)
    there, lasts = phases.enter, np.empty((2, 200))
    for frame in range(200):
        lasts[:, frame] = there[:, 0] * phases.leave
        above = np.hstack([there[:, 1:], np.zeros((2, 1))])
        there = there * phases.stay + above * phases.move
    np.testing.assert_allclose(lasts, durations.tables, atol=1e-6)
