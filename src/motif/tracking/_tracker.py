"""`ExperimentTracker`: what a training run was, kept by us, shown by TensorBoard and Weights & Biases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError
from motif.evaluation import expected_calibration_error, reliability
from motif.telemetry import json_ready
from motif.tracking._config import TensorBoardConfig, TrackingConfig, WandbConfig
from motif.tracking._environment import seeds
from motif.tracking._judged import compared
from motif.tracking._keras import keras_callback
from motif.tracking._mirror import Mirror
from motif.tracking._names import checked_name, default_name, new_name
from motif.tracking._open_run import OpenRun, now_text
from motif.tracking._pictures import confusion_png, reliability_png
from motif.tracking._record import RunRecord
from motif.tracking._tensorboard import TensorBoardMirror
from motif.tracking._values import number
from motif.tracking._wandb import WandbMirror

__all__ = ["ExperimentTracker", "create_tracker"]


class ExperimentTracker:
    """Keeps what a training run was: settings, numbers, machine, commit, files, how it was judged.

    The record is ours, in `logs/runs/<run>/` (`run.json`, `metrics.jsonl`, pictures). TensorBoard's event files in
    `logs/tensorboard/<run>/` and Weights & Biases mirror it; what goes wrong there, or on the disk once the run has
    begun, is counted in the record with its first reason and logged once, and never ends a training.

    Parameters
    ----------
    config : TrackingConfig, optional
        The `tracking:` section of a configuration file.
    project : str, optional
        What the run belongs to; by default what the section names.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> tracker = ExperimentTracker(TrackingConfig.of({"tensorboard": {"log_dir": folder / "tensorboard"}}))
    >>> with tracker:
    ...     name = tracker.start_run("first", config={"learning_rate": 0.001})
    ...     tracker.log_metrics({"loss": 0.5})
    >>> sorted(path.name for path in (folder / "runs" / "first").iterdir())
    ['metrics.jsonl', 'run.json']
    """

    def __init__(self, config: TrackingConfig | None = None, *, project: str | None = None) -> None:
        self.config = config or TrackingConfig()
        self.project = project or self.config.wandb.project
        self._run: OpenRun | None = None
        self._reasons: Mapping[str, str] = {}

    @property
    def run_dir(self) -> Path | None:
        """The folder of the run that is going on."""
        return None if self._run is None else self._run.folder

    @property
    def step(self) -> int:
        """The last step that was told, 0 before the first."""
        return 0 if self._run is None else self._run.step

    @property
    def failures(self) -> dict[str, int]:
        """How often `tensorboard`, `wandb`, `pictures`, `machine` or the `record` failed in this run."""
        return {} if self._run is None else dict(self._run.failures.counts)

    @property
    def problems(self) -> dict[str, str]:
        """Why each of them failed first, as people are told it: in this run, or in the last one that ended."""
        return dict(self._reasons)

    def start_run(
        self,
        name: str | None = None,
        config: Mapping[str, Any] | None = None,
        *,
        tags: Sequence[str] = (),
        resume: bool = False,
    ) -> str:
        """Begin a run and return its name; one that is going on is finished first.

        Parameters
        ----------
        name : str, optional
            By default `{architecture}_lr{lr}_bs{batch}_{timestamp}`. A second run of a name gets `_2` behind it.
        config : mapping, optional
            Hyperparameters, nested as you like; seeds are found by their name.
        tags : sequence of str
        resume : bool
            Go on with the run of this name where there is one. Numbers are added, settings stay unless you give others,
            and the record says what the session before had lost.

        Raises
        ------
        ConfigError
            The name cannot be one, or another process works on that run.
        WriteError, FormatError
            The folder cannot be written, or the run in it is damaged.
        """
        self.finish()
        config = dict(config or {})
        name = checked_name(name) if name else default_name(config, datetime.now().astimezone())
        if not self.config.enabled:
            return name
        name = name if resume else new_name(self.config.folder, name)
        record = RunRecord(
            name=name,
            project=self.project,
            started=now_text(),
            config=json_ready(config),
            seeds=seeds(config),
            tags=list(tags),
        )
        every_s = self.config.machine_every_s
        self._run = OpenRun(self.config.folder / name, record, self._mirrors(), machine_every_s=every_s)
        self._reasons = self._run.failures.reasons
        return name

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Keep numbers of a step; the one after the last by default.

        Raises
        ------
        InputError
            One of them is no number.
        ConfigError
            No run is going on.
        """
        values = {name: number(name, value) for name, value in metrics.items()}
        if run := self._open():
            run.metrics(values, run.step + 1 if step is None else int(step))

    def log_confusion_matrix(
        self, y_true: ArrayLike, y_pred: ArrayLike, class_names: Sequence[str] | None = None
    ) -> None:
        """Keep the confusion matrix and F1 of each class, and show them.

        Parameters
        ----------
        y_true, y_pred : (n,)
            Class indices, or names of classes.
        class_names : sequence of str, optional
            In the order of the indices; by default the labels that occur.

        Raises
        ------
        LabelError, ShapeError, DtypeError, TooFewSamplesError
            They do not fit together.
        ConfigError
            No run is going on.
        """
        evaluation = compared(y_true, y_pred, class_names)
        if run := self._open():
            run.evaluation(evaluation)
            known = {f"f1/{name}": f1 for name, f1 in evaluation.f1.items() if f1 is not None}
            figures = {"evaluation/accuracy": evaluation.accuracy, "evaluation/macro_f1": evaluation.macro_f1}
            run.metrics(figures | known, run.step)
            run.picture("confusion_matrix", lambda: confusion_png(evaluation.confusion, evaluation.class_names))

    def log_reliability(self, y_true: ArrayLike, probabilities: ArrayLike) -> None:
        """Keep the expected calibration error, and show how far confidence can be believed.

        Parameters
        ----------
        y_true : (n,)
            Class indices.
        probabilities : (n, n_classes)

        Raises
        ------
        LabelError, ShapeError, DtypeError, NotFiniteError, TooFewSamplesError
            They do not fit together.
        ConfigError
            No run is going on.
        """
        bins, ece = reliability(y_true, probabilities), expected_calibration_error(y_true, probabilities)
        if run := self._open():
            run.metrics({"evaluation/ece": ece}, run.step)
            run.picture("reliability", lambda: reliability_png(bins, ece))

    def log_weights(self, arrays: Mapping[str, NDArray[np.generic]], step: int | None = None) -> None:
        """Show how the values of arrays are spread."""
        if run := self._open():
            run.weights(arrays, run.step if step is None else step)

    def log_graph(self, model: Any) -> None:
        """Show how the layers of a Keras model hang together."""
        if run := self._open():
            run.graph(model)

    def log_artifact(self, path: str | Path, role: str = "model") -> None:
        """Keep name, size and sha256 of a file or folder that the run made; it stays where it is.

        Raises
        ------
        MissingFileError
            It is not there.
        ConfigError
            No run is going on.
        """
        if run := self._open():
            run.artifact(Path(path), role)

    def add_tags(self, *tags: str) -> None:
        """Mark the run."""
        if run := self._open():
            run.tags(list(tags))

    def get_keras_callbacks(self) -> list[Any]:
        """Return what `model.fit(..., callbacks=…)` and `NetworkClassifier.fit(..., callbacks=…)` take.

        Raises
        ------
        MissingExtraError
            Keras is not installed.
        """
        return [keras_callback(self)] if self.config.enabled else []

    def finish(self, status: Literal["finished", "failed"] = "finished") -> None:
        """End the run, if one is going on."""
        run, self._run = self._run, None
        if run is not None:
            run.close(status)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish("finished" if error is None else "failed")

    def _open(self) -> OpenRun | None:
        if self._run is None and self.config.enabled:
            raise ConfigError("no run is going on; call start_run(name, config=…) first")
        return self._run

    def _mirrors(self) -> list[Mirror]:
        found: list[Mirror] = []
        if self.config.tensorboard.enabled:
            found.append(TensorBoardMirror(self.config.tensorboard.log_dir))
        if self.config.wandb.enabled:
            found.append(WandbMirror(self.config.wandb, self.project))
        return found


def create_tracker(
    project: str = "handflow-gestures",
    use_wandb: bool = False,
    use_tensorboard: bool = True,
    *,
    log_dir: str | Path = "logs/tensorboard",
    runs_dir: str | Path | None = None,
) -> ExperimentTracker:
    """Return a tracker, configured in one line.

    Parameters
    ----------
    project : str
    use_wandb, use_tensorboard : bool
        What mirrors the run.
    log_dir : path
        What `tensorboard --logdir` is given.
    runs_dir : path, optional
        Our own records; `runs` beside `log_dir` by default.
    """
    config = TrackingConfig(
        runs_dir=None if runs_dir is None else Path(runs_dir),
        wandb=WandbConfig(enabled=use_wandb, project=project),
        tensorboard=TensorBoardConfig(enabled=use_tensorboard, log_dir=Path(log_dir)),
    )
    return ExperimentTracker(config, project=project)
