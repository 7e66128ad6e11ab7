"""The way from labelled windows to a judged bundle, as `motif train` and `motif demo` go it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motif.cli._console import progress, say

if TYPE_CHECKING:
    from rich.progress import TaskID

    from motif.bundles import Verification
    from motif.evaluation import FoldScores
    from motif.networks import Epoch, NetworkClassifier
    from motif.recordings import Dataset, Split

__all__ = ["Packed", "dataset_facts", "environment", "figures", "judge", "pack", "split_of", "write_report"]

UNITS = {"acc": "m/s²", "gyr": "rad/s"}
"""What the readers bring sensors to; magnetometers differ."""
SPREAD = ("accuracy", "macro_f1", "ece")


@dataclass(frozen=True, slots=True)
class Packed:
    """A trained recognizer and what was found when its bundle was verified."""

    recognizer: NetworkClassifier
    path: Path
    verification: Verification


def judge(data: Dataset, settings: Mapping[str, Any], *, n_folds: int | None = None) -> FoldScores | None:
    """Cross-validate across the data set's own groups or blocks; None where `n_folds` is 0."""
    from motif.evaluation import cross_validate
    from motif.networks import NetworkClassifier
    from motif.recordings import LeakWarning, check_leaks
    from motif.telemetry import logger

    log = logger("motif.cli")
    log.info("data set opened", name=data.name, windows=data.n_windows, groups=len(data.group_names))
    if n_folds == 0:
        return None
    split = split_of(data, n_folds)
    with warnings.catch_warnings(action="ignore", category=LeakWarning):
        for leak in check_leaks(data, split):
            say("[bold yellow]leak[/] ", str(leak))
    with _bars() as (folds, epochs):
        judged = cross_validate(lambda: NetworkClassifier(**settings, progress=epochs), data, split, progress=folds)
    for fold in judged.folds:
        log.info("fold judged", fold=fold.name, accuracy=fold.scores.accuracy, fit_seconds=fold.fit_seconds)
    return judged


def split_of(data: Dataset, n_folds: int | None) -> Split:
    """Return the data set's default split, or one into `n_folds` by the same rules: groups if there are enough."""
    from motif.recordings import by_block, by_group, default_split, holdout

    if n_folds is None:
        return default_split(data)
    if n_folds == 1:
        return holdout(data)
    return by_group(data, n_folds) if len(data.group_names) >= n_folds else by_block(data, n_folds)


def pack(
    data: Dataset,
    settings: Mapping[str, Any],
    out: Path,
    judged: FoldScores | None,
    *,
    checkpoints: Path | None = None,
    facts: Mapping[str, Any] | None = None,
    callbacks: Sequence[Any] = (),
) -> Packed:
    """Train on all windows, write the bundle with the figures of `judged`, and verify it.

    `facts` about the data go into the bundle; `callbacks` of Keras watch the training.
    """
    from motif import bundles
    from motif.networks import NetworkClassifier
    from motif.telemetry import logger

    with _bars() as (_, epochs):
        recognizer = NetworkClassifier(**settings, progress=epochs, checkpoint_dir=checkpoints)
        recognizer.fit(data.X, data.labels, groups=data.groups, callbacks=callbacks)
    recognizer.set_params(progress=False, checkpoint_dir=None)
    window = {
        "rate_hz": data.rate_hz,
        "channels": data.channels,
        "units": tuple(UNITS.get(channel.partition("_")[0], "") for channel in data.channels),
        "sensors": data.sensors,
    }
    known = _facts(data, judged) | dict(facts or {})
    path = recognizer.save(out, name=data.name, window=window, metrics=_metrics(judged), data=known)
    packed = Packed(recognizer, path, bundles.verify(path))
    logger("motif.cli").info("bundle written", path=str(path), content_hash=packed.verification.content_hash)
    return packed


