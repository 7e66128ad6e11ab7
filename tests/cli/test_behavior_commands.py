"""`motif discover`, `motif label`, `motif synchrony`: from files to what happened, when, and who followed whom."""

import json
import tracemalloc
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from motif.behavior import StateFinder
from motif.behavior.discover._frames import FrameMaker
from motif.cli._app import app
from motif.errors import BundleError, ColumnError, ConfigError, InputError, MissingFileError, TooFewSamplesError
from motif.recordings import (
    Recording,
    read,
    simulate_pair,
    simulate_quadruped_recordings,
    write_boris,
    write_parquet,
)

GAITS = ("stand", "trot", "gallop")
FAST = ("--window", 5, "--max-lag", 1, "--surrogates", 99, "--no-drift")


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.stderr
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("behavior")


@pytest.fixture(scope="module")
def dogs(folder):
    recordings = simulate_quadruped_recordings(2, 60.0, gaits=GAITS, rate_hz=50.0, random_state=1)
    return [write_parquet(recording, folder / f"dog{k}.parquet") for k, recording in enumerate(recordings)]


@pytest.fixture(scope="module")
def found(folder, dogs):
    result = run("discover", *dogs, "-o", folder / "states", "--most", 5, "--longest", 12, "--json")
    return folder / "states", json.loads(result.stdout)


def test_states_are_found_and_written_for_every_program(found):
    out, summary = found
    assert summary["recordings"] == ["dog0", "dog1"]
    assert sum(row["share"] for row in summary["states"]) == pytest.approx(1.0)
    labels = {row["state"] for row in summary["states"]}
    assert {row["label"] for row in parquet.read_table(out / "segments.parquet").to_pylist()} == labels
    values = {value.text for value in ElementTree.parse(out / "ethogram.eaf").getroot().iter("ANNOTATION_VALUE")}
    project = json.loads((out / "ethogram.boris").read_text(encoding="utf-8"))
    assert values == labels == {one["code"] for one in project["behaviors_conf"].values()}
    assert len(project["observations"]) == 2
    assert "What each state is like" in (out / "report.html").read_text(encoding="utf-8")
    assert {path.name for path in out.glob("*.nc")} == {"dog0.nc", "dog1.nc"}


def test_the_states_are_those_the_animals_were_in(found, dogs):
    from sklearn.metrics import adjusted_rand_score

    finder = StateFinder.load(found[0] / "model")
    states, truth = [], []
    for path in dogs:
        recording = read(path)
        ethogram = finder.label(recording)
        for start, state in zip(ethogram.time_ns, ethogram.states, strict=True):
            labels = [a.label for a in recording.annotations if a.start_ns <= start < a.stop_ns]
            states += [state] * len(labels)
            truth += labels
    assert adjusted_rand_score(truth, states) > 0.3  # chance is 0


def test_a_loaded_model_says_of_a_recording_what_training_said(found, dogs, folder):
    out, _ = found
    run("label", out / "model", dogs[1], "-o", folder / "again")
    assert "--replace" in run("label", out / "model", dogs[1], "-o", folder / "again", code=3).stderr
    run("label", out / "model", dogs[1], "-o", folder / "again", "--replace")
    assert "holds something else" in run("label", out / "model", dogs[1], "-o", folder, "--replace", code=3).stderr
    trained = [
        row for row in parquet.read_table(out / "segments.parquet").to_pylist() if row["recording"] == "animal02 1"
    ]
    again = parquet.read_table(folder / "again" / "segments.parquet").to_pylist()
    assert [(r["label"], r["start_ns"], r["stop_ns"]) for r in again] == [
        (r["label"], r["start_ns"], r["stop_ns"]) for r in trained
    ]


def test_states_are_called_what_a_person_calls_them(found, dogs, folder):
    model = found[0] / "model"
    finder = StateFinder.load(model)
    names = finder.names_
    seen = names[finder.label(read(dogs[0])).states[0]]
    result = run("label", model, dogs[0], "-o", folder / "named", "--names", f"{seen}=dozing", "--json")
    assert "dozing" in {row["state"] for row in json.loads(result.stdout)["states"]}
    for wrong in ("nonsense", "state 99=x", f"{names[0]}={names[1]}"):
        assert run("label", model, dogs[0], "--names", wrong, code=3).stdout == ""


