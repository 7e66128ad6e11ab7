"""Packed files in which one array is not what it should be: nothing but our own errors may come out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recordings.dataset_samples import (
    dsads_arrays,
    handflow_arrays,
    phone_gestures,
    pocket_and_wrist,
    save,
    wand_arrays,
)

from motif.errors import MotifError
from motif.recordings import load_dataset

ODD = {
    "a single value": lambda values: np.zeros((), values.dtype),
    "nothing": lambda values: values.reshape(-1)[:0],
    "one axis more": lambda values: values[None],
    "one row less": lambda values: values[:-1] if values.ndim else values,
    "axes swapped": lambda values: values.T,
    "not a number": lambda values: np.full(values.shape, np.nan),
    "texts": lambda values: np.full(values.shape, "x"),
    "bytes": lambda values: np.full(values.shape, b"x"),
    "too large for float32": lambda values: np.full(values.shape, 1e300),
    "far below zero": lambda values: np.full(values.shape, -(2**62)),
    "beyond int64": lambda values: np.full(values.shape, 2**63 + 5, np.uint64),
    "complex": lambda values: np.full(values.shape, 1j),
    "truth values": lambda values: np.ones(values.shape, bool),
    "dates": lambda values: np.full(values.shape, np.datetime64("2020-01-01")),
    "records": lambda values: np.zeros(values.shape, [("a", "i4")]),
}
LAYOUTS = {
    "handflow": handflow_arrays,
    "dsads": dsads_arrays,
    "sp_sw_har": pocket_and_wrist,
    "uhh": phone_gestures,
    "packed": wand_arrays,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_odd_array_is_an_error_of_ours_or_a_sound_data_set(tmp_path, layout):
    arrays = LAYOUTS[layout]()

    @given(key=st.sampled_from(sorted(arrays)), odd=st.sampled_from(sorted(ODD)))
    @settings(deadline=None, max_examples=60)
    def read(key, odd):
        path = save(tmp_path / "set.npz", arrays | {key: ODD[odd](np.asarray(arrays[key]))})
        try:
            data = load_dataset(path, layout=layout)
        except MotifError:
            return
        assert np.isfinite(data.X).all()

    read()
