"""Settings tried one after the other, guided by what came out before; a sweep that was stopped goes on."""

from __future__ import annotations

import json
import statistics
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motif.errors import ConfigError, FormatError
from motif.evaluation import cross_validate
from motif.networks._classifier import NetworkClassifier
from motif.networks._settings import Settings
from motif.optional import require

if TYPE_CHECKING:
    from motif.recordings import Dataset, Split

__all__ = ["SPACE", "Sweep", "Trial", "sweep"]

Choice = Sequence[Any] | Mapping[str, Any]
"""A list to choose from, or {"low": …, "high": …, "log": …} for a number between two; whole where both ends are."""

SPACE: dict[str, Choice] = {
    "learning_rate": {"low": 5e-4, "high": 5e-3, "log": True},
    "weight_decay": {"low": 1e-3, "high": 1e-1, "log": True},
    "dropout": {"low": 0.0, "high": 0.4},
    "label_smoothing": {"low": 0.0, "high": 0.1},
    "batch_size": [32, 64, 128],
}
"""What a sweep varies unless told otherwise."""
N_UNPRUNED = 4
"""Trials that go through all folds before any is given up early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One choice of settings."""

    number: int
    settings: dict[str, Any]
    score: float | None
    """Mean macro-F1 over the folds judged; None where the trial failed."""
    state: str
    """"complete", "pruned" (given up after some folds) or "fail"."""
    n_folds: int
    """Folds judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What was tried."""

    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        """The complete trial of the highest score. It was chosen by that score, so the score flatters it.

        Raises
        ------
        ConfigError
            No trial is complete.
        """
        complete = [trial for trial in self.trials if trial.state == "complete" and trial.score is not None]
        if not complete:
            raise ConfigError("no trial of this sweep is complete; go on with more trials")
        return max(complete, key=lambda trial: trial.score or 0.0)


def sweep(
    dataset: Dataset,
    split: Split,
    *,
    trials: int = 20,
    storage: str | Path | None = None,
    name: str = "sweep",
    settings: Mapping[str, Any] | None = None,
    space: Mapping[str, Choice] | None = None,
    jobs: int = 1,
    seed: int = 0,
    progress: Callable[[Trial], None] | None = None,
) -> Sweep:
    """Search settings of `NetworkClassifier` for the highest mean macro-F1 across folds.

    A trial that is worse after some folds than the median of those before is given up. What is found by looking at
    these folds flatters: judge the best settings on groups that are not in `dataset`.

    Parameters
    ----------
    dataset : Dataset
    split : Split
        The folds, of `motif.recordings`.
    trials : int
        How many there shall be in the end, those in `storage` counted.
    storage : path, optional
        An SQLite file. The same call goes on after a kill; several processes may work on one file.
    name : str
        Of the sweep in that file.
    settings : mapping, optional
        Of `NetworkClassifier`, the same for all trials.
    space : mapping, optional
        Setting → what to choose from: a list, or `{"low": …, "high": …, "log": …}`. `SPACE` by default.
    jobs : int
        Folds of a trial judged at once, each in a process of its own.
    seed : int
        Of the search.
    progress : callable, optional
        Gets each trial when it is over.

    Raises
    ------
    ConfigError
        A setting or a choice cannot be, or the file holds a sweep of that name over other data, settings or choices.
    FormatError
        `storage` is no database of sweeps.
    MissingExtraError
        Optuna is not installed.

    References
    ----------
    Akiba et al. (2019), Optuna, KDD; Bergstra et al. (2011), Algorithms for Hyper-Parameter Optimization, NeurIPS.
    """
    optuna = require("optuna", extra="train")
    fixed = {"random_state": 0} | dict(settings or {})
    choices = dict(SPACE if space is None else space)
    _check(fixed, choices)
    asked = {"dataset": dataset.name, "windows": dataset.n_windows, "split": split.how, "settings": fixed}

    def objective(trial: Any) -> float:
        make = partial(NetworkClassifier, **fixed | {key: _suggested(trial, key, choices[key]) for key in choices})
        scores: list[float] = []
        for start in range(0, len(split.folds), jobs):
            part = type(split)(split.how, split.folds[start : start + jobs])
            scores += [fold.scores.macro_f1 for fold in cross_validate(make, dataset, part, jobs=jobs).folds]
            trial.set_user_attr("n_folds", len(scores))
            trial.report(statistics.fmean(scores), len(scores))
            if len(scores) < len(split.folds) and trial.should_prune():
                raise optuna.TrialPruned
        return statistics.fmean(scores)

    with _quiet(optuna):
        study = _study(optuna, storage, name, {**asked, "space": choices}, seed)
        done = sum(trial.state.name in ("COMPLETE", "PRUNED") for trial in study.trials)
        callbacks = [] if progress is None else [lambda _, trial: progress(_told(trial))]
        study.optimize(objective, n_trials=max(0, trials - done), callbacks=callbacks)
        return Sweep(trials=tuple(_told(trial) for trial in study.trials if trial.state.is_finished()))