def test_a_gap_is_unseen_and_a_folder_that_is_no_model_is_refused(found, dogs, folder):
    finder = StateFinder.load(found[0] / "model")
    dog = read(dogs[0])
    values = dog.values.copy()
    values[1000:1200] = np.nan
    holed = Recording(values=values, time_ns=dog.time_ns, channels=dog.channels, units=dog.units)
    ethogram = finder.label(holed)
    hidden = (ethogram.time_ns > dog.time_ns[1010]) & (ethogram.time_ns < dog.time_ns[1190])
    assert (ethogram.states[hidden] == -1).all()
    assert np.isnan(ethogram.probabilities[hidden]).all()
    assert (ethogram.states[~hidden] >= 0).mean() > 0.9
    with pytest.raises(MissingFileError):
        StateFinder.load(folder / "nowhere")
    broken = finder.save(folder / "broken")
    settings = json.loads((broken / "states.json").read_text())
    for damage in ({"format": 99}, {"order": [0]}, {"channels": ["acc_x"]}, {"models": 0}, {"names": 3}):
        (broken / "states.json").write_text(json.dumps(settings | damage))
        with pytest.raises(BundleError, match="discover again"):
            StateFinder.load(broken)


def test_what_no_state_can_be_found_in_is_named(dogs):
    dog = read(dogs[0])
    with pytest.raises(ConfigError):
        StateFinder().fit([])
    with pytest.raises(ConfigError, match="HDPHSMM takes arrays"):
        StateFinder().fit([dog.values])
    with pytest.raises(TooFewSamplesError):
        StateFinder().fit([dog.slice_time(dog.time_ns[0], dog.time_ns[20])])
    with pytest.raises(TooFewSamplesError, match="whole moments"):
        StateFinder().fit([dog.slice_time(dog.time_ns[0], dog.time_ns[150])])
    with pytest.raises(ColumnError):
        StateFinder(channels=["tail"]).fit([dog])
    with pytest.raises(InputError, match="no motion"):
        StateFinder().fit([dog.select([name for name in dog.channels if "mag" in name])])
    with pytest.raises(ConfigError, match="frames_hz"):
        StateFinder(frames_hz=50.0, window_s=0.01).fit([dog])


def test_several_models_say_where_they_disagree(dogs, folder):
    dog = read(dogs[0])
    finder = StateFinder(max_states=4, longest_s=12.0, n_models=2).fit([dog])
    ethogram = finder.label(dog)
    assert ethogram.epistemic.shape == ethogram.states.shape
    assert (ethogram.epistemic >= 0).all()
    again = StateFinder.load(finder.save(folder / "two")).label(dog)
    np.testing.assert_array_equal(again.epistemic, ethogram.epistemic)
    assert StateFinder(max_states=4, longest_s=12.0).fit([dog]).label(dog).epistemic is None
    with pytest.raises(ConfigError, match="n_models=0"):
        StateFinder(n_models=0).fit([dog])


def test_key_points_are_looked_at_around_their_centre():
    rng = np.random.default_rng(0)
    n, still = 1800, np.repeat(rng.permutation(np.arange(30)) % 2, 60)
    walked = np.cumsum(np.where(still[:, None] == 1, 0.0, rng.normal(3.0, 0.5, (n, 2))), axis=0)
    length = np.array([20.0, 0.0])
    nose, tail = walked + length, walked - length
    nose = nose + np.where(still[:, None] == 1, 0.0, 6.0 * np.sin(np.arange(n) / 2.0)[:, None])
    values = np.concatenate([nose, tail], axis=1) + 0.2 * rng.normal(size=(n, 4))
    channels = ("nose.x", "nose.y", "tail.x", "tail.y")
    time_ns = np.arange(n) * 33_333_333
    mouse = Recording(values=values, time_ns=time_ns, channels=channels, units=("px",) * 4)
    ethogram = StateFinder(max_states=4, longest_s=10.0).fit([mouse]).label(mouse)
    assert ethogram.position.shape == (len(ethogram.states), 2)
    at = np.searchsorted(time_ns, ethogram.time_ns).clip(max=n - 1)
    quiet = np.bincount(ethogram.states[still[at] == 1]).argmax()
    assert (ethogram.states[still[at] == 1] == quiet).mean() > 0.8
    assert (ethogram.states[still[at] == 0] == quiet).mean() < 0.2
    two = Recording(
        values=np.tile(values, 2),
        time_ns=time_ns,
        channels=tuple(f"{who}.{name}" for who in ("a", "b") for name in channels),
        units=("px",) * 8,
    )
    with pytest.raises(InputError, match="one animal at a time"):
        StateFinder().fit([two])


