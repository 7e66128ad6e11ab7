"""Group 1: shapes and types at every stage."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest

from motif.behavior import BehaviorClassifier, encode_fsq
from motif.behavior.cluster import KMeansClusterer
from motif.errors import DtypeError, NotFiniteError, ShapeError
from motif.experiments import Judged, Trained
from motif.recordings import Dataset
from motif.smoothing import MedianHysteresisPolicy


def test_every_stage_hands_on_what_the_next_one_takes(windows: Dataset) -> None:
    x = windows.X[:20]
    assert (x.shape[1:], x.dtype) == ((9, 2, 100), np.float32)
    encoded = encode_fsq(x)
    assert (encoded.codes.shape, encoded.codes.dtype) == ((20, 64), np.int32)
    assert (encoded.embeddings.shape, encoded.embeddings.dtype) == ((20, 64), np.float32)
    assert (len(encoded.features), encoded.features.dtype) == (20, np.float32)
    labels = KMeansClusterer().fit_predict(encoded.embeddings, k=3)
    assert (labels.shape, labels.dtype) == ((20,), np.int64)
    smoothed = MedianHysteresisPolicy().smooth(labels[None])
    assert (smoothed.shape, smoothed.dtype) == ((1, 20), np.int64)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda x: x[:, :8], ShapeError),
        (lambda x: x[:, :, :1], ShapeError),
        (lambda x: x[..., :99], ShapeError),
        (lambda x: x[0], ShapeError),
        (lambda x: x.astype(np.float64), DtypeError),
        (lambda x: np.where(np.arange(100) == 3, np.float32(np.nan), x), NotFiniteError),
    ],
)
def test_what_is_no_window_is_refused_at_the_door(windows: Dataset, spoil, error) -> None:
    with pytest.raises(error):
        encode_fsq(spoil(windows.X[:2]))


def test_a_trained_encoder_keeps_the_shapes(trained: Trained, windows: Dataset) -> None:
    recognizer = BehaviorClassifier.load(trained.folder / "recognizer")
    encoded = recognizer.encode(windows.X[:3])
    assert (encoded.codes.shape, encoded.codes.dtype) == ((3, 64), np.int32)
    assert recognizer.predict_proba(windows.X[:3]).dtype == np.float32


def test_a_report_has_a_row_for_each_window_and_a_column_for_each_class(judged: Judged) -> None:
    table = pq.read_table(judged.folder / "predictions.parquet")
    assert table.num_rows == judged.metrics["windows"]
    assert {"truth", "smoothed", "motif", "confidence", "p_trot"} <= set(table.column_names)
