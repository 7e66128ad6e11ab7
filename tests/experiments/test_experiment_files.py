from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.errors import ConfigError, FormatError, MissingFileError, ShapeError
from motif.evaluation import expected_calibration_error
from motif.experiments import Experiment, ReadReport, comparison_rows, evaluate, open_data, parts, read_report
from motif.experiments._answers import Answers
from motif.experiments._data import thinned
from motif.experiments._evaluate import _metrics
from motif.experiments._experiment import TemporalSettings
from motif.experiments._temporal import Smoother, mean_dwell, runs
from motif.recordings import Dataset, save_dataset, simulate_quadruped

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def animals() -> Dataset:
    return simulate_quadruped(8, 3, gaits=("stand", "trot", "walk"), random_state=0)


def stream(labels: list[int], starts: list[int] | None = None) -> Dataset:
    n = len(labels)
    return Dataset(
        name="s",
        X=np.zeros((n, 3, 1, 4), np.float32),
        y=np.array(labels),
        class_names=("a", "b", "c"),
        groups=np.array(["g"] * n),
        group_kind="subject",
        stretch=np.zeros(n, np.int64),
        start=np.arange(n) * 2 if starts is None else np.array(starts),
        rate_hz=10.0,
        channels=("acc_x", "acc_y", "acc_z"),
        sensors=("wrist",),
    )


@pytest.mark.parametrize("name", ["dogs", "dsads"])
def test_the_experiments_that_come_along_can_be_read(name: str) -> None:
    experiment = Experiment.load(ROOT / "conf" / "exp" / f"{name}.yaml")
    assert experiment.model.architecture.quantization.levels == (8, 6, 5)
    assert experiment == Experiment.model_validate(experiment.to_dict())
    assert experiment.digest == Experiment.load(ROOT / "conf" / "exp" / f"{name}.yaml").digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nome: x", "name"),
        ("name: x\nmodel: {architecture: {encoder: rnn}}", "line 2"),
        ("name: x\nmodel: {architecture: {quantization: {levels: [1]}}}", "levels"),
        ("name: x\nmodel: {architecture: {clustering: {min_clusters: 9, max_clusters: 3}}}", "at most max_clusters=3"),
        ("name: x\ndata: {sensors: 2, sensor_names: [a]}", "want 2"),
        ("name: x\nevaluation: {metrics: [beauty]}", "beauty"),
        ("name: a/b", "pattern"),
        ("- x", "list"),
    ],
)
def test_a_file_that_cannot_be_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Experiment.from_yaml(text)
    with pytest.raises(MissingFileError):
        Experiment.load(ROOT / "no.yaml")


def test_data_that_differ_from_the_file_are_refused_and_told_how(animals: Dataset, tmp_path: Path) -> None:
    path = save_dataset(animals, tmp_path / "animals.npz")
    opened = open_data(Experiment.from_yaml(f"name: x\ndata: {{path: {path}}}"))
    assert opened.X.shape == animals.X.shape
    with pytest.raises(ConfigError, match="sampling_rate"):
        open_data(Experiment.from_yaml(f"name: x\ndata: {{path: {path}, sampling_rate: 50}}"))
    with pytest.raises(ConfigError, match="2 sensors"):
        open_data(Experiment.from_yaml(f"name: x\ndata: {{path: {path}, sensors: 3}}"))
    with pytest.raises(ShapeError, match="window_size"):
        open_data(Experiment.from_yaml(f"name: x\ndata: {{path: {path}, window_size: 50}}"))
    with pytest.raises(ConfigError, match="no path"):
        open_data(Experiment.from_yaml("name: x\ndata: {name: cats}"))
    fewer = Experiment.from_yaml(f"name: x\ndata: {{path: {path}, sensors: 1, channels: 6}}")
    assert open_data(fewer).X.shape[1:] == (6, 1, 100)


def test_nobody_stands_in_two_parts(animals: Dataset) -> None:
    divided = parts(Experiment.from_yaml("name: x"), animals)
    names = [set(part.group_names) for part in divided.values()]
    assert set.union(*names) == set(animals.group_names)
    assert sum(map(len, names)) == len(animals.group_names)


@given(hop=st.integers(1, 20), starts=st.lists(st.integers(0, 200), min_size=1, max_size=40, unique=True))
def test_windows_that_are_kept_lie_apart(hop: int, starts: list[int]) -> None:
    kept = thinned(stream([0] * len(starts), starts), hop)
    assert kept.start.min() == min(starts)
    if kept.n_windows > 1:
        assert np.diff(np.sort(kept.start)).min() >= hop


