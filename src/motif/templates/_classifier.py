"""`TemplateClassifier`: gestures taught by one to ten samples, on the contract every recognizer keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from motif.recognizer import Prediction, RecognizeMixin, checked_labels, checked_windows, encoded_labels
from motif.templates._learning import learn
from motif.templates._model import TemplateModel
from motif.templates._nan_tails import stretched
from motif.templates._save import load_classifier, save_classifier

__all__ = ["TemplateClassifier"]


class TemplateClassifier(RecognizeMixin, ClassifierMixin, BaseEstimator):
    """Learn gestures from one to ten samples each; raw windows in, calibrated probabilities out.

    Parameters
    ----------
    outlier_rule : {"conformal", "three-sigma"}
        What makes an outlier: a score that a share `outlier_rate` of left-out samples exceeds, or one three deviations
        above theirs.
    outlier_rate : float, 0…1
        How many gestures the conformal rule may lose.
    nan_tails : bool
        Whether a window may end in NaN: a gesture shorter than the window, which is stretched over it.
    random_state : int, RandomState or None
        Which convolutions and variations are drawn; the same number gives the same recognizer, and so does None.

    Attributes
    ----------
    classes_ : (n_classes,)
    model_ : TemplateModel
        What was learnt, as plain arrays.
    window_shape_ : tuple of int

    Examples
    --------
    >>> moments = np.linspace(0, 6, 50)
    >>> swipe, circle = np.stack([np.sin(moments)] * 3), np.stack([np.sin(2 * moments)] * 3)
    >>> classifier = TemplateClassifier().fit(np.stack([swipe, circle]), ["swipe", "circle"])
    >>> classifier.predict(swipe[None] + 0.1)
    array(['swipe'], dtype='<U6')
    """

    def __init__(
        self,
        *,
        outlier_rule: str = "conformal",
        outlier_rate: float = 0.05,
        nan_tails: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.outlier_rule = outlier_rule
        self.outlier_rate = outlier_rate
        self.nan_tails = nan_tails
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        background: ArrayLike | None = None,
    ) -> Self:
        """Learn from windows.

        Parameters
        ----------
        X : (n, channels, samples) or (n, channels, sensors, samples)
            Raw windows, one gesture each.
        y : (n,)
            Labels: texts, whole numbers or truth values.
        groups : (n,), optional
            Person or session of each window: how sure to be and what is an outlier is then learnt from what would have
            been said of each without its group. A class that one group alone has says nothing of it.
        background : (m, …) as X, optional
            Windows of ordinary movement: what is no gesture.

        Raises
        ------
        DtypeError, ShapeError, NotFiniteError
            `X`, `y`, `groups` or `background` cannot be used.
        LabelError
            There is one class only.
        InputError
            `X` holds a number no sensor gives.
        """
        windows = self._windows(X)
        classes, indices = encoded_labels(checked_labels("y", y, len(windows)))
        members = None if groups is None else checked_labels("groups", groups, len(windows))
        ordinary = None if background is None else self._windows(background, window_shape=windows.shape[1:])
        self.model_: TemplateModel
        self.model_, _ = learn(
            windows,
            indices,
            ordinary,
            groups=members,
            outlier_rule=self.outlier_rule,
            outlier_rate=self.outlier_rate,
            seed=0 if self.random_state is None else int(check_random_state(self.random_state).randint(2**31 - 1)),
        )
        self.classes_, self.window_shape_ = classes, windows.shape[1:]
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the probability of each class, (n, n_classes) float32.

        Raises
        ------
        DtypeError, ShapeError, NotFiniteError
        """
        return self.answers(X)[0]

    def answers(self, X: ArrayLike) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Return `predict_proba` and `outlier_score` of windows at the price of one of them."""
        check_is_fitted(self)
        return self.model_.answers(self._windows(X, window_shape=self.window_shape_))

    def outlier_score(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return how strange each window is, (n,): a number without a ceiling, higher is stranger."""
        return self.answers(X)[1]

    def is_outlier(self, X: ArrayLike) -> NDArray[np.bool_]:
        """Return whether each window is none of the gestures, (n,)."""
        check_is_fitted(self)
        return self.outlier_score(X) > self.model_.threshold

    def recognize(self, window: ArrayLike) -> Prediction:
        """Return what is said of one window, of the shape of one row of the `X` that was fitted."""
        check_is_fitted(self)
        whole = self._windows(np.asarray(window)[None], window_shape=self.window_shape_)[0]
        return self._prediction(*self.model_.answer(whole))

    def save(
        self,
        path: str | Path,
        *,
        name: str = "recognizer",
        class_names: Sequence[str] | None = None,
        window: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> Path:
        """Write a bundle that `load` and `motif.bundles.load` read.

        Parameters
        ----------
        path : folder to make
        name : str
            What people call it.
        class_names : (n_classes,), optional
            Names in the order of `classes_`, where those are numbers.
        window : optional
            What is known of the windows: `rate_hz`, `channels`, `units`, `sensors`.
        data : optional
            What it was taught with.
        metrics : optional
            JSON-ready figures from data it was not taught with.

        Raises
        ------
        LabelError, ConfigError
            Names or figures that a bundle cannot hold.
        WriteError
            The disk is full or the place cannot be written.
        """
        check_is_fitted(self)
        return save_classifier(
            self, path, name=name, class_names=class_names, window=window, data=data, metrics=metrics
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a bundle that `save` wrote; every byte is checked first.

        Raises
        ------
        MissingFileError
            There is no such folder.
        BundleError
            The bundle is damaged or altered, or holds no templates.
        """
        return load_classifier(cls, path)

    def _windows(self, X: ArrayLike, *, window_shape: tuple[int, ...] | None = None) -> NDArray[np.float32]:
        return checked_windows(stretched(X) if self.nan_tails else X, window_shape=window_shape)
