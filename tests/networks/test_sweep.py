import sqlite3

import pytest
from tests.networks.sessions import small_dataset

from motif.errors import ConfigError, FormatError
from motif.networks import Sweep, Trial, sweep
from motif.recordings import leave_one_group_out

FIXED = {"architecture": "cnn1d", "epochs": 1, "refit": False}
SPACE = {"batch_size": [8, 16], "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}}


@pytest.fixture(scope="module")
def data():
    return small_dataset()


def swept(data, **asked):
    return sweep(data, leave_one_group_out(data), **{"settings": FIXED, "space": SPACE, "trials": 2} | asked)


def test_a_sweep_that_was_stopped_goes_on_where_it_was(data, tmp_path):
    storage, heard = tmp_path / "sweeps.db", []
    first = swept(data, trials=1, storage=storage)
    again = swept(data, trials=2, storage=storage, progress=heard.append)
    assert again.trials[:1] == first.trials
    assert [trial.number for trial in heard] == [1]
    assert again.trials[1].settings != first.trials[0].settings
    assert swept(data, trials=2, storage=storage, progress=heard.append) == again
    assert len(heard) == 1


def test_what_is_tried_stays_within_the_choices_and_is_judged_on_every_fold(data):
    (trial,) = swept(data, trials=1).trials
    assert set(trial.settings) == set(SPACE)
    assert trial.settings["batch_size"] in SPACE["batch_size"]
    assert 1e-4 <= trial.settings["learning_rate"] <= 1e-2
    assert (trial.state, trial.n_folds) == ("complete", 2)
    assert 0 <= trial.score <= 1


def test_a_file_of_another_sweep_is_not_gone_on_with(data, tmp_path):
    storage = tmp_path / "sweeps.db"
    swept(data, trials=0, storage=storage)
    with pytest.raises(ConfigError, match="another name"):
        swept(data, trials=0, storage=storage, space={"dropout": [0.0, 0.2]})
    assert swept(data, trials=0, storage=storage, name="other", space={"dropout": [0.0, 0.2]}).trials == ()


def test_a_file_that_is_no_database_is_refused_and_left_alone(data, tmp_path):
    storage = tmp_path / "notes.txt"
    storage.write_text("not a database, but long enough to look like a file of something" * 20)
    before = storage.read_bytes()
    with pytest.raises(FormatError, match="no database of sweeps"):
        swept(data, storage=storage)
    assert storage.read_bytes() == before


def test_a_database_of_something_else_keeps_its_tables(data, tmp_path):
    storage = tmp_path / "other.db"
    with sqlite3.connect(storage) as database:
        database.execute("CREATE TABLE mine (x)")
        database.execute("INSERT INTO mine VALUES (7)")
    swept(data, trials=0, storage=storage)
    with sqlite3.connect(storage) as database:
        assert database.execute("SELECT x FROM mine").fetchall() == [(7,)]


@pytest.mark.parametrize(
    "space",
    [
        {"wings": [1, 2]},
        {"dropout": []},
        {"dropout": "0.1"},
        {"dropout": {"low": 0.4, "high": 0.1}},
        {"dropout": {"low": 0.1}},
        {"dropout": {"low": 0.1, "high": 1.5}},
        {"architecture": ["tcn", "resnet"]},
    ],
)
def test_choices_that_cannot_be_are_refused_before_anything_is_trained(data, space):
    with pytest.raises(ConfigError, match=next(iter(space))):
        swept(data, space=space)


def test_the_best_is_complete_or_there_is_none():
    def trial(number, score, state):
        return Trial(number=number, settings={}, score=score, state=state, n_folds=1)

    trials = (trial(0, 0.5, "complete"), trial(1, 0.9, "pruned"), trial(2, 0.7, "complete"), trial(3, None, "fail"))
    assert Sweep(trials=trials).best.number == 2
    with pytest.raises(ConfigError, match="no trial"):
        _ = Sweep(trials=trials[1:2]).best
