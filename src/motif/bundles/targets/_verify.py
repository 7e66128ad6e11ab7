"""Verify one target of a bundle: what it computes and takes, how fast, how good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from motif.bundles._load import BundleRecognizer, from_files
from motif.bundles._manifest import read_files
from motif.bundles._reference import read_reference
from motif.bundles.targets._checks import CHECKS
from motif.bundles.targets._gates import EXPERIMENT, Gates
from motif.bundles.targets._verdict import Check, Verdict
from motif.errors import BundleError, ConfigError
from motif.recognizer import checked_windows

__all__ = ["VERIFIED", "verify"]

VERIFIED = tuple(CHECKS)


def verify(
    bundle: str | Path, target: str = "onnx", *, gates: Gates | None = None, windows: ArrayLike | None = None
) -> Verdict:
    """Check one target of a bundle or pack.

    Parameters
    ----------
    bundle : folder
    target : {"onnx", "tflite", "coreml", "hailo"}
    gates : Gates, optional
        What it must reach; else as the experiment says that the bundle carries, else the usual ones. The verdict says
        which counted.
    windows : (n, *window), raw, optional
        Real windows to compare the answers on, too.

    Returns
    -------
    Verdict
        What was looked at, each with a note; a gate that cannot be told here is neither passed nor failed.

    Raises
    ------
    ConfigError
        There is no such target.
    MissingFileError, BundleError
        There is no bundle, or it is damaged, altered, or cannot be loaded at all.
    """
    if target not in VERIFIED:
        raise ConfigError(f"target is {target!r}; choose one of {', '.join(VERIFIED)}")
    manifest, files = read_files(bundle)
    gates, whose = (gates, "the caller's") if gates is not None else _gates_of(files)
    recognizer = from_files(manifest, files)
    shape = recognizer.config.window.shape
    reference = read_reference(files, window_shape=shape, n_classes=len(recognizer.classes_))
    compared = [] if reference is None else [reference[0]]
    if windows is not None:
        compared.append(checked_windows(windows, window_shape=shape))
    asked = np.concatenate(compared) if compared else np.zeros((1, *shape), np.float32)
    checks = [Check("integrity", True, f"{len(files)} files are as the manifest says")]
    checks += CHECKS[target](Path(bundle), files, recognizer, asked, gates)
    checks += _quality(recognizer, gates)
    return Verdict(str(bundle), manifest.content_hash, target, tuple(checks), gates, whose)


def _gates_of(files: Mapping[str, bytes]) -> tuple[Gates, str]:
    """Return the gates of the experiment that travels along, and a word on where they are from."""
    if EXPERIMENT not in files:
        return Gates(), "the usual ones"
    try:
        return Gates.of_experiment(files[EXPERIMENT].decode()), EXPERIMENT
    except (ConfigError, UnicodeDecodeError) as error:
        raise BundleError(f"{EXPERIMENT} in the bundle cannot be read ({error}); pack it again") from error


def _quality(recognizer: BundleRecognizer, gates: Gates) -> list[Check]:
    accuracy, ece = (recognizer.metrics.get(name) for name in ("accuracy", "ece"))
    return [
        _gate("accuracy", accuracy, lambda value: value > gates.min_accuracy, f"above {gates.min_accuracy:g}"),
        _gate("ece", ece, lambda value: value < gates.max_ece, f"below {gates.max_ece:g}"),
    ]


def _gate(name: str, value: object, passes: Callable[[float], bool], want: str) -> Check:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Check(name, False, f"not in metrics.json; want {want}: evaluate on held-out data first")
    return Check(name, passes(float(value)), f"{value:.4g}, want {want}")
