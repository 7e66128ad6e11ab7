"""Gestures taught by a few samples: told apart, judged, kept and refused."""

import io
import json

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from sklearn.metrics import roc_auc_score

from motif import bundles
from motif.bundles._save import write_files
from motif.errors import BundleError, ConfigError, DtypeError, InputError, LabelError, NotFiniteError, ShapeError
from motif.recordings import load_dataset, simulate_gesture_recordings
from motif.signals import MotionAugmentation
from motif.templates import TemplateClassifier, TemplateModel

N_SAMPLES = 60


def gestures(n_each, *, seed=0, kinds=range(5), strength=1.0, n_samples=N_SAMPLES):
    """Return windows (n, 6, samples) of made-up gestures: five paths of a hand that turns as it goes."""
    generator = np.random.default_rng(seed)
    t = np.linspace(0, 2 * np.pi, n_samples)
    paths = [
        [np.sin(t), 0 * t, 0 * t],
        [0 * t, np.sin(t), 0 * t],
        [np.sin(t), np.cos(t) - 1, 0 * t],
        [np.sin(2 * t), 0 * t, np.sin(t)],
        [0 * t, np.sin(3 * t) * np.sin(t / 2), np.sin(t / 2)],
        [np.sin(t) * np.sin(t / 2), np.sin(2 * t), np.cos(3 * t) - 1],
    ]
    labels = np.repeat(list(kinds), n_each)
    whole = np.array([[*paths[k], *np.gradient(np.array(paths[k]), t, axis=1)] for k in labels])
    vary = MotionAugmentation(rotation_deg=15, scale=0.15, time_warp=0.15, shift=0.04, jitter=0.05)
    return strength * vary.apply(whole[:, :, None].astype(np.float32), generator)[:, :, 0], labels


@pytest.fixture(scope="module")
def taught():
    return TemplateClassifier().fit(*gestures(4))


@pytest.mark.parametrize("n_each", [1, 3])
def test_few_samples_are_enough(n_each):
    classifier = TemplateClassifier().fit(*gestures(n_each))
    X, y = gestures(10, seed=1)
    assert (classifier.predict(X) == y).mean() >= 0.95


def test_a_gesture_made_with_twice_the_force_is_the_same_gesture(taught):
    X, y = gestures(6, seed=2, strength=2.0)
    assert (taught.predict(X) == y).mean() >= 0.95


def test_confidence_is_lower_where_labels_say_nothing():
    X, y = gestures(5)
    clear, guessed = (TemplateClassifier().fit(X, each) for each in (y, np.random.default_rng(0).permutation(y)))
    assert guessed.model_.sharpness < clear.model_.sharpness
    others, _ = gestures(5, seed=1)
    assert guessed.predict_proba(others).max(axis=1).mean() < clear.predict_proba(others).max(axis=1).mean() - 0.1


def test_what_was_never_taught_is_stranger_than_what_was(taught):
    known, _ = gestures(10, seed=3)
    unknown, _ = gestures(20, seed=3, kinds=[5])
    noise = np.random.default_rng(0).normal(size=(20, 6, N_SAMPLES)).astype(np.float32)
    still = np.zeros((1, 6, N_SAMPLES), np.float32)
    scores = taught.outlier_score(known)
    assert (scores > 0).all()
    for strange in (unknown, noise, still):
        assert roc_auc_score([0] * 50 + [1] * len(strange), [*scores, *taught.outlier_score(strange)]) > 0.95
    assert taught.is_outlier(known).mean() < 0.1
    assert taught.is_outlier(noise).all()
    assert taught.recognize(noise[0]).is_outlier
    assert not taught.recognize(known[0]).is_outlier


def test_a_background_teaches_what_is_no_gesture():
    X, y = gestures(3)
    ordinary, _ = gestures(40, seed=4, kinds=[5])
    more, _ = gestures(20, seed=5, kinds=[5])
    known, labels = gestures(10, seed=6)
    without, with_it = (TemplateClassifier().fit(X, y, background=each) for each in (None, ordinary))
    truth = [0] * len(known) + [1] * len(more)
    areas = [roc_auc_score(truth, c.outlier_score(np.concatenate([known, more]))) for c in (without, with_it)]
    assert areas[1] >= areas[0]
    assert areas[1] > 0.99
    assert with_it.predict_proba(known).shape == (len(known), 5)
    assert (with_it.predict(known) == labels).mean() > 0.9


