import json

import numpy as np
import pytest
from tests.networks.sessions import small_dataset

from motif.errors import ConfigError
from motif.networks import compare_architectures
from motif.recordings import leave_one_group_out

QUICK = {"epochs": 1, "batch_size": 16, "refit": False}


@pytest.fixture(scope="module")
def compared():
    data, calls = small_dataset(), []
    split = leave_one_group_out(data)
    found = compare_architectures(
        data, split, architectures=["gru", "cnn1d"], settings=QUICK, progress=lambda *call: calls.append(call)
    )
    return found, calls


def test_each_architecture_is_judged_on_the_same_folds_and_the_best_comes_first(compared):
    found, calls = compared
    assert {one.architecture for one in found} == {"gru", "cnn1d"}
    scores = [one.folds.spread["macro_f1"].mean for one in found]
    assert scores == sorted(scores, reverse=True)
    np.testing.assert_array_equal(found[0].folds.indices, found[1].folds.indices)
    assert [call for call in calls if call[1] == call[2]] == [("gru", 2, 2), ("cnn1d", 2, 2)]


def test_costs_are_measured_and_the_packed_network_answers_alike(compared):
    for one in compared[0]:
        assert one.parameters > 1000
        assert one.onnx_bytes > 4 * one.parameters * 0.9  # float32 weights are in it
        assert one.keras_bytes > 1000
        assert 0 < one.onnx_ms < one.keras_ms
        assert one.difference < 1e-4


def test_a_row_is_plain_json(compared):
    row = json.loads(json.dumps(compared[0][0].to_dict(), allow_nan=False))
    assert set(row["macro_f1"]) == {"mean", "min", "max"}
    assert row["fit_s"] > 0


@pytest.mark.slow
def test_folds_of_a_network_judged_at_once_score_as_one_after_the_other(compared):
    data = small_dataset()
    alone = next(one for one in compared[0] if one.architecture == "cnn1d")
    (at_once,) = compare_architectures(data, leave_one_group_out(data), architectures=["cnn1d"], settings=QUICK, jobs=2)
    np.testing.assert_allclose(at_once.folds.probabilities, alone.folds.probabilities, atol=1e-6)


def test_an_unknown_architecture_is_refused_before_anything_is_trained():
    data = small_dataset()
    with pytest.raises(ConfigError, match="resnet"):
        compare_architectures(data, leave_one_group_out(data), architectures=["resnet"])
