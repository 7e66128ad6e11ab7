"""Trackers whose folders are the test's own."""

from collections.abc import Callable

import pytest

from motif.tracking import ExperimentTracker, create_tracker


@pytest.fixture
def tracker_in(tmp_path) -> Callable[..., ExperimentTracker]:
    """Return a tracker over `tmp_path/runs` and `tmp_path/tensorboard`; TensorBoard is off unless asked for."""

    def make(**settings: object) -> ExperimentTracker:
        return create_tracker(**({"use_tensorboard": False, "log_dir": tmp_path / "tensorboard"} | settings))

    return make
