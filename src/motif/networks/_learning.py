"""From examples to a calibrated model: search with a part held out, then once more with everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.evaluation import apply_temperature, fit_temperature
from motif.learning import (
    fit_discriminant,
    fit_reach,
    fit_weights,
    fold_temperature,
    logits_model,
    output_of,
    predict,
    scale_for_a_new_group,
    set_weights,
)
from motif.networks._augment import Augment, augmentation, has_views, other_view
from motif.networks._checkpoint import Checkpoint, fingerprint
from motif.networks._kernel import cool_opinions, fit_kernel, has_kernel, temperatures_of_opinions
from motif.networks._landmark_frontend import aspect_of
from motif.networks._model import build, standardize
from motif.networks._settings import Settings
from motif.networks._training import Epoch, Examples, Plan, Run, best_epoch, train

__all__ = ["Learnt", "learn"]

OUTLIER_RATE = 0.01
"""Share of the windows held out that would be called outliers."""
VIEWS = 4
"""How often each window of hands is described as another camera would have seen it."""


@dataclass(frozen=True)
class Learnt:
    """What comes out of a fit."""

    model: Any
    history: list[Epoch]
    temperature: float
    outlier_confidence: float


def learn(
    examples: Examples,
    apart: NDArray[np.bool_],
    settings: Settings,
    *,
    groups: NDArray[np.generic] | None,
    n_classes: int,
    seed: int,
    report: Callable[[Epoch], None] | None,
    callbacks: Sequence[Any] = (),
) -> Learnt:
    """Train as `settings` say.

    The windows held out (`apart`) decide how long to train and how confident to be; both then hold for the model that
    is trained on all windows. `groups` (n,), where there are some, tell how sure a discriminant may be of new ones.
    """
    model = build(
        settings.architecture,
        examples.X.shape[1:],
        n_classes,
        features=settings.features,
        landmarks=settings.landmarks,
        dropout=settings.dropout,
        seed=seed,
    )
    run = Run(model, _plan(settings, settings.epochs, seed))

    def stage(name: str, part: Examples, held_out: Examples | None, epochs: int) -> list[Epoch]:
        plan = _plan(settings, epochs, seed)
        run.begin_again(plan)
        standardize(model, part.X)
        history = train(
            run,
            part,
            stage=name,
            held_out=held_out,
            augment=_augment(settings, model),
            checkpoint=_checkpoint(settings, name, plan, part, held_out),
            report=report,
            callbacks=callbacks,
        )
        if summary := output_of(model, "standardize_summary"):
            described = predict(summary, part.X)
            if has_kernel(model):
                views = _views(settings, model, part.X, seed)
                fit_kernel(model, described, part.y, None if views is None else predict(summary, views))
            else:
                fit_discriminant(model, described, part.y)
        return history

    if not apart.any():
        history = stage("search", examples, None, settings.epochs)
        return Learnt(model, history, 1.0, 0.0)
    held_out = examples.take(apart)
    history = stage("search", examples.take(~apart), held_out, settings.epochs)
    fit_reach(model, held_out.X)
    weights = _weigh(model, examples, held_out, groups)
    of_opinions = temperatures_of_opinions(model, held_out.X, held_out.y) if has_kernel(model) else ()
    if of_opinions:
        cool_opinions(model, of_opinions)
    temperature, outlier_confidence = _calibration(model, held_out, calibrated=weights is not None)
    if settings.refit:
        history = history + stage("refit", examples, None, best_epoch(history))
        if weights:
            set_weights(model, weights)
        if of_opinions:
            cool_opinions(model, of_opinions)
    fold_temperature(model, temperature)
    return Learnt(model, history, temperature, outlier_confidence)


def _augment(settings: Settings, model: Any) -> Augment | None:
    if callable(settings.augment):
        return settings.augment
    if not settings.augment or settings.features == "raw" or settings.landmarks != "auto":
        return None
    return augmentation(model.input_shape[1:], aspect_of(model))


def _views(settings: Settings, model: Any, windows: NDArray[np.float32], seed: int) -> NDArray[np.float32] | None:
    """Return the windows as other cameras would have seen them; None where those are not of one hand with depth."""
    if settings.landmarks != "auto" or not has_views(windows.shape[1:]):
        return None
    rng, aspect = np.random.default_rng(seed), aspect_of(model)
    return np.concatenate([other_view(windows, rng, aspect) for _ in range(VIEWS)])


def _plan(settings: Settings, epochs: int, seed: int) -> Plan:
    return Plan(
        epochs=epochs,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        label_smoothing=settings.label_smoothing,
        patience=settings.patience,
        seed=seed,
    )


def _weigh(
    model: Any, examples: Examples, held_out: Examples, groups: NDArray[np.generic] | None
) -> tuple[float, float] | None:
    """Learn how much network and discriminant count, where the model has both; the share of a kernel machine is set."""
    opinions, summary = output_of(model, "opinions"), output_of(model, "standardize_summary")
    if opinions is None or has_kernel(model):
        return None
    scale = None if groups is None else scale_for_a_new_group(predict(summary, examples.X), examples.y, groups)
    weights = fit_weights(predict(opinions, held_out.X), held_out.y, scale=scale)
    set_weights(model, weights)
    return weights


def _calibration(model: Any, held_out: Examples, *, calibrated: bool) -> tuple[float, float]:
    """Return the temperature, and the confidence that all but a few of the held-out windows exceed."""
    logits = predict(logits_model(model), held_out.X)
    temperature = 1.0 if calibrated else fit_temperature(logits, held_out.y)
    confidence = apply_temperature(logits, temperature).max(axis=1)
    return temperature, float(np.quantile(confidence, OUTLIER_RATE))


def _checkpoint(
    settings: Settings, stage: str, plan: Plan, part: Examples, held_out: Examples | None
) -> Checkpoint | None:
    if settings.checkpoint_dir is None:
        return None
    asked = {
        **settings.model_dump(exclude={"checkpoint_dir"}),
        "augment": bool(settings.augment),
        "seed": plan.seed,
        "epochs": plan.epochs,
    }
    arrays = [array for some in (part, held_out) if some is not None for array in (some.X, some.y, some.weight)]
    return Checkpoint(settings.checkpoint_dir / f"{stage}.npz", fingerprint(asked, arrays))
