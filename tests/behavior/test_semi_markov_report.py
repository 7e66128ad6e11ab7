"""What a fit says of itself, what it keeps on disk, and that it is the same on many machines."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score

from motif.behavior import HDPHSMM, HSMM
from motif.behavior.semi_markov import GibbsHDPHSMM
from motif.behavior.semi_markov._report import Report, StateCard
from motif.bundles import array_bytes, read_arrays
from motif.errors import FormatError, MissingFileError, TooFewSamplesError
from motif.evaluation import dwell_times


def recording(time=2000, seed=0, noise=0.8, lasting=(15, 40)):
    """Three looks; frames and what they are of."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(time) % 3, rng.integers(*lasting, time))[:time]
    looks = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])
    return looks[labels] + noise * rng.normal(size=(time, 2)), labels


def test_a_good_fit_has_nothing_to_complain_of_but_that_less_would_do():
    frames, _ = recording()
    model = HSMM(3, rate_hz=10.0, typical_s=3.0, longest_s=10.0, random_state=0).fit(frames)
    report = model.report(frames)
    assert [round(card.typical_s) for card in report.states] == [3, 3, 3]
    rows = dwell_times(model.predict(frames), rate_hz=10.0).table()
    for card, row in zip(report.states, rows, strict=True):
        assert (card.share, card.n_segments) == (pytest.approx(row["share"]), row["segments"])
        three = (card.typical_s, card.shortest_s, card.longest_s)
        assert three == pytest.approx((row["median_s"], row["shortest_s"], row["longest_s"]))
    assert report.agreement > 0.99
    assert report.halves > 0.95
    assert report.plain_agreement > 0.95
    assert all("plain hidden Markov model would do" in finding for finding in report.findings)
    assert str(report).startswith("state   share  segments")


def test_too_little_data_is_said():
    frames, _ = recording(150, noise=2.5)
    report = HSMM(3, typical_s=20, longest_s=60, n_starts=3, random_state=0).fit(frames).report(frames)
    assert any("record more" in finding for finding in report.findings)
    assert "- " in str(report)


CARD = StateCard(share=1.0, n_segments=10, typical_s=1.0, shortest_s=1.0, longest_s=1.0)
FLAWLESS = Report(
    states=(CARD,),
    agreement=0.9,
    halves=0.9,
    plain_gain=0.1,
    plain_agreement=0.99,
    over_confidence=0.05,
    corrected=0.01,
    temperature=1.0,
    frame_weight=0.5,
)


@pytest.mark.parametrize(
    ("flaw", "finding"),
    [
        ({"states": (CARD, replace(CARD, n_segments=9))}, "states 1 have fewer than 10 segments"),
        ({"halves": 0.89}, "halves of it agree by 0.89"),
        ({"agreement": 0.89}, "starts agree by 0.89"),
        ({"plain_gain": 0.0}, "a plain hidden Markov model would do"),
        ({"plain_agreement": 0.995}, "a plain hidden Markov model would do"),
        ({"frame_weight": 0.25}, "each counts as 0.25 of one"),
        ({"over_confidence": 0.06}, "too sure by 0.06; calibrate: 0.01"),
    ],
)
def test_each_flaw_is_said_and_nothing_else(flaw, finding):
    assert replace(FLAWLESS, agreement=np.nan).findings == FLAWLESS.findings == ()
    (said,) = replace(FLAWLESS, **flaw).findings
    assert finding in said


def test_durations_that_tell_states_apart_are_worth_more_than_a_plain_model():
    rng = np.random.default_rng(3)
    order = np.stack([rng.integers(0, 2, 100), rng.integers(2, 4, 100)], axis=1).ravel()
    states = np.repeat(order, np.where(order == 3, rng.poisson(70, 200), rng.poisson(20, 200)))
    looks = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0], [0.0, 3.0]])
    frames = looks[states] + rng.normal(size=(len(states), 2))
    model = HDPHSMM(max_states=10, start_states=6, random_state=0).fit(frames)
    report = model.report(frames)
    assert report.plain_gain > 0.2
    assert not any("plain hidden Markov model" in finding for finding in report.findings)


