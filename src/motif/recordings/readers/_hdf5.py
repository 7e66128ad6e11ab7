"""HDF5 without surprises: read by a child process with a time limit, errors become ours, nothing is ever unpickled.

On altered bytes the HDF5 library may loop without end or crash. So it works in `_hdf5_child`, and what comes back is
plain: names, numbers and texts.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError, MissingExtraError, MotifError
from motif.recordings.readers._binary import begins_with, one_line, plain_array
from motif.recordings.readers._members import MAX_BYTES

__all__ = ["Group", "Table", "array", "looks_like_hdf5", "opened", "outline", "text", "texts"]

LIMIT_S = 20.0
"""How long an answer may take, and a second more for each `BYTES_PER_S`."""
BYTES_PER_S = 20e6
_CHILD = Path(__file__).with_name("_hdf5_child.py")
_HINT = "export it again from the program that wrote it"


class Group(Mapping[str, Any]):
    """What lies in a group, by name, as h5py shows it; links to other places and files are not among it."""

    def __init__(self, name: str, nodes: Mapping[str, Any], child: _Child | None) -> None:
        self.name, self._nodes, self._child = name, nodes, child
        self._inside = name.rstrip("/") + "/"
        self.attrs: dict[str, Any] = _plain(nodes[name]["attrs"])

    def __getitem__(self, key: str) -> Any:
        """Return a `Group` or a `Table`; KeyError names what is not there."""
        full = self._inside + key.strip("/")
        if full not in self._nodes:
            raise KeyError(f"it has no {full}")
        kind = Table if self._nodes[full]["dataset"] else Group
        return kind(full, self._nodes, self._child)

    def __iter__(self) -> Iterator[str]:
        """Go through the names right inside."""
        names = (name.removeprefix(self._inside) for name in self._nodes if name.startswith(self._inside))
        return (name for name in names if name and "/" not in name)

    def __len__(self) -> int:
        """Count them."""
        return sum(1 for _ in self)


class Table:
    """A data set; its numbers or texts come with `array`."""

    def __init__(self, name: str, nodes: Mapping[str, Any], child: _Child | None) -> None:
        node = nodes[name]
        self.name, self._child = name, child
        self.attrs: dict[str, Any] = _plain(node["attrs"])
        self.kind: str = node.get("kind", "V")
        """Of number, as in `numpy.dtype.kind`."""
        self.size = int(np.prod(node.get("shape", [0]), dtype=float))

    def read(self) -> NDArray[Any]:
        """Ask the child for the content."""
        assert self._child is not None  # an outline's tables are not read
        return self._child.read(self.name, self.size)


class _Child:
    """A process that has one file open."""

    def __init__(self, path: Path) -> None:
        if find_spec("h5py") is None:
            raise MissingExtraError("h5py", extra="formats")
        self._path = path
        command = [sys.executable, "-P", str(_CHILD), str(path), str(MAX_BYTES)]  # -P: _csv.py beside it is not csv's
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing)

    def outline(self) -> dict[str, Any]:
        nodes: dict[str, Any] = self._ask({"outline": True}, LIMIT_S)[0]["nodes"]
        return nodes

    def read(self, name: str, size: int) -> NDArray[Any]:
        answer, content = self._ask({"read": name}, LIMIT_S + min(8 * size, MAX_BYTES) / BYTES_PER_S)
        if "texts" not in answer:
            return plain_array(content, self._path)
        values = np.empty(len(answer["texts"]), object)
        values[:] = _plain(answer["texts"])
        return values.reshape(answer["shape"])

    def _ask(self, request: dict[str, Any], limit_s: float) -> tuple[dict[str, Any], bytes]:
        late = Timer(limit_s, self._process.kill)
        late.start()
        try:
            asked, answers = self._process.stdin, self._process.stdout
            assert asked is not None
            assert answers is not None
            with suppress(OSError):  # it is gone already; what it said before that is read below
                asked.write(json.dumps(request).encode() + b"\n")
                asked.flush()
            line = answers.readline()
            answer: dict[str, Any] = json.loads(line) if line else {}
            content = answers.read(answer.get("n_bytes", 0))
        finally:
            ended = not late.is_alive()
            late.cancel()
        if not line or len(content) < answer.get("n_bytes", 0):
            problem = f"did not open within {limit_s:g} s" if ended else "makes the HDF5 library crash"
            raise FormatError(self._path, f"is damaged: it {problem}", hint=_HINT)
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer, content

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def looks_like_hdf5(path: Path) -> bool:
    """Say whether a file begins as HDF5 does."""
    return begins_with(path, b"\x89HDF\r\n\x1a\n")


@contextmanager
def opened(path: Path) -> Iterator[Group]:
    """Open an HDF5 file to read; whatever is missing or damaged in it, or takes without end, is a `FormatError`.

    Raises
    ------
    FormatError, MissingExtraError
    """
    if not looks_like_hdf5(path):
        raise FormatError(path, "is not HDF5", hint=_HINT)
    child = _Child(path)
    try:
        yield Group("/", child.outline(), child)
    except MotifError:
        raise
    except (OSError, LookupError, ValueError, TypeError, AttributeError, RuntimeError, MemoryError) as error:
        raise FormatError(path, f"is damaged or not of this format ({one_line(error)})", hint=_HINT) from error
    finally:
        child.close()


def outline(path: Path) -> Group | None:
    """Return what a file holds, without numbers, so that readers can tell theirs; None where it cannot be opened.

    The last few files are remembered while they stay as they are: many readers look at one file.
    """
    try:
        state = path.stat()
    except OSError:
        return None
    return _outline(path, state.st_mtime_ns, state.st_size, state.st_ino)


@lru_cache(maxsize=4)
def _outline(path: Path, *_unchanged: int) -> Group | None:
    try:
        with opened(path) as file:
            return Group("/", file._nodes, None)
    except (FormatError, MissingExtraError):
        return None


def array(dataset: Any) -> NDArray[Any]:
    """Return a data set of plain numbers, texts or records: no objects, nothing larger than `MAX_BYTES`.

    Raises
    ------
    ValueError
        It is something else; `opened` makes that a `FormatError`.
    """
    if not isinstance(dataset, Table):
        raise ValueError(f"{dataset.name} is a group where numbers should be")
    return dataset.read()


def text(entry: Any) -> str:
    """Return a text that may come as bytes."""
    return entry.decode("utf-8", "replace") if isinstance(entry, bytes) else str(entry)


def texts(dataset: Any) -> tuple[str, ...]:
    """Return a data set of texts."""
    return tuple(text(entry) for entry in array(dataset).tolist())


def _plain(value: Any) -> Any:
    """Return JSON's values with bytes as bytes."""
    if isinstance(value, dict):
        return (
            base64.b64decode(value["base64"])
            if value.keys() == {"base64"}
            else {k: _plain(v) for k, v in value.items()}
        )
    return [_plain(entry) for entry in value] if isinstance(value, list) else value
