"""The models a service answers from: loaded, warmed up, and exchanged without a request that fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from motif.bundles import BundleRecognizer, load
from motif.errors import BundleError, UnknownModelError
from motif.telemetry import logger

__all__ = ["Model", "Shelf"]

_LOG = logger(__name__)
_OLDER_VERSIONS = 1
"""Kept beside the one in front, for those who ask for it by its version."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One version of one model; it has answered a window already."""

    name: str
    version: str
    """First twelve digits of the bundle's content hash."""
    path: Path
    recognizer: BundleRecognizer
    warm_up_ms: float

    @property
    def window_shape(self) -> tuple[int, ...]:
        """Shape of one window."""
        return self.recognizer.config.window.shape

    @property
    def class_names(self) -> list[str]:
        """What it tells apart."""
        return [str(name) for name in self.recognizer.classes_]


class Shelf:
    """Models by name and version. A model is here only after it has answered; whoever took one may finish with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models: dict[str, dict[str, Model]] = {}

    def load(self, path: str | Path, name: str | None = None) -> Model:
        """Read a bundle, let it answer a window, and put it in front; the version before it stays, older ones go.

        Parameters
        ----------
        path : folder of a bundle
        name : str, optional
            What callers ask for; the bundle's own name where left out.

        Raises
        ------
        BundleError
            The bundle is damaged, refused, or does not answer.
        """
        model = _warmed_up(Path(path), name)
        with self._lock:
            versions = dict(self._models.get(model.name, {}))
            versions.pop(model.version, None)
            kept = dict(list(versions.items())[-_OLDER_VERSIONS:])
            self._models = self._models | {model.name: kept | {model.version: model}}
        _LOG.info("model loaded", model=model.name, version=model.version, warm_up_ms=round(model.warm_up_ms, 2))
        return model

    def unload(self, name: str, version: str | None = None) -> None:
        """Take a model, or one of its versions, off the shelf; requests under way finish.

        Raises
        ------
        UnknownModelError
            There is no such model.
        """
        with self._lock:
            self.get(name, version)
            kept = {} if version is None else {v: m for v, m in self._models[name].items() if v != version}
            others = {other: versions for other, versions in self._models.items() if other != name}
            self._models = others | ({name: kept} if kept else {})
        _LOG.info("model unloaded", model=name, version=version or "all")

    def get(self, name: str, version: str | None = None) -> Model:
        """Return a model: the version asked for, or the one loaded last.

        Raises
        ------
        UnknownModelError
            There is no such model.
        """
        versions = self._models.get(name, {})
        if version is None and versions:
            return next(reversed(versions.values()))
        if version is not None and version in versions:
            return versions[version]
        raise UnknownModelError(name if version is None else f"{name} version {version}", have=tuple(self._models))

    @property
    def only(self) -> Model:
        """The model to use where none is named.

        Raises
        ------
        UnknownModelError
            There is none, or more than one.
        """
        if len(self._models) != 1:
            raise UnknownModelError("without a name", have=tuple(self._models))
        return self.get(next(iter(self._models)))

    def versions(self, name: str) -> list[str]:
        """Return the versions of a model that are loaded, the one in front last."""
        return list(self._models.get(name, {}))

    def __iter__(self) -> Iterator[Model]:
        """Yield every version of every model."""
        for versions in list(self._models.values()):
            yield from versions.values()

    def __len__(self) -> int:
        return len(self._models)


def _warmed_up(path: Path, name: str | None) -> Model:
    recognizer = load(path)
    window = np.zeros((1, *recognizer.config.window.shape), np.float32)
    began = perf_counter()
    answer = recognizer.predict_proba(window)
    if not np.isfinite(answer).all():
        raise BundleError(
            f"{path} answers a window at rest with no number; verify it with `motif info` and train again"
        )
    return Model(
        name=name or recognizer.config.name,
        version=recognizer.manifest.content_hash[:12],
        path=path,
        recognizer=recognizer,
        warm_up_ms=(perf_counter() - began) * 1e3,
    )