def test_calibrated_probabilities_are_less_sure_and_choose_the_same_states():
    frames, _ = recording(400, noise=2.0)
    model = HSMM(3, random_state=0).fit(frames)
    before = model.predict_proba(frames)
    after = model.calibrate(frames).predict_proba(frames)
    assert model.temperature_ >= 1.0
    assert after.max(axis=1).mean() <= before.max(axis=1).mean() + 1e-12
    np.testing.assert_array_equal(after.argmax(axis=1), before.argmax(axis=1))
    report = model.report(frames)
    assert report.temperature == model.temperature_
    assert report.corrected <= report.over_confidence + 0.02
    assert clone(model).fit(frames).temperature_ == 1.0


@pytest.mark.parametrize(
    "model",
    [
        HSMM(3, random_state=0, n_starts=1),
        HSMM(3, random_state=0, n_starts=1, durations="free", covariance="diag", longest_s=60, typical_s=20),
        HDPHSMM(5, start_states=4, random_state=0, durations="stages", emissions="autoregressive", order=1),
        GibbsHDPHSMM(4, n_chains=1, n_sweeps=8, n_warm_up=2, random_state=0, durations="geometric"),
    ],
)
def test_what_is_loaded_says_what_was_saved(model, tmp_path):
    frames, _ = recording(600)
    model.fit(frames).save(tmp_path / "states.safetensors")
    again = type(model).load(tmp_path / "states.safetensors")
    new, _ = recording(300, seed=5)
    np.testing.assert_array_equal(again.predict(new), model.predict(new))
    np.testing.assert_array_equal(again.predict_proba(new), model.predict_proba(new))
    assert again.get_params() == model.get_params()
    assert again.report(frames).states == model.report(frames).states


def test_codes_are_saved_with_their_levels(tmp_path):
    codes = (recording(600)[0] > 1.5).astype(float)
    model = HSMM(3, emissions="categorical", levels=[2, 2], random_state=0, n_starts=1).fit(codes)
    model.save(tmp_path / "codes.safetensors")
    np.testing.assert_array_equal(HSMM.load(tmp_path / "codes.safetensors").predict(codes), model.predict(codes))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "states.safetensors"
    HSMM(3, random_state=0, n_starts=1).fit(recording(600)[0]).save(path)
    return path


def tampered(path, into, **changes):
    parts = read_arrays(path.name, path.read_bytes())
    for name, change in changes.items():
        parts[name.replace("__", ".")] = change
    into.write_bytes(array_bytes({name: part for name, part in parts.items() if part is not None}))
    return into


def described(path, **changes):
    description = json.loads(read_arrays(path.name, path.read_bytes())["description"].tobytes())
    return np.frombuffer(json.dumps(description | changes).encode(), np.uint8)


def test_a_file_that_is_not_a_model_is_named(saved, tmp_path):
    with pytest.raises(MissingFileError):
        HSMM.load(tmp_path / "nowhere.safetensors")
    (tmp_path / "text.safetensors").write_text("no arrays")
    with pytest.raises(FormatError):
        HSMM.load(tmp_path / "text.safetensors")
    with pytest.raises(FormatError, match="it holds a 'HSMM'"):
        HDPHSMM.load(saved)


@pytest.mark.parametrize(
    "changes",
    [
        {"initial": None},
        {"initial": np.array([np.nan, 0.5, 0.5])},
        {"transition": np.eye(3)},
        {"transition": np.zeros((3, 3))},
        {"transition": np.full((3, 3), 0.5)},
        {"look": np.array([0, 1, 9])},
        {"look": np.array([0, -1, 2])},
        {"emission__covariances": np.zeros((3, 2, 2))},
        {"emission__coefficients": np.zeros((3, 2, 4))},
        {"emission__scale": np.zeros(2)},
        {"emission__offsets": np.zeros((1, 1))},
        {"durations__parameters": np.ones((2, 2))},
        {"durations__parameters": np.ones((3, 5))},
    ],
)
def test_a_model_that_was_tampered_with_is_refused(saved, tmp_path, changes):
    with pytest.raises(FormatError):
        HSMM.load(tampered(saved, tmp_path / "bad.safetensors", **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "other"},
        {"frame_weight": 7.0},
        {"durations": {"kind": "tables", "family": "poisson", "shortest": 1, "longest": 10**12}},
        {"durations": {"kind": "code"}},
        {"emission": {"kind": "code"}},
        {
            "about": {
                "class": "HSMM",
                "settings": {"n_states": 3, "surprise": 1},
                "features": [[0, 1], [0, 0], [[1, 0], [0, 1]]],
                "temperature": 1.0,
            }
        },
        {"about": {"class": "HSMM", "settings": {"n_states": 3}, "features": [[7], [0], [[1]]], "temperature": 1.0}},
        {"about": []},
    ],
)
def test_a_description_that_does_not_fit_is_refused(saved, tmp_path, changes):
    with pytest.raises(FormatError):
        HSMM.load(tampered(saved, tmp_path / "bad.safetensors", description=described(saved, **changes)))


