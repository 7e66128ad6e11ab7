"""A conversion step as a process of its own: one framework, one thread, a folder in and out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from motif.errors import BundleError, MissingExtraError

__all__ = ["LITERT_PYTHON", "here_with", "job_folder", "litert_python", "run_worker"]

LITERT_PYTHON = "MOTIF_LITERT_PYTHON"
"""Names the Python of an environment with LiteRT's converter: its pins keep it out of motif's own."""
LITERT_INSTALL = (
    "python -m venv ~/.litert && ~/.litert/bin/pip install litert-converter litert-quantizer; "
    f"export {LITERT_PYTHON}=~/.litert/bin/python"
)
WORKERS = Path(__file__).parent / "workers"
TIMEOUT_S = 600
_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
_NO_PATHS = re.compile(r"(/[^\s:'\"]+)+/")


def here_with(module: str, *, extra: str) -> str:
    """Return this interpreter, in which `module` is installed.

    Raises
    ------
    MissingExtraError
    """
    if find_spec(module) is None:
        raise MissingExtraError(module, extra=extra)
    return sys.executable


def litert_python() -> str:
    """Return an interpreter that can convert to LiteRT: the one `MOTIF_LITERT_PYTHON` names, or this one.

    Raises
    ------
    MissingExtraError
        Neither has the converter; the message holds the two lines that make an environment with it.
    """
    named = os.environ.get(LITERT_PYTHON)
    if named:
        if Path(named).expanduser().is_file():
            return str(Path(named).expanduser())
        raise MissingExtraError("litert_converter", install=f"{LITERT_INSTALL} (there is no {named})")
    if find_spec("litert_converter") is None:
        raise MissingExtraError("litert_converter", install=LITERT_INSTALL)
    return sys.executable


@contextmanager
def job_folder(files: Mapping[str, bytes], **job: Any) -> Iterator[Path]:
    """Give a folder with `files` and a `job.json`; it is gone when the block ends."""
    with TemporaryDirectory(prefix="motif-") as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content)
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        yield folder


def run_worker(name: str, folder: Path, *, python: str | None = None, backend: str | None = None) -> dict[str, Any]:
    """Run a program of `workers` on `folder` and return what it left in `result.json`.

    Raises
    ------
    BundleError
        It failed; the message ends with its own last line.
    MissingExtraError
        It lacks a module.
    """
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
        "JAX_PLATFORMS": "cpu",
        "CUDA_VISIBLE_DEVICES": "",
    }
    if backend:
        environment["KERAS_BACKEND"] = backend
    command = [python or sys.executable, "-I", str(WORKERS / f"{name}.py"), str(folder)]
    _run(command, environment, what=name)
    result = folder / "result.json"
    return json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}


def run_module(module: str, *arguments: str) -> None:
    """Run a program of motif's own in a process of its own, as `python -m` does."""
    _run([sys.executable, "-I", "-m", module, *arguments], dict(os.environ), what=module)


def _run(command: list[str], environment: Mapping[str, str], *, what: str) -> None:
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BundleError(f"{what} took longer than {TIMEOUT_S} s and was stopped; try a smaller model") from error
    except OSError as error:
        raise BundleError(f"{command[0]} cannot be run ({error.strerror}); name another Python") from error
    if done.returncode:
        raise _error_of(what, done.returncode, done.stderr)


def _error_of(what: str, code: int, stderr: str) -> Exception:
    lines = [line for line in stderr.splitlines() if re.match(r"[\w.]*(Error|Exception|Interrupt)\b.*", line)]
    said = lines[-1] if lines else (stderr.strip().splitlines() or ["it said nothing"])[-1]
    if missing := _NO_MODULE.search(said):
        return MissingExtraError(missing[1], extra="edge")
    ended = f"signal {-code}" if code < 0 else f"exit code {code}"
    return BundleError(f"{what} cannot convert this model ({ended}: {_NO_PATHS.sub('', said)[:300]})")
