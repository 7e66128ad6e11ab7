"""`motif evaluate` with others beside: what is said of a rival, of members, and of what they were trained on."""

import json

import numpy as np
import pytest
from tests.bundles.test_bundles import CLASSES, SHAPE, tiny_model
from tests.cli.test_cli import run

from motif import bundles
from motif.cli._held_out import fingerprint
from motif.recordings import Dataset, load_dataset, save_dataset

PEOPLE = ("ann", "bob", "dan", "eve", "kim", "lea")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Windows of six people, and bundles of them; each says what it was trained on."""
    folder = tmp_path_factory.mktemp("beside")
    n = 10 * len(PEOPLE)
    data = Dataset(
        name="people",
        X=np.random.default_rng(0).standard_normal((n, *SHAPE)).astype(np.float32),
        y=np.arange(n) % 3,
        class_names=tuple(sorted(CLASSES)),
        groups=np.repeat(PEOPLE, 10),
        group_kind="subject",
        stretch=np.arange(n) // 10,
        start=np.arange(n) % 10,
        rate_hz=20.0,
        channels=("x", "y"),
    )
    save_dataset(data, folder / "people.npz")
    these = fingerprint(load_dataset(folder / "people.npz"))
    trained_on = {
        "new": {"fingerprint": these, "held_out_share": 0.34},
        "like it": {"fingerprint": these, "held_out_share": 0.34},
        "old": {"fingerprint": these},
        "of ann": {"name": "people", "groups": ["ann", "kim"]},
        "stranger": {"name": "others", "groups": ["kim"]},
    }
    for seed, (name, facts) in enumerate(trained_on.items()):
        config = bundles.BundleConfig(name=name, window=bundles.WindowSpec(shape=SHAPE), data=facts)
        bundles.save(folder / name, onnx=tiny_model(seed=seed), config=config, class_names=CLASSES)
    return folder


def evaluated(folder, name, *options):
    return run("evaluate", folder / name, folder / "people.npz", *options)


@pytest.mark.parametrize(
    ("rival", "seen"),
    [("old", "20 of these 20 windows"), ("of ann", "ann of people"), ("like it", None), ("stranger", None)],
)
def test_a_rival_that_learnt_the_judged_windows_is_told_wherever_it_is_compared(folder, tmp_path, rival, seen):
    result = evaluated(folder, "new", "--against", folder / rival, "--json", "--report-dir", tmp_path)
    told = json.loads(result.stdout)["warnings"]
    words = f"he rival {folder / rival} was trained on {seen}: the comparison flatters it"
    assert told == (["t" + words] if seen else [])
    for said in (result.stderr, *((tmp_path / f"report.{kind}").read_text() for kind in ("html", "md", "json"))):
        assert (words in said) == bool(seen)


def test_a_member_that_learnt_the_judged_windows_is_told(folder):
    members = ("--member", folder / "like it", "--member", folder / "old")
    told = json.loads(evaluated(folder, "new", *members, "--json").stdout)["warnings"]
    assert told == [f"the member {folder / 'old'} was trained on 20 of these 20 windows: it doubts them too little"]


def test_a_recognizer_and_its_rival_are_both_told(folder):
    told = json.loads(evaluated(folder, "old", "--against", folder / "of ann", "--json").stdout)
    assert told["warning"] == told["warnings"][0]
    assert "these very windows" in told["warning"]
    assert "was trained on ann, kim of people" in told["warnings"][1]


def test_the_comparison_stands_on_the_terminal(folder):
    found = json.loads(evaluated(folder, "stranger", "--against", folder / "like it", "--json").stdout)["comparison"]
    shown = evaluated(folder, "stranger", "--against", folder / "like it").stdout
    lines = {line.split("│")[1].strip(): line for line in shown.partition(" less ")[2].splitlines() if "│" in line}
    for name, difference in found["differences"].items():
        assert f"{difference:+.3f}" in lines[name]
    interval = found["intervals"]["accuracy"]
    assert f"{interval['low']:+.3f} to {interval['high']:+.3f}" in lines["accuracy"]
    windows, groups = found["windows"], found["groups"]
    assert f"{windows['p_value']:.3g}" in lines["McNemar, window by window"]
    assert f"on {windows['only_first_right']} window" in lines["McNemar, window by window"]
    assert f"{groups['p_value']:.3g}" in lines["exchanged within 6 subjects"]
    assert "less than 0.0312" in lines["exchanged within 6 subjects"]


def test_with_one_person_the_comparison_says_what_it_can(folder):
    shown = evaluated(folder, "stranger", "--against", folder / "like it", "--groups", "ann").stdout
    assert "McNemar" in shown
    assert "exchanged" not in shown


def test_the_doubt_of_members_stands_on_the_terminal(folder):
    found = json.loads(evaluated(folder, "stranger", "--member", folder / "like it", "--json").stdout)["uncertainty"]
    shown = evaluated(folder, "stranger", "--member", folder / "like it").stdout
    (line,) = [line for line in shown.splitlines() if "epistemic" in line]
    assert f"{found['epistemic']['right']:.4g}" in line
    assert f"{found['epistemic']['wrong']:.4g}" in line
    assert "epistemic" not in evaluated(folder, "stranger").stdout
