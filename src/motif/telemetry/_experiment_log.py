"""The log of an experiment: JSON lines that carry its settings, seeds and counters along."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from motif.errors import ConfigError
from motif.telemetry._events import log_to, logger
from motif.telemetry._registry import Registry

__all__ = ["ExperimentLog", "config_hash"]


def config_hash(config: Mapping[str, Any]) -> str:
    """Return 12 hexadecimal digits that are the same for the same settings, in whatever order they stand."""
    text = json.dumps(config, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class ExperimentLog:
    """Writes events of an experiment; what was said of its settings stands on every later line.

    Parameters
    ----------
    name : str
        Put on every line as its logger, below `motif`.
    output_file : path, optional
        Gets a JSON object a line; without one, whatever `log_to` or the application set up gets the events.
    level : debug, info, warning, error
        What is less important is left out.

    Raises
    ------
    ConfigError
        `level` is not one of the four.
    WriteError
        The file cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "run.jsonl"
    >>> with ExperimentLog("conv2d", path) as log:
    ...     log.log_seed(7)
    ...     log.log_fsq_config(levels=[8, 6, 5], embedding_dim=64, codebook_size=240)
    ...     log.count("interpolated", 3)
    >>> [json.loads(line)["event"] for line in path.read_text().splitlines()]
    ['seed', 'fsq config', 'counters']
    """

    def __init__(self, name: str = "conv2d", output_file: str | Path | None = None, *, level: str = "info") -> None:
        self._files = ExitStack()
        if output_file is not None:
            self._files.enter_context(log_to(output_file, level=level))
        self._log = logger(name)
        self._registry = Registry()

    @property
    def counters(self) -> dict[str, int]:
        """A copy of all counters."""
        return self._registry.counters

    def bind(self, **context: object) -> None:
        """Put fields on every line from now on."""
        self._log = self._log.bind(**context)

    def debug(self, event: str, **fields: object) -> None:
        """Log something small."""
        self._log.debug(event, **fields)

    def info(self, event: str, **fields: object) -> None:
        """Log something that went as it should."""
        self._log.info(event, **fields)

    def warning(self, event: str, **fields: object) -> None:
        """Log something odd."""
        self._log.warning(event, **fields)

    def error(self, event: str, **fields: object) -> None:
        """Log something that failed."""
        self._log.error(event, **fields)

    def exception(self, event: str, **fields: object) -> None:
        """Log something that failed, with the traceback of the exception that is being handled."""
        self._log.exception(event, **fields)

    def log_config(self, config: Mapping[str, Any]) -> str:
        """Log settings; their hash, which is returned, stands on every later line."""
        found = config_hash(config)
        self.bind(config_hash=found)
        self.info("config", config=dict(config))
        return found

    def log_seed(self, seed: int, **others: int) -> None:
        """Log seeds; they stand on every later line."""
        self.bind(seed=seed, **others)
        self.info("seed")

    def log_fsq_config(self, levels: Sequence[int], embedding_dim: int, codebook_size: int | None = None) -> None:
        """Log what a finite scalar quantizer is made of; its levels stand on every later line.

        Raises
        ------
        ConfigError
            The levels make another number of codes than `codebook_size`.
        """
        codes = math.prod(levels)
        if codebook_size not in (None, codes):
            raise ConfigError(
                f"codebook_size={codebook_size}, but levels {list(levels)} make {codes} codes; correct one"
            )
        self.bind(fsq_levels=list(levels))
        self.info("fsq config", embedding_dim=embedding_dim, codebook_size=codes)

    def log_clustering(self, algorithm: str, sizes: Sequence[int], **figures: object) -> None:
        """Log what a clustering found: the size of each cluster, and figures such as `silhouette`."""
        self.info(
            "clustering", algorithm=algorithm, n_clusters=len(sizes), sizes=[int(size) for size in sizes], **figures
        )

    def count(self, name: str, n: int = 1) -> None:
        """Count what should be rare: `interpolated`, `fallback`; the counters are logged at the end, or when asked."""
        self._registry.count(name, n)

    def log_counters(self) -> None:
        """Log all counters."""
        self.info("counters", **self.counters)

    def close(self) -> None:
        """Log the counters, where there are any, and close the file; a second time does nothing."""
        if self._registry.counters:
            self.log_counters()
            self._registry = Registry()
        self._files.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._log.error("failed", exc_info=error)
        self.close()
