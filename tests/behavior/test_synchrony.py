"""Two streams: coupling, lag and leader found where they are, and nothing found where there is nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, signal
from tests.reference import synchrony as reference

from motif.behavior import (
    clock_drift,
    cross_recurrence,
    pair_recordings,
    pseudo_pairs,
    recurrence_radius,
    synchrony,
    synchrony_report,
    warp,
)
from motif.behavior._synchrony._chance import against_chance
from motif.behavior._synchrony._checks import without_trends
from motif.behavior._synchrony._correlation import lagged_correlation
from motif.behavior._synchrony._lead import lag_of
from motif.behavior._synchrony._spectral import coherence, phase_locking
from motif.behavior._synchrony._statistics import MEASURES, Statistics
from motif.behavior._synchrony._surrogates import independent_turns, memory, random_phases
from motif.behavior._synchrony._unrelated import unrelated
from motif.behavior._synchrony._wavelet import wavelet_coherence
from motif.errors import (
    ColumnError,
    ConfigError,
    DtypeError,
    InputError,
    NotFiniteError,
    ShapeError,
    TooFewSamplesError,
)
from motif.recordings import Recording, simulate_pair


def noise(n, channels=1, smooth=8, seed=0):
    rng = np.random.default_rng(seed)
    kernel = np.ones(smooth) / smooth
    return np.stack([np.convolve(rng.normal(size=n + smooth - 1), kernel, "valid") for _ in range(channels)], axis=1)


@settings(max_examples=20)
@given(seed=st.integers(0, 999), window=st.integers(8, 20), max_lag=st.integers(1, 5), turn=st.integers(0, 60))
def test_lagged_correlation_equals_its_definition(seed, window, max_lag, turn):
    a, b = noise(64, 2, seed=seed), noise(64, 2, seed=seed + 1)
    turns = np.array([0, turn])
    found = lagged_correlation(a, b, window=window, hop=window // 2, max_lag=max_lag, turns=turns)
    for i, t in enumerate(turns):
        expected = reference.lagged_profile(a, b, window, window // 2, max_lag, t)
        np.testing.assert_allclose(found.profiles[i], expected, atol=1e-6)


@given(seed=st.integers(0, 999), turn=st.integers(-40, 90))
def test_phase_locking_equals_its_definition(seed, turn):
    a, b = noise(50, 2, seed=seed), noise(50, 2, seed=seed + 1)
    assert phase_locking(a, b, np.array([turn]))[0] == pytest.approx(reference.phase_locking(a, b, turn))


def test_a_filtered_copy_is_wholly_coherent_and_noise_is_not():
    a = noise(4000, smooth=2)
    options = {"segment": 200, "band": (0.01, 0.2), "turns": np.array([0, 2000])}
    copy, far = coherence(a, np.roll(a, 3, axis=0) * 5.0 + 2.0, **options)
    assert copy > 0.95
    assert far < 0.2
    there, back = coherence(a, np.roll(a, 900, axis=0), **options | {"turns": np.array([900, -900])})
    assert there > 0.5 > 0.2 > back


@given(seed=st.integers(0, 999), low=st.floats(0.02, 0.2))
def test_coherence_is_the_share_of_power_within_the_band(seed, low):
    (a,), (b,) = noise(400, smooth=2, seed=seed).T, noise(400, smooth=2, seed=seed + 1).T
    options = {"window": signal.windows.hann(40), "noverlap": 20}
    frequencies, cross = signal.csd(a, b, **options)
    inside = (frequencies >= low) & (frequencies <= low + 0.2)
    power = [signal.welch(x, **options)[1][inside] for x in (a, b)]
    expected = (np.abs(cross[inside]) ** 2).sum() / (power[0] * power[1]).sum()
    found = coherence(a[:, None], b[:, None], segment=40, band=(low, low + 0.2), turns=np.zeros(1, np.int64))
    assert found[0] == pytest.approx(expected)


@settings(max_examples=20)
@given(seed=st.integers(0, 999), turn=st.integers(-90, 90), window=st.integers(16, 40))
def test_wavelet_coherence_equals_its_definition(seed, turn, window):
    a, b = noise(200, 2, seed=seed), noise(200, 2, seed=seed + 1)
    frequencies = np.array([0.03, 0.1, 0.2])
    found = wavelet_coherence(a, b, frequencies=frequencies, window=window, turns=np.array([0, turn]))
    for value, t in zip(found.values, (0, turn), strict=True):
        assert value == pytest.approx(reference.wavelet_coherence(a, b, frequencies, window // 2 * 2, t), rel=0.05)
    assert found.picture.mean() == pytest.approx(found.values[0])


def test_wavelets_see_a_relation_where_and_at_which_frequency_it_is():
    rng = np.random.default_rng(0)
    t = np.arange(4000)
    wave = np.sin(2 * np.pi * 0.05 * t) * (t > 2000)
    a, b = wave + 0.5 * rng.normal(size=4000), np.roll(wave, 5) + 0.5 * rng.normal(size=4000)
    frequencies = np.array([0.02, 0.05, 0.12])
    picture = wavelet_coherence(
        a[:, None], b[:, None], frequencies=frequencies, window=400, turns=np.zeros(1, np.int64)
    ).picture
    late = picture[len(picture) // 2 + 1 :]
    assert late[:, 1].min() > 0.8
    assert max(late[:, [0, 2]].mean(), picture[: len(picture) // 2 - 1].mean()) < 0.4


@settings(max_examples=30)
@given(seed=st.integers(0, 999), max_lag=st.integers(1, 29), min_line=st.integers(2, 4))
def test_cross_recurrence_equals_what_the_whole_matrix_says(seed, max_lag, min_line):
    a, b = noise(30, 2, seed=seed, smooth=3), noise(30, 2, seed=seed + 1, smooth=3)
    radius = recurrence_radius(a, b, 0.3)
    found = cross_recurrence(a, b, radius=radius, max_lag=max_lag, min_line=min_line)
    expected = reference.cross_recurrence(a, b, radius, max_lag, min_line)
    np.testing.assert_allclose(found.profile, expected.pop("profile"))
    assert {name: getattr(found, name) for name in expected} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("a", "b", "error"),
    [
        (noise(30), noise(20), ShapeError),
        (noise(30, 2), noise(30), ShapeError),
        (noise(30)[:, 0], noise(30)[:, 0], ShapeError),
        (noise(30), np.full((30, 1), np.nan), NotFiniteError),
    ],
)
def test_streams_that_no_plot_or_path_lies_between_are_named(a, b, error):
    with pytest.raises(error):
        cross_recurrence(a, b, radius=0.5, max_lag=5)
    with pytest.raises(error):
        warp(a, b, 5)


def test_a_plot_has_no_lag_that_is_longer_than_the_streams():
    with pytest.raises(ConfigError, match="max_lag is 30 of 30 samples; want 0 to 29"):
        cross_recurrence(noise(30), noise(30), radius=0.5, max_lag=30)


def test_a_delayed_copy_recurs_on_one_long_line():
    a = noise(400, 3)
    found = cross_recurrence(a, np.roll(a, 7, axis=0), radius=1e-9, max_lag=20)
    assert found.profile.argmax() - 20 == 7
    assert found.longest_line >= 380
    assert found.determinism > 0.95
    nothing = cross_recurrence(a, a + 9.0, radius=0.1, max_lag=20)
    assert (nothing.rate, nothing.determinism, nothing.longest_line, nothing.mean_line) == (0.0, 0.0, 0, 0.0)


@settings(max_examples=30)
@given(seed=st.integers(0, 999), n=st.integers(2, 12), max_lag=st.integers(1, 5))
def test_warping_costs_what_the_definition_says(seed, n, max_lag):
    a, b = noise(n, 2, seed=seed), noise(n, 2, seed=seed + 1)
    found = warp(a, b, max_lag)
    assert (1.0 - found.similarity) * 2.0 * a.size == pytest.approx(reference.warp_cost(a, b, max_lag))
    assert (np.abs(found.lags) <= max_lag).all()


def test_a_state_is_also_where_the_stream_came_from():
    wave = np.sin(2 * np.pi * np.arange(2000) / 100)[:, None]
    recurs = Statistics(wave, 200, 100, (0.5, 5.0), 50.0).recurrence(wave).profile
    assert recurs[50] == 1.0
    assert recurs[[25, 75]].max() == 0.0  # half a turn away one passes the same places, the other way round


def test_warping_follows_a_lag_that_wanders():
    rng = np.random.default_rng(0)
    a = noise(2000, 2, smooth=15)
    lag = 12.0 * np.sin(2 * np.pi * np.arange(2000) / 2000)
    b = np.stack([np.interp(np.arange(2000) - lag, np.arange(2000), x) for x in a.T], axis=1)
    found = warp(a, b + 0.002 * rng.normal(size=b.shape), 30)
    assert np.median(np.abs(found.lags - lag)) < 1.5


@given(n=st.integers(20, 61), seed=st.integers(0, 99))
def test_a_surrogate_has_the_same_values_in_another_order(n, seed):
    values = noise(n, 3, seed=seed)
    shuffled = random_phases(values, np.random.default_rng(seed))
    np.testing.assert_array_equal(np.sort(shuffled, axis=0), np.sort(values, axis=0))


def test_a_surrogate_keeps_the_spectrum_and_what_channels_share():
    base = noise(4000, 1, smooth=20)
    values = np.concatenate([base, base + 0.3 * noise(4000, 1, smooth=20, seed=5)], axis=1)
    shuffled = random_phases(values, np.random.default_rng(0))
    neighbours = [np.corrcoef(x[1:, 0], x[:-1, 0])[0, 1] for x in (values, shuffled)]
    assert neighbours[1] == pytest.approx(neighbours[0], abs=0.02)
    assert np.corrcoef(shuffled.T)[0, 1] == pytest.approx(np.corrcoef(values.T)[0, 1], abs=0.05)


def test_a_turned_stream_is_measured_as_if_it_were_rolled_and_the_figures_are_those_of_the_pictures():
    a, b = noise(2000, smooth=20), noise(2000, smooth=20, seed=1) + np.roll(noise(2000, smooth=20), 30, axis=0)
    statistics = Statistics(a, 200, 100, (0.5, 5.0), 50.0)
    turned, rolled = statistics.of(b, np.array([600])), statistics.of(np.roll(b, -600, axis=0), np.zeros(1, np.int64))
    np.testing.assert_allclose(*([each[name] for name in MEASURES] for each in (turned, rolled)), atol=0.02)
    straight, alone = statistics.of(b, np.zeros(1, np.int64)), np.zeros(1, np.int64)
    picture, recurrence = statistics.lagged(b, alone).windows.mean(axis=(0, 2)), statistics.recurrence(b)
    pictured = {
        "mean_correlation": picture.mean(),
        "lagged_correlation": np.abs(picture).max(),
        "wavelet_coherence": statistics.wavelet(b, alone).picture.mean(),
        "recurrence": recurrence.profile.max(),
        "determinism": recurrence.determinism,
        "warped_similarity": statistics.warping(b).similarity,
    }
    assert {name: straight[name][0] for name in pictured} == pytest.approx(pictured)


def test_the_error_of_a_lag_is_what_lags_of_many_pairs_differ_by():
    found = []
    for seed in range(60):
        a = noise(1200, smooth=20, seed=seed)
        b = np.roll(a, 7, axis=0) + noise(1200, smooth=20, seed=1000 + seed)
        lagged = lagged_correlation(a, b, window=60, hop=30, max_lag=40, turns=np.zeros(1, np.int64))
        found.append(lag_of(lagged.profiles[0, 0], lagged.windows[..., 0], 40))
    lags, errors = np.array(found).T
    assert np.sqrt((errors**2).mean()) == pytest.approx(lags.std(), rel=0.25)


def test_a_lag_that_its_error_leaves_open_makes_no_leader():
    leaders, lags = [], []
    for seed in range(6):
        shared, own = (
            ndimage.gaussian_filter1d(np.random.default_rng(k).normal(size=3000), 30) for k in (seed, 50 + seed)
        )
        options = {"window_s": 6.0, "max_lag_s": 1.0, "n_surrogates": 99}
        found = synchrony(shared, shared + own, 50.0, measures="lagged_correlation", **options)
        assert found.is_coupled
        leaders.append(found.leader)
        lags.append(abs(found.lag_s))
    assert np.median(lags) > 0.02  # a sample, which would be seen if it were sure
    assert leaders.count("neither") >= 5


def test_who_leads_is_told_at_the_time_at_which_it_is():
    one, other = noise(1550, smooth=20), noise(1550, smooth=20, seed=1)
    a = np.concatenate([one, np.roll(other, 20, axis=0)])
    b = np.concatenate([np.roll(one, 20, axis=0), other])
    options = {"window_s": 4.0, "max_lag_s": 2.0, "n_surrogates": 99, "surrogates": "shifted"}
    found = synchrony(a, b, 50.0, measures="lagged_correlation", **options)
    np.testing.assert_array_equal(found.lead.lag_s > 0, found.time_s < 31.0)
    np.testing.assert_allclose(found.lags_s[found.correlation.argmax(axis=1)], found.lead.lag_s, atol=0.021)
    warped_s = (np.arange(len(found.warped_lag_s)) + 0.5) * found.step_s
    assert warped_s[-1] == pytest.approx(62.0, abs=found.step_s)
    away = np.abs(warped_s - 31.0) > 2.0
    np.testing.assert_allclose(found.warped_lag_s[away], np.where(warped_s < 31.0, 0.4, -0.4)[away], atol=0.1)
    np.testing.assert_allclose(found.frequencies_hz[[0, -1]], [0.5, 5.0])  # two cycles a window, a tenth of the rate
    assert np.ptp(np.diff(np.log(found.frequencies_hz))) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("leader", ["a", "b"])
def test_lag_and_leader_of_a_simulated_pair_are_found_within_20_ms(leader):
    a, b = simulate_pair(40.0, 50.0, coupling=0.7, lag_s=0.37, leader=leader, random_state=3)
    found = synchrony(a.values, b.values, 50.0, window_s=8.0, max_lag_s=1.5, n_surrogates=99)
    assert found.leader == leader
    assert abs(found.lag_s) == pytest.approx(0.37, abs=0.02)
    assert found.is_coupled == any(row["p_corrected"] < 0.05 for row in found.table())
    assert found.correlation.shape == (len(found.time_s), len(found.lags_s))
    assert found.lead.shares[leader] > 0.8
    assert np.median(found.lead.lag_s) == pytest.approx(found.lag_s, abs=0.02)
    assert [row["leader"] for row in found.lead.table()] == found.lead.leader
    assert np.median(found.warped_lag_s) == pytest.approx(found.lag_s, abs=0.1)
    assert found.wavelet_coherence.shape[1] == len(found.frequencies_hz)


def test_a_lag_beyond_the_largest_is_told_as_one_at_the_edge():
    a = noise(3000, smooth=20)
    options = {"window_s": 5.0, "n_surrogates": 99, "measures": ["lagged_correlation"]}
    found = synchrony(a, np.roll(a, 60, axis=0), 50.0, max_lag_s=1.0, **options)
    assert found.is_coupled
    assert (found.leader, found.lag_s) == ("a", 1.0)
    assert np.isnan(found.lag_error_s)
    assert "raise max_lag_s" in found.notes[0]
    assert "raise max_lag_s" in synchrony_report("two", found)
    wider = synchrony(a, np.roll(a, 60, axis=0), 50.0, max_lag_s=2.0, **options)
    assert wider.lag_s == pytest.approx(1.2, abs=0.01)
    assert (wider.notes, np.isfinite(wider.lag_error_s)) == ((), True)


def test_the_report_tells_a_lag_only_beyond_chance_and_never_a_negative_one():
    a = noise(3000, smooth=20)
    options = {"window_s": 5.0, "max_lag_s": 1.0, "n_surrogates": 99, "measures": ["lagged_correlation"]}
    earlier = synchrony(a, np.roll(a, -20, axis=0), 50.0, **options)
    assert earlier.lag_s == pytest.approx(-0.4, abs=0.01)
    assert "<em>b is earlier by</em><strong>400 ms</strong>" in synchrony_report("two", earlier)
    unrelated_streams = synchrony(a, noise(3000, smooth=20, seed=3), 50.0, **options)
    assert not unrelated_streams.is_coupled
    assert "<em>Lag</em><strong>None to tell</strong>" in synchrony_report("two", unrelated_streams)


def test_streams_of_few_values_are_turned_in_time_and_others_get_other_phases():
    a, b = noise(1500, smooth=20), noise(1500, smooth=20, seed=1)
    options = {"window_s": 3.0, "max_lag_s": 0.5, "n_surrogates": 99, "measures": ["lagged_correlation"]}
    on_and_off, of_hundred_levels = (b > 0).astype(float), np.round(b, 2)
    by_itself = synchrony(a, on_and_off, 25.0, **options)
    assert (by_itself.surrogates, by_itself.n_surrogates) == ("shifted", 36)
    assert by_itself.notes == ("b has few different values, so chance is b turned in time: 36 turns.",)
    assert by_itself.measures == synchrony(a, on_and_off, 25.0, surrogates="shifted", **options).measures
    (note,) = synchrony(a, on_and_off, 25.0, surrogates="phases", **options).notes
    assert 'surrogates="shifted"' in note
    assert "state_synchrony" in note
    smooth = synchrony(on_and_off, of_hundred_levels, 25.0, **options)
    assert (smooth.surrogates, smooth.n_surrogates, smooth.notes) == ("phases", 99, ())


@given(n=st.integers(40, 999), apart=st.integers(1, 99), most=st.integers(1, 99), seed=st.integers(0, 99))
def test_turns_are_as_far_apart_as_asked_and_as_many_as_fit(n, apart, most, seed):
    turns = independent_turns(n, nearest=20, apart=apart, most=most, rng=np.random.default_rng(seed))
    assert len(turns) == min((n - 40) // apart + 1, most)
    assert ((turns >= 20) & (turns <= n - 20)).all()
    assert (np.diff(np.sort(turns)) >= apart).all()


def test_a_stream_remembers_itself_as_long_as_it_is_smooth():
    assert memory(noise(4000, smooth=20)) == pytest.approx(18, abs=3)
    assert memory(np.concatenate([noise(4000, smooth=20), noise(4000, smooth=60)], axis=1)) == pytest.approx(54, abs=9)
    assert memory(np.zeros((50, 1))) == 0


def test_of_few_turns_nothing_is_beyond_chance_and_that_is_said():
    a = noise(800, smooth=20)
    options = {"window_s": 3.0, "max_lag_s": 0.5, "surrogates": "shifted", "n_surrogates": 99}
    short = synchrony(a, np.roll(a, 10, axis=0), 50.0, measures="lagged_correlation", **options)
    assert short.measures[0].p_value == 1.0 / (short.n_surrogates + 1) > 0.05
    assert "record longer" in short.notes[0]
    longer = noise(3000, smooth=20)
    found = synchrony(longer, np.roll(longer, 10, axis=0), 50.0, measures="lagged_correlation", **options)
    assert (found.is_coupled, found.notes) == (True, ())


def test_two_that_rise_throughout_are_coupled_by_what_is_left_without_the_rise():
    a, b, rise = noise(600), noise(600, seed=1), np.linspace(0.0, 10.0, 600)[:, None]
    options = {"window_s": 3.0, "max_lag_s": 0.5, "n_surrogates": 99, "measures": "lagged_correlation"}
    found = synchrony(a + rise, b - rise, 10.0, **options)
    assert not found.is_coupled
    assert "straight line" in found.notes[0]
    follows = synchrony(a + rise, np.roll(a, 3, axis=0) + rise, 10.0, **options)
    assert (follows.is_coupled, follows.leader, round(follows.lag_s, 1)) == (True, "a", 0.3)
    assert not synchrony(a + rise, b, 10.0, **options).has_trend


@given(slope=st.floats(-9.0, 9.0), seed=st.integers(0, 99))
def test_lines_are_taken_off_where_both_have_one(slope, seed):
    plain, time = noise(200, 2, seed=seed), np.linspace(-1.0, 1.0, 200)[:, None]
    a, b, has_trend = without_trends(plain + 50.0 * time, plain + 50.0 * time * [1.0, 0.0] + 1e-3 * slope)
    assert has_trend
    assert abs(np.polyfit(time[:, 0], a[:, 0], 1)[0]) < 1e-9
    assert abs(np.polyfit(time[:, 0], b[:, 0], 1)[0]) < 1e-9
    np.testing.assert_array_equal(a[:, 1], plain[:, 1] + 50.0 * time[:, 0])


def on_and_off(seed, n=600):
    """Bouts of a second on average, ten samples a second."""
    rng = np.random.default_rng(seed)
    return np.repeat(np.arange(n) % 2, 1 + rng.exponential(10.0, n).astype(int))[rng.integers(99) :][:n].astype(float)


@pytest.mark.parametrize(("pairs", "most"), [(25, 0.12), pytest.param(200, 0.08, marks=pytest.mark.slow)])
def test_unrelated_streams_that_are_on_and_off_are_told_coupled_as_rarely_as_asked(pairs, most):
    options = {"window_s": 3.0, "max_lag_s": 0.5, "measures": ["mean_correlation", "lagged_correlation", "coherence"]}
    unrelated_pairs, followed = [], []
    for seed in range(pairs):
        a, b = on_and_off(2 * seed), on_and_off(2 * seed + 1)
        follows = np.where(np.repeat(np.random.default_rng(seed).random(30) < 0.6, 20), np.roll(a, 3), b)
        unrelated_pairs.append(synchrony(a, b, 10.0, **options).is_coupled)
        followed.append(synchrony(a, follows, 10.0, **options).is_coupled)
    assert np.mean(unrelated_pairs) <= most  # 5 % nominal; random phases told 17 % coupled
    assert np.mean(followed) > 0.8


@pytest.mark.parametrize("scale", [1e-160, 1e-13, 1e160, 2.0**1000, np.array([1.0, 1e-13])])
def test_what_is_found_does_not_depend_on_the_unit(scale):
    a, b = noise(800, 2, smooth=20), noise(800, 2, smooth=20, seed=1) + np.roll(noise(800, 2, smooth=20), 9, axis=0)
    options = {"window_s": 3.0, "max_lag_s": 0.3, "n_surrogates": 99, "undo_drift": True}
    options["measures"] = ["mean_correlation", "lagged_correlation", "phase_locking", "wavelet_coherence"]
    plain, scaled = (synchrony(x, y, 50.0, **options) for x, y in ((a, b), (a * scale, b)))
    for one, other in zip(plain.measures, scaled.measures, strict=True):
        assert other.value == pytest.approx(one.value, rel=1e-6)
        assert other.p_value == one.p_value
    assert scaled.lag_s == pytest.approx(plain.lag_s)


def test_a_measure_that_is_no_number_is_no_evidence():
    drawn = np.linspace(0.0, 1.0, 99)
    for value, chance in ((np.nan, drawn), (np.inf, drawn), (1.0, np.append(drawn[1:], np.nan))):
        with pytest.raises(InputError, match="coherence"):
            against_chance({"coherence": value}, {"coherence": chance})


def test_opposite_movement_is_coupled_as_well():
    a = noise(4000, smooth=20)
    found = synchrony(a, -np.roll(a, 30, axis=0), 100.0, window_s=5.0, max_lag_s=1.0, n_surrogates=99)
    assert found.leader == "a"
    assert found.lag_s == pytest.approx(0.3, abs=0.01)


def test_chance_of_states_is_what_the_stream_itself_gives_when_it_is_turned_far():
    """Arms that swing on circles: random phases leave the circle, real arms never do."""
    a, b = (np.cumsum(np.random.default_rng(seed).normal(0.0, 0.2, 1500)) for seed in range(2))
    a, b = (np.stack([np.cos(angle), np.sin(angle)], axis=1) for angle in (a, b))
    statistics = Statistics(a, 150, 25, (0.5, 5.0), 50.0, ("mean_correlation", "determinism", "warped_similarity"))
    found = unrelated(statistics, b, "phases", 20, np.random.default_rng(0))
    rng, alone = np.random.default_rng(0), np.zeros(1, np.int64)
    drawn = [statistics.of(random_phases(b, rng), alone) for _ in range(20)]
    plain = {name: np.concatenate([draw[name] for draw in drawn]) for name in found}
    np.testing.assert_array_equal(found["mean_correlation"], plain["mean_correlation"])
    for name in ("determinism", "warped_similarity"):
        every = statistics.of(b, np.arange(175, 1326, 50))[name]
        assert found[name].mean() == pytest.approx(every.mean())
        assert found[name].std() == pytest.approx(plain[name].std() * np.sqrt(1 + 1 / len(every)))


@pytest.mark.parametrize(
    ("surrogates", "measures"),
    [
        ("shifted", MEASURES),
        ("phases", ("lagged_correlation", "warped_similarity")),
        pytest.param("phases", MEASURES, marks=pytest.mark.slow),
    ],
)
def test_false_alarms_come_as_often_as_they_may(surrogates, measures):
    single, family = [], []
    options = {"window_s": 3.0, "max_lag_s": 0.3, "surrogates": surrogates, "n_surrogates": 99, "measures": measures}
    for seed in range(12):
        found = synchrony(noise(800, seed=2 * seed), noise(800, seed=2 * seed + 1), 50.0, **options)
        single.append([m.p_value <= 0.05 for m in found.measures])
        family.append(found.is_coupled)
    assert [m.name for m in found.measures] == list(measures)
    assert (np.mean(single, axis=0) <= 0.34).all()  # 5 % nominal; 5 of 12 or more come once in five thousand times
    assert np.mean(family) <= 0.34


@given(seed=st.integers(0, 9999))
def test_correction_never_helps_and_the_strongest_needs_most(seed):
    drawn = np.random.default_rng(seed).normal(size=(4, 100))
    found = against_chance(dict(zip("abcd", drawn[:, 0], strict=True)), dict(zip("abcd", drawn[:, 1:], strict=True)))
    assert all(m.p_corrected >= m.p_value - 1e-12 for m in found)
    order = sorted(found, key=lambda m: -m.effect)
    assert [m.p_corrected for m in order] == sorted(m.p_corrected for m in found)


@given(seed=st.integers(0, 9999))
def test_a_figure_counts_itself_among_the_surrogates_that_reach_it(seed):
    (value, *drawn), other = np.random.default_rng(seed).integers(0, 5, (2, 20)).astype(np.float64)
    found, _ = against_chance({"a": value, "b": other[0]}, {"a": np.array(drawn), "b": other[1:]})
    assert found.chance == pytest.approx(np.mean(drawn))
    assert found.effect * np.std(drawn) == pytest.approx(value - np.mean(drawn))
    assert found.p_value == pytest.approx((1 + sum(chance >= value for chance in drawn)) / 20)


def test_correction_keeps_the_family_wise_rate_even_where_measures_go_together():
    rng = np.random.default_rng(0)
    alarms = []
    for _ in range(400):
        shared = rng.normal(size=100)
        rows = {str(k): shared + 0.5 * rng.normal(size=100) for k in range(6)}
        measures = against_chance({k: float(v[0]) for k, v in rows.items()}, {k: v[1:] for k, v in rows.items()})
        alarms.append(min(m.p_corrected for m in measures) <= 0.05)
    assert 0.02 < np.mean(alarms) < 0.09


def test_only_the_measures_asked_for_are_measured():
    a = noise(1000)
    found = synchrony(a, np.roll(a, 4), 50.0, window_s=3.0, max_lag_s=0.3, n_surrogates=99, measures=["determinism"])
    assert [m.name for m in found.measures] == ["determinism"]


def drifted(values, ppm):
    n = np.arange(len(values))
    return np.stack([np.interp(n * (1 - ppm * 1e-6), n, x) for x in values.T], axis=1)


@pytest.mark.parametrize("ppm", [-120.0, 60.0])
def test_drift_of_a_clock_is_found_and_undone(ppm):
    a, b = simulate_pair(900.0, 25.0, coupling=0.8, lag_s=0.4, random_state=1)
    found = clock_drift(a.values, drifted(b.values, ppm), 25.0)
    assert found.is_certain
    assert found.ppm == pytest.approx(ppm, abs=max(3 * found.error_ppm, 5.0))
    assert found.lag_s == pytest.approx(0.4, abs=0.02)
    again = clock_drift(a.values, found.undo(drifted(b.values, ppm)), 25.0)
    assert abs(again.ppm) < 12.0


def test_the_error_of_a_drift_is_what_drifts_of_many_pairs_differ_by():
    drifts = []
    for seed in range(25):
        a = noise(2000, smooth=8, seed=seed)
        b = a + noise(2000, smooth=8, seed=1000 + seed)
        found = clock_drift(a, b, 10.0, window_s=6.0, max_lag_s=2.0, max_ppm=1000.0)
        assert found.shift_s == pytest.approx(found.ppm * 1e-6 * 200.0)
        assert found.limit_ppm == pytest.approx(1000.0)
        drifts.append((found.ppm, found.error_ppm))
    ppm, errors = np.array(drifts).T
    assert np.sqrt((errors**2).mean()) == pytest.approx(ppm.std(), rel=0.3)


def test_a_lag_among_few_is_found_with_the_drift():
    a = noise(2000, smooth=4)
    lags = [clock_drift(a, np.roll(a, 1, axis=0), 1.0, window_s=60.0, max_lag_s=most).lag_s for most in (1.0, 2.0, 4.0)]
    assert lags == pytest.approx([1.0, 1.0, 1.0], abs=0.01)


def test_streams_that_share_nothing_or_run_alike_are_left_as_they_are():
    for coupling, seed in ((0.0, 1), (0.0, 2), (0.0, 3), (0.8, 4)):
        a, b = simulate_pair(400.0, 25.0, coupling=coupling, random_state=seed)
        found = clock_drift(a.values, b.values, 25.0)
        assert not found.is_certain
        np.testing.assert_array_equal(found.undo(b.values), b.values)


def test_drift_is_undone_before_the_lag_is_measured():
    a, b = simulate_pair(900.0, 25.0, coupling=0.8, lag_s=0.4, random_state=1)
    options = {"window_s": 30.0, "n_surrogates": 99, "surrogates": "shifted", "measures": ["lagged_correlation"]}
    found = synchrony(a.values, drifted(b.values, 200.0), 25.0, undo_drift=True, **options)
    assert found.drift.is_certain
    assert np.ptp(found.lead.lag_s) < 0.06
    as_it_is = synchrony(a.values, drifted(b.values, 200.0), 25.0, **options)
    assert np.ptp(as_it_is.lead.lag_s) > 0.12


def test_recordings_of_two_rates_meet_at_the_slower_one_and_short_gaps_are_bridged():
    a, _ = simulate_pair(40.0, 100.0, random_state=0)
    _, b = simulate_pair(40.0, 50.0, random_state=0)
    values = b.values.copy()
    values[100:110] = np.nan
    values[1800:1900] = np.nan
    holed = Recording(values=values, time_ns=b.time_ns + 40_000_000, channels=b.channels, units=b.units)
    pair = pair_recordings(a, holed)
    assert pair.rate_hz == 50.0
    assert pair.a.shape == pair.b.shape == (len(pair.a), 2)
    assert np.isfinite(pair.b).all()
    assert len(pair.a) == pytest.approx(1800 - 1, abs=3)
    assert pair.left_out_s == pytest.approx(4.0, abs=0.2)
    assert pair.start_ns >= holed.time_ns[0]
    values[200:300] = np.nan
    late = pair_recordings(a, Recording(values=values, time_ns=b.time_ns, channels=b.channels, units=b.units))
    assert (late.start_ns - b.time_ns[0]) / 1e9 == pytest.approx(6.0, abs=0.1)
    assert len(late.a) == pytest.approx(1500, abs=3)
    apart = Recording(values=b.values, time_ns=b.time_ns + 10**12, channels=b.channels, units=b.units)
    with pytest.raises(InputError, match="together"):
        pair_recordings(a, apart)
    assert pair_recordings(a, apart, start="together", motion="channels").a.shape[1] == 6


def test_recordings_that_cannot_be_paired_say_why():
    a, b = simulate_pair(10.0, 50.0)
    with pytest.raises(ColumnError):
        pair_recordings(a, b, channels=["pressure"])
    renamed = Recording(values=b.values, time_ns=b.time_ns, channels=tuple("uvwxyz"), units=b.units)
    with pytest.raises(InputError, match="no channel in common"):
        pair_recordings(a, renamed)
    with pytest.raises(ConfigError):
        pair_recordings(a, b, motion="speed")
    empty = Recording(values=np.full_like(b.values, np.nan), time_ns=b.time_ns, channels=b.channels, units=b.units)
    with pytest.raises(TooFewSamplesError):
        pair_recordings(a, empty)
    with pytest.raises(TooFewSamplesError, match="a has 0 samples"):
        pair_recordings(a.slice_time(0, 1), b, rate_hz=50.0)


def test_pairs_who_met_stand_out_from_pairs_who_did_not():
    pairs = [simulate_pair(20.0, 25.0, coupling=0.5, random_state=k) for k in range(6)]
    arrays = [(a.values, b.values[: 480 + k]) for k, (a, b) in enumerate(pairs)]
    options = {"window_s": 5.0, "max_lag_s": 1.0, "n_pseudo": 2, "measures": ["lagged_correlation", "mean_correlation"]}
    found = pseudo_pairs(arrays, 25.0, groups=["x", "x", "x", "y", "y", "y"], **options)
    assert found["lagged_correlation"].effect_size > 1.0
    assert found["lagged_correlation"].measure.p_value < 0.05
    for effect in found.values():
        assert effect.measure.value == pytest.approx(effect.differences.mean())
        assert effect.effect_size == pytest.approx(effect.measure.value / np.std(effect.differences, ddof=1))
    assert len(found["mean_correlation"].differences) == 6
    with pytest.raises(TooFewSamplesError, match="alone"):
        pseudo_pairs(arrays, 25.0, groups=["x", "x", "x", "x", "x", "y"], **options)
    with pytest.raises(TooFewSamplesError):
        pseudo_pairs(arrays[:3], 25.0, **options)
    with pytest.raises(ConfigError):
        pseudo_pairs(arrays, 25.0, **options | {"n_pseudo": 0})


def test_unrelated_streams_have_no_leader():
    found = synchrony(noise(3000), noise(3000, seed=9), 50.0, window_s=3.0, max_lag_s=0.5, n_surrogates=99)
    assert not found.is_coupled
    assert found.leader == "neither"


def test_at_most_one_window_in_twenty_is_told_coupled_by_chance():
    options = {"window_s": 3.0, "max_lag_s": 0.5, "n_surrogates": 99, "measures": ["lagged_correlation"]}
    told = []
    for seed in range(5):
        streams = noise(3000, seed=2 * seed), noise(3000, seed=2 * seed + 1)
        told.append(synchrony(*streams, 50.0, surrogates="shifted", **options).lead.is_coupled)
    assert 0.0 < np.mean(told) <= 0.05


GOOD = np.random.default_rng(0).normal(size=(600, 2))


@pytest.mark.parametrize(
    ("a", "b", "settings", "error"),
    [
        (GOOD, GOOD[:-1], {}, ShapeError),
        (GOOD[None], GOOD[None], {}, ShapeError),
        (GOOD.astype(str), GOOD, {}, DtypeError),
        (np.where(np.arange(600)[:, None] == 5, np.nan, GOOD), GOOD, {}, NotFiniteError),
        (GOOD * [1.0, 0.0], GOOD, {}, InputError),
        (np.arange(600.0), np.arange(600.0) + GOOD[:, 0], {}, InputError),
        (GOOD, GOOD, {"window_s": 30.0}, TooFewSamplesError),
        (GOOD, GOOD, {"rate_hz": 0.0}, ConfigError),
        (GOOD, GOOD, {"rate_hz": np.inf}, ConfigError),
        (GOOD, GOOD, {"rate_hz": 1e300, "window_s": 1e300}, ConfigError),
        (GOOD, GOOD, {"max_lag_s": np.inf}, ConfigError),
        (GOOD, GOOD, {"band_hz": (3.0, 2.0)}, ConfigError),
        (GOOD, GOOD, {"surrogates": "none"}, ConfigError),
        (GOOD, GOOD, {"n_surrogates": 5}, ConfigError),
    ],
)
def test_what_cannot_be_compared_is_named(a, b, settings, error):
    with pytest.raises(error):
        synchrony(a, b, **{"rate_hz": 20.0, "window_s": 4.0, "max_lag_s": 0.5} | settings)


@pytest.mark.parametrize("measures", [["love"], [], "love", [["coherence"]]])
def test_measures_that_are_not_there_are_named_with_those_that_are(measures):
    options = {"window_s": 4.0, "max_lag_s": 0.5, "measures": measures}
    with pytest.raises(ConfigError, match="wavelet_coherence"):
        synchrony(GOOD, GOOD, 20.0, **options)
    with pytest.raises(ConfigError, match="wavelet_coherence"):
        pseudo_pairs([(GOOD, GOOD)] * 4, 20.0, **options)


def test_one_measure_may_be_asked_for_by_its_name_alone_and_counts_once():
    options = {"window_s": 4.0, "max_lag_s": 0.5}
    for measures in ("coherence", ["coherence", "coherence"]):
        found = synchrony(GOOD, GOOD[::-1], 20.0, n_surrogates=99, measures=measures, **options)
        assert [m.name for m in found.measures] == ["coherence"]
        effects = pseudo_pairs([(GOOD, GOOD[::-1])] * 4, 20.0, measures=measures, n_pseudo=1, **options)
        assert list(effects) == ["coherence"]


def test_only_what_moves_is_compared_by_strength():
    a, b = simulate_pair(20.0, 25.0)
    more = [
        Recording(
            values=np.concatenate(
                [one.values, np.tile([0.0, 0.0, 9.81, 1.0, 0.0, 0.0, 0.0], (len(one.values), 1))], axis=1
            ),
            time_ns=one.time_ns,
            channels=(*one.channels, "gravity_x", "gravity_y", "gravity_z", "quat_w", "quat_x", "quat_y", "quat_z"),
            units=(*one.units, "m/s²", "m/s²", "m/s²", "", "", "", ""),
        )
        for one in (a, b)
    ]
    assert pair_recordings(*more).channels == ("acc", "gyr")
    with pytest.raises(InputError, match="no motion"):
        pair_recordings(*more, channels=["quat_w"])
