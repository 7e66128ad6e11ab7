"""A model in one file of plain arrays: nothing in it can run, and nothing in it is believed unchecked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._categorical import CategoricalEmission
from motif.behavior.semi_markov._covariance_prior import CovariancePrior
from motif.behavior.semi_markov._durations import Durations
from motif.behavior.semi_markov._emission import Emission
from motif.behavior.semi_markov._gaussian import GaussianEmission
from motif.behavior.semi_markov._parameters import Parameters, what_follows
from motif.behavior.semi_markov._stage_durations import StageDurations
from motif.behavior.semi_markov._table_durations import TableDurations
from motif.bundles import array_bytes, read_arrays, read_files
from motif.errors import BundleError, FormatError, InputError, MissingFileError

__all__ = ["PARAMETERS", "model_bytes", "read_model"]

Arrays = dict[str, NDArray[Any]]

PARAMETERS = "states.safetensors"
"""What the file is called in a bundle."""
_FORMAT = "motif semi-Markov 2"
_DESCRIPTION = "description"
_MOST_FRAMES = 10_000_000
"""No duration is longer: a file cannot ask for more memory than it may."""


def model_bytes(parameters: Parameters, about: dict[str, Any]) -> bytes:
    """Return a model and what is to be known `about` it (JSON) as one file (safetensors)."""
    emission, durations = parameters.emission, parameters.durations
    description = {
        "format": _FORMAT,
        "about": about,
        "frame_weight": parameters.frame_weight,
        "emission": {"kind": _kind(emission), **emission.settings()},
        "durations": {"kind": _kind(durations), **durations.settings()},
    }
    arrays: Arrays = {
        _DESCRIPTION: np.frombuffer(json.dumps(description).encode(), np.uint8),
        "initial": parameters.initial,
        "transition": parameters.transition,
        "look": parameters.look,
        **{f"emission.{name}": array for name, array in emission.arrays().items()},
        **{f"durations.{name}": array for name, array in durations.arrays().items()},
    }
    return array_bytes(arrays)


def read_model(path: Path) -> tuple[Parameters, dict[str, Any]]:
    """Return a model and what was written about it, from its file or from a bundle that holds it.

    Raises
    ------
    MissingFileError
    BundleError
        The bundle is damaged, altered, or of another recognizer.
    FormatError
        Anything in it is not as `model_bytes` writes it.
    """
    content = _content(path)
    try:
        arrays = read_arrays(path.name, content)
        description = json.loads(arrays[_DESCRIPTION].tobytes())
        if description["format"] != _FORMAT:
            raise ValueError(f"it is of format {description['format']!r:.40}, not {_FORMAT!r}")
        parameters = Parameters(
            initial=_numbers(arrays, "initial"),
            transition=_numbers(arrays, "transition"),
            durations=_durations(description["durations"], _part(arrays, "durations")),
            emission=_emission(description["emission"], _part(arrays, "emission")),
            look=_whole(arrays, "look"),
            frame_weight=float(description["frame_weight"]),
        )
        _check(parameters)
        return parameters, dict(description["about"])
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError, InputError, BundleError) as error:
        problem = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise FormatError(path, problem, hint="save the model again") from error


def _content(path: Path) -> bytes:
    if path.is_dir():
        files = read_files(path)[1]
        if PARAMETERS not in files:
            raise BundleError(f"{path} holds no {PARAMETERS}: no semi-Markov model wrote it; use motif.bundles.load")
        return files[PARAMETERS]
    if not path.is_file():
        raise MissingFileError(path, want="a model that was saved with save()")
    return path.read_bytes()


def _kind(part: Emission | Durations) -> str:
    return next(name for name, kind in {**_EMISSIONS, **_DURATIONS}.items() if isinstance(part, kind))


def _part(arrays: Arrays, prefix: str) -> Arrays:
    return {name.removeprefix(f"{prefix}."): array for name, array in arrays.items() if name.startswith(f"{prefix}.")}


def _numbers(arrays: Arrays, name: str) -> NDArray[np.float64]:
    array = arrays[name]
    if array.dtype != np.float64 or not array.size or not np.isfinite(array).all():
        raise ValueError(f"{name} is not made of finite float64 numbers")
    return np.ascontiguousarray(array)


def _whole(arrays: Arrays, name: str) -> NDArray[np.int64]:
    if arrays[name].dtype != np.int64 or arrays[name].ndim != 1:
        raise ValueError(f"{name} is not made of int64 numbers")
    return np.ascontiguousarray(arrays[name])


def _emission(settings: dict[str, Any], arrays: Arrays) -> Emission:
    if settings["kind"] == "categorical":
        levels = tuple(int(level) for level in settings["levels"])
        categorical = CategoricalEmission(_numbers(arrays, "probabilities"), levels)
        _want(categorical.probabilities.ndim == 2 and categorical.probabilities.shape[1] == sum(levels), "levels")
        _want(min(levels) >= 1 and (categorical.probabilities > 0).all(), "probabilities of codes")
        return categorical
    if settings["kind"] != "gaussian":
        raise ValueError(f"emissions {settings['kind']!r:.40} are unknown")
    gaussian = GaussianEmission(
        **{name: _numbers(arrays, name) for name in ("coefficients", "covariances", "centre", "scale", "offsets")},
        order=int(settings["order"]),
        prior=CovariancePrior(
            len(_numbers(arrays, "centre")),
            bool(settings["diagonal"]),
            **{name: float(value) for name, value in settings.get("prior", {}).items()},
        ),
    )
    n_looks, n_features = len(gaussian.coefficients), gaussian.centre.size
    _want(all(0.0 < value < np.inf for value in (gaussian.prior.variance, gaussian.prior.frames)), "prior")
    _want(gaussian.centre.shape == gaussian.scale.shape == (n_features,), "centre and scale")
    _want(gaussian.order >= 0 and (gaussian.scale > 0).all(), "order and scale")
    _want(gaussian.coefficients.shape == (n_looks, n_features, 1 + gaussian.order * n_features), "coefficients")
    _want(gaussian.covariances.shape == (n_looks, n_features, n_features), "covariances")
    _want((np.linalg.eigvalsh(gaussian.covariances) > 0).all(), "covariances")
    _want(gaussian.offsets.shape == (n_features, n_features), "offsets")
    return gaussian


def _durations(settings: dict[str, Any], arrays: Arrays) -> Durations:
    longest = int(settings["longest"])
    _want(1 <= longest <= _MOST_FRAMES, "the longest duration")
    if settings["kind"] == "stages":
        stages = StageDurations(
            _whole(arrays, "stages"),
            _numbers(arrays, "stay"),
            int(settings["typical"]),
            longest,
            int(settings["most_stages"]),
        )
        _want(stages.stages.shape == stages.stay.shape and stages.stay.ndim == 1, "stages")
        _want((stages.stages >= 1).all() and (stages.stages <= stages.most_stages).all(), "stages")
        _want((stages.stay > 0).all() and (stages.stay < 1).all(), "stay")
        return stages
    if settings["kind"] != "tables":
        raise ValueError(f"durations {settings['kind']!r:.40} are unknown")
    tables = TableDurations(settings["family"], _numbers(arrays, "parameters"), int(settings["shortest"]), longest)
    _want(tables.parameters.ndim == 2 and 1 <= tables.shortest <= longest, "durations")
    _want(tables.parameters.shape[1] == (longest if tables.family == "free" else 2), "durations")
    _want((tables.parameters >= 0).all() and np.isfinite(tables.tables).all(), "durations")
    return tables


def _check(parameters: Parameters) -> None:
    n_states = parameters.n_states
    _want(parameters.initial.shape == (n_states,), "initial")
    _want(parameters.transition.shape == (n_states, n_states), "transition")
    _want((parameters.initial >= 0).all() and (parameters.transition >= 0).all(), "transition")
    _want(np.allclose(parameters.transition.sum(axis=1), 1), "transition")
    _want(np.allclose(parameters.transition, what_follows(parameters.transition)), "transition")
    _want(np.isclose(parameters.initial.sum(), 1), "initial")
    _want(parameters.durations.n_states == n_states == len(parameters.look), "look")
    _want((parameters.look >= 0).all() and (parameters.look < parameters.emission.n_looks).all(), "look")
    _want(0 < parameters.frame_weight <= 1, "frame_weight")


def _want(holds: bool | np.bool_, name: str) -> None:
    if not holds:
        raise ValueError(f"{name} cannot be so")


_EMISSIONS: dict[str, type] = {"gaussian": GaussianEmission, "categorical": CategoricalEmission}
_DURATIONS: dict[str, type] = {"tables": TableDurations, "stages": StageDurations}
