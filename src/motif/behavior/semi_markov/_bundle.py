"""A semi-Markov model as a bundle: a graph that answers anywhere, and the parameters it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from motif.behavior.semi_markov._graph import graph_of
from motif.behavior.semi_markov._saved import PARAMETERS
from motif.bundles import BundleConfig, WindowSpec, save
from motif.errors import ConfigError

if TYPE_CHECKING:
    from motif.behavior.semi_markov._estimator import SemiMarkovEstimator

__all__ = ["BundleAbout", "write_bundle"]

_N_REFERENCE = 8


@dataclass(frozen=True)
class BundleAbout:
    """What a bundle says of itself."""

    name: str
    state_names: Sequence[str] | None
    window: Mapping[str, Any]
    data: Mapping[str, Any]
    metrics: Mapping[str, Any] | None


def write_bundle(
    model: SemiMarkovEstimator, path: Path, *, n_frames: int, lag: int, about: BundleAbout, parameters: bytes
) -> Path:
    """Write the bundle of windows of `n_frames`, asked for the frame `lag` before their last; see `save_bundle`."""
    shortest = model.parameters_.emission.memory + 1
    if not 0 <= lag <= n_frames - shortest:
        raise ConfigError(f"a window of {n_frames} frames, asked {lag} before its end: want {shortest + lag} or more")
    shape = (n_frames, model.n_features_in_)
    graph = graph_of(
        model.parameters_, window=shape, used=model.features_.used, lag=lag, temperature=model.temperature_
    )
    frames, _ = model.sample(_N_REFERENCE * n_frames, random_state=0)  # made up: they travel along
    windows = frames.reshape(_N_REFERENCE, *shape).astype(np.float32)
    answers = np.stack([model.predict_proba(window)[n_frames - 1 - lag] for window in windows])
    config = BundleConfig(
        name=about.name,
        recognizer=type(model).__name__,
        window=WindowSpec(shape=shape, **{"rate_hz": model.rate_hz, **about.window}),
        settings={"lag_frames": lag, "states": model.n_states_},
        data=dict(about.data),
    )
    return save(
        path,
        onnx=graph,
        config=config,
        class_names=about.state_names or [f"state {k + 1}" for k in range(model.n_states_)],
        metrics=about.metrics,
        reference=(windows, answers.astype(np.float32)),
        extra_files={PARAMETERS: parameters},
    )
