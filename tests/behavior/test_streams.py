"""Labels for every frame of recordings that go on."""

from copy import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from sklearn.exceptions import NotFittedError

from motif.behavior.streams import StreamClassifier
from motif.behavior.streams._classifier import _of_frames
from motif.behavior.streams._moments import moments, usual_sizes
from motif.bundles import array_bytes, read_arrays
from motif.errors import (
    BundleError,
    ConfigError,
    DtypeError,
    LabelError,
    MissingFileError,
    NotFiniteError,
    ShapeError,
    TooFewSamplesError,
)

RATE_HZ = 50.0


def recording(seed, lengths=(150, 130, 170, 140)):
    """Lying still, shaken, lying still, shaken: (6, 2, samples) and labels."""
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 0, 1], lengths)
    shaken = rng.normal(0, 0.1 + 3.0 * labels, (6, 2, len(labels)))
    shaken[2] += 9.81
    return shaken.astype(np.float32), labels


@pytest.fixture(scope="module")
def fitted():
    streams, labels = zip(*(recording(seed) for seed in range(4)), strict=True)
    return StreamClassifier(rate_hz=RATE_HZ, frame_s=0.1, epochs=8, random_state=0).fit(streams, labels)


def test_what_a_stranger_does_is_found_when_it_happens(fitted):
    values, labels = recording(9, (100, 180, 120, 200))
    said = fitted.predict(values)
    truth = labels.reshape(-1, 5)[:, 2]
    assert (said == truth).mean() > 0.95
    assert (np.diff(said) != 0).sum() == 3


