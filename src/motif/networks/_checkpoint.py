"""The state of a training run on disk: written whole after an epoch, so that a killed run goes on from there."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError, FormatError
from motif.files import write_bytes

__all__ = ["Checkpoint", "fingerprint"]

Arrays = list[NDArray[Any]]


def fingerprint(settings: Mapping[str, Any], arrays: Sequence[NDArray[Any]]) -> str:
    """Return a text that changes with any setting or any value of the data."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode())
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Checkpoint:
    """One file, `path`, for a run with this `fingerprint`."""

    path: Path
    fingerprint: str

    def save(self, progress: Mapping[str, Any], arrays: Mapping[str, Arrays]) -> None:
        """Write the state; a kill in between leaves the one before.

        Raises
        ------
        WriteError
            The disk is full or the folder cannot be written.
        """
        buffer = io.BytesIO()
        named = {f"{name}-{i:04d}": array for name, part in arrays.items() for i, array in enumerate(part)}
        header = json.dumps({"fingerprint": self.fingerprint, "progress": progress})
        np.savez(buffer, allow_pickle=False, header=np.frombuffer(header.encode(), np.uint8), **named)
        write_bytes(self.path, buffer.getvalue())

    def load(self) -> tuple[dict[str, Any], dict[str, Arrays]] | None:
        """Return (progress, arrays) as they were saved, or None where nothing was.

        Raises
        ------
        ConfigError
            The file belongs to a run with other settings or data.
        FormatError
            The file is damaged.
        """
        if not self.path.exists():
            return None
        try:
            with np.load(io.BytesIO(self.path.read_bytes()), allow_pickle=False) as stored:
                header = json.loads(stored["header"].tobytes())
                arrays: dict[str, Arrays] = {}
                for name in sorted(set(stored.files) - {"header"}):
                    arrays.setdefault(name.rpartition("-")[0], []).append(stored[name])
                found, progress = header["fingerprint"], header["progress"]
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise FormatError(self.path, "it is damaged", hint="delete it to train from the start") from error
        if found != self.fingerprint:
            raise ConfigError(
                f"{self.path} belongs to a run with other settings or data; "
                "delete it or choose another checkpoint_dir to train from the start"
            )
        return progress, arrays