def test_the_conformal_rule_keeps_the_share_it_promises():
    X, y = gestures(10)
    known, _ = gestures(40, seed=7)
    lost = TemplateClassifier(outlier_rule="conformal", outlier_rate=0.2).fit(X, y).is_outlier(known).mean()
    assert lost < 0.35  # 0.2 on average; fifty left-out samples are a few


@pytest.mark.parametrize("shape", [(6, 40), (84, 12)])
def test_a_window_is_answered_alone_as_among_others(shape):
    X = np.random.default_rng(0).random((7, *shape)).astype(np.float32).cumsum(axis=2)
    classifier = TemplateClassifier().fit(X, [0, 1, 2] * 2 + [0])
    together, alone = classifier.answers(X), [classifier.answers(X[i : i + 1]) for i in range(len(X))]
    for k in range(2):
        np.testing.assert_array_equal(together[k], np.concatenate([each[k] for each in alone]))
    assert [len(part) for part in classifier.answers(X[:0])] == [0, 0]


def test_a_hand_whose_wrist_moves_where_fingers_should_is_stranger():
    moments = np.linspace(0, np.pi, 12)
    generator = np.random.default_rng(1)
    still = generator.random((63, 1)) + generator.normal(0, 0.003, (9, 63, 12))
    bent = np.zeros((63, 12))
    bent[24:27] = 0.3 * np.sin(moments)  # one fingertip
    moved = np.tile(0.3 * np.sin(moments), (63, 1))  # the whole hand
    X = np.concatenate([still[:3], still[3:6] + bent, still[6:] + moved]).astype(np.float32)
    model = TemplateClassifier().fit(X, np.repeat([0, 1, 2], 3)).model_
    vigour = model.see(X).vigour
    assert (vigour.argmin(axis=1) == np.repeat([0, 1, 2], 3)).all()


def test_a_hand_that_moves_far_more_than_its_gesture_is_stranger():
    moments = np.linspace(0, np.pi, 12)
    generator = np.random.default_rng(0)
    still = generator.random((63, 1)) + generator.normal(0, 0.003, (9, 63, 12))
    lifts = [
        np.r_[np.zeros((20, 12)), np.outer(row, np.sin(moments)), np.zeros((42, 12))] for row in ([0.3], [0.6], [0.9])
    ]
    X = np.concatenate([still[3 * i : 3 * i + 3] + lift for i, lift in enumerate(lifts)]).astype(np.float32)
    model = TemplateClassifier().fit(X, np.repeat([0, 1, 2], 3)).model_
    vigour = model.see(X).vigour
    assert (vigour.argmin(axis=1) == np.repeat([0, 1, 2], 3)).all()
    assert (TemplateClassifier().fit(X[:, :6], np.repeat([0, 1, 2], 3)).model_.see(X[:, :6]).vigour == 0).all()


def test_shorter_gestures_may_end_in_nan(taught):
    X, y = gestures(4)
    short, labels = gestures(5, seed=8, n_samples=40)
    padded = np.full((len(short), 6, N_SAMPLES), np.nan, np.float32)
    padded[:, :, :40] = short
    classifier = TemplateClassifier(nan_tails=True).fit(X, y)
    assert (classifier.predict(padded) == labels).mean() > 0.9
    assert classifier.predict(padded[0][None]) == classifier.recognize(padded[0]).label
    with pytest.raises(NotFiniteError):
        taught.predict(padded)
    padded[0, 2, 5] = np.nan
    with pytest.raises(NotFiniteError):
        classifier.predict(padded)
    with pytest.raises(NotFiniteError):
        classifier.predict(np.full((1, 6, N_SAMPLES), np.nan))
    assert len(classifier.predict(np.zeros((1, 6, N_SAMPLES), int))) == 1


def test_sensors_beside_channels_are_the_same_as_channels_in_a_row():
    X, y = gestures(3)
    two = np.stack([X[:, :3], X[:, 3:]], axis=2)  # (n, channels, sensors, samples)
    beside, row = TemplateClassifier().fit(two, y), TemplateClassifier().fit(X, y)
    np.testing.assert_allclose(beside.model_.view.of(two)[0], row.model_.view.of(X)[0])
    assert (beside.predict(two) == y).all()


def test_many_samples_are_thinned_and_still_told_apart():
    X, y = gestures(60)
    classifier = TemplateClassifier().fit(X, y)
    assert len(classifier.model_.warping.labels) == 50
    known, labels = gestures(5, seed=9)
    assert (classifier.predict(known) == labels).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (3, 1), (4, 3), (2, 9), (84, 5), (63, 1)])