@pytest.fixture(scope="module")
def coded(dogs, folder):
    """What somebody coded who saw the gaits, an observation for each dog."""
    moving = [read(path) for path in dogs]
    return write_boris([one.slice_time(one.time_ns[0], one.time_ns[-1]) for one in moving], folder / "coded.boris")


def test_states_are_held_against_what_was_coded(found, dogs, coded, folder):
    out = folder / "against"
    result = run("label", found[0] / "model", *dogs, "-o", out, "--against", coded, "--json")
    agreement = json.loads(result.stdout)["agreement"]
    assert agreement["ari"] > 0.3
    assert agreement["nmi"] > 0.3
    assert 100 < agreement["coded_s"] <= agreement["seen_s"] < 120
    for shares in agreement["shares"].values():
        assert set(shares) == set(GAITS)
        assert sum(shares.values()) == pytest.approx(1.0)
    html = (out / "report.html").read_text(encoding="utf-8")
    assert "Against what was coded" in html
    told = run("label", found[0] / "model", *dogs, "-o", out, "--replace", "--against", coded).stdout
    assert f"NMI {agreement['nmi']:.2f}, ARI {agreement['ari']:.2f}, over" in told
    assert "agreement" not in found[1]


def test_discover_says_before_it_begins_which_codings_there_are_and_when(dogs, coded, folder):
    def said(*options, recordings=dogs[:1]):
        return " ".join(run("discover", *recordings, "-o", folder / "no", *options, code=3).stderr.split())

    assert "choose from codings" in said("--subject", "rex")
    assert "cannot be of 2 recordings" in said("--against", coded, "--observation", "animal01 1", recordings=dogs)
    assert "no observation 'noon': there are 'animal01 1', 'animal02 1'" in said(
        "--against", coded, "--observation", "noon"
    )
    assert "they share no time" in said("--against", coded, "--offset", 500)
    assert not (folder / "no").exists()


def test_a_recording_that_nobody_coded_is_left_out_of_the_agreement_and_named(found, dogs, folder):
    one = read(dogs[0])
    path = write_boris(one.slice_time(one.time_ns[0], one.time_ns[-1]), folder / "one.boris")
    told = run("label", found[0] / "model", *dogs, "-o", folder / "partly", "--against", path, "--json")
    assert json.loads(told.stdout)["agreement"]["seen_s"] < 60
    assert "no observation called dog1, which is left out" in " ".join(told.stderr.split())
    renamed = path.read_text(encoding="utf-8").replace("animal01 1", "somebody")
    path.write_text(renamed, encoding="utf-8")
    refused = run("label", found[0] / "model", *dogs, "-o", folder / "none", "--against", path, code=3)
    assert "no observation called dog0 or dog1: there are somebody" in " ".join(refused.stderr.split())


def test_states_are_written_though_only_moments_were_coded_and_that_is_told(found, dogs, folder):
    points = folder / "points.csv"
    points.write_text("Behavior,Behavior type,Start (s),Stop (s)\nbark,POINT,3,3\n", encoding="utf-8")
    told = run("label", found[0] / "model", dogs[0], "-o", folder / "points", "--against", points, "--json")
    assert "agreement" not in json.loads(told.stdout)
    assert "nothing that was seen is coded" in " ".join(told.stderr.split())
    assert (folder / "points" / "report.html").exists()


