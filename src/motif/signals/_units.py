"""Units of motion and how to get from one to another."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import DtypeError, UnitError

__all__ = ["STANDARD_GRAVITY", "canonical_unit", "convert", "quantity"]

STANDARD_GRAVITY = 9.80665
"""m/s², exact by definition (3rd CGPM, 1901)."""

_DEGREE = math.pi / 180

_QUANTITIES = {
    "acceleration": {"m/s²": 1.0, "g": STANDARD_GRAVITY, "mg": STANDARD_GRAVITY / 1000, "cm/s²": 0.01, "ft/s²": 0.3048},
    "angular rate": {"rad/s": 1.0, "deg/s": _DEGREE, "mdeg/s": _DEGREE / 1000, "rpm": 2 * math.pi / 60},
    "magnetic field": {"µT": 1.0, "nT": 1e-3, "mT": 1e3, "T": 1e6, "G": 100.0, "mG": 0.1},
    "angle": {"rad": 1.0, "deg": _DEGREE, "turn": 2 * math.pi},
    "time": {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0},
    "length": {"m": 1.0, "cm": 1e-2, "mm": 1e-3},
    "frequency": {"Hz": 1.0, "kHz": 1e3},
    "pressure": {"Pa": 1.0, "hPa": 100.0, "kPa": 1e3, "mbar": 100.0},
    "image length": {"px": 1.0},
    "number": {"": 1.0, "%": 0.01},
}
"""A unit's size in the first unit of its quantity. Case matters: g is not G, mg is not mG."""

_ALIASES = {
    "m/s/s": "m/s²", "m/s2": "m/s²", "m/s**2": "m/s²", "m*s^-2": "m/s²", "m s-2": "m/s²", "ms-2": "m/s²",
    "cm/s2": "cm/s²", "ft/s2": "ft/s²", "gal": "cm/s²", "g0": "g", "g_n": "g", "milli-g": "mg",
    "dps": "deg/s", "°/s": "deg/s", "degree/s": "deg/s", "degrees/s": "deg/s", "mdps": "mdeg/s", "radians/s": "rad/s",
    "rad/sec": "rad/s", "deg/sec": "deg/s", "r/min": "rpm",
    "uT": "µT", "microtesla": "µT", "gauss": "G", "Gauss": "G", "Gs": "G", "milligauss": "mG", "tesla": "T",
    "°": "deg", "degree": "deg", "degrees": "deg", "radian": "rad", "radians": "rad", "rev": "turn",
    "sec": "s", "second": "s", "seconds": "s", "us": "µs", "msec": "ms", "hz": "Hz",
    "pixel": "px", "pixels": "px", "1": "", "none": "", "-": "",
}  # fmt: skip

_UNITS = {unit: (quantity, size) for quantity, sizes in _QUANTITIES.items() for unit, size in sizes.items()}


def canonical_unit(unit: str) -> str:
    """Return the spelling motif uses for a unit: `m/s^2` becomes `m/s²`, `dps` becomes `deg/s`, `uT` becomes `µT`.

    Raises
    ------
    UnitError
        The unit is unknown; the message lists the known ones.

    Examples
    --------
    >>> canonical_unit("m/s^2")
    'm/s²'
    """
    plain = unit.strip().replace("μ", "µ").replace("^2", "²")  # Greek mu and the micro sign look the same
    found = _ALIASES.get(plain, plain)
    if found not in _UNITS:
        raise UnitError(unit, want="one of " + ", ".join(filter(None, _UNITS)))
    return found


def quantity(unit: str) -> str:
    """Return what a unit measures, such as `acceleration`.

    Raises
    ------
    UnitError
        The unit is unknown.

    Examples
    --------
    >>> quantity("dps")
    'angular rate'
    """
    return _UNITS[canonical_unit(unit)][0]


def convert(values: ArrayLike, from_unit: str, to_unit: str) -> NDArray[np.float64]:
    """Return values in another unit of the same quantity.

    Parameters
    ----------
    values : any shape
        Numbers in `from_unit`; NaN stays NaN. Nanoseconds since the epoch do not fit a float: subtract the first one
        as integers before converting.
    from_unit, to_unit : str
        Such as `g`, `m/s²`, `deg/s`, `rad/s`, `µT`, `G`, `ms`, or one of their aliases (`m/s^2`, `dps`, `uT`).

    Returns
    -------
    same shape, float64
        A new array, whatever type came in.

    Raises
    ------
    UnitError
        A unit is unknown, or the two measure different things.
    DtypeError
        `values` are not real numbers.

    References
    ----------
    BIPM, *The International System of Units*, 9th edition, 2019.

    Examples
    --------
    >>> convert([0.0, 1.0], "g", "m/s²")
    array([0.     , 9.80665])
    """
    (given, size), (wanted, wanted_size) = _UNITS[canonical_unit(from_unit)], _UNITS[canonical_unit(to_unit)]
    if given != wanted:
        raise UnitError(to_unit, want=f"a unit of {given} like {from_unit!r}: {', '.join(_QUANTITIES[given])}")
    array = np.asarray(values)
    if array.dtype.kind not in "buif":
        raise DtypeError("values", got=array.dtype, want="real numbers")
    return np.asarray(array * np.float64(size / wanted_size), dtype=np.float64)