@pytest.fixture
def client():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="inproc://"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_many_recordings_on_a_cluster_give_what_one_machine_gives(client):
    recordings = [recording(500, seed)[0] for seed in range(4)]
    frames, lengths = np.concatenate(recordings), [500] * 4
    settings = {"n_states": 3, "random_state": 0, "n_starts": 1, "search_frames": 800, "longest_s": 40, "typical_s": 20}
    alone = HSMM(**settings).fit(frames, lengths)
    together = HSMM(**settings, cluster=client).fit(frames, lengths)
    assert together.log_likelihood_history_ == alone.log_likelihood_history_
    np.testing.assert_array_equal(together.predict_proba(frames, lengths), alone.predict_proba(frames, lengths))
    assert client.status == "running"


def test_one_look_everywhere_is_bad_input_that_ends_well():
    frames = np.random.default_rng(0).normal(size=(400, 2))
    model = HDPHSMM(5, start_states=3, random_state=0).fit(frames)
    assert np.isfinite(model.predict_proba(frames)).all()
    assert isinstance(str(model.report(frames)), str)


def test_sequences_shorter_than_a_segment_and_of_unequal_length_are_learnt_from():
    frames, labels = recording(900)
    lengths = [3, 400, 1, 496]
    model = HSMM(3, shortest_s=10, typical_s=20, longest_s=60, random_state=0).fit(frames, lengths)
    assert adjusted_rand_score(labels, model.predict(frames, lengths)) > 0.9
    assert np.isfinite(model.predict_proba(frames[:1])).all()
    np.testing.assert_allclose(model.predict_proba(frames[:2]).sum(axis=1), 1.0)


@pytest.mark.parametrize("covariance", ["full", "diag"])
def test_features_that_are_copies_of_each_other_give_no_nan(covariance):
    frames, labels = recording(900)
    copies = np.column_stack([frames, frames[:, 0], np.full(900, 7.0)])
    model = HSMM(3, covariance=covariance, random_state=0, n_starts=1).fit(copies)
    assert np.isfinite(model.predict_proba(copies)).all()
    assert adjusted_rand_score(labels, model.predict(copies)) > 0.9
    again, _ = model.sample(50, random_state=0)
    np.testing.assert_allclose(again[:, 2], again[:, 0])
    np.testing.assert_allclose(again[:, 3], 7.0)
    live = model.live(lag_s=2.0)
    assert [live.step(frame) is None for frame in copies[:4]] == [True, True, False, False]


def test_a_frame_beyond_all_measure_is_judged_without_a_warning():
    frames, _ = recording(600)
    model = HSMM(3, random_state=0, n_starts=1).fit(frames)
    frames[5] = 1e200
    assert np.isfinite(model.predict_proba(frames)).all()
    assert np.isfinite(model.live().step(frames[5])).all()


def test_frames_that_are_all_the_same_are_one_state_for_the_most_part():
    same = np.ones((200, 2))
    states = HSMM(2, random_state=0, n_starts=1).fit(same).predict(same)
    assert set(states) <= {0, 1}


def test_an_autoregression_says_where_it_has_no_past_to_look_at():
    frames, _ = recording(600)
    model = HSMM(3, emissions="autoregressive", order=3, random_state=0, n_starts=1).fit(frames, lengths=[2, 1, 597])
    assert np.isfinite(model.predict_proba(frames[:2])).all()
    with pytest.raises(TooFewSamplesError, match="the 700 frames before"):
        HSMM(3, emissions="autoregressive", order=700).fit(frames)