@pytest.fixture(scope="module")
def pair(folder):
    recordings = simulate_pair(40.0, 50.0, coupling=0.8, lag_s=0.3, leader="b", random_state=2)
    return [write_parquet(one, folder / f"{name}.parquet") for name, one in zip("ab", recordings, strict=True)]


def test_two_recordings_are_compared_and_the_leader_is_named(pair, folder):
    report = folder / "together.html"
    result = run("synchrony", *pair, *FAST, "--motion", "channels", "--report", report, "--json")
    found = json.loads(result.stdout)
    assert (found["is_coupled"], found["leader"]) == (True, "b")
    assert found["lag_s"] == pytest.approx(-0.3, abs=0.02)
    assert {"measures", "lead", "lead_shares", "channels", "rate_hz"} <= set(found)
    html = report.read_text(encoding="utf-8")
    for title in ("Who follows whom, when", "What is shared", "Being where the other was", "a.parquet"):
        assert title in html
    told = run("synchrony", *pair, *FAST)
    assert "b leads" in told.stderr
    assert "lagged_correlation" in told.stdout


def test_chance_may_be_chosen_and_is_told(pair):
    short = ("--window", 1, "--max-lag", 0.5, "--no-drift", "--chance", "shifted")
    found = json.loads(run("synchrony", *pair, *short, "--json").stdout)
    assert (found["surrogates"], found["notes"]) == ("shifted", [])
    told = run("synchrony", *pair, *short).stderr
    assert f"{found['n_surrogates']} draws of b, turned in time" in told


def test_two_devices_of_one_recording_are_compared(dogs):
    result = run("synchrony", dogs[0], "--devices", "back,right_fore_leg", *FAST[:-1], "--drift", "--json")
    found = json.loads(result.stdout)
    assert found["is_coupled"]
    assert found["drift"]["undone"] is False


def test_a_simulated_pair_is_long_enough_for_the_window_of_the_command(folder):
    run("simulate", "pair", folder / "two")
    two = (folder / "two/first.parquet", folder / "two/second.parquet")
    quick = ("--rate", 10, "--surrogates", 99, "--no-drift", "--json")
    assert json.loads(run("synchrony", *two, *quick).stdout)["is_coupled"]


def test_streams_too_short_for_the_window_are_told_in_seconds(pair):
    said = run("synchrony", *pair, code=3).stderr
    assert "40 s hold no three windows of 30 s with lags to 2.5 s; record longer" in said


def test_what_cannot_be_compared_is_refused(pair, dogs):
    for wrong in (
        (pair[0],),
        (*pair, "--devices", "a,b"),
        (dogs[0], "--devices", "back"),
        (dogs[0], "--devices", "x,y"),
    ):
        assert run("synchrony", *wrong, code=3).stdout == ""


def test_states_that_were_seen_rarely_are_named_together():
    from motif.behavior import few_segments
    from motif.evaluation import Ethogram

    states = np.array([0, 1] * 6 + [2, 1, 0])
    times = np.arange(len(states)) * 10**8
    one = Ethogram(name="dog", states=states, time_ns=times, rate_hz=10.0, names=("a", "b", "c"))
    assert few_segments([one]) == ["Seen in few segments, so that how long they last is a guess: c (1). Record more."]
    assert few_segments([one] * 5) == []


def test_states_as_short_as_a_frame_s_look_are_named_together():
    from motif.behavior import brief_states
    from motif.evaluation import Ethogram

    states = np.repeat([0, 2, 1] * 3, [20, 5, 20] * 3)
    times = np.arange(len(states)) * 10**8
    one = Ethogram(name="dog", states=states, time_ns=times, rate_hz=10.0, names=("a", "b", "change"))
    (warning,) = brief_states([one])
    assert "(0.6 s)" in warning
    assert warning.endswith(": change.")
    assert brief_states([one], window_s=0.4) == []