def test_windows_of_any_size_are_answered(shape):
    X = np.random.default_rng(0).random((6, *shape)).astype(np.float32)
    classifier = TemplateClassifier().fit(X, [0, 1] * 3)
    assert np.isfinite(classifier.predict_proba(X)).all()
    assert np.isfinite(classifier.outlier_score(X)).all()


@pytest.mark.parametrize("value", [0.0, 1.0, 1e15])
def test_windows_that_are_all_the_same_are_answered(value):
    X = np.full((4, 3, 20), value, np.float32)
    classifier = TemplateClassifier().fit(X, [0, 1] * 2)
    assert np.isfinite(classifier.predict_proba(X)).all()
    assert np.isfinite(classifier.outlier_score(X)).all()


@pytest.mark.parametrize("rule", ["conformal", "three-sigma"])
def test_a_sample_given_twice_teaches_as_if_given_once(rule):
    X, y = gestures(5)
    once, twice = TemplateClassifier(outlier_rule=rule).fit(X, y), TemplateClassifier(outlier_rule=rule)
    for copied in (slice(1), slice(None)):
        twice.fit(np.concatenate([X, X[copied]]), np.concatenate([y, y[copied]]))
        assert twice.model_.threshold == once.model_.threshold
        np.testing.assert_array_equal(twice.predict_proba(X), once.predict_proba(X))


def of_persons(names):
    """Return the gestures of persons, three of each, who hold the device each in their own way, and whose they are."""
    turned = []
    for name in names:
        X, y = gestures(3, seed=name)
        axes = Rotation.from_rotvec(np.random.default_rng(name).normal(0, 0.5, 3)).as_matrix()
        turned.append(np.concatenate([axes @ X[:, :3], axes @ X[:, 3:]], axis=1, dtype=np.float32))
    return np.concatenate(turned), np.tile(y, len(names)), np.repeat(names, len(y))


def test_with_groups_it_is_learnt_from_other_persons_how_strange_a_gesture_may_be():
    X, y, persons = of_persons(range(4))
    strangers, _, _ = of_persons(range(10, 16))
    alone, apart = TemplateClassifier().fit(X, y), TemplateClassifier().fit(X, y, groups=persons)
    assert apart.is_outlier(strangers).mean() < 0.7 * alone.is_outlier(strangers).mean()
    np.testing.assert_array_equal(apart.outlier_score(strangers), alone.outlier_score(strangers))


def test_groups_that_share_no_gesture_teach_as_none():
    X, y = gestures(3)
    alone, apart = TemplateClassifier().fit(X, y), TemplateClassifier().fit(X, y, groups=y)
    np.testing.assert_array_equal(apart.predict_proba(X), alone.predict_proba(X))
    assert apart.model_.threshold == alone.model_.threshold


def test_the_outlier_score_of_a_number_no_sensor_gives_is_finite_with_a_background_too():
    X = np.random.default_rng(0).random((12, 3, 1)).astype(np.float32)
    classifier = TemplateClassifier().fit(X, np.arange(12) % 2, background=X[::-1] + 1)
    assert np.isfinite(classifier.outlier_score(1e6 * X)).all()


@pytest.mark.parametrize("value", [1e19, -1e30, 3e38])
def test_a_number_no_sensor_gives_is_not_taught_and_is_strange_where_it_is_met(taught, value):
    X, y = gestures(2)
    X[3, 2, 10] = value
    with pytest.raises(InputError, match="leave that window out"):
        TemplateClassifier().fit(X, y)
    assert np.isfinite(taught.predict_proba(X)).all()
    assert taught.is_outlier(X[3:4]).all()


def test_no_seed_is_one_seed_and_another_seed_is_another_recognizer():
    X, y = gestures(2)
    one, same, other = (TemplateClassifier(random_state=seed).fit(X, y) for seed in (None, None, 1))
    np.testing.assert_array_equal(one.outlier_score(X), same.outlier_score(X))
    assert (one.outlier_score(X) != other.outlier_score(X)).any()


def test_settings_and_inputs_that_cannot_be_are_refused():
    X, y = gestures(2)
    with pytest.raises(ConfigError):
        TemplateClassifier(outlier_rule="never").fit(X, y)
    with pytest.raises(LabelError):
        TemplateClassifier().fit(X, np.array([1, "a"] * 5, object))
    with pytest.raises(ShapeError):
        TemplateClassifier().fit(X, y, background=X[:, :3])
    with pytest.raises(ShapeError):
        TemplateClassifier().fit(X, y, groups=["p1"])