def figures(packed: Packed, judged: FoldScores | None) -> dict[str, Any]:
    """Return the figures of one run by name, JSON-ready."""
    verification = packed.verification
    return _metrics(judged) | {
        "bundle_MB": verification.size_bytes / 1e6,
        "one_window_ms": verification.median_ms,
        "largest_difference_from_training": verification.max_difference,
        "content_hash": verification.content_hash,
    }


def write_report(path: Path, data: Dataset, packed: Packed, judged: FoldScores | None) -> None:
    """Write one self-contained HTML file."""
    from motif.evaluation import evaluate, html_report
    from motif.files import write_bytes

    seen = None if judged is None else evaluate(data, judged.probabilities, rows=judged.indices, how=judged.how)
    html = html_report(
        title=f"{packed.recognizer.architecture} on {data.name}",
        folds=judged,
        evaluation=seen,
        dataset=dataset_facts(data),
        notes=data.notes,
        history=_history(packed.recognizer),
        bundle=figures(packed, None),
        environment=environment(),
    )
    write_bytes(path, html.encode())


def dataset_facts(data: Dataset) -> dict[str, object]:
    """Return what a report says of a data set, in words; classes and notes have sections of their own."""
    found = data.describe()
    channels = ", ".join(data.channels) if len(data.channels) <= 12 else f"{len(data.channels)} features"
    return {
        "name": data.name,
        "windows": f"{data.n_windows:,} of {' × '.join(map(str, data.X.shape[1:]))}",
        "rate": f"{data.rate_hz:g} Hz, {found['window_s']:.3g} s a window" if data.rate_hz else "not recorded",
        "channels": channels,
        "sensors": ", ".join(data.sensors) or "none named",
        data.group_kind: ", ".join(f"{name} ({n})" for name, n in found["groups"].items()),
        "stretches": found["stretches"],
    }


def _history(recognizer: NetworkClassifier) -> dict[str, list[float]]:
    epochs = [epoch for epoch in recognizer.history_ if epoch.held_out_loss is not None]
    return {
        "loss": [epoch.loss for epoch in epochs],
        "val_loss": [epoch.held_out_loss for epoch in epochs if epoch.held_out_loss is not None],
        "val_accuracy": [epoch.held_out_accuracy for epoch in epochs if epoch.held_out_accuracy is not None],
    }


def environment() -> dict[str, str]:
    """Return the versions that a report names."""
    import platform
    from importlib.metadata import version

    packages = ("motif", "numpy", "keras", "onnxruntime", "scikit-learn")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def _metrics(judged: FoldScores | None) -> dict[str, Any]:
    if judged is None:
        return {}
    spread = {name: judged.spread[name] for name in SPREAD}
    return (
        {name: found.mean for name, found in spread.items()}
        | {f"{name}_{end}": getattr(found, end) for name, found in spread.items() for end in ("min", "max")}
        | {"never_looks_accuracy": judged.baseline.accuracy, "n_folds": len(judged.folds), "judged": judged.how}
    )


def _facts(data: Dataset, judged: FoldScores | None) -> dict[str, Any]:
    return {
        "name": data.name,
        "windows": data.n_windows,
        "group_kind": data.group_kind,
        "groups": list(data.group_names),
        "split": judged.how if judged else "not judged",
    }


Report = Callable[..., None]


@contextmanager
def _bars() -> Iterator[tuple[Report, Report]]:
    """Two callbacks that move progress bars: one for folds, one for epochs."""
    with progress() as display:
        tasks: dict[str, TaskID] = {}

        def move(bar: str, done: int, total: int, text: str) -> None:
            if bar not in tasks:
                tasks[bar] = display.add_task(text)
            display.update(tasks[bar], completed=done, total=total, description=text)

        def folds(done: int, n_folds: int, name: str) -> None:
            move("folds", done, n_folds, f"fold {name}" if name else "folds")

        def epochs(epoch: Epoch) -> None:
            move("epochs", epoch.epoch, epoch.epochs, f"{epoch.stage}, epoch")

        yield folds, epochs
