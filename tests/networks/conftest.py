"""Small windows and networks that were trained on them once."""

import numpy as np
import pytest

from motif.networks import NetworkClassifier

FRAMES, FEATURES = 8, 3


def make_windows(n=48, seed=0):
    """Three movements that differ in direction, one sensor short of trivial."""
    rng = np.random.default_rng(seed)
    y = np.array(["circle", "rest", "wave"])[np.arange(n) % 3]
    time = np.linspace(0, 2 * np.pi, FRAMES)
    paths = {
        "circle": np.stack([np.cos(time), np.sin(time), 0 * time], axis=1),
        "rest": np.zeros((FRAMES, FEATURES)),
        "wave": np.stack([0 * time, np.sin(2 * time), np.sin(2 * time)], axis=1),
    }
    X = np.stack([paths[label] for label in y]) + 0.2 * rng.standard_normal((n, FRAMES, FEATURES))
    return X.astype(np.float32), y


@pytest.fixture(scope="session")
def windows():
    return make_windows()


@pytest.fixture(scope="session")
def quick():
    """Settings under which a fit takes a moment."""
    return {"architecture": "cnn1d", "epochs": 3, "batch_size": 16, "refit": False, "random_state": 0}


@pytest.fixture(scope="session")
def fitted(windows, quick):
    return NetworkClassifier(**quick | {"epochs": 12}).fit(*windows)


@pytest.fixture(scope="session")
def bundle(fitted, tmp_path_factory):
    return fitted.save(tmp_path_factory.mktemp("bundles") / "small", name="three movements")
