"""`BehaviorClassifier`: a Conv2d encoder, codes and a head on the contract every recognizer keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from motif.behavior.encode._bundle import load_classifier, save_classifier
from motif.behavior.encode._encode_fsq import Encoded, encoded_by
from motif.behavior.encode._fsq import FSQ
from motif.behavior.encode._learning import Labelled, learn_encoder, learn_head
from motif.behavior.encode._onnx_encoder import OnnxEncoder
from motif.behavior.encode._quantizer import Quantizer
from motif.behavior.encode._settings import Settings
from motif.behavior.encode._vq import VQ
from motif.errors import InputError, TooFewSamplesError
from motif.learning import encoded, held_out, onnx_bytes, predict
from motif.recognizer import RecognizeMixin, checked_labels, checked_windows, finite_probabilities, taught_windows

__all__ = ["BehaviorClassifier"]

N_TYPICAL = 8


class BehaviorClassifier(RecognizeMixin, ClassifierMixin, BaseEstimator):
    """Codes of movement, learnt with labels, without, or both; with labels, calibrated probabilities too.

    A Conv2d encoder turns a window into numbers, which are bounded and rounded to codes. With labels, a layer that
    reads what the codes are rounded from and a solved discriminant of the description they begin with stand side by
    side, weighed on windows held out (whole groups where there are some).

    Parameters
    ----------
    quantizer : {"fsq", "vq"}
        Codes by rounding, or by the nearest of learnt vectors.
    levels : tuple of int
        Levels of each dimension of a code; their product is the number of codes, of either quantizer.
    embedding_dim : int
        Codes for each window.
    pretraining : {"auto", "none", "masked", "contrastive"}
        What the encoder learns from all windows before labels, where there are any: nothing but scales and a mixture,
        to tell the whole of a window from a part, or to know a movement again when it is turned, slowed or louder.
        "auto" is "masked" where there are windows without labels, else "none".
    epochs : int
        At most as many in each stage.
    batch_size : int
    learning_rate : float
    weight_decay : float
    dropout : float, 0 ≤ dropout < 1
    label_smoothing : float, 0 ≤ label_smoothing < 1
    validation_fraction : float, 0 ≤ validation_fraction < 1
        Share of the windows to hold out; 0 trains on all for `epochs`, uncalibrated.
    patience : int or None
        Epochs without a better held-out loss after which to stop.
    random_state : int, RandomState or None
        The same number gives the same weights on the same machine.

    Attributes
    ----------
    classes_ : (n_classes,)
        After a fit with labels.
    model_ : keras.Model
        Raw windows to probabilities.
    encoder_ : OnnxEncoder
        Raw windows to latents, a window at a time on one thread.
    quantizer_ : Quantizer
    window_shape_ : tuple of int
    typical_ : (at most 8, *window)
        The mean window of each of the first classes; a bundle carries them to compare answers by.
    losses_ : list of float
        Held out, after each epoch.
    outlier_confidence_ : float
        `recognize` calls a window an outlier below it.

    Examples
    --------
    >>> from motif.recordings import simulate_quadruped
    >>> data = simulate_quadruped(4, 4, gaits=("stand", "trot", "gallop"))
    >>> classifier = BehaviorClassifier(epochs=2, random_state=0).fit(data.X, data.y, groups=data.groups)
    >>> float((classifier.predict(data.X) == data.y).mean())
    1.0
    """

    def __init__(
        self,
        *,
        quantizer: str = "fsq",
        levels: Sequence[int] = (8, 6, 5),
        embedding_dim: int = 64,
        pretraining: str = "auto",
        epochs: int = 20,
        batch_size: int = 64,
        learning_rate: float = 2e-3,
        weight_decay: float = 1e-2,
        dropout: float = 0.2,
        label_smoothing: float = 0.05,
        validation_fraction: float = 0.15,
        patience: int | None = 6,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.quantizer = quantizer
        self.levels = levels
        self.embedding_dim = embedding_dim
        self.pretraining = pretraining
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.label_smoothing = label_smoothing
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        *,
        unlabelled: ArrayLike | None = None,
    ) -> Self:
        """Learn from windows.

        Parameters
        ----------
        X : (n, channels, sensors, samples) or (n, frames, features)
            Raw windows, in the order they were recorded.
        y : (n,), optional
            Labels; without them `encode` is all that works afterwards.
        groups : (n,), optional
            Subject, session or block of each window.
        unlabelled : (m, *window), optional
            More windows for all that is learnt without labels.

        Raises
        ------
        ConfigError
            A parameter cannot be, or so many sensors need a network too large for a small device.
        DtypeError, ShapeError, NotFiniteError
            `X`, `y`, `groups` or `unlabelled` cannot be used.
        InputError
            A window holds a number no sensor gives.
        LabelError, TooFewSamplesError
            There is one class only, a class with a single window, or no window.
        MissingExtraError
            Keras or JAX is not installed.
        """
        settings = Settings.of(self.get_params())
        windows = taught_windows(X)
        labels = None if y is None else checked_labels("y", y, len(windows))
        members = None if groups is None else checked_labels("groups", groups, len(windows))
        classes = None if labels is None else encoded(labels)
        every = windows
        if settings.pretraining == "auto":
            settings = settings.pretrained("none" if y is not None and unlabelled is None else "masked")
        if unlabelled is not None:
            every = np.concatenate([windows, taught_windows(unlabelled, window_shape=windows.shape[1:])])
        if not len(every):
            raise TooFewSamplesError("X holds no window; record some first")
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self._forget()
        self._keras_encoder = learn_encoder(every, settings, seed)
        if classes is not None:
            self.classes_, indices = classes
            apart = held_out(indices, members, settings.validation_fraction)
            data = Labelled(X=windows, y=indices, groups=members, apart=apart, n_classes=len(self.classes_))
            learnt = learn_head(self._keras_encoder, data, settings, seed)
            self.model_, self.outlier_confidence_, self.losses_ = learnt
            first = range(min(data.n_classes, N_TYPICAL))
            self.typical_ = np.stack([windows[indices == i].mean(axis=0) for i in first])
        self.window_shape_ = windows.shape[1:]
        self.quantizer_ = self._quantizer(settings, every, seed)
        return self

    @cached_property
    def encoder_(self) -> OnnxEncoder:
        """What turns windows into latents, made when it is first asked for."""
        check_is_fitted(self, "window_shape_")
        return OnnxEncoder(onnx_bytes(self._keras_encoder))

    def encode(self, X: ArrayLike) -> Encoded:
        """Return codes, features and embeddings; a window's are the same in any batch and on any number of threads.

        Raises
        ------
        DtypeError, ShapeError, NotFiniteError
        """
        check_is_fitted(self, "window_shape_")
        windows = checked_windows(X, window_shape=self.window_shape_)
        return encoded_by(self.encoder_, self.quantizer_, windows, self.embedding_dim)

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the probability of each class, (n, n_classes) float32.

        Raises
        ------
        InputError
            It was fitted without labels.
        DtypeError, ShapeError, NotFiniteError
        """
        self._check_labelled()
        return finite_probabilities(predict(self.model_, checked_windows(X, window_shape=self.window_shape_)))

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
        """Write a bundle: ONNX to predict with anywhere, `encoder.onnx` for codes, `model.keras` to go on from.

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
            What it was trained on.
        metrics : optional
            JSON-ready figures from data it was not trained on.

        Raises
        ------
        InputError
            It was fitted without labels: `encoder_.content` is the encoder alone, as ONNX.
        LabelError, ConfigError
            Names or figures that a bundle cannot hold.
        WriteError
            The disk is full or the place cannot be written.
        """
        self._check_labelled()
        return save_classifier(
            self, path, name=name, class_names=class_names, window=window, data=data, metrics=metrics
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a bundle that `save` wrote, with network and encoder; every byte is checked first.

        Raises
        ------
        MissingFileError
            There is no such folder.
        BundleError
            The bundle is damaged or altered, or holds no encoder of ours.
        """
        return load_classifier(cls, path)

    def _quantizer(self, settings: Settings, windows: NDArray[np.float32], seed: int) -> Quantizer:
        fsq = FSQ(settings.levels)
        if settings.quantizer == "fsq":
            return fsq
        latents = predict(self._keras_encoder, windows).reshape(-1, fsq.n_dimensions)
        return VQ(fsq.codebook_size, fsq.n_dimensions, random_state=seed).fit(latents)

    def _forget(self) -> None:
        for name in ("classes_", "model_", "encoder_"):
            self.__dict__.pop(name, None)

    def _check_labelled(self) -> None:
        check_is_fitted(self, "window_shape_")
        if not hasattr(self, "classes_"):
            raise InputError("this BehaviorClassifier was fitted without labels; fit it with y to tell classes apart")
