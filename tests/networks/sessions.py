"""Three movements recorded in two sessions, as a data set."""

import numpy as np
from tests.networks.conftest import make_windows

from motif.recordings import Dataset


def small_dataset(n=48, seed=0):
    """Return windows (n, 8, 3) in two groups."""
    X, labels = make_windows(n, seed)
    names, y = np.unique(labels, return_inverse=True)
    return Dataset(
        name="movements",
        X=X,
        y=y.astype(np.int64),
        class_names=tuple(names.tolist()),
        groups=np.repeat(["monday", "tuesday"], n // 2),
        group_kind="session",
        stretch=np.arange(n, dtype=np.int64),
        start=np.zeros(n, np.int64),
        rate_hz=20.0,
        channels=("x", "y", "z"),
    )