def test_a_bundle_says_what_is_an_outlier_too(taught, tmp_path):
    path = taught.save(tmp_path / "b", class_names=list("abcde"), window={"rate_hz": 50.0, "channels": list("uvwxyz")})
    packed, back = bundles.load(path), TemplateClassifier.load(path)
    noise = np.random.default_rng(0).normal(size=(6, N_SAMPLES)).astype(np.float32)
    known, _ = gestures(1, seed=3)
    assert packed.recognize(noise).is_outlier
    assert not packed.recognize(known[0]).is_outlier
    assert packed.recognize(known[0]).label == "a"
    np.testing.assert_array_equal(back.outlier_score(known), taught.outlier_score(known))
    assert packed.config.window.time_last
    assert packed.config.window.n_samples == N_SAMPLES
    assert (path / "model.safetensors").exists()
    assert not (path / "model.onnx").exists()


def _arrays(path):
    return bundles.model_arrays(bundles.read_files(path)[1])


def _resave(path, arrays, **config):
    """Write the bundle again with other arrays or another configuration, hashes and all."""
    _, files = bundles.read_files(path)
    old = bundles.BundleConfig.from_yaml(files["config.yaml"].decode())
    names = list(json.loads(files["label_map.json"]).values())
    return bundles.save(path, arrays=arrays, config=old.model_copy(update=config), class_names=names)


def test_a_recording_is_cut_into_windows_as_the_bundle_takes_them(taught, tmp_path):
    (recording,) = simulate_gesture_recordings(1, 1, movements=("push", "twist"), random_state=0)
    channels = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")
    path = taught.save(tmp_path / "b", window={"rate_hz": 50.0, "channels": channels})
    packed = bundles.load(path)
    cut = bundles.cut(recording, packed.config.window)
    assert cut.X.shape[1:] == (6, N_SAMPLES)
    assert (cut.stop_ns - cut.start_ns == 59 * 20_000_000).all()
    assert packed.predict_proba(cut.X).shape == (len(cut.X), 5)


def test_arrays_that_do_not_fit_are_refused(taught, tmp_path):
    path = taught.save(tmp_path / "b")
    arrays = _arrays(path)
    for change in (
        {"weights": arrays["weights"][1:]},
        {"paths": arrays["paths"][:, :-1, :2]},
        {"labels": arrays["labels"] + 1},
        {"dilations": arrays["dilations"] * 0},
        {"n_classes": np.asarray(4)},
    ):
        _resave(path, arrays | change)
        with pytest.raises(BundleError):
            bundles.load(path)
        with pytest.raises(BundleError):
            TemplateClassifier.load(path)
    _resave(path, {name: values for name, values in arrays.items() if name != "limits"})
    with pytest.raises(BundleError, match="limits"):
        bundles.load(path)


def test_a_bundle_of_another_recognizer_is_refused(taught, tmp_path):
    path = taught.save(tmp_path / "b")
    _resave(path, _arrays(path), recognizer="Foreign")
    with pytest.raises(BundleError, match="nothing installed here reads"):
        bundles.load(path)
    with pytest.raises(BundleError, match="Foreign"):
        TemplateClassifier.load(path)
    _resave(path, _arrays(path), recognizer="TemplateClassifier", settings={"classes": [1, 2], "colour": "red"})
    with pytest.raises(BundleError, match="colour"):
        TemplateClassifier.load(path)
    _resave(path, _arrays(path), settings={"classes": [1, 2]})
    with pytest.raises(BundleError, match="2 classes"):
        TemplateClassifier.load(path)


def test_arrays_that_could_fill_the_memory_or_run_code_are_refused():
    packed, objects, dates = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.savez_compressed(packed, zeros=np.zeros(1000))
    np.savez(objects, odd=np.array([{}], object))
    np.savez(dates, when=np.array(["2026-01-01"], "datetime64[D]"))
    plain = bundles.array_bytes({"numbers": np.arange(9.0)})
    for content, problem in (
        (packed.getvalue(), "compressed"),
        (objects.getvalue(), "allow_pickle"),
        (dates.getvalue(), "datetime64"),
        (plain[:-30], "cannot be read"),
        (b"\xff" * 8 + plain[8:], "cannot be read"),  # a header that would not fit into memory
        (plain.replace(b'"F64"', b'"F65"'), "cannot be read"),
        (b"", "cannot be read"),
    ):
        with pytest.raises(BundleError, match=problem):
            bundles.read_arrays("model.safetensors", content)
    for odd in (np.array(["2026-01-01"], "datetime64[D]"), np.array(["text"]), np.array([{}], object)):
        with pytest.raises(BundleError, match="plain numbers"):
            bundles.array_bytes({"odd": odd})


