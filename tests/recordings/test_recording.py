"""The `Recording`: what it accepts, and what it promises."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.recordings.reader_samples import START_NS, recording

from motif.errors import ColumnError, DtypeError, InputError, ShapeError, TooFewSamplesError
from motif.recordings import Annotation, Recording


def make(**changes):
    parts = {
        "values": np.arange(8.0).reshape(4, 2),
        "time_ns": np.arange(4) * 10_000_000,
        "channels": ("acc_x", "acc_y"),
        "units": ("m/s²", "m/s²"),
    }
    return Recording(**(parts | changes))


def test_what_was_given_is_kept_apart_from_the_callers_arrays():
    values, time_ns = np.zeros((2, 1)), np.array([0, 1])
    kept = Recording(values=values, time_ns=time_ns, channels=("a",), units=("",))
    values[:] = time_ns[:] = 7
    assert not kept.values.any()
    assert kept.time_ns.tolist() == [0, 1]
    with pytest.raises(ValueError, match="read-only"):
        kept.values[0, 0] = 1
    with pytest.raises(TypeError):
        kept.metadata["a"] = "b"


def test_any_numbers_become_contiguous_float64_and_int64():
    kept = make(values=np.arange(8, dtype=np.int16).reshape(2, 4).T, time_ns=np.arange(4, dtype=np.uint32))
    assert (kept.values.dtype, kept.time_ns.dtype) == (np.float64, np.int64)
    assert kept.values.flags.c_contiguous


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"values": np.zeros(4)}, ShapeError, "n_samples, n_channels"),
        ({"values": np.zeros((4, 0))}, ShapeError, "n_samples, n_channels"),
        ({"values": np.array([["a", "b"]] * 4)}, DtypeError, "float64"),
        ({"values": np.full((4, 2), np.inf)}, InputError, "8 infinite numbers, the first in row 0"),
        ({"time_ns": np.arange(4.0)}, DtypeError, "256 ns"),
        ({"time_ns": np.arange(3)}, ShapeError, "one for each row"),
        ({"time_ns": np.zeros((4, 1), int)}, ShapeError, "n_samples"),
        ({"time_ns": np.full(4, 2**63, np.uint64)}, InputError, "since 1970"),
        ({"time_ns": np.array([-(2**62) - 1, 0, 0, 2**62])}, InputError, "since 1970"),
        ({"channels": ("acc_x",)}, ShapeError, "one for each column"),
        ({"channels": ("acc_x", "acc_x")}, InputError, "'acc_x' stands twice"),
        ({"channels": ("acc_x", 3)}, InputError, "holds 3"),
        ({"channels": "ab"}, InputError, "single text"),
        ({"units": ("g",)}, ShapeError, "one for each column"),
        ({"metadata": {"rate": 3}}, InputError, "'rate': 3 is not text"),
    ],
)
def test_parts_that_do_not_fit_are_named(changes, error, says):
    with pytest.raises(error, match=says):
        make(**changes)


def test_an_annotation_cannot_end_before_it_starts():
    with pytest.raises(InputError, match="'swipe' stops at 1 ns, before its start at 2"):
        Annotation(2, 1, "swipe")


def test_channels_are_found_by_name():
    walk = make()
    assert walk.channel("acc_y").tolist() == [1, 3, 5, 7]
    assert walk.select(["acc_y"]).channels == ("acc_y",)
    assert walk.select(["acc_y", "acc_x"]).values[0].tolist() == [1, 0]
    with pytest.raises(ColumnError, match="no column 'mag_x'; there are 'acc_x', 'acc_y'"):
        walk.select(["mag_x"])


def test_a_slice_of_time_ends_before_its_stop_and_cuts_annotations():
    marks = (
        Annotation(0, 10_000_000, "before"),
        Annotation(5_000_000, 25_000_000, "across"),
        Annotation(10**7, 10**7, "now"),
    )
    piece = make(annotations=marks).slice_time(10_000_000, 30_000_000)
    assert piece.values[:, 0].tolist() == [2, 4]
    assert piece.annotations == (Annotation(10_000_000, 25_000_000, "across"), Annotation(10**7, 10**7, "now"))
    nothing = piece.slice_time(0, 1)
    assert (nothing.n_samples, nothing.duration_s, nothing.annotations) == (0, 0.0, ())


@settings(deadline=None, max_examples=50)
@given(time_ns=hnp.arrays(np.int64, st.integers(1, 30), elements=st.integers(-(2**61), 2**61)))
def test_seconds_never_run_backward_whatever_the_clock_did(time_ns):
    walk = Recording(values=np.zeros((time_ns.size, 1)), time_ns=time_ns, channels=("a",), units=("",))
    assert (np.diff(walk.seconds) >= 0).all()
    assert walk.seconds[0] == 0
    assert walk.duration_s >= 0
    assert repr(walk).startswith("<Recording")
    assert walk.time_ns.tolist() == time_ns.tolist()


@given(step_us=st.integers(100, 1_000_000), gap_s=st.integers(1, 10**6))
@settings(deadline=None, max_examples=30)
def test_the_rate_is_that_of_the_ordinary_step_whatever_the_gap(step_us, gap_s):
    time_ns = np.arange(100) * step_us * 1000
    time_ns[50:] += gap_s * 10**9
    walk = Recording(values=np.zeros((100, 1)), time_ns=time_ns, channels=("a",), units=("",))
    assert walk.rate_hz == pytest.approx(1e6 / step_us)


def test_a_rate_needs_time_to_pass():
    with pytest.raises(TooFewSamplesError):
        make(time_ns=np.zeros(4, int)).rate_hz  # noqa: B018
    assert "Hz" not in repr(make(time_ns=np.zeros(4, int)))


def test_copies_and_pickles_are_equal_and_still_frozen():
    walk = recording()
    for twin in (copy.deepcopy(walk), pickle.loads(pickle.dumps(walk))):
        np.testing.assert_array_equal(twin.values, walk.values)
        assert (twin.annotations, dict(twin.metadata)) == (walk.annotations, dict(walk.metadata))
        assert not twin.values.flags.writeable


def test_tables_carry_times_names_and_units():
    walk = recording()
    frame, array = walk.to_pandas(), walk.to_xarray()
    assert list(frame.columns) == list(walk.channels)
    assert frame.index[0].value == START_NS
    assert frame.attrs["units"]["gyr_z"] == "rad/s"
    assert array.dims == ("time", "channel")
    assert array.time.values.view(np.int64).tolist() == walk.time_ns.tolist()
    assert array.sel(channel="gyr_z").units.item() == "rad/s"
    assert array.attrs["subject"] == "p1"


def test_a_summary_can_be_written_as_json():
    import json

    said = json.loads(json.dumps(recording().summary()))
    assert said["rate_hz"] == pytest.approx(100)
    assert said["missing"] == {"acc_y": 1 / 40}
    assert said["start"].startswith("2025-12-22T06:42:29.423")
    assert said["annotations"] == {"swipe": 1}
    empty = make(values=np.zeros((0, 2)), time_ns=np.zeros(0, int)).summary()
    assert (empty["start"], empty["rate_hz"]) == (None, None)


def test_many_channels_are_shortened_in_the_repr():
    wide = Recording(
        values=np.zeros((2, 20)), time_ns=np.arange(2), channels=tuple(map(str, range(20))), units=("",) * 20
    )
    assert "0 1 2 3 … 18 19" in repr(wide)
