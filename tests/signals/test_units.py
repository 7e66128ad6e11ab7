import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.errors import DtypeError, UnitError
from motif.signals import canonical_unit, convert
from motif.signals._units import _ALIASES, _QUANTITIES

PAIRS = [pair for sizes in _QUANTITIES.values() for pair in itertools.permutations(sizes, 2)]


PUBLISHED = [
    (1, "g", "m/s²", 9.80665),
    (1000, "mg", "g", 1),
    (100, "cm/s²", "m/s²", 1),
    (1, "ft/s²", "m/s²", 0.3048),
    (180, "deg/s", "rad/s", np.pi),
    (1000, "dps", "rad/s", 17.453292519943295),
    (1000, "mdeg/s", "deg/s", 1),
    (60, "rpm", "rad/s", 2 * np.pi),
    (1, "G", "µT", 100),
    (0.5, "mT", "uT", 500),
    (1, "Gauss", "mG", 1000),
    (1, "T", "G", 10_000),
    (1000, "nT", "µT", 1),
    (90, "°", "rad", np.pi / 2),
    (1, "turn", "deg", 360),
    (1_500_000_000, "ns", "s", 1.5),
    (1500, "ms", "µs", 1_500_000),
    (1500, "ms", "s", 1.5),
    (1, "h", "min", 60),
    (2, "min", "s", 120),
    (100, "cm", "m", 1),
    (10, "mm", "cm", 1),
    (1, "kHz", "Hz", 1000),
    (1013.25, "hPa", "Pa", 101325),
    (1, "kPa", "mbar", 10),
    (1, "mbar", "Pa", 100),
    (50, "%", "", 0.5),
]


def test_a_published_value_stands_for_every_unit():
    known = {canonical_unit(unit) for _, *units, _ in PUBLISHED for unit in units}
    assert known == {unit for sizes in _QUANTITIES.values() for unit in sizes} - {"px"}  # alone of its kind


@pytest.mark.parametrize(("value", "unit", "wanted", "published"), PUBLISHED)
def test_known_values_convert_to_what_the_tables_say(value, unit, wanted, published):
    assert convert(value, unit, wanted) == pytest.approx(published, rel=1e-12)


@given(pair=st.sampled_from(PAIRS), value=st.floats(-1e9, 1e9))
def test_there_and_back_is_where_we_were(pair, value):
    assert convert(convert(value, *pair), *reversed(pair)) == pytest.approx(value, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("alias", "unit"), _ALIASES.items())
def test_an_alias_is_another_spelling(alias, unit):
    assert canonical_unit(alias) == unit == canonical_unit(f" {unit} ")


def test_greek_mu_and_micro_sign_are_the_same_unit():
    assert canonical_unit("\N{GREEK SMALL LETTER MU}T") == canonical_unit("\N{MICRO SIGN}T") == "µT"


def test_shape_is_kept_nan_stays_and_the_input_is_untouched():
    values = np.array([[1, np.nan], [3, 4]], dtype=np.float32)
    before = values.copy()
    result = convert(values, "g", "m/s^2")
    assert result.shape == (2, 2)
    assert result.dtype == np.float64
    assert np.isnan(result[0, 1])
    np.testing.assert_array_equal(values, before)


def test_same_unit_still_gives_a_new_array():
    values = np.ones(3)
    assert not np.shares_memory(convert(values, "g", "g"), values)


def test_gravity_and_gauss_are_told_apart_by_case():
    with pytest.raises(UnitError, match=r"'µT' is not usable here; want a unit of acceleration like 'g': m/s², g"):
        convert(1.0, "g", "µT")


def test_an_unknown_unit_names_those_we_know():
    with pytest.raises(UnitError, match=r"'furlong'.*one of m/s², g, .*rad/s"):
        convert(1.0, "furlong", "m")


def test_text_is_no_number():
    with pytest.raises(DtypeError, match="real numbers"):
        convert(["1", "2"], "g", "m/s²")
