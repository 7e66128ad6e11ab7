"""Convert a network, and believe the result only where it answers as the source does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.bundles.targets._formats import Answers, Files, Target, answers_of_source, filled, target_named
from motif.bundles.targets._place import check_place_of
from motif.bundles.targets._source import Source, open_source
from motif.errors import BundleError, MissingFileError
from motif.files import atomic_folder, write_bytes
from motif.recognizer import checked_windows

__all__ = ["Converted", "checked_inputs", "compared_and_written", "convert", "from_torch"]


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted network and how it compares with the one it was made from."""

    target: str
    path: Path
    size_bytes: int
    """Of the network: C source that spells it out is not counted."""
    n_windows: int
    """Windows on which both answered."""
    max_difference: float
    """Largest difference of a probability."""
    mean_difference: float
    """Mean over windows of the largest difference of a probability."""
    agreement: float
    """Share of windows on which both name the same class."""
    median_ms: float | None
    """Time of one window on one thread of this machine; None where it is not timed here."""
    asked: str
    """What answered, where the file itself cannot on this system."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything by name, JSON-ready."""
        return asdict(self) | {"path": str(self.path)}


def convert(
    source: str | Path,
    target: str,
    out: str | Path,
    *,
    calibration: ArrayLike | None = None,
    windows: ArrayLike | None = None,
) -> Converted:
    """Convert a network and check it against the source; nothing is written where the two disagree.

    Parameters
    ----------
    source : path
        A bundle folder, a `.keras` file or, for ONNX targets, an `.onnx` file.
    target : str
        One of `TARGETS`: "onnx", "onnx-int8", "tflite", "tflite-float16", "tflite-dynamic", "tflite-int8",
        "tflite-micro", "pth", "safetensors", "coreml".
    out : path
        The file to write, or the folder for "coreml" and "tflite-micro"; its suffix is added where it has none.
    calibration : (n, *window), raw
        For int8: windows like those it will see, from which the ranges of its activations are learnt. A hundred or
        more, of every class.
    windows : (n, *window), raw, optional
        Windows to compare the answers on; else those of the bundle, or the calibration windows, or drawn ones.

    Raises
    ------
    ConfigError
        There is no such target, or `out` is the source or lies in a bundle.
    ShapeError, DtypeError, NotFiniteError
        Windows are not what the network takes.
    MissingExtraError
        A framework is missing; the message says how to install it.
    BundleError
        The source cannot be read or converted, or the result answers otherwise.
    """
    network, wanted = open_source(source), target_named(target)
    place = Path(out) if Path(out).suffix else Path(out).with_suffix(wanted.suffix)
    check_place_of(place, Path(source))
    learnt_from, compared = checked_inputs(network, calibration, windows)
    files = wanted.make(network, learnt_from)  # first: where a framework is missing, nobody waits for the answers
    return compared_and_written(wanted, files, network, compared, answers_of_source(network, compared), place)[0]


def checked_inputs(
    network: Source, calibration: ArrayLike | None, windows: ArrayLike | None
) -> tuple[NDArray[np.float32] | None, NDArray[np.float32]]:
    """Return the windows to calibrate with, and those to compare on: given, of the bundle, calibration's, or drawn.

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError
    """
    shape = network.window_shape
    learnt_from = None if calibration is None else checked_windows(calibration, window_shape=shape)
    if windows is not None:
        return learnt_from, checked_windows(windows, window_shape=shape)
    if network.reference is None and learnt_from is not None:
        return learnt_from, learnt_from
    return learnt_from, network.sample_windows()


def compared_and_written(
    target: Target, files: Files, network: Source, windows: NDArray[np.float32], want: Answers, out: Path
) -> tuple[Converted, Answers]:
    """Ask what was made, and write it where it answers as the source does (`want`); return what it answered."""
    got = target.ask(files, network, windows)
    converted = _compared(target, files, network.name, want, got, out)
    _write(files, converted.path, target)
    return converted, got


def from_torch(weights: str | Path, like: str | Path, out: str | Path) -> Path:
    """Write a `.keras` file with the weights of a `.pth` or `.safetensors` file, by layer and name.

    Parameters
    ----------
    weights : path
        A state dict as `convert(…, "pth", …)` writes it. Nothing but tensors is read from it: no code in it can run.
    like : path
        A bundle folder or `.keras` file of the same architecture.
    out : path
        The `.keras` file to write.

    Raises
    ------
    ConfigError
        `out` is one of the files it is made from, or lies in a bundle.
    BundleError
        The weights are of another architecture, or the file holds more than tensors by name.
    MissingExtraError, MissingFileError, WriteError
    """
    weights = Path(weights)
    check_place_of(Path(out), Path(like), weights)
    network = open_source(like)
    if network.keras is None:
        raise BundleError(f"{like} holds no model.keras to take the architecture from; give one")
    if not weights.is_file():
        raise MissingFileError(weights, want="a .pth or .safetensors file")
    kind = weights.suffix.removeprefix(".")
    if kind not in ("pth", "safetensors"):
        raise BundleError(f"{weights} is neither .pth nor .safetensors; save the state dict as one of them")
    write_bytes(out, filled(network.keras, weights.read_bytes(), kind))
    return Path(out)


def _compared(target: Target, files: Files, name: str, want: Answers, got: Answers, out: Path) -> Converted:
    if got.probabilities.shape != want.probabilities.shape or not np.isfinite(got.probabilities).all():
        raise BundleError(f"{target.name} answers {got.probabilities.shape} or not a number; it was not written")
    differences = np.abs(got.probabilities - want.probabilities).max(axis=1)
    if differences.mean() > target.tolerance:
        raise BundleError(
            f"{target.name} answers {differences.mean():.2g} away from {name} on {len(differences)} windows (at "
            f"most {target.tolerance:g}); it was not written: {_advice(target)}"
        )
    return Converted(
        target=target.name,
        path=out,
        size_bytes=sum(len(content) for file, content in files.items() if not file.endswith((".c", ".h"))),
        n_windows=len(differences),
        max_difference=float(differences.max()),
        mean_difference=float(differences.mean()),
        agreement=_agreement(want, got),
        median_ms=got.median_ms,
        asked=got.asked,
    )


def _agreement(want: Answers, got: Answers) -> float:
    return float((want.probabilities.argmax(axis=1) == got.probabilities.argmax(axis=1)).mean())


def _advice(target: Target) -> str:
    if target.name == "tflite-micro":
        return "where tflite-int8 passes, it is TensorFlow Lite Micro that computes otherwise; try another architecture"
    if target.calibrated:
        return "give more calibration windows, of every class, or take a target with float activations"
    return "report it, with the model"


def _write(files: Files, path: Path, target: Target) -> None:
    if set(files) == {""}:
        write_bytes(path, files[""])
        return
    with atomic_folder(path, known_by=target.known_by) as folder:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
