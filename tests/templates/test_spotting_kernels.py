import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.reference import spotting as reference

from motif.templates._spotting_kernels import N_STATE, activity, follow

levels = st.lists(st.one_of(st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 3.0]), st.just(float("nan"))), max_size=60)


@settings(deadline=None, max_examples=200)
@given(moved=levels, pause=st.integers(1, 6), longest=st.integers(1, 20), cut=st.integers(0, 60))
@example(moved=[1.0, 1.0, 0.0, 2.0, float("nan")], pause=2, longest=1, cut=0)  # a long weak stir before
def test_movements_are_the_strong_runs_joined_over_short_pauses_whatever_the_pieces(moved, pause, longest, cut):
    moved = np.array(moved)
    state = np.zeros(N_STATE, np.int64)
    pieces = [
        follow(piece, first, 1.5, 0.5, pause, longest, state)
        for first, piece in ((0, moved[:cut]), (len(moved[:cut]), moved[cut:]))
    ]
    found = [tuple(row) for row in np.concatenate(pieces).tolist()]
    assert found == reference.movements(moved, 1.5, 0.5, pause, longest)


@settings(deadline=None)
@given(
    samples=hnp.arrays(np.float64, (25, 2), elements=st.one_of(st.floats(-50, 50), st.just(float("nan")))),
    width=st.integers(2, 6),
)
def test_activity_is_the_deviation_of_the_last_samples_since_a_gap(samples, width):
    scale = np.array([2.0, np.inf])
    np.testing.assert_allclose(activity(samples, scale, width), reference.activity(samples, scale, width), atol=1e-9)