def test_states_that_last_as_short_as_was_asked_are_named_where_they_stand_between_two_others():
    from motif.behavior import brief_states
    from motif.evaluation import Ethogram

    def one(states):
        times = np.arange(len(states)) * 10**8
        return Ethogram(name="dog", states=states, time_ns=times, rate_hz=10.0, names=("a", "b", "c"))

    between = one(np.repeat([0, 2, 1, 2] * 6, [30, 10, 20, 10] * 6))
    within = one(np.repeat([0, 2] * 6 + [1, 0] * 3, [30, 10] * 6 + [20, 30] * 3))
    (warning,) = brief_states([between], shortest_s=1.0)
    assert warning.endswith(": c.")
    assert brief_states([between]) == []
    assert brief_states([within], shortest_s=1.0) == []


def test_segments_that_press_against_the_longest_that_was_asked_for_are_told():
    from motif.behavior import cut_short
    from motif.evaluation import Ethogram

    states = np.repeat([0, 1, 0, -1, 2], [100, 40, 20, 80, 40])
    times = np.arange(len(states)) * 10**8
    one = Ethogram(name="dog", states=states, time_ns=times, rate_hz=10.0, names=("a", "b", "c"))
    (warning,) = cut_short([one], longest_s=10.0)
    assert warning.startswith("50% of the time lies in segments of nearly the longest that was asked for (10 s)")
    assert cut_short([one], longest_s=14.0) == []


def test_a_sensor_that_sticks_or_is_cut_off_is_told_by_info_and_discover(dogs, folder):
    dog = read(dogs[0])
    values = dog.values.copy()
    values[500:1500] = values[500]
    cut = dog.channels.index("back.acc_x")
    values[:, cut] = np.minimum(values[:, cut], np.quantile(values[:, cut], 0.9))
    path = write_parquet(replace(dog, values=values), folder / "stuck.parquet")
    stuck = "back.acc stands at one value for 20 s from 00:00:10 after the beginning: is it stuck?"
    notes = json.loads(run("info", path, "--json").stdout)["notes"]
    assert stuck in notes
    assert [note for note in notes if "range too small" in note and note.startswith("back.acc_x stands at its largest")]
    assert stuck in " ".join(run("info", path).stderr.split())
    assert json.loads(run("info", dogs[0], "--json").stdout)["notes"] == []
    told = run("discover", path, "-o", folder / "stuck", "--most", 3)
    assert f"stuck: {stuck}" in " ".join(told.stderr.split())
    assert f"stuck: {stuck}" in (folder / "stuck" / "report.html").read_text(encoding="utf-8")


def test_a_key_point_that_is_often_hidden_is_told_by_discover(folder):
    place = np.random.default_rng(0).normal(size=(600, 6)).cumsum(axis=0)
    place[100:300, 4:] = np.nan
    channels = tuple(f"{point}.{axis}" for point in ("nose", "back", "tail") for axis in "xy")
    time_ns = np.arange(600) * 50_000_000
    mouse = Recording(values=place, time_ns=time_ns, channels=channels, units=("px",) * 6)
    path = write_parquet(mouse, folder / "m.parquet")
    told = run("discover", path, "-o", folder / "hidden", "--most", 2)
    assert "m: Hidden for much of the time" in " ".join(told.stderr.split())
    assert "tail (33%)" in (folder / "hidden" / "report.html").read_text(encoding="utf-8")


def test_a_recording_slower_than_what_the_model_looks_at_is_said_to_be(found, dogs, folder):
    dog = read(dogs[0])
    write_parquet(replace(dog, values=dog.values[::2], time_ns=dog.time_ns[::2]), folder / "slow.parquet")
    said = run("label", found[0] / "model", folder / "slow.parquet", "-o", folder / "slowly")
    assert "samples a second, the model looks at 50" in " ".join(said.stderr.split())
    assert "samples a second, the model looks at 50" in (folder / "slowly" / "report.html").read_text(encoding="utf-8")


def test_frames_of_a_long_recording_are_made_without_a_copy_of_their_windows():
    motion = np.random.default_rng(0).normal(size=(200_000, 12))
    maker = FrameMaker.fit([motion[:5000]], window=30, hop=5, rate_hz=50.0, n_features=8)
    tracemalloc.start()
    maker.frames(motion)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * motion.nbytes  # all windows together are six times the motion
