"""The documented commands, as they are, on a small experiment."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from motif.cli._conv2d import app

PACK = "conv2d pack create --config conf/exp/dogs.yaml --model models/best.pth --name dogs_v1"
SMALL = """
name: dogs
model:
  name: conv2d_fsq
  architecture:
    encoder: conv2d
    quantization: {type: fsq, levels: [8, 6, 5], embedding_dim: 64}
    clustering: {type: kmeans, min_clusters: 3, max_clusters: 4}
    temporal: {type: median_hysteresis, min_dwell: 5, window_size: 7}
data:
  {name: quadruped_imu, sampling_rate: 100, window_size: 100, sensors: 2, channels: 9,
   n_animals: 5, duration_s: 60, hop: 40}
training: {epochs: 1, hop: 80}
evaluation:
  metrics: [accuracy, macro_f1, ece, coverage, motif_count]
"""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    (folder / "conf" / "exp").mkdir(parents=True)
    (folder / "conf" / "exp" / "dogs.yaml").write_text(SMALL)
    return folder


def run(workplace: Path, command: str, code: int = 0) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workplace)
        done = CliRunner().invoke(app, command.split()[1:])
    assert done.exit_code == code, done.output
    return done


def test_an_experiment_goes_from_its_file_to_reports_by_the_documented_commands(workplace: Path) -> None:
    run(workplace, "conv2d eval --config conf/exp/dogs.yaml --split test", code=4)  # nothing was trained yet
    run(workplace, "conv2d train --config conf/exp/dogs.yaml")
    assert (workplace / "models" / "best.pth").is_file()
    run(workplace, "conv2d eval --config conf/exp/dogs.yaml --split test --save-predictions")
    [report] = (workplace / "reports").iterdir()
    assert re.fullmatch(r"[0-9a-f]{12}", report.name)
    assert {file.name for file in report.iterdir()} >= {"metrics.json", "predictions.parquet", "report.html"}
    metrics = json.loads((report / "metrics.json").read_text())
    assert metrics["accuracy"] > metrics["never_looks"]["accuracy"]
    run(workplace, "conv2d eval --config conf/exp/dogs.yaml --split val")
    other = next(folder for folder in (workplace / "reports").iterdir() if folder != report)
    said = run(workplace, f"conv2d analyze reports/{report.name}/ --compare reports/{other.name}/").output
    assert "macro_f1" in said
    assert "not subtracted" in said
    said = run(workplace, f"conv2d analyze reports/{other.name}/ --compare models/dogs/recognizer").output
    assert "not subtracted" not in said


@pytest.mark.slow
def test_a_trained_experiment_is_packed_by_the_documented_commands(workplace: Path) -> None:
    run(workplace, "conv2d train --config conf/exp/dogs.yaml")
    hash_ = run(workplace, PACK).output.split()[-1]
    held = {file.name for file in (workplace / "artifacts" / hash_).iterdir()}
    assert held >= {"model.onnx", "config.yaml", "label_map.json", "metrics.json", "VERSION", "COMMIT_SHA"}
    taught_too_little = {"accuracy", "ece"}
    for target in ("onnx", "hailo", "coreml"):
        said = run(workplace, f"conv2d pack verify {hash_[:8]} --target {target} --json", code=1)
        checks = {check["name"]: check["passed"] for check in json.loads(said.stdout)["checks"]}
        assert {name for name, passed in checks.items() if passed is False} <= taught_too_little
    assert "dogs_v1" in run(workplace, "conv2d pack list --verbose").output
    loose = workplace / "loose.yaml"
    loose.write_text("{min_accuracy: 0.0, max_ece: 1.0}")
    for target in ("onnx", "hailo", "coreml"):
        run(workplace, f"conv2d pack verify {hash_[:8]} --target {target} --gates loose.yaml")
    archived = run(workplace, f"conv2d pack archive {hash_[:8]} --format zip").output.strip()
    assert archived.endswith(".zip")
    run(workplace, "conv2d pack clean --keep 5")
    assert (workplace / "artifacts" / hash_).is_dir()


@pytest.mark.slow
def test_two_processes_in_two_places_make_a_pack_of_the_same_name(tmp_path: Path) -> None:
    names = []
    for place in ("one", "deeper/two"):
        folder = tmp_path / place
        (folder / "conf" / "exp").mkdir(parents=True)
        (folder / "conf" / "exp" / "dogs.yaml").write_text(SMALL)
        for command in ("conv2d train --config conf/exp/dogs.yaml", PACK):
            call = [sys.executable, "-c", "from motif.cli import conv2d_main; conv2d_main()", *command.split()[1:]]
            done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=True)
        names.append(done.stdout.split()[-1])
    assert names[0] == names[1]


@pytest.mark.slow
def test_the_same_pack_made_again_has_the_same_name(workplace: Path) -> None:
    assert run(workplace, PACK).output.split()[-1] == run(workplace, PACK).output.split()[-1]
