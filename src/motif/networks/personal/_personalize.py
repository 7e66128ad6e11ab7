"""The house's own form: a recognizer and a person's windows in, the person's recognizer out."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from motif.errors import ConfigError, LabelError
from motif.learning import from_keras_bytes, keras_bytes, seeded
from motif.networks.personal._adapt import Progress, adapt
from motif.networks.personal._config import CalibrationConfig
from motif.networks.personal._labels import require_samples
from motif.networks.personal._result import PersonalizationResult
from motif.recognizer import checked_labels, taught_windows

__all__ = ["personalize"]

R = TypeVar("R")


def personalize(
    recognizer: R,
    X: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    class_names: Sequence[str] | None = None,
    config: CalibrationConfig | None = None,
    progress: Progress | None = None,
) -> tuple[R, PersonalizationResult]:
    """Adapt a fitted network to one person from a few windows of each class.

    The last layer is solved again with the base as prior, as far from it as windows held out say it helps. Where they
    say it does not help, the recognizer that comes back answers as the base does.

    Parameters
    ----------
    recognizer : NetworkClassifier, or another whose `model_` is a Keras model with a softmax
        It stays as it is.
    X : (n, *window)
        Windows of the person, in the order of recording.
    y : (n,)
        Labels, each one of `recognizer.classes_`; a class without any is left as the base has it.
    groups : (n,), optional
        Session or take of each window: those of one group are held out together.
    class_names : (n_classes,), optional
        Names for the result and messages, where `classes_` are numbers.
    config : CalibrationConfig, optional
        By default the head alone is adapted (`freeze_strategy="head_only"`) from two windows of a class or more.
    progress : callable, optional
        Called with what is going on, steps done and steps in all.

    Returns
    -------
    recognizer
        Of the same kind; it predicts and is saved as any other.
    result : PersonalizationResult

    Raises
    ------
    ConfigError
        The recognizer has no network to adapt.
    LabelError, TooFewSamplesError
        A label is none of the recognizer's, there is one class only, or a class has too few windows.
    ShapeError, DtypeError, NotFiniteError
        `X`, `y` or `groups` cannot be used.

    Examples
    --------
    >>> from motif.networks import NetworkClassifier
    >>> rng = np.random.default_rng(0)
    >>> y = np.tile([0, 1], 20)
    >>> X = rng.normal(size=(40, 16, 3)).astype(np.float32) * (1 + 3 * y[:, None, None])
    >>> base = NetworkClassifier("cnn1d", epochs=3, random_state=0).fit(X, y)
    >>> own, result = personalize(base, 3 * X[:10], y[:10])  # somebody who moves three times as much
    >>> result.accuracy_after >= result.accuracy_before
    True
    """
    model = getattr(recognizer, "model_", None)
    if model is None or not hasattr(recognizer, "classes_"):
        raise ConfigError(
            f"a {type(recognizer).__name__} has no fitted network to adapt; "
            "fit it first, load its bundle with NetworkClassifier.load, or teach by example (motif.templates)"
        )
    windows = taught_windows(X, window_shape=tuple(model.input_shape[1:]))
    labels = checked_labels("y", y, len(windows))
    members = None if groups is None else checked_labels("groups", groups, len(windows))
    if members is not None and len(np.unique(members)) < 2:
        members = None  # one session: its neighbours in time are held out together
    classes = recognizer.classes_
    if strangers := sorted(set(labels.tolist()) - set(classes.tolist()), key=str):
        raise LabelError(f"y holds {strangers}; the recognizer knows {classes.tolist()}: rename or drop them")
    indices = np.searchsorted(classes, labels)
    config = config or CalibrationConfig(freeze_strategy="head_only", min_samples_per_gesture=2)
    names = [str(label) for label in (classes if class_names is None else class_names)]
    present = np.unique(indices)
    if len(present) < 2:
        raise LabelError("y holds one class only; a person's recognizer needs windows of two or more")
    require_samples(np.searchsorted(present, indices), [names[i] for i in present], config.min_samples_per_gesture)
    with seeded(0):  # what dropout draws while fine-tuning
        own = from_keras_bytes(keras_bytes(model))
    adapted = adapt(own, windows, indices, class_names=names, config=config, groups=members, progress=progress)
    personal = copy.copy(recognizer)
    personal.model_ = adapted.model  # type: ignore[attr-defined]
    return personal, adapted.result
