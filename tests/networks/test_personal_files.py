"""Base files and profiles: what is refused, what is kept, what comes back."""

import io
import json
import zipfile

import numpy as np
import pytest
from tests.full_disk import room_for
from tests.networks.people import NAMES, SHAPE, base_model, save_base, somebody

from motif import bundles
from motif.errors import BundleError, ConfigError, FormatError, LabelError, MissingFileError, WriteError
from motif.learning import keras, keras_bytes
from motif.networks import CalibrationConfig, UserCalibrator, load_profile, quick_calibrate
from motif.networks.personal._keras_file import read_base


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return save_base(tmp_path_factory.mktemp("base") / "base.keras")


@pytest.fixture
def bundle(base, tmp_path):
    """A bundle that holds the base."""
    return bundles.save(
        tmp_path / "everybody",
        arrays={"none": np.zeros(1)},
        config=bundles.BundleConfig(window=bundles.WindowSpec(shape=SHAPE)),
        class_names=NAMES,
        extra_files={"model.keras": base.read_bytes()},
    )


@pytest.fixture(scope="module")
def calibrated(base):
    calibrator = UserCalibrator(base, NAMES, CalibrationConfig(epochs=0))
    for window, label in zip(*somebody(5), strict=True):
        calibrator.add_sample(window, NAMES[label])
    assert calibrator.calibrate().success
    return calibrator