@given(starts=st.lists(st.integers(0, 60), min_size=1, max_size=40, unique=True))
def test_every_window_is_in_one_run_and_runs_have_no_holes(starts: list[int]) -> None:
    data = stream([0] * len(starts), starts)
    found = list(runs(data))
    assert sorted(np.concatenate(found).tolist()) == list(range(len(starts)))
    usual = np.median(np.diff(np.sort(starts))) if len(starts) > 1 else 0
    for rows in found:
        assert (np.diff(data.start[rows]) <= usual).all()


@pytest.mark.parametrize("kind", ["median_hysteresis", "hsmm", "none"])
def test_smoothing_keeps_to_the_run_and_probabilities_stay_probabilities(kind: str) -> None:
    rng = np.random.default_rng(0)
    data = stream([0] * 20 + [1] * 20, [*range(0, 40, 2), *range(400, 440, 2)])
    p = rng.dirichlet(np.ones(3), 40).astype(np.float32)
    settings = TemporalSettings(type=kind, min_dwell=3, window_size=5)
    smoother = Smoother(settings=settings, mean_dwell=20.0, evidence_weight=0.3, temperature=1.5)
    labels, likely = smoother.labels(p, data), smoother.probabilities(p, data)
    np.testing.assert_allclose(likely.sum(axis=1), 1, atol=1e-5)
    alone = data.subset(range(20))
    np.testing.assert_array_equal(labels[:20], smoother.labels(p[:20], alone))
    np.testing.assert_array_equal(likely[:20], smoother.probabilities(p[:20], alone))
    assert mean_dwell(data) == 20.0


def overlapping(n_times: int) -> tuple[np.ndarray, Dataset]:
    """What windows say, too sure, right in five of six; and each of them n times, as neighbours that overlap do."""
    rng = np.random.default_rng(0)
    truth = np.repeat(rng.permuted(np.tile([0, 1, 2], (12, 1)), axis=1).ravel(), 20)
    answers = np.where(rng.random(truth.size) < 0.75, truth, rng.integers(0, 3, truth.size))
    said = 0.95 * np.eye(3)[answers] + 0.05 / 3
    return np.repeat(said, n_times, axis=0).astype(np.float32), stream(np.repeat(truth, n_times).tolist())


def test_windows_that_overlap_make_nobody_surer() -> None:
    sureness, wrong, sharper = [], [], []
    for n_times in (1, 8):
        p, data = overlapping(n_times)
        settings = TemporalSettings(type="hsmm", min_dwell=3 * n_times)
        smoother = Smoother.learn(settings, p, data, mean_dwell=mean_dwell(data))
        likely = smoother.probabilities(p, data)
        sureness.append(likely.max(axis=1).mean())
        wrong.append(expected_calibration_error(data.y, likely))
        sharper.append(
            replace(smoother, evidence_weight=1.0, temperature=1.0).probabilities(p, data).max(axis=1).mean()
        )
    assert sureness[1] == pytest.approx(sureness[0], abs=0.01)
    assert max(wrong) < 0.03
    assert sharper[1] > sureness[1] + 0.01  # as if nothing had been said twice


@pytest.mark.parametrize("starts", [[0], [0, 0], [5, 5, 900], [0, 1, 3, 4, 6, 10**12]])
@pytest.mark.parametrize("kind", ["median_hysteresis", "hsmm"])
def test_few_or_odd_windows_are_smoothed_too(starts: list[int], kind: str) -> None:
    data, p = stream([0] * len(starts), starts), np.full((len(starts), 3), [0.6, 0.3, 0.1], np.float32)
    smoother = Smoother(settings=TemporalSettings(type=kind, min_dwell=2), mean_dwell=mean_dwell(data))
    np.testing.assert_array_equal(smoother.labels(p, data), 0)
    np.testing.assert_allclose(smoother.probabilities(p, data).sum(axis=1), 1.0, atol=1e-5)


def test_a_hole_says_nothing_and_parts_nothing() -> None:
    """Ten windows are missing, and what is said on both sides of them decides who is right beside them."""
    p = np.repeat([[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.7, 0.2, 0.1]], [20, 2, 20], axis=0).astype(np.float32)
    near, far = ([*range(0, 42, 2), *range(begin, begin + 42, 2)] for begin in (62, 2000))
    settings = TemporalSettings(type="hsmm", min_dwell=1)
    smoother = Smoother(settings=settings, mean_dwell=20.0)
    joined, parted = (smoother.probabilities(p, stream([0] * 42, starts)) for starts in (near, far))
    np.testing.assert_array_equal(smoother.labels(p, stream([0] * 42, near)), 0)
    assert joined[20, 0] > parted[20, 0]
    assert mean_dwell(stream([0] * 42, near)) == 52


