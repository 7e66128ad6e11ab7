import json

import numpy as np
import pytest
from tests.cli.test_cli import run
from tests.networks.conftest import make_windows

from motif.bundles import load, read_files, verify
from motif.networks import NetworkClassifier
from motif.recordings import Dataset, save_dataset


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    X, y = make_windows()
    names, indices = np.unique(y, return_inverse=True)
    classifier = NetworkClassifier("cnn1d", epochs=12, batch_size=16, refit=False, random_state=0).fit(X, indices)
    folder = tmp_path_factory.mktemp("base") / "everybody"
    return classifier.save(folder, name="everybody", class_names=names.tolist(), window={"rate_hz": 20.0})


def saved(path, X, y, groups):
    names, indices = np.unique(y, return_inverse=True)
    n = len(X)
    data = Dataset(
        name="anna",
        X=X,
        y=indices.astype(np.int64),
        class_names=tuple(names.tolist()),
        groups=np.asarray(groups),
        group_kind="session",
        stretch=np.arange(n, dtype=np.int64),
        start=np.zeros(n, np.int64),
        rate_hz=20.0,
        channels=("x", "y", "z"),
    )
    save_dataset(data, path)
    return path


@pytest.fixture(scope="module")
def anna(tmp_path_factory):
    X, y = make_windows(15, seed=3)
    return saved(tmp_path_factory.mktemp("data") / "anna.npz", -0.35 * X, y, ["one"] * 15)


def test_a_person_gets_a_bundle_of_their_own(base, anna, tmp_path):
    before = read_files(base)[0]
    result = run("personalize", base, anna, "--out", tmp_path / "anna")
    assert "own" in result.stdout
    assert "circle" in result.stdout
    assert "written" in result.stderr
    own = load(tmp_path / "anna")
    assert verify(tmp_path / "anna").max_difference < 1e-4
    assert own.classes_.tolist() == ["circle", "rest", "wave"]
    assert own.config.window.rate_hz == 20.0
    assert own.config.data["base"]["content_hash"] == before.content_hash
    assert own.config.data["samples"] == {"circle": 5, "rest": 5, "wave": 5}
    assert own.metrics["personal"]["improvement"] > 0
    assert read_files(base)[0] == before
    X, y = make_windows(60, seed=9)
    assert (own.predict(-0.35 * X) == y).mean() > (load(base).predict(-0.35 * X) == y).mean() + 0.1


def test_the_figures_come_as_json_and_sessions_are_held_out_whole(base, tmp_path):
    X, y = make_windows(24, seed=3)
    data = saved(tmp_path / "anna.npz", -0.35 * X, y, np.repeat(["one", "two", "three", "four"], 6))
    chosen = ("--groups", "one,two,four", "--json")
    found = json.loads(run("personalize", base, data, "--out", tmp_path / "anna", *chosen).stdout)
    assert found["judged"].startswith("18 samples in 3 parts, whole groups")
    assert found["bundle"] == str(tmp_path / "anna")


def test_nothing_is_written_or_replaced_where_it_does_not_help(base, anna, tmp_path):
    run("personalize", base, anna, "--out", tmp_path / "anna")
    before = read_files(tmp_path / "anna")[0]
    X, y = make_windows(15, seed=5)
    y = np.random.default_rng(0).permutation(y)
    wrong = saved(tmp_path / "wrong.npz", X, y, ["one"] * 15)
    result = run("personalize", base, wrong, "--out", tmp_path / "anna", "--replace", code=1)
    assert "nothing written" in result.stderr
    assert "own, dropped" in result.stdout
    assert read_files(tmp_path / "anna")[0] == before
    run("personalize", base, wrong, "--out", tmp_path / "new", "--json", code=1)
    assert not (tmp_path / "new").exists()


def test_places_and_data_that_will_not_do_are_named(base, anna, tmp_path):
    for name, says in (("manifest.json", "--replace"), ("notes.txt", "holds something else")):
        there = tmp_path / name.partition(".")[0]
        there.mkdir()
        (there / name).touch()
        assert says in run("personalize", base, anna, "--out", there, code=3).stderr
    for place in (base, base / "inside"):
        assert "is the base's" in run("personalize", base, anna, "--out", place, "--replace", code=3).stderr
    few = run("personalize", base, anna, "--out", tmp_path / "a", "--min-samples", 6, code=3).stderr
    assert "1 more of circle, 1 more of rest, 1 more of wave; want 6" in few
    X, y = make_windows(15)
    other = saved(tmp_path / "other.npz", X, np.where(y == "wave", "clap", y), ["one"] * 15)
    assert "holds clap; the bundle knows" in run("personalize", base, other, "--out", tmp_path / "a", code=3).stderr
    strategy = run("personalize", base, anna, "--out", tmp_path / "a", "--strategy", "all", code=3)
    assert "want head_only or last_block or half" in strategy.stderr