def test_probabilities_are_of_every_frame_and_add_up(fitted):
    values, _ = recording(5)
    likely = fitted.predict_proba(values)
    assert likely.shape == (590 // 5, 2)
    assert likely.dtype == np.float32
    np.testing.assert_allclose(likely.sum(axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(likely, fitted.predict_proba(values))


def test_what_is_left_over_at_the_end_is_no_frame(fitted):
    values, _ = recording(5)
    np.testing.assert_array_equal(fitted.predict(values[:, :, :588]), fitted.predict(values[:, :, :585]))


def test_the_same_number_gives_the_same_answers():
    streams, labels = zip(*(recording(seed, (40, 30, 50, 40)) for seed in range(2)), strict=True)
    twins = [StreamClassifier(rate_hz=RATE_HZ, frame_s=0.1, epochs=1, random_state=3) for _ in range(2)]
    first, second = (twin.fit(streams, labels).predict_proba(streams[0]) for twin in twins)
    np.testing.assert_array_equal(first, second)


def test_texts_are_labels_and_what_nobody_labelled_is_not_learnt():
    streams, numbers = zip(*(recording(seed, (40, 30, 50, 40)) for seed in range(2)), strict=True)
    labels = [np.array(["still", "shaken"])[each] for each in numbers]
    labels[0][10:60] = ""
    classifier = StreamClassifier(rate_hz=RATE_HZ, frame_s=0.1, epochs=1, random_state=0).fit(streams, labels)
    assert classifier.classes_.tolist() == ["shaken", "still"]
    assert set(classifier.predict(streams[0])) <= {"shaken", "still"}


def test_what_is_saved_says_the_same_when_it_is_loaded(fitted, tmp_path):
    values, _ = recording(7)
    path = fitted.save(tmp_path / "still-or-shaken.safetensors")
    again = StreamClassifier.load(path)
    np.testing.assert_array_equal(again.predict_proba(values), fitted.predict_proba(values))
    np.testing.assert_array_equal(again.predict(values), fitted.predict(values))
    assert again.get_params() == fitted.get_params()


def test_what_is_no_saved_classifier_is_named(fitted, tmp_path):
    with pytest.raises(MissingFileError, match=r"StreamClassifier\.save"):
        StreamClassifier.load(tmp_path / "nowhere.npz")
    path = tmp_path / "other.npz"
    np.savez(path, format=np.array(1))
    with pytest.raises(BundleError, match="save it again"):
        StreamClassifier.load(path)
    np.savez(path, format=np.array(3))
    with pytest.raises(BundleError, match="format 3"):
        StreamClassifier.load(path)
    path.write_bytes(fitted.save(tmp_path / "whole.safetensors").read_bytes()[:-200])
    with pytest.raises(BundleError):
        StreamClassifier.load(path)


def test_how_lively_a_frame_of_one_sample_is_is_told_by_the_five_around_it():
    values, labels = recording(3)
    classifier = StreamClassifier(rate_hz=20.0, epochs=1, random_state=0).fit([values], [labels])
    of_length = classifier._moments(values)[2:-2, 11]
    length = np.linalg.norm(values[:3, 0].astype(float), axis=0) / classifier._sizes[0]
    np.testing.assert_allclose(np.exp(of_length) - 0.02, [length[i : i + 5].std() for i in range(586)], atol=1e-6)


def test_what_an_earlier_version_saved_answers_by_frames_alone(fitted, tmp_path):
    slow = copy(fitted).set_params(rate_hz=20.0)
    slow._around = 2
    path = slow.save(tmp_path / "earlier.safetensors")
    found = read_arrays(path.name, path.read_bytes())
    del found["around"]
    path.write_bytes(array_bytes(found | {"format": np.array(1)}))
    values, _ = recording(7)
    again = StreamClassifier.load(path)
    np.testing.assert_array_equal(again.predict_proba(values), slow.predict_proba(values))
    np.testing.assert_array_equal(StreamClassifier.load(again.save(path)).predict(values), slow.predict(values))


@pytest.mark.parametrize(
    "change",
    [
        {"decoder_following": np.zeros((1, 1))},  # a compiled loop would read beyond its end
        {"decoder_spread": np.zeros(2)},
        {"decoder_first": np.full(3, 0.3)},
        {"sizes": np.ones(3)},
        {"around": np.array(4)},
        {"around": np.array(10**9)},
        {"center": np.zeros(5, np.float32)},
        {"scale": np.zeros(46, np.float32)},
        {"network_000": np.full((1, 1, 46, 32), np.nan, np.float32)},
        {"network_000": np.zeros((1, 1, 7, 32), np.float32)},
        {"stream_shape": np.array([6, -2])},
        {"facts": np.frombuffer(b'{"settings": {"rate_hz": "fast"}, "classes": [0, 1]}', np.uint8)},
        {"facts": np.frombuffer(b'{"settings": {}, "classes": [0, 1, 2]}', np.uint8)},
    ],
)
def test_parts_that_are_not_made_for_each_other_are_not_read(fitted, tmp_path, change):
    path = fitted.save(tmp_path / "whole.safetensors")
    found = read_arrays(path.name, path.read_bytes())
    assert set(change) <= set(found)
    path.write_bytes(array_bytes(found | change))
    with pytest.raises(BundleError, match="save it again"):
        StreamClassifier.load(path)


def test_settings_may_be_numbers_of_numpy(fitted, tmp_path):
    twin = copy(fitted).set_params(rate_hz=np.float32(RATE_HZ), epochs=np.int64(8), random_state=np.int64(0))
    again = StreamClassifier.load(twin.save(tmp_path / "twin.safetensors"))
    assert again.get_params() == fitted.get_params()


@pytest.mark.parametrize("value", [1e6, -1e20, 3e38])
def test_a_sensor_that_breaks_leaves_the_answers_numbers(fitted, value):
    values, _ = recording(5)
    values[:, 1, 200:220] = value
    likely = fitted.predict_proba(values)
    np.testing.assert_allclose(likely.sum(axis=1), 1.0, atol=1e-5)
    assert set(fitted.predict(values)) <= {0, 1}
    with pytest.raises(NotFiniteError, match=r"\(0, 1, 200\)"):
        fitted.predict(np.where(values == value, 1e300, values.astype(float)))


@given(turn=st.tuples(*[st.floats(-3.0, 3.0)] * 3))
def test_own_axes_are_the_same_whichever_way_a_sensor_is_worn(turn):
    values, _ = recording(1)
    t = np.arange(values.shape[2]) / RATE_HZ
    values[0] += 4.0 * (np.sin(t) > 0.9)  # leans, seldom and to one side
    turned = np.einsum("ij,kjst->kist", Rotation.from_rotvec(turn).as_matrix(), values.reshape(2, 3, 2, -1))
    sizes = usual_sizes([values])
    before = moments(values, sizes, RATE_HZ, 5, 5)
    after = moments(turned.reshape(values.shape).astype(np.float32), sizes, RATE_HZ, 5, 5)
    np.testing.assert_allclose(after, before, atol=2e-3)


def test_half_a_turn_is_told_before_and_after_it():
    values = np.zeros((6, 1, 400), np.float32)
    values[2] = 9.81
    values[5, 0, 200:250] = np.pi  # rad/s for a second at 50 Hz, about gravity
    described = moments(values, np.array([9.81, 1.0]), RATE_HZ, 5, 5)
    behind, ahead = described[:, -1], described[:, -2]  # within 1.5 s
    assert ahead[39] == pytest.approx(np.pi, abs=0.01)
    assert behind[50] == pytest.approx(np.pi, abs=0.01)
    assert behind[39] == ahead[50] == 0
    assert ahead[0] == behind[0] == 0


def test_a_frame_is_what_most_of_its_samples_are():
    labels = np.array([0, 0, 1, 1, 1, -1, -1, -1, 0, 1, 1])
    np.testing.assert_array_equal(_of_frames(labels, 5, 2), [1, -1])


@pytest.mark.parametrize("ask", ["predict", "predict_proba", "save"])
def test_who_learnt_nothing_says_so(ask, tmp_path):
    with pytest.raises(NotFittedError):
        getattr(StreamClassifier(), ask)(tmp_path / "x" if ask == "save" else recording(0)[0])


def test_what_cannot_be_learnt_is_named():
    values, labels = recording(0)
    classifier = StreamClassifier(rate_hz=RATE_HZ)
    with pytest.raises(ShapeError, match="one for each recording"):
        classifier.fit([values], [])
    with pytest.raises(ShapeError, match="one for each sample"):
        classifier.fit([values], [labels[:-1]])
    with pytest.raises(ShapeError, match="channels in threes"):
        classifier.fit([values[:4]], [labels])
    with pytest.raises(ShapeError, match="as in training"):
        classifier.fit([values, values[:3]], [labels, labels])
    with pytest.raises(DtypeError, match="whole numbers or texts"):
        classifier.fit([values], [labels.astype(float)])
    with pytest.raises(LabelError, match="two or more"):
        classifier.fit([values], [labels * 0])
    with pytest.raises(LabelError, match="one of them throughout"):
        classifier.fit([values, values], [labels, np.array(["a"] * len(labels))])
    with pytest.raises(NotFiniteError):
        classifier.fit([np.where(labels, np.nan, values)], [labels])
    with pytest.raises(DtypeError, match="float32"):
        classifier.fit([values.astype(str)], [labels])
    with pytest.raises(TooFewSamplesError, match="at least a frame"):
        classifier.fit([values[:, :, :1]], [labels[:1]])


@pytest.mark.parametrize(
    "wrong",
    [{"rate_hz": 0}, {"rate_hz": "100"}, {"frame_s": np.nan}, {"epochs": 0.5}, {"label_smoothing": 1.0}],
)
def test_settings_that_cannot_be_are_named(wrong):
    values, labels = recording(0)
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        StreamClassifier(**wrong).fit([values], [labels])