def test_the_border_of_a_hole_or_an_animal_is_no_change() -> None:
    """Twice twenty windows of a second, one each 20 ms, a hole between them."""
    data = stream([0] * 20 + [1] * 20, [*range(0, 40, 2), *range(400, 440, 2)])
    said, codes = np.eye(3, dtype=np.float32)[data.y], np.zeros((40, 2))
    answers = Answers(
        data=data,
        truth=data.y,
        class_names=data.class_names,
        raw=said,
        smoothed=said,
        labels=data.y,
        codes=codes.astype(np.int32),
        embeddings=codes.astype(np.float32),
    )
    figures = _metrics(answers, Experiment.from_yaml("name: x"), "test", "all")
    assert figures["transition_rate"] == figures["raw"]["transition_rate"] == 0.0
    assert [row["longest_s"] for row in figures["dwell"]] == pytest.approx([1.38, 1.38])
    assert figures["window_rate_hz"] == 50.0


def test_a_report_is_read_back_and_compared(tmp_path: Path) -> None:
    for name, accuracy in (("one", 0.8), ("two", 0.9)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.json").write_text(json.dumps({"accuracy": accuracy, "how": "x"}))
    rows = comparison_rows([read_report(tmp_path / "one"), read_report(tmp_path / "two")])
    assert rows == [("judged on", "x", "x", "same"), ("smoothed", "no", "no", "same"), ("accuracy", 0.8, 0.9, "+0.1")]
    with pytest.raises(MissingFileError, match="conv2d eval"):
        read_report(tmp_path / "three")
    for damaged in ("{", "[]"):
        (tmp_path / "two" / "metrics.json").write_text(damaged)
        with pytest.raises(FormatError):
            read_report(tmp_path / "two")


def read_back(name: str, **metrics: Any) -> ReadReport:
    return ReadReport(name, Path(name), metrics)


def test_a_report_stands_beside_a_bundle_with_its_figures_before_smoothing() -> None:
    report = read_back("report", how="val: subjects a", accuracy=0.9, raw={"accuracy": 0.7, "ece": 0.1})
    bundle = read_back("bundle", judged="val: subjects a", accuracy=0.8)
    assert comparison_rows([report, bundle]) == [
        ("judged on", "val: subjects a", "val: subjects a", "same"),
        ("smoothed", "no", "no", "same"),
        ("accuracy", 0.7, 0.8, "+0.1"),
        ("ece", 0.1, "–", "–"),
    ]
    assert comparison_rows([report])[1:] == [("smoothed", "yes"), ("accuracy", 0.9)]


@pytest.mark.parametrize("other", [{"how": "val: subjects b"}, {}])
def test_figures_of_other_windows_are_not_subtracted(other: dict[str, str]) -> None:
    report, second = read_back("report", how="test: subjects a", accuracy=0.9), read_back("two", accuracy=0.8, **other)
    (_, *said), *_, figures = comparison_rows([report, second])
    assert said == ["test: subjects a", other.get("how", "–"), "–"]
    assert figures == ("accuracy", 0.9, 0.8, "–")


def test_what_was_not_trained_cannot_be_judged(animals: Dataset, tmp_path: Path) -> None:
    experiment = Experiment.from_yaml("name: x")
    with pytest.raises(MissingFileError, match="conv2d train"):
        evaluate(experiment, models=tmp_path, data=animals)
    with pytest.raises(ConfigError, match="train, val, test"):
        evaluate(experiment, "everything", models=tmp_path, data=animals)


def test_a_pack_is_compared_on_windows_simulated_as_its_experiment_has_them(tmp_path):
    from tests.bundles.test_bundles import CLASSES, CONFIG, tiny_model

    from motif import bundles
    from motif.bundles import pack
    from motif.experiments import comparison_windows

    def packed(text, window=CONFIG.window, **parts):
        config = CONFIG.model_copy(update={"window": window})
        path = bundles.save(tmp_path / "b", onnx=tiny_model(), config=config, class_names=CLASSES, **parts)
        return pack.create(path, tmp_path / "artifacts", experiment=text, targets=()).path

    whole = bundles.WindowSpec(shape=(9, 2, 100))
    huge = "{name: dogs, data: {n_animals: 1000000, duration_s: 1.0e+9}}"
    found = comparison_windows(packed(huge, whole))
    assert found.shape == (64, 9, 2, 100)
    assert np.isfinite(found).all()
    assert comparison_windows(packed("{name: dogs, data: {path: /dev/zero}}", whole)) is None
    assert comparison_windows(packed("{name: dogs, data: {name: elsewhere}}", whole)) is None
    assert comparison_windows(packed("name: dogs")) is None
    assert comparison_windows(packed("surprise: 1", whole)) is None
    assert comparison_windows(packed("{name: dogs, data: {sampling_rate: 1.0e+12}}", whole)) is None
    long = bundles.WindowSpec(shape=(9, 2, 4000))
    assert comparison_windows(packed("{name: dogs, data: {window_size: 4000}}", long)) is None
    assert comparison_windows(packed(None)) is None
