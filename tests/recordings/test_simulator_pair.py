"""Simulated pairs: the asked coupling, lag and leader are in the signals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.errors import ConfigError
from motif.recordings.simulator import IDEAL, simulate_pair


def lagged_correlation(a, b, reach):
    """Return the correlation of a(t) with b(t + lag) for each whole lag from -reach to reach, the slow way."""
    n = len(a)
    return np.array(
        [
            np.corrcoef(a[max(0, -k) : n - max(0, k)], b[max(0, k) : n - max(0, -k)])[0, 1]
            for k in range(-reach, reach + 1)
        ]
    )


@given(
    seed=st.integers(0, 2**32 - 1),
    coupling=st.floats(0.5, 1.0),
    lag=st.integers(0, 60),
    leader=st.sampled_from(["a", "b"]),
)
@settings(deadline=None, max_examples=15)
def test_the_pair_correlates_most_at_the_lag_with_the_leader_ahead(seed, coupling, lag, leader):
    pair = simulate_pair(60.0, 50.0, coupling=coupling, lag_s=lag / 50, leader=leader, random_state=seed)
    correlation = np.mean(
        [lagged_correlation(pair[0].values[:, k], pair[1].values[:, k], 80) for k in (3, 4, 5)], axis=0
    )
    peak = int(correlation.argmax()) - 80
    assert abs(peak - (lag if leader == "a" else -lag)) <= 1
    assert correlation.max() == pytest.approx(coupling, abs=0.15)


def test_a_lag_between_samples_is_kept():
    a, b = simulate_pair(
        200.0, 50.0, coupling=1.0, lag_s=0.51, accelerometer=IDEAL, gyroscope=IDEAL, band_hz=(0.3, 2.0)
    )
    frequency = np.fft.rfftfreq(len(a.values), 0.02)
    inside = (frequency > 0.5) & (frequency < 1.8)
    cross = np.fft.rfft(a.values[:, 3] * np.hanning(len(a.values))) * np.conj(
        np.fft.rfft(b.values[:, 3] * np.hanning(len(a.values)))
    )
    lags = np.arange(0.40, 0.62, 0.002)
    fit = [(cross[inside] * np.exp(-2j * np.pi * frequency[inside] * lag)).real.sum() for lag in lags]
    assert lags[int(np.argmax(fit))] == pytest.approx(0.51, abs=0.004)


def test_without_coupling_the_two_are_independent():
    a, b = simulate_pair(300.0, 50.0, coupling=0.0, lag_s=0.4, random_state=3)
    for channel in range(3, 6):
        assert np.abs(lagged_correlation(a.values[:, channel], b.values[:, channel], 100)).max() < 0.2


def test_the_truth_is_in_the_metadata_and_both_share_a_clock():
    a, b = simulate_pair(10.0, 30.0, coupling=0.5, lag_s=0.25, leader="b", random_state=0)
    assert (a.subject, b.subject) == ("a", "b")
    assert dict(a.metadata) == {"source": "simulated", "coupling": "0.5", "lag_s": "0.25", "leader": "b"}
    np.testing.assert_array_equal(a.time_ns, b.time_ns)
    assert a.values.shape == (300, 6)


def test_the_same_seed_gives_the_same_bytes():
    first, again, other = (simulate_pair(5.0, random_state=seed)[1].values.tobytes() for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"duration_s": 0.0}, "duration_s=0.0"),
        ({"rate_hz": float("inf")}, "rate_hz=inf"),
        ({"duration_s": 0.1}, "at least 64"),
        ({"coupling": 1.2}, "coupling is 1.2"),
        ({"lag_s": -0.1}, "name the other leader"),
        ({"leader": "c"}, "leader is 'c'"),
        ({"band_hz": (1.0, 1.001)}, "widen it"),
        ({"band_hz": (1.0, 40.0)}, "a quarter of rate_hz"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        simulate_pair(**settings)
