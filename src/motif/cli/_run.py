"""One training as a `TrainingFile` describes it: data, folds, tracking, bundle, figures."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motif.cli._console import say
from motif.cli._held_out import divide, simulated_hands

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motif.cli._pipeline import Packed
    from motif.cli._training_file import TrainingFile
    from motif.evaluation import FoldScores, Scores
    from motif.recordings import Dataset
    from motif.tracking import ExperimentTracker

__all__ = ["open_data", "run"]

_RUN = "run.txt"


def run(file: TrainingFile, *, groups: str | None = None, report: Path | None = None) -> dict[str, Any]:
    """Train as `file` says, on the `groups` that the command line names; return the figures by name, JSON-ready."""
    from motif.cli._pipeline import figures, judge, pack, write_report
    from motif.errors import ConfigError
    from motif.files import check_place
    from motif.tracking import ExperimentTracker

    check_place(file.output, known_by="manifest.json")

    folds = file.evaluation.folds
    if report is not None and folds == 0:
        raise ConfigError("a report needs figures, and --folds 0 asks for none; leave one of the two out")
    everything = open_data(file, groups)
    file = file if groups is None else _of_groups(file, everything.group_names)
    data, apart, facts = divide(everything, file.data.held_out)
    empty = [name for name, n in data.class_counts().items() if not n]
    unknown = [f"no windows of {', '.join(empty)}"] if empty else []
    for note in dict.fromkeys((*data.notes, *unknown)):
        say("[yellow]note[/] ", note)
    checkpoints = _checkpoints(file, facts["fingerprint"])
    with ExperimentTracker(file.tracking) as tracker:
        _start(tracker, file, checkpoints)
        for part, reason in tracker.problems.items():
            say("[yellow]not tracked[/] ", f"{part}: {reason}")
        judged = judge(data, file.settings, n_folds=folds)
        _track_folds(tracker, judged)
        packed = pack(
            data,
            file.settings,
            file.output,
            judged,
            checkpoints=checkpoints,
            facts=facts,
            callbacks=tracker.get_keras_callbacks(),
        )
        scores = _judge_apart(packed, apart, tracker)
        if apart is None and judged is not None:
            _track_answers(tracker, judged.y_true, judged.probabilities, judged.class_names)
        if file.tracking.enabled:
            tracker.log_artifact(packed.path)
    if checkpoints is not None:
        shutil.rmtree(checkpoints, ignore_errors=True)
    if report is not None:
        write_report(report, data, packed, judged)
        say("[green]report[/] ", str(report))
    return figures(packed, judged) | _apart(scores, facts) | {"data": data.name, "bundle": str(file.output)}


def open_data(file: TrainingFile, groups: str | None = None) -> Dataset:
    """Return the windows that the file names, or simulated hands; of the groups that are named here or there."""
    from motif.cli._open import of_groups, open_dataset

    wanted = (file.data.groups or None) if groups is None else groups
    if file.data.path is None:
        return of_groups(simulated_hands(file.data.people, file.data.repetitions), wanted)
    return open_dataset(file.data.path, wanted)


def _of_groups(file: TrainingFile, names: tuple[str, ...]) -> TrainingFile:
    return file.model_copy(update={"data": file.data.model_copy(update={"groups": names})})


def _checkpoints(file: TrainingFile, data: str) -> Path | None:
    """Return a folder of this very run: another setting or another window is another run."""
    if file.training.checkpoints is None:
        return None
    asked = json.dumps([file.settings, file.data.held_out, data], sort_keys=True)
    digest = hashlib.sha256(asked.encode()).hexdigest()[:12]
    folder = file.training.checkpoints / f"{file.model.architecture}-{digest}"
    if any(folder.glob("*.npz")):
        say("[bold yellow]resumed[/] ", f"a training that was cut short goes on from {folder}")
    return folder


def _start(tracker: ExperimentTracker, file: TrainingFile, checkpoints: Path | None) -> None:
    """Begin the run, or go on with the one whose checkpoints these are."""
    from motif.files import write_bytes

    kept = checkpoints and checkpoints / _RUN
    before = kept.read_text(encoding="utf-8") if kept and kept.exists() else None
    name = tracker.start_run(before, config=file.model_dump(mode="json"), resume=before is not None)
    if kept and before is None:
        write_bytes(kept, name.encode())


def _track_folds(tracker: ExperimentTracker, judged: FoldScores | None) -> None:
    """Keep what the folds say of such a training, before the training itself can be cut short."""
    from motif.cli._pipeline import SPREAD

    if judged is None:
        return
    spread = {f"folds/{name}": judged.spread[name] for name in SPREAD}
    ends = {f"{name}_{end}": getattr(found, end) for name, found in spread.items() for end in ("min", "max")}
    tracker.log_metrics({name: found.mean for name, found in spread.items()} | ends, tracker.step)


def _track_answers(
    tracker: ExperimentTracker, y: NDArray[np.int64], p: NDArray[np.float32], class_names: tuple[str, ...]
) -> None:
    tracker.log_confusion_matrix(y, p.argmax(axis=1), class_names)
    tracker.log_reliability(y, p)


def _judge_apart(packed: Packed, apart: Dataset | None, tracker: ExperimentTracker) -> Scores | None:
    """Judge what was packed on the windows that training never saw, and track it."""
    if apart is None:
        return None
    import numpy as np

    from motif.evaluation import align_probabilities, score

    known = [apart.class_names.index(str(name)) for name in packed.recognizer.classes_]
    p = align_probabilities(packed.recognizer.predict_proba(apart.X), np.array(known), len(apart.class_names))
    _track_answers(tracker, apart.y, p, apart.class_names)
    return score(apart.y, p, apart.class_names)


def _apart(scores: Scores | None, facts: dict[str, Any]) -> dict[str, Any]:
    if scores is None:
        return {}
    names = ("accuracy", "macro_f1", "ece")
    return {f"held_out_{name}": getattr(scores, name) for name in names} | {"held_out": facts["held_out"]}
