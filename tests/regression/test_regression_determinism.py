"""Group 2: the same input gives the same answer, stage by stage and from end to end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from motif.behavior import encode_fsq
from motif.behavior.cluster import GMMClusterer, KMeansClusterer, repeat
from motif.experiments import Experiment, Judged, Trained, evaluate, train
from motif.recordings import Dataset


def test_codes_do_not_depend_on_the_batch(windows: Dataset) -> None:
    together = encode_fsq(windows.X[:12])
    alone = [encode_fsq(window[None]) for window in windows.X[:12]]
    np.testing.assert_array_equal(together.codes, np.concatenate([each.codes for each in alone]))
    np.testing.assert_array_equal(together.embeddings, np.concatenate([each.embeddings for each in alone]))


@pytest.mark.slow
def test_codes_do_not_depend_on_the_number_of_threads_or_the_process(windows: Dataset, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", windows.X[:30])
    code = (
        "import numpy as np, hashlib, sys; from motif.behavior import encode_fsq; "
        "print(hashlib.sha256(encode_fsq(np.load(sys.argv[1])).codes.tobytes()).hexdigest())"
    )
    said = set()
    for threads in ("1", "2"):
        environment = os.environ | {"OMP_NUM_THREADS": threads, "NUMBA_NUM_THREADS": threads}
        command = [sys.executable, "-c", code, str(tmp_path / "x.npy")]
        said.add(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)
    assert len(said) == 1


@pytest.mark.parametrize("clusterer", [GMMClusterer, KMeansClusterer])
def test_clusters_are_the_same_again_and_can_be_repeated_from_their_record(windows: Dataset, clusterer) -> None:
    features = encode_fsq(windows.X[::4]).embeddings
    first = clusterer(random_state=42)
    labels = first.fit_predict(features, k=4)
    np.testing.assert_array_equal(labels, clusterer(random_state=42).fit_predict(features, k=4))
    np.testing.assert_array_equal(labels, repeat(first.record_, features).labels_)


def test_clusters_keep_the_numbers_they_had_whatever_the_seed(windows: Dataset) -> None:
    features = encode_fsq(windows.X[::4]).embeddings
    labels = KMeansClusterer(random_state=1).fit_predict(features, k=3)
    renumbered = (labels + 1) % 3
    again = KMeansClusterer(random_state=1).fit_predict(features, k=3, prior_labels=renumbered)
    np.testing.assert_array_equal(again, renumbered)


@pytest.mark.slow
def test_the_same_experiment_gives_the_same_model_and_the_same_report(
    experiment: Experiment, windows: Dataset, trained: Trained, judged: Judged, tmp_path: Path
) -> None:
    again = train(experiment, tmp_path / "models", data=windows, weights=False)
    assert again.record == trained.record
    report = evaluate(experiment, models=tmp_path / "models", reports=tmp_path / "reports", data=windows)
    assert report.folder.name == judged.folder.name
    assert report.metrics == judged.metrics
