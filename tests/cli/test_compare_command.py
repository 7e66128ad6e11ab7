import json

import pytest
from tests.cli.test_cli import run
from tests.networks.sessions import small_dataset

from motif.recordings import save_dataset


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    path = tmp_path_factory.mktemp("windows") / "movements.npz"
    save_dataset(small_dataset(), path)
    return path


def test_architectures_are_compared_in_json_and_a_page(windows, tmp_path):
    page = tmp_path / "compared.html"
    asked = ["compare", str(windows), "--architectures", "cnn1d", "--epochs", "1"]
    result = run(*asked, "--report", str(page), "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert [row["architecture"] for row in found["architectures"]] == ["cnn1d"]
    assert "session" in found["split"]
    html = page.read_text(encoding="utf-8")
    assert "Architectures" in html
    assert "Keras, ms" in html


@pytest.mark.slow
def test_without_json_the_comparison_is_a_table(windows):
    told = run("compare", str(windows), "--architectures", "cnn1d", "--epochs", "1").stdout
    assert "cnn1d" in told
    assert "leave one session out" in told


@pytest.mark.slow
def test_a_sweep_is_told_and_goes_on(windows, tmp_path):
    space = tmp_path / "space.yaml"
    space.write_text("dropout: [0.0, 0.2]\n")
    asked = ["sweep", str(windows), "--architecture", "cnn1d", "--epochs", "1", "--space", str(space)]
    asked += ["--storage", str(tmp_path / "sweeps.db"), "--trials"]
    first = run(*asked, "1", "--json")
    assert first.exit_code == 0, first.stderr
    assert json.loads(first.stdout)["best"]["dropout"] in (0.0, 0.2)
    second = run(*asked, "2")
    assert second.exit_code == 0, second.stderr
    assert "dropout" in second.stdout
    assert "flatters" in second.stderr


@pytest.mark.parametrize("text", ["- 1", "", "a: [", "wings: [1]"])
def test_a_space_that_cannot_be_is_refused(windows, tmp_path, text):
    space = tmp_path / "space.yaml"
    space.write_text(text)
    assert "error" in run("sweep", str(windows), "--space", str(space), code=3).stderr
