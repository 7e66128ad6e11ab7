"""`setup_logging` opens a `motif.telemetry.ExperimentLog`; the functions here write to the one opened last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from motif.telemetry import ExperimentLog

__all__ = ["log_clustering", "log_fsq_config", "setup_logging"]

_current = ExperimentLog()


def setup_logging(name: str = "conv2d", output_file: str | Path | None = None, level: str = "info") -> ExperimentLog:
    """Open a log, close the one before, and return it; `ExperimentLog` says what may be raised."""
    global _current
    _current.close()
    _current = ExperimentLog(name, output_file, level=level)
    return _current


def log_fsq_config(levels: Sequence[int], embedding_dim: int, codebook_size: int | None = None) -> None:
    """As `ExperimentLog.log_fsq_config`."""
    _current.log_fsq_config(levels, embedding_dim, codebook_size)


def log_clustering(algorithm: str, sizes: Sequence[int], **figures: object) -> None:
    """As `ExperimentLog.log_clustering`."""
    _current.log_clustering(algorithm, sizes, **figures)
