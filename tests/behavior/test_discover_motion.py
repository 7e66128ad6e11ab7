"""What of a recording is motion: slow ones, and ones with samples lost."""

import numpy as np
import pytest

from motif.behavior.discover._motion import motion_of
from motif.recordings import Recording


@pytest.mark.parametrize("rate_hz", [1.0, 4.0, 10.0])
def test_a_slow_recording_is_no_gap_and_one_lost_sample_is_none(rate_hz):
    time_ns = np.round(np.arange(60) * 1e9 / rate_hz).astype(np.int64)
    time_ns = np.delete(time_ns, 30)
    values = np.random.default_rng(0).normal(size=(59, 3))
    collar = Recording(values=values, time_ns=time_ns, channels=("acc_x", "acc_y", "acc_z"), units=("g",) * 3)
    assert np.isfinite(motion_of(collar, 10.0).values).all()
    lost = np.delete(np.arange(59), [30, 31, 32])
    fewer = Recording(values=values[lost], time_ns=time_ns[lost], channels=collar.channels, units=collar.units)
    assert np.isnan(motion_of(fewer, 10.0).values).any()
