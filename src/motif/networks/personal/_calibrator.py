"""Adapt a base model to one person, sample by sample or at once: the documented names over `adapt`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.bundles.targets._place import check_outside_bundles
from motif.errors import ConfigError, LabelError
from motif.learning import seeded
from motif.networks.personal._adapt import Progress, adapt
from motif.networks.personal._config import CalibrationConfig, FreezeStrategy
from motif.networks.personal._keras_file import BaseFile, read_base
from motif.networks.personal._labels import class_indices, missing_samples, require_samples, told
from motif.networks.personal._profile import ProfileFacts, profile_file, save_profile
from motif.networks.personal._result import PersonalizationResult
from motif.recognizer import checked_labels, checked_windows

__all__ = ["UserCalibrator", "quick_calibrate"]


class UserCalibrator:
    """Collect a person's samples, adapt the base model to them, save the person's own.

    The base file is read, never written. What was adapted answers only if samples held out say that it is better;
    otherwise `model` has the base's weights.

    Parameters
    ----------
    base_model_path : path
        A `.keras` file from windows to class probabilities, or a bundle that `NetworkClassifier` saved.
    class_names : (n_classes,)
        In the order of the model's outputs; a bundle says which that is, and other names or another order are refused.
    config : CalibrationConfig, optional

    Attributes
    ----------
    model : keras.Model
        What answers: the base, and after `calibrate` the person's own if that is better.
    result : PersonalizationResult or None
        Of the last `calibrate`.

    Raises
    ------
    MissingFileError, FormatError, BundleError
        The base is not there, damaged, or could run code.
    LabelError
        The names do not fit the model's outputs.
    """

    def __init__(
        self, base_model_path: str | Path, class_names: Sequence[str], config: CalibrationConfig | None = None
    ) -> None:
        self.config = config or CalibrationConfig()
        self.class_names = tuple(map(str, class_names))
        self._base = read_base(base_model_path)
        self.model = _fresh(self._base)
        self.result: PersonalizationResult | None = None
        self._samples: list[NDArray[np.float32]] = []
        self._labels: list[int] = []
        _check_names(self._base, self.model, self.class_names)

    def add_sample(self, sequence: ArrayLike, gesture_name: str) -> None:
        """Take one more sample, in the order of recording.

        Parameters
        ----------
        sequence : (frames, features), or whatever one window of the base model is
        gesture_name : str

        Raises
        ------
        LabelError
            The base model knows no such gesture.
        ShapeError, DtypeError, NotFiniteError
            The sequence is no window of the base model's.
        """
        label = int(class_indices([gesture_name], self.class_names)[0])
        self._samples.append(_windows(self.model, np.asarray(sequence)[None])[0].copy())
        self._labels.append(label)

    def get_sample_counts(self) -> dict[str, int]:
        """Return the number of samples of each gesture, in the order of the class names."""
        counts = np.bincount(np.array(self._labels, np.int64), minlength=len(self.class_names))
        return dict(zip(self.class_names, counts.tolist(), strict=True))

    def is_ready(self) -> tuple[bool, str]:
        """Return whether there are enough samples, and what is missing in words."""
        missing = missing_samples(self._y, self.class_names, self.config.min_samples_per_gesture)
        if missing:
            return False, f"still needed: {told(missing)}"
        return True, f"ready: {len(self._labels)} samples of {len(self.class_names)} gestures"

    def calibrate(self, progress: Progress | None = None) -> PersonalizationResult:
        """Adapt the base model to the samples so far.

        Raises
        ------
        TooFewSamplesError
            The message says how many more of which gesture.
        """
        require_samples(self._y, self.class_names, self.config.min_samples_per_gesture)
        adapted = adapt(
            _fresh(self._base),
            np.stack(self._samples),
            self._y,
            class_names=self.class_names,
            config=self.config,
            progress=progress,
        )
        self.model, self.result = adapted.model, adapted.result
        return adapted.result

    def save(self, path: str | Path) -> Path:
        """Write the person's profile: a `.keras` file that says which base it came from and what it brought.

        A `path` without the suffix `.keras` is a folder for it.

        Where adapting did not help, the base's weights are written, and only where nothing stands yet: an earlier
        profile is not replaced by a model that is no better than the base.

        Raises
        ------
        ConfigError
            Nothing was calibrated yet, `path` is the base model's or lies in a bundle, or it holds a profile and the
            new one is no better than the base.
        WriteError
            The disk is full or the place cannot be written.
        """
        if self.result is None:
            raise ConfigError("nothing was calibrated yet; call calibrate() before save()")
        target = _target(path, self._base.path)
        if not self.result.success and target.exists():
            raise ConfigError(f"{target} stays as it is: {self.result.message}")
        return save_profile(target, self.model, ProfileFacts.of(self._base, self.model, self.class_names, self.result))

    @property
    def _y(self) -> NDArray[np.int64]:
        return np.array(self._labels, np.int64)


def quick_calibrate(
    base_model_path: str | Path,
    user_samples: ArrayLike,
    user_labels: ArrayLike,
    class_names: Sequence[str],
    freeze_strategy: FreezeStrategy = "last_block",
    *,
    config: CalibrationConfig | None = None,
    progress: Progress | None = None,
) -> tuple[Any, PersonalizationResult]:
    """Adapt a base model to a person's samples in one call.

    Parameters
    ----------
    base_model_path : path
        A `.keras` file, or a bundle that `NetworkClassifier` saved; it is never written.
    user_samples : (n, frames, features), or whatever windows the base model takes
        In the order of recording.
    user_labels : (n,)
        Indices into `class_names`, or names.
    class_names : (n_classes,)
        In the order of the model's outputs; a bundle says which that is, and other names or another order are refused.
    freeze_strategy : {"last_block", "half", "head_only"}
        What stays as it is, see `CalibrationConfig`.
    config : CalibrationConfig, optional
        Further settings; `freeze_strategy` above is not looked at then.
    progress : callable, optional
        Called with what is going on, steps done and steps in all.

    Returns
    -------
    model : keras.Model
        The person's own, or the base where adapting did not help (`result.success` is false).
    result : PersonalizationResult

    Raises
    ------
    MissingFileError, FormatError, BundleError
        The base is not there, damaged, or could run code.
    ShapeError, DtypeError, NotFiniteError, LabelError, TooFewSamplesError, ConfigError
        Samples, labels, names or settings do not fit.
    """
    config = config or CalibrationConfig(freeze_strategy=freeze_strategy)
    names = tuple(map(str, class_names))
    base = read_base(base_model_path)
    model = _fresh(base)
    _check_names(base, model, names)
    X = _windows(model, user_samples)
    y = class_indices(checked_labels("user_labels", user_labels, len(X)).tolist(), names)
    require_samples(y, names, config.min_samples_per_gesture)
    adapted = adapt(model, X, y, class_names=names, config=config, progress=progress)
    return adapted.model, adapted.result


def _fresh(base: BaseFile) -> Any:
    with seeded(0):  # what dropout draws while fine-tuning
        return base.model()


def _windows(model: Any, X: ArrayLike) -> NDArray[np.float32]:
    """Return checked windows; an axis that the model leaves open may have any length."""
    given = np.shape(X)[1:]
    wanted = model.input_shape[1:]
    if len(given) == len(wanted):
        wanted = [have if want is None else want for have, want in zip(given, wanted, strict=True)]
    return checked_windows(X, window_shape=tuple(wanted))


def _check_names(base: BaseFile, model: Any, class_names: tuple[str, ...]) -> None:
    if base.class_names and class_names != base.class_names:
        raise LabelError(
            f"class_names are {list(class_names)}; the outputs of {base.path} are {list(base.class_names)}: "
            "give these, in this order"
        )
    n_classes = model.output_shape[-1]
    if len(class_names) != n_classes or len(set(class_names)) != n_classes:
        raise LabelError(
            f"class_names are {list(class_names)}; the base model tells {n_classes} classes apart: "
            "give each a name of its own, in the order of its outputs"
        )


def _target(path: str | Path, base: Path) -> Path:
    """Return the file to write: `path`, or `model.keras` in the folder `path`; none of the base's or a bundle's."""
    path = Path(path)
    if path.suffix not in ("", ".keras"):
        raise ConfigError(f"{path} ends in {path.suffix}; a profile is a .keras file, or a folder that holds one")
    target = profile_file(path)
    if base.resolve() in (target.resolve(), *target.resolve().parents):
        raise ConfigError(f"{path} is the base model's; save the person's model elsewhere")
    check_outside_bundles(target)
    return target
