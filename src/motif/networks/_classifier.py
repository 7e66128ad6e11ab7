"""`NetworkClassifier`: a Keras network on the contract every recognizer keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from motif.bundles import BundleConfig, WindowSpec, read_files, read_reference, save
from motif.errors import BundleError
from motif.files import write_bytes
from motif.learning import class_weights, encoded, from_keras_bytes, held_out, keras_bytes, onnx_bytes, predict
from motif.networks._augment import Augment
from motif.networks._learning import learn
from motif.networks._progress import reporter
from motif.networks._settings import Settings
from motif.networks._training import Epoch, Examples
from motif.recognizer import RecognizeMixin, checked_labels, checked_windows, finite_probabilities, taught_windows

__all__ = ["NetworkClassifier"]

N_TYPICAL = 8
KERAS_FILE = "model.keras"


class NetworkClassifier(RecognizeMixin, ClassifierMixin, BaseEstimator):
    """Learn from many examples with a neural network; raw windows in, calibrated probabilities out.

    A part of the windows (whole groups where there are some, else the last of each class) is held out to find how many
    epochs to train, how confident to be (temperature scaling) and what is strange; then the network learns from all.

    Parameters
    ----------
    architecture : {"tcn", "cnn1d", "gru", "lstm", "transformer"}
    features : {"auto", "engineered", "raw"}
        What the network sees of a window. "engineered" describes hands by shape and movement, whatever their place
        and size; "auto" is that wherever there is such a description. It is part of the model.
    landmarks : {"auto", "2x21x2"}
        What 84 features of a frame are: one hand of 21 × (x, y, z, 0), or two hands of 21 × (x, y).
    epochs : int
        At most as many in each stage.
    batch_size : int
    learning_rate : float
        The highest, after the warm-up; AdamW, falling along half a cosine.
    weight_decay : float
    dropout : float, 0 ≤ dropout < 1
    label_smoothing : float, 0 ≤ label_smoothing < 1
    balance : float, 0…1
        How far rare classes count for more: 0 not at all, 1 as if all were equally frequent.
    augment : bool or callable
        Whether windows are varied while training. True varies windows of one hand (another view, another speed), for
        few recordings that are to serve other cameras; for the same camera at another time it did not help. A
        callable takes windows and a `numpy.random.Generator`, as `motif.signals.Augmentation().apply` does.
    validation_fraction : float, 0 ≤ validation_fraction < 1
        Share of the windows to hold out; 0 trains on all for `epochs`, uncalibrated.
    patience : int or None
        Epochs without a better held-out loss after which to stop; None never stops early.
    refit : bool
        Whether to train again on all windows, for as many epochs as were best.
    checkpoint_dir : path, optional
        Where to keep the state after every epoch. The same fit, called again after a kill, goes on from there and ends
        with the weights it would have had; `random_state` has to be set.
    progress : bool or callable
        True shows a bar with the time left on standard error; a callable gets each `Epoch`.
    random_state : int, RandomState or None
        The same number gives the same weights on the same machine.

    Attributes
    ----------
    classes_ : (n_classes,)
    model_ : keras.Model
        Raw windows to probabilities.
    window_shape_ : tuple of int
    typical_ : (at most 8, *window)
        The mean window of each of the first classes; a bundle carries them to compare answers by.
    history_ : list of Epoch
    temperature_ : float
        By which the logits were divided; it is inside the weights.
    outlier_confidence_ : float
        `recognize` calls a window an outlier below it.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(40, 16, 3)).astype(np.float32)
    >>> y = np.array(["still", "moving"] * 20)
    >>> X[y == "moving"] *= 5
    >>> classifier = NetworkClassifier("cnn1d", epochs=4, random_state=0).fit(X, y)
    >>> classifier.predict(X[:2])
    array(['still', 'moving'], dtype='<U6')
    """

    def __init__(
        self,
        architecture: str = "tcn",
        *,
        features: str = "auto",
        landmarks: str = "auto",
        epochs: int = 16,
        batch_size: int = 64,
        learning_rate: float = 2e-3,
        weight_decay: float = 1e-2,
        dropout: float = 0.1,
        label_smoothing: float = 0.05,
        balance: float = 0.0,
        augment: bool | Augment = False,
        validation_fraction: float = 0.15,
        patience: int | None = 6,
        refit: bool = True,
        checkpoint_dir: str | Path | None = None,
        progress: bool | Callable[[Epoch], None] = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.architecture = architecture
        self.features = features
        self.landmarks = landmarks
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.label_smoothing = label_smoothing
        self.balance = balance
        self.augment = augment
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.refit = refit
        self.checkpoint_dir = checkpoint_dir
        self.progress = progress
        self.random_state = random_state

    def fit(
        self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None, *, callbacks: Sequence[Any] = ()
    ) -> Self:
        """Learn from windows.

        Parameters
        ----------
        X : (n, frames, features) or (n, channels, sensors, samples)
            Raw windows, in the order they were recorded.
        y : (n,)
            Labels: texts, whole numbers or truth values.
        groups : (n,), optional
            Subject, session or block of each window.
        callbacks : sequence of keras.callbacks.Callback
            Watch each stage, as those of `motif.tracking` do; what they ask of the model is not heeded.

        Raises
        ------
        ConfigError
            A parameter cannot be, or `checkpoint_dir` holds another run.
        DtypeError, ShapeError, NotFiniteError
            `X`, `y` or `groups` cannot be used.
        InputError
            A window holds a number no sensor gives.
        LabelError, TooFewSamplesError
            There is one class only, or a class with a single window.
        MissingExtraError
            Keras or JAX is not installed.
        """
        settings = Settings.of(self.get_params())
        windows = taught_windows(X)
        labels = checked_labels("y", y, len(windows))
        members = None if groups is None else checked_labels("groups", groups, len(windows))
        classes, indices = encoded(labels)
        weight = class_weights(indices, settings.balance)
        examples = Examples(X=windows, y=indices, weight=weight)
        apart = held_out(indices, members, settings.validation_fraction)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        with reporter(self.progress) as report:
            learnt = learn(
                examples,
                apart,
                settings,
                groups=members,
                n_classes=len(classes),
                seed=seed,
                report=report,
                callbacks=callbacks,
            )
        self.classes_, self.window_shape_ = classes, windows.shape[1:]
        self.model_, self.history_ = learnt.model, learnt.history
        self.temperature_, self.outlier_confidence_ = learnt.temperature, learnt.outlier_confidence
        self.typical_ = np.stack([windows[indices == i].mean(axis=0) for i in range(min(len(classes), N_TYPICAL))])
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the probability of each class, (n, n_classes) float32.

        Raises
        ------
        DtypeError, ShapeError, NotFiniteError
        """
        check_is_fitted(self)
        return finite_probabilities(predict(self.model_, checked_windows(X, window_shape=self.window_shape_)))

    def export_onnx(self, path: str | Path | None = None) -> bytes:
        """Return the recognizer as one ONNX model with any number of windows; write it to `path` too, if given.

        Raises
        ------
        WriteError
            The disk is full or the place cannot be written.
        """
        check_is_fitted(self)
        content = onnx_bytes(self.model_)
        if path is not None:
            write_bytes(path, content)
        return content

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
        """Write a bundle: ONNX to predict with anywhere, `model.keras` to go on from.

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
        LabelError, ConfigError
            Names or figures that a bundle cannot hold.
        WriteError
            The disk is full or the place cannot be written.
        """
        check_is_fitted(self)
        config = BundleConfig(
            name=name,
            recognizer=type(self).__name__,
            window=WindowSpec(shape=self.window_shape_, **(window or {})),
            outlier_confidence=self.outlier_confidence_,
            settings=self._plain_settings() | {"classes": self.classes_.tolist(), "temperature": self.temperature_},
            data=dict(data or {}),
        )
        return save(
            path,
            onnx=self.export_onnx(),
            config=config,
            class_names=[str(label) for label in (self.classes_ if class_names is None else class_names)],
            metrics=metrics,
            reference=(self.typical_, self.predict_proba(self.typical_)),
            extra_files={KERAS_FILE: keras_bytes(self.model_)},
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a bundle that `save` wrote, with the network itself; every byte is checked first.

        Raises
        ------
        MissingFileError
            There is no such folder.
        BundleError
            The bundle is damaged or altered, or holds no network of ours.
        """
        _, files = read_files(path)
        config = BundleConfig.from_yaml(files["config.yaml"])
        if KERAS_FILE not in files or config.recognizer != cls.__name__:
            raise BundleError(f"{path} holds a {config.recognizer} without {KERAS_FILE}; use motif.bundles.load")
        settings = dict(config.settings)
        try:
            classes, temperature = settings.pop("classes"), float(settings.pop("temperature"))
            classifier = cls(**settings)
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(f"{path} was not saved by {cls.__name__} ({error}); use motif.bundles.load") from error
        reference = read_reference(files, window_shape=config.window.shape, n_classes=len(classes))
        if reference is None:
            raise BundleError(f"{path} holds no reference windows; save the bundle again")
        classifier.typical_ = reference[0]
        classifier.classes_, classifier.window_shape_ = np.array(classes), config.window.shape
        classifier.model_, classifier.history_ = from_keras_bytes(files[KERAS_FILE]), []
        classifier.temperature_, classifier.outlier_confidence_ = temperature, config.outlier_confidence
        return classifier

    def _plain_settings(self) -> dict[str, Any]:
        """Return the parameters that mean something elsewhere, as YAML can hold them."""
        settings: dict[str, Any] = self.get_params()
        del settings["checkpoint_dir"], settings["progress"]
        settings["augment"] = bool(settings["augment"])
        if not isinstance(settings["random_state"], int | None):
            settings["random_state"] = None
        return settings
