"""Run as a program of its own: open one HDF5 file and answer what is asked of it, until standard input ends.

The HDF5 library can loop without end or crash on altered bytes; here it takes nobody along. Nothing of motif is
imported, so that the program starts quickly. A request is a line of JSON, and so is an answer, followed by a `.npy`
file of `n_bytes` where there are numbers. Links to other files are never followed.

    {"outline": true}    → {"nodes": {name: {"dataset": bool, "kind": str, "shape": […], "attrs": {…}}}}
    {"read": name}       → {"texts": […], "shape": […]} or {"n_bytes": n}
"""

from __future__ import annotations

import base64
import io
import json
import sys
from contextlib import suppress
from typing import Any

import h5py
import numpy as np


def main(path: str, max_bytes: int) -> None:
    with suppress(ImportError, OSError, ValueError):  # not on every system, and a lower limit may be in force
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (3 * max_bytes, 3 * max_bytes))
    with h5py.File(path, "r") as file:
        for line in sys.stdin.buffer:
            try:
                _answer(file, json.loads(line), max_bytes)
            except Exception as error:  # whatever it is, it is said to the one who asked
                _say({"error": f"{error}" or type(error).__name__})


def _answer(file: Any, request: dict[str, Any], max_bytes: int) -> None:
    if "outline" in request:
        nodes = {"/": _node(file)}
        file.visititems(lambda name, item: nodes.update({f"/{name}": _node(item)}))
        _say({"nodes": nodes})
        return
    values = _values(file[request["read"]], max_bytes)
    if values.dtype.hasobject:
        texts = [_plain(entry) for entry in values.ravel()]
        _say({"texts": texts, "shape": values.shape})
    else:
        content = io.BytesIO()
        np.lib.format.write_array(content, values, allow_pickle=False)
        _say({"n_bytes": content.tell()}, content.getbuffer())


def _node(item: Any) -> dict[str, Any]:
    dataset = isinstance(item, h5py.Dataset)
    attrs = {name: plain for name in item.attrs if (plain := _plain(_attribute(item, name))) is not None}
    shape = {"kind": item.dtype.kind, "shape": item.shape} if dataset and item.shape is not None else {}
    return {"dataset": dataset, "attrs": attrs, **shape}


def _attribute(item: Any, name: str) -> Any:
    with suppress(OSError, TypeError):  # of a kind that NumPy does not have
        return item.attrs[name]


def _values(dataset: Any, max_bytes: int) -> Any:
    name = dataset.name
    is_text = h5py.check_string_dtype(dataset.dtype) is not None
    if dataset.dtype.hasobject and not is_text:
        raise ValueError(f"{name} holds objects, which could run code and are not read")
    if dataset.is_virtual or dataset.external:
        raise ValueError(f"{name} keeps its numbers in another file, which is not opened")
    if dataset.size is None:
        raise ValueError(f"{name} is empty")
    if dataset.size * dataset.dtype.itemsize > max_bytes:
        raise ValueError(f"{name} claims {dataset.size:,} entries, more than fit in {max_bytes:,} bytes")
    return np.asarray(dataset[...], dtype=object if is_text else None)


def _plain(value: Any) -> Any:
    """Return numbers and texts as JSON has them, bytes as base64; None for what is neither."""
    if isinstance(value, np.void) and value.dtype.names is None:
        value = value.tobytes()
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, np.generic | np.ndarray) and value.dtype.kind in "biufSUO":
        return _plain(value.tolist())
    if isinstance(value, list):
        entries = [_plain(entry) for entry in value]
        return None if None in entries else entries
    return None


def _say(answer: dict[str, Any], content: Any = b"") -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]))
    except Exception as error:  # the file cannot be opened
        _say({"error": f"{error}" or type(error).__name__})
