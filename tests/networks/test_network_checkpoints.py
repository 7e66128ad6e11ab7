import numpy as np
import pytest

from motif.errors import ConfigError, FormatError
from motif.learning._backend import arrays
from motif.networks import NetworkClassifier


class KilledError(Exception):
    pass


def kill_after(epoch, stage):
    def report(done):
        if (done.stage, done.epoch) == (stage, epoch):
            raise KilledError

    return report


@pytest.mark.parametrize(("stage", "epoch"), [("search", 2), ("refit", 1)])
def test_a_run_that_was_killed_ends_with_the_weights_of_one_that_was_not(windows, quick, tmp_path, stage, epoch):
    settings = quick | {"refit": True}
    whole = NetworkClassifier(**settings).fit(*windows)
    with pytest.raises(KilledError):
        NetworkClassifier(**settings, checkpoint_dir=tmp_path, progress=kill_after(epoch, stage)).fit(*windows)
    told = []
    resumed = NetworkClassifier(**settings, checkpoint_dir=tmp_path, progress=told.append).fit(*windows)
    assert len(told) < len(whole.history_)
    assert len(resumed.history_) == len(whole.history_)
    for a, b in zip(arrays(resumed.model_.weights), arrays(whole.model_.weights), strict=True):
        np.testing.assert_array_equal(a, b)
    assert resumed.temperature_ == whole.temperature_


@pytest.fixture
def checkpoints(windows, quick, tmp_path):
    NetworkClassifier(**quick | {"epochs": 1}, checkpoint_dir=tmp_path).fit(*windows)
    return tmp_path


def test_a_checkpoint_of_other_settings_or_data_is_refused(windows, quick, checkpoints):
    X, y = windows
    with pytest.raises(ConfigError, match="other settings or data"):
        NetworkClassifier(**quick | {"epochs": 2}, checkpoint_dir=checkpoints).fit(X, y)
    with pytest.raises(ConfigError, match="other settings or data"):
        NetworkClassifier(**quick | {"epochs": 1}, checkpoint_dir=checkpoints).fit(X + 1, y)


@pytest.mark.parametrize("keep", [0, 2000])
def test_a_damaged_checkpoint_is_named(windows, quick, checkpoints, keep):
    path = checkpoints / "search.npz"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FormatError, match=r"search\.npz"):
        NetworkClassifier(**quick | {"epochs": 1}, checkpoint_dir=checkpoints).fit(*windows)


def test_checkpoints_ask_for_a_seed(windows, quick, tmp_path):
    with pytest.raises(ConfigError, match="random_state"):
        NetworkClassifier(**quick | {"random_state": None}, checkpoint_dir=tmp_path).fit(*windows)
