"""What shows a run elsewhere. A mirror may fail as it likes: that is counted, said once, and training goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from motif.telemetry import REGISTRY, logger
from motif.tracking._record import Artifact, RunRecord

__all__ = ["Failures", "Mirror", "Mirrors"]

_log = logger(__name__)


class Mirror(Protocol):
    """A place that shows runs."""

    name: str

    def open(self, run: RunRecord, folder: Path) -> None:
        """Begin to show `run`, whose record is in `folder`, or go on with it."""

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Show numbers."""

    def weights(self, arrays: Mapping[str, NDArray[np.generic]], step: int) -> None:
        """Show how values are spread."""

    def graph(self, model: Any) -> None:
        """Show how the layers of a Keras model hang together."""

    def picture(self, name: str, png: bytes, step: int) -> None:
        """Show a picture."""

    def artifact(self, artifact: Artifact) -> None:
        """Show a file that was made."""

    def close(self, run: RunRecord, final: Mapping[str, float]) -> None:
        """Say how the run ended, and let go."""


class Failures:
    """How often each part failed, and why it did so first, which is also logged."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.reasons: dict[str, str] = {}

    def add(self, part: str, error: Exception) -> None:
        """Count a failure."""
        self.counts[part] = self.counts.get(part, 0) + 1
        REGISTRY.count(f"tracking.failures.{part}")
        if part not in self.reasons:
            self.reasons[part] = str(error) or type(error).__name__
            _log.warning("tracking goes on without", part=part, error=type(error).__name__, reason=str(error))


class Mirrors:
    """All mirrors of a run; one that could not be opened is told no more.

    Parameters
    ----------
    mirrors : sequence of Mirror
    failures : Failures
        Counts what they fail at.
    """

    def __init__(self, mirrors: Sequence[Mirror], failures: Failures) -> None:
        self._mirrors, self._failures = list(mirrors), failures

    def open(self, run: RunRecord, folder: Path) -> None:
        """Begin with each."""
        before = dict(self._failures.counts)
        self.tell(lambda mirror: mirror.open(run, folder))
        failed = {name for name, count in self._failures.counts.items() if count != before.get(name)}
        self._mirrors = [mirror for mirror in self._mirrors if mirror.name not in failed]

    def tell(self, what: Callable[[Mirror], None]) -> None:
        """Do something with each: `mirrors.tell(lambda mirror: mirror.metrics(values, step))`."""
        for mirror in self._mirrors:
            try:
                what(mirror)
            except Exception as error:
                self._failures.add(mirror.name, error)