def test_arrays_come_back_as_they_were_and_the_same_arrays_are_the_same_bytes():
    rng = np.random.default_rng(0)
    arrays = {
        "c": rng.normal(size=(3, 4)),
        "b": np.asfortranarray(rng.normal(size=(5, 2)).astype(np.float32)),
        "a": np.array(7),
        "none": np.zeros((0, 3), np.float32),
        "yes": np.array([True, False]),
        "every_other": np.arange(10)[::2],
    }
    content = bundles.array_bytes(arrays)
    back = bundles.read_arrays("model.safetensors", content)
    assert set(back) == set(arrays)
    for name, values in arrays.items():
        np.testing.assert_array_equal(back[name], values)
        assert back[name].dtype == values.dtype
        assert back[name].shape == values.shape
    assert bundles.array_bytes(dict(reversed(arrays.items()))) == content


def test_a_bundle_of_an_earlier_motif_with_packed_arrays_is_read(taught, tmp_path):
    path = taught.save(tmp_path / "b")
    _, files = bundles.read_files(path)
    packed = {name: io.BytesIO() for name in ("model", "reference")}
    for name, buffer in packed.items():
        np.savez(buffer, **bundles.read_arrays(name, files.pop(f"{name}.safetensors")))
        (path / f"{name}.safetensors").unlink()
        files[f"{name}.npz"] = buffer.getvalue()
    write_files(path, files)
    X, _ = gestures(1, seed=3)
    np.testing.assert_array_equal(bundles.load(path).predict_proba(X), taught.predict_proba(X))
    np.testing.assert_array_equal(TemplateClassifier.load(path).predict_proba(X), taught.predict_proba(X))
    assert bundles.verify(path, n_timed=1).n_reference_windows == 8


def test_a_bundle_that_was_taught_for_other_rules_does_not_answer_by_these(taught, tmp_path):
    path = taught.save(tmp_path / "b")
    _, files = bundles.read_files(path)
    arrays = bundles.read_arrays("m", files["model.safetensors"])
    del arrays["format"]
    write_files(path, files | {"model.safetensors": bundles.array_bytes(arrays)})
    for load in (bundles.load, TemplateClassifier.load):
        with pytest.raises(BundleError, match="teach it again"):
            load(path)


def test_a_bundle_holds_one_model(taught, tmp_path):
    path = taught.save(tmp_path / "b")
    config = bundles.load(path).config
    for models in ({}, {"onnx": b"", "arrays": {}}):
        with pytest.raises(ConfigError, match="one model"):
            bundles.save(tmp_path / "c", config=config, class_names=["a", "b"], **models)
    manifest = json.loads((path / "manifest.json").read_text())
    manifest["files"]["model.onnx"] = manifest["files"]["model.safetensors"]
    (path / "manifest.json").write_text(json.dumps(manifest))
    (path / "model.onnx").write_bytes((path / "model.safetensors").read_bytes())
    with pytest.raises(BundleError, match=r"model\.safetensors"):
        bundles.load(path)


def test_labels_that_are_none_are_refused_and_a_generator_may_be_the_seed():
    X, y = gestures(2)
    with pytest.raises(NotFiniteError):
        TemplateClassifier().fit(X, np.where(y == 0, np.nan, y))
    with pytest.raises(DtypeError):
        TemplateClassifier().fit(X, y.astype(complex))
    seeded = TemplateClassifier(random_state=np.random.RandomState(3)).fit(X, y)
    assert (seeded.predict(X) == y).all()


def test_a_model_is_arrays_and_nothing_else(taught):
    arrays = taught.model_.to_arrays()
    assert all(values.dtype.kind in "biuf" for values in arrays.values())
    again = TemplateModel.from_arrays(bundles.read_arrays("m", bundles.array_bytes(arrays)))
    window = gestures(1)[0][0]
    np.testing.assert_array_equal(again.answer(window)[0], taught.model_.answer(window)[0])


def test_real_hands_of_another_block_are_told_apart(shared_data):
    data = load_dataset(shared_data("handflow"))
    X = data.X.transpose(0, 2, 1)
    generator = np.random.default_rng(0)
    order = generator.permutation(np.flatnonzero(data.y > 0))
    blocks = np.asarray(data.groups)
    taught = np.concatenate([order[(data.y[order] == c) & (blocks[order] == "0")][:3] for c in range(1, 11)])
    tested = np.concatenate([order[(data.y[order] == c) & (blocks[order] != "0")][:10] for c in range(1, 11)])
    classifier = TemplateClassifier().fit(X[taught], data.y[taught])
    assert (classifier.predict(X[tested]) == data.y[tested]).mean() > 0.8