def _study(optuna: Any, storage: str | Path | None, name: str, asked: Mapping[str, Any], seed: int) -> Any:
    """Open the study, with a sampler that does not repeat what a killed process drew."""
    wish = json.dumps(asked, sort_keys=True, default=str)
    try:
        study = optuna.create_study(
            storage=None if storage is None else f"sqlite:///{Path(storage).resolve()}",
            study_name=name,
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(n_startup_trials=N_UNPRUNED),
        )
    except Exception as error:
        if storage is None or type(error).__module__.partition(".")[0] not in ("optuna", "sqlalchemy"):
            raise
        raise FormatError(storage, "it is no database of sweeps", hint="choose another file") from error
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))
    if (found := study.user_attrs.setdefault("asked", wish)) != wish:
        raise ConfigError(f"the sweep {name!r} in {storage} was asked for {found}, now {wish}; give it another name")
    study.set_user_attr("asked", wish)
    return study


def _check(fixed: Mapping[str, Any], choices: Mapping[str, Choice]) -> None:
    """Refuse settings that cannot be before the first trial: the fixed ones with the first and last of each choice."""
    known = NetworkClassifier().get_params()
    if unknown := (set(fixed) | set(choices)) - set(known):
        raise ConfigError(f"there is no setting {', '.join(sorted(unknown))}; choose among {', '.join(sorted(known))}")
    ends = {key: _ends(key, choice) for key, choice in choices.items()}
    for i in (0, 1):
        Settings.of(known | dict(fixed) | {key: pair[i] for key, pair in ends.items()})


def _ends(key: str, choice: Choice) -> tuple[Any, Any]:
    if isinstance(choice, Mapping):
        if set(choice) - {"low", "high", "log"} or not {"low", "high"} <= set(choice) or choice["low"] > choice["high"]:
            raise ConfigError(f"{key} is to be chosen from {choice}; want low ≤ high, and log: true or false")
        return choice["low"], choice["high"]
    if isinstance(choice, str) or not choice:
        raise ConfigError(f"{key} is to be chosen from {choice!r}; want a list, or low and high")
    return choice[0], choice[-1]


def _suggested(trial: Any, key: str, choice: Choice) -> Any:
    if not isinstance(choice, Mapping):
        return trial.suggest_categorical(key, list(choice))
    whole = isinstance(choice["low"], int) and isinstance(choice["high"], int)
    suggest = trial.suggest_int if whole else trial.suggest_float
    return suggest(key, choice["low"], choice["high"], log=bool(choice.get("log", False)))


def _told(trial: Any) -> Trial:
    score = trial.value if trial.value is not None else next(reversed(trial.intermediate_values.values()), None)
    return Trial(
        number=trial.number,
        settings=dict(trial.params),
        score=score,
        state=trial.state.name.lower(),
        n_folds=trial.user_attrs.get("n_folds", 0),
    )


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Keep Optuna's own talk to ourselves, and its verbosity as it was."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="optuna")
            yield
    finally:
        optuna.logging.set_verbosity(before)
