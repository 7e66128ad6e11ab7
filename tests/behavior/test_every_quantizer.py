"""What every quantizer promises, whatever the vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.reference import quantizers as reference

from motif.behavior.encode import FSQ, VQ, Quantizer, quantizers
from motif.errors import ConfigError, DtypeError, InputError, LabelError, NotFiniteError, ShapeError, TooFewSamplesError

VECTORS = np.random.default_rng(0).normal(size=(400, 3)).astype(np.float32)
FITTED = {name: kind().fit(VECTORS) for name, kind in quantizers().items()}
every_quantizer = pytest.mark.parametrize("quantizer", FITTED.values(), ids=FITTED)
vectors = arrays(np.float32, st.tuples(st.integers(0, 12), st.just(3)), elements=st.floats(-50, 50, width=32))


@every_quantizer
def test_it_keeps_the_interface(quantizer):
    assert isinstance(quantizer, Quantizer)
    assert quantizer.n_dimensions == 3
    assert quantizer.codebook_size == 240
    assert str(3) in repr(quantizer) or "8" in repr(quantizer)


@every_quantizer
@given(values=vectors)
def test_codes_are_whole_numbers_of_the_codebook_and_the_batch_is_invisible(quantizer, values):
    codes = quantizer.encode(values)
    assert codes.dtype == np.int32
    assert codes.shape == values.shape[:-1]
    assert ((codes >= 0) & (codes < quantizer.codebook_size)).all()
    for value, code in zip(values, codes, strict=True):
        assert quantizer.encode(value) == code
    np.testing.assert_array_equal(quantizer.encode(values[:, None].repeat(2, axis=1)), codes[:, None].repeat(2, axis=1))


@every_quantizer
def test_every_code_stands_for_a_vector(quantizer):
    codes = np.arange(quantizer.codebook_size).reshape(2, -1)
    decoded = quantizer.decode(codes)
    assert decoded.shape == (*codes.shape, 3)
    assert decoded.dtype == np.float32


@every_quantizer
def test_usage_counts_codes_and_levels(quantizer):
    codes = quantizer.encode(VECTORS)
    usage = quantizer.usage(codes)
    assert usage.counts.sum() == len(VECTORS)
    assert usage.n_used == len(set(codes.tolist()))
    assert 1 < usage.perplexity <= usage.n_used + 1e-9
    assert all(counts.sum() == len(VECTORS) for counts in usage.level_counts)
    one = quantizer.usage(codes[:1])
    assert one.perplexity == pytest.approx(1)
    assert not one.every_level_used
    assert quantizer.usage(codes[:0]).perplexity == 0
    even = quantizer.usage(np.arange(quantizer.codebook_size))
    assert even.perplexity == pytest.approx(quantizer.codebook_size)
    assert even.every_level_used


@every_quantizer
@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (np.zeros((2, 4)), ShapeError),
        (np.array(["a", "b", "c"]), DtypeError),
        (np.array([0.0, np.nan, 0.0]), NotFiniteError),
        (np.float32(1.0), ShapeError),
    ],
)
def test_vectors_that_cannot_be_are_refused(quantizer, wrong, error):
    with pytest.raises(error):
        quantizer.encode(wrong)
    with pytest.raises(error):
        type(quantizer)().fit(wrong)


@every_quantizer
@pytest.mark.parametrize(("wrong", "error"), [([240], LabelError), ([-1], LabelError), ([0.5], DtypeError)])
def test_codes_that_cannot_be_are_refused(quantizer, wrong, error):
    with pytest.raises(error):
        quantizer.decode(wrong)
    with pytest.raises(error):
        quantizer.usage(wrong)


@given(
    levels=st.lists(st.integers(2, 9), min_size=1, max_size=4),
    seed=st.integers(0, 1000),
)
def test_fsq_is_rounding_of_a_bounded_number(levels, seed):
    values = np.random.default_rng(seed).normal(0, 1.5, (20, len(levels))).astype(np.float32)
    assert FSQ(levels).encode(values).tolist() == [reference.fsq_code(v, levels) for v in values.astype(float)]


@given(levels=st.lists(st.integers(2, 9), min_size=1, max_size=4))
def test_fsq_gives_back_what_it_decoded_to(levels):
    fsq = FSQ(levels)
    codes = np.arange(fsq.codebook_size)
    decoded = fsq.decode(codes)
    assert len(np.unique(decoded, axis=0)) == fsq.codebook_size
    half, shift, offset = fsq.bounds()
    centre = np.arctanh(((decoded * (np.array(levels) // 2) + offset) / half).clip(-1 + 1e-6, 1 - 1e-6)) - shift
    np.testing.assert_array_equal(fsq.encode(centre), codes)


def test_eight_levels_reach_from_minus_one_to_three_quarters():
    decoded = FSQ().decode(np.arange(240))
    assert decoded.min(axis=0).tolist() == [-1, -1, -1]
    assert decoded.max(axis=0).tolist() == pytest.approx([0.75, 2 / 3, 1])
    usage = FSQ().usage(FSQ().encode(np.random.default_rng(0).normal(size=(100_000, 3))))
    assert usage.perplexity == pytest.approx(225, abs=5)


@pytest.mark.parametrize("levels", [[], [1, 2], [2.5], "abc", [[2]], [2000] * 3, 8])
def test_levels_that_cannot_be_are_refused(levels):
    with pytest.raises(ConfigError, match="levels"):
        FSQ(levels)


def test_vq_finds_the_nearest_vector_as_its_definition_does():
    values = VECTORS[:40]
    assert FITTED["vq"].encode(values).tolist() == reference.nearest(values, FITTED["vq"].codebook_)


def test_vq_puts_its_vectors_where_the_data_is():
    centres = np.array([[0, 0], [0, 8], [8, 0], [8, 8]], np.float32)
    values = centres.repeat(100, axis=0) + np.random.default_rng(1).normal(0, 0.1, (400, 2)).astype(np.float32)
    vq = VQ(4, 2, epochs=20, batch_size=100, random_state=0).fit(values)
    found = vq.codebook_[np.argsort(vq.codebook_.round() @ [10, 1])]
    np.testing.assert_allclose(found, centres, atol=0.2)


def test_vq_revives_codes_that_nothing_uses():
    start = np.random.default_rng(0).normal(100, 1, (64, 2))
    vq = VQ(16, 2, decay=0.5, random_state=0).update(start)
    for seed in range(30):
        moved = np.random.default_rng(seed).normal(0, 1, (256, 2))
        vq.update(moved)
    assert np.abs(vq.codebook_).max() < 10
    assert vq.usage(vq.encode(moved)).n_used == 16


def test_vq_with_the_same_seed_is_the_same_and_follows_moving_averages():
    once, again = (VQ(8, 3, random_state=3).fit(VECTORS) for _ in range(2))
    np.testing.assert_array_equal(once.codebook_, again.codebook_)
    still = VQ.of([[0.0], [10.0]])
    np.testing.assert_array_equal(still.encode([[1.0], [9.0], [5.0]]), [0, 1, 0])
    before = once.codebook_.copy()
    np.testing.assert_array_equal(once.update(np.empty((0, 3))).codebook_, before)
    fewer = VQ(8, 1, random_state=0).fit([[1.0], [2.0]])
    assert np.isfinite(fewer.codebook_).all()


def test_vq_refuses_what_cannot_be():
    for settings in ({"codebook_size": 1}, {"decay": 1.0}, {"epochs": 0}, {"revive_below": -1}):
        with pytest.raises(ConfigError):
            VQ(**settings)
    with pytest.raises(TooFewSamplesError):
        VQ().fit(np.empty((0, 3)))
    with pytest.raises(InputError, match="fit"):
        VQ().encode(VECTORS)