def rewritten(path, target, change):
    """Copy a `.keras` file with its configuration changed."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as changed:
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                content = json.dumps(change(json.loads(content))).encode()
            changed.writestr(name, content)
    return target


def test_a_lambda_is_refused_even_where_keras_was_told_to_allow_it(tmp_path):
    k = keras()
    windows = k.Input(SHAPE)
    doubled = k.layers.Lambda(lambda x: x * 2, output_shape=SHAPE)(windows)
    model = k.Model(windows, k.layers.Dense(4, activation="softmax")(k.layers.Flatten()(doubled)))
    (tmp_path / "l.keras").write_bytes(keras_bytes(model))
    with k.src.saving.serialization_lib.SafeModeScope(False), pytest.raises(BundleError, match=r"Lambda .*refused"):
        UserCalibrator(tmp_path / "l.keras", NAMES)


@pytest.mark.parametrize(
    "stranger",
    [
        {"class_name": "Net", "module": "their_package.net", "config": {}, "registered_name": "Net"},
        {"class_name": "Net", "module": None, "config": {}, "registered_name": "theirs>Net"},
        {"class_name": "Net", "module": None, "config": {}, "registered_name": "Net"},
        {"class_name": "system", "module": "os", "config": {}},
        {"class_name": "TorchModuleWrapper", "module": "keras.layers", "config": {}},
        {"class_name": "__lambda__", "config": {"value": "x"}},
        {"class_name": "eval", "module": "builtins", "config": {}},
    ],
    ids=lambda stranger: stranger["class_name"] + str(stranger.get("module")),
)
def test_anything_that_is_not_keras_own_is_refused_wherever_it_stands(base, tmp_path, stranger):
    def smuggle(config):
        config["config"]["layers"][1]["config"]["activity_regularizer"] = [{"deep": stranger}]
        return config

    with pytest.raises(BundleError, match=stranger["class_name"]):
        read_base(rewritten(base, tmp_path / "b.keras", smuggle))


def test_a_loss_of_their_own_is_no_obstacle_as_nothing_is_compiled(base, tmp_path):
    loss = {"class_name": "function", "module": "theirs", "config": "focal", "registered_name": "focal"}
    path = rewritten(base, tmp_path / "b.keras", lambda config: config | {"compile_config": {"loss": loss}})
    X, _ = somebody(2)
    expected = read_base(base).model().predict_on_batch(X)
    np.testing.assert_array_equal(read_base(path).model().predict_on_batch(X), expected)


@pytest.mark.parametrize("names", [NAMES[::-1], ("clap", *NAMES[1:]), NAMES[:3]], ids=["order", "name", "count"])
def test_the_names_of_a_bundle_s_outputs_are_those_it_holds(bundle, names):
    X, y = somebody(2)
    known = r"everybody are \['swipe', 'pinch', 'wave', 'none'\]: give these, in this order"
    with pytest.raises(LabelError, match=known):
        quick_calibrate(bundle, X, y, names, "head_only")
    with pytest.raises(LabelError, match=known):
        UserCalibrator(bundle, names)
    assert UserCalibrator(bundle, list(NAMES)).class_names == NAMES


def test_a_file_that_is_missing_damaged_or_something_else_says_so(base, tmp_path):
    with pytest.raises(MissingFileError, match=r"nowhere\.keras"):
        read_base(tmp_path / "nowhere.keras")
    content = base.read_bytes()
    for name, damaged in {
        "cut": content[:-200],
        "empty": b"",
        "text": b"weights",
        "flipped": content[:1000] + bytes([content[1000] ^ 255]) + content[1001:],
    }.items():
        path = tmp_path / f"{name}.keras"
        path.write_bytes(damaged)
        with pytest.raises(FormatError):
            read_base(path)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("config.json", "{}")
    (tmp_path / "lacking.keras").write_bytes(packed.getvalue())
    with pytest.raises(FormatError, match=r"lacks metadata\.json, model\.weights\.h5"):
        read_base(tmp_path / "lacking.keras")
    with pytest.raises(BundleError):
        read_base(rewritten(base, tmp_path / "odd.keras", lambda config: {"class_name": "Sequential"})).model()
    with pytest.raises(FormatError):
        read_base(rewritten(base, tmp_path / "list.keras", lambda config: [config]))


def test_a_profile_comes_back_as_it_was_saved(calibrated, base, tmp_path):
    path = calibrated.save(tmp_path / "anna.keras")
    profile = load_profile(path, base_model_path=base)
    X, _ = somebody(3, seed=7)
    expected = calibrated.model.predict(X, verbose=0)
    np.testing.assert_array_equal(profile.model().predict(X, verbose=0), expected)
    np.testing.assert_array_equal(keras().saving.load_model(path).predict(X, verbose=0), expected)
    facts = profile.facts
    assert facts.class_names == NAMES
    assert facts.window_shape == SHAPE
    assert facts.samples == dict.fromkeys(NAMES, 5)
    assert facts.base_sha256 == read_base(base).sha256
    assert facts.personal
    assert facts.interval[0] <= facts.improvement <= facts.interval[1]
    assert "adapted without it" in facts.judged


def test_a_path_without_suffix_is_a_folder_for_the_profile(calibrated, tmp_path):
    assert calibrated.save(tmp_path / "anna") == tmp_path / "anna" / "model.keras"
    assert load_profile(tmp_path / "anna").facts.personal


def test_a_profile_of_another_base_is_refused(calibrated, tmp_path):
    path = calibrated.save(tmp_path / "anna.keras")
    other = save_base(tmp_path / "other.keras", ending="activation")
    with pytest.raises(ConfigError, match="another base"):
        load_profile(path, base_model_path=other)


def test_a_plain_model_is_no_profile(base):
    with pytest.raises(FormatError, match="no profile"):
        load_profile(base)


@pytest.mark.parametrize("facts", ["{}", "not json", '{"schema_version": 1, "spy": 1}'])
def test_a_profile_whose_facts_are_damaged_is_refused(base, tmp_path, facts):
    path = tmp_path / "p.keras"
    path.write_bytes(base.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("profile.json", facts)
    with pytest.raises(FormatError, match=r"profile\.json cannot be read"):
        load_profile(path)


def test_a_profile_of_a_newer_schema_is_refused(calibrated, tmp_path):
    path = calibrated.save(tmp_path / "p.keras")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / "newer.keras", "w") as newer:
        for name in source.namelist():
            newer.writestr(name, source.read(name).replace(b'"schema_version": 1', b'"schema_version": 2'))
    with pytest.raises(FormatError, match="schema 2"):
        load_profile(tmp_path / "newer.keras")


def test_the_base_is_never_written(calibrated, base, tmp_path):
    before = base.read_bytes()
    for path in (base, base.parent / "." / base.name):
        with pytest.raises(ConfigError, match="is the base model's"):
            calibrated.save(path)
    with pytest.raises(ConfigError, match=r"ends in \.h5"):
        calibrated.save(tmp_path / "anna.h5")
    assert base.read_bytes() == before


@pytest.mark.parametrize("place", ["everybody", "everybody/model.keras", "everybody/anna"])
def test_a_bundle_of_somebody_else_is_never_written_into(calibrated, bundle, tmp_path, place):
    with pytest.raises(ConfigError, match=r"lies in a bundle.*write beside it, such as .*/everybody-model\.keras"):
        calibrated.save(tmp_path / place)
    assert UserCalibrator(bundle, NAMES).class_names == NAMES


@pytest.mark.parametrize("room", [0, 6000])
def test_a_full_disk_leaves_the_profile_before(calibrated, tmp_path, room):
    path = calibrated.save(tmp_path / "anna.keras")
    before = path.read_bytes()
    with room_for(room), pytest.raises(WriteError, match="nothing was changed"):
        calibrated.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ["activation", "softmax layer", "scaled"])
def test_a_base_that_ends_in_another_way_is_adapted_as_well(ending, tmp_path):
    path = save_base(tmp_path / "base.keras", ending=ending)
    calibrator = UserCalibrator(path, NAMES, CalibrationConfig(epochs=0))
    X, _ = somebody(2, seed=3)
    before = calibrator.model.predict(X, verbose=0)
    np.testing.assert_allclose(before, base_model(ending=ending).predict(X, verbose=0), atol=1e-5)
    for window, label in zip(*somebody(5), strict=True):
        calibrator.add_sample(window, NAMES[label])
    assert calibrator.calibrate().success
    saved = calibrator.save(tmp_path / "anna.keras")
    again = load_profile(saved).model().predict(X, verbose=0)
    np.testing.assert_allclose(again, calibrator.model.predict(X, verbose=0), atol=1e-6)
    assert not np.allclose(again, before, atol=1e-2)
