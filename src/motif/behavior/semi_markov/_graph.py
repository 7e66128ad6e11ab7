"""A semi-Markov model as one ONNX graph: a window of frames in, how probable each state is in one of them out.

The graph computes in double precision what `Parameters.posterior` computes of the window: one pass forward to the
frame that is asked for, one back to it from the end. Shapes are static, and the two passes are loops (`Scan`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._categorical import CategoricalEmission
from motif.behavior.semi_markov._emission import Emission
from motif.behavior.semi_markov._gaussian import GaussianEmission
from motif.behavior.semi_markov._onnx import OnnxGraph
from motif.behavior.semi_markov._parameters import Parameters
from motif.behavior.semi_markov._phases import Phases, phases_of

__all__ = ["graph_of"]


def graph_of(
    parameters: Parameters, *, window: tuple[int, int], used: NDArray[np.int64], lag: int, temperature: float = 1.0
) -> bytes:
    """Return the graph: (1, frames, features) float32 in, (1, states) float32 out.

    Parameters
    ----------
    window
        Frames and features.
    used
        Which features the model looks at.
    lag
        The frame that is asked for is so many before the last.
    temperature
        What log probabilities are divided by.

    Raises
    ------
    MissingExtraError
        `onnx` is not installed.
    """
    graph, (frames, _) = OnnxGraph("states"), window
    seen = graph.add("Gather", graph.add("Squeeze", "window", np.array([0])), used, axis=1)
    density = _density(graph, parameters.emission, graph.add("Cast", seen, to=graph.types.DOUBLE), frames)
    density = graph.add("Mul", graph.add("Gather", density, parameters.look, axis=1), parameters.frame_weight)
    away = graph.add("Sub", density, graph.add("ReduceMax", density, axes=[1], keepdims=1))
    emission = graph.add("Max", graph.add("Exp", away), 1.0 / parameters.largest_odds)
    states = _posterior(graph, parameters, graph.add("Unsqueeze", emission, np.array([2])), frames - lag, lag)
    if temperature != 1.0:
        states = graph.normalized(graph.add("Pow", states, 1.0 / temperature))
    row = graph.add("Reshape", states, np.array([1, parameters.n_states]))
    graph.add("Cast", row, to=graph.types.FLOAT, name="probabilities")
    return graph.model({"window": [1, *window]}, {"probabilities": [1, parameters.n_states]})


def _density(graph: OnnxGraph, emission: Emission, frames: str, n_frames: int) -> str:
    """Return log densities (frames, looks) of frames (frames, features), up to what all looks share."""
    if isinstance(emission, CategoricalEmission):
        levels = emission.levels
        column = graph.add("Gather", frames, np.repeat(np.arange(len(levels)), levels), axis=1)
        code = graph.add("Equal", column, np.concatenate([np.arange(n, dtype=np.float64) for n in levels]))
        chosen = graph.add("Cast", code, to=graph.types.DOUBLE)
        return graph.add("MatMul", chosen, np.log(emission.probabilities).T)
    if not isinstance(emission, GaussianEmission):
        raise TypeError(f"{type(emission).__name__} cannot be written as a graph")
    n_features, order = emission.centre.size, emission.order
    relative = graph.add("Div", graph.add("Sub", frames, emission.centre), emission.scale)
    past = [
        graph.add("Slice", relative, np.array([order - lag]), np.array([n_frames - lag]), np.array([0]))
        for lag in range(order + 1)
    ]
    entries = graph.add("Concat", np.ones((n_frames - order, 1)), *past[1:], past[0], axis=1)
    white = graph.add("MatMul", entries, np.concatenate(emission.whitenings).T)
    shape = np.array([n_frames - order, emission.n_looks, n_features])
    distances = graph.add(
        "ReduceSum", graph.add("Reshape", graph.add("Mul", white, white), shape), np.array([2]), keepdims=0
    )
    constants = -np.linalg.slogdet(emission.covariances)[1] / 2.0
    density = graph.add("Add", graph.add("Mul", distances, -0.5), constants)
    if order == 0:
        return density
    return graph.add("Concat", np.zeros((order, emission.n_looks)), density, axis=0)  # no past, nothing said


def _posterior(graph: OnnxGraph, parameters: Parameters, emission: str, n_before: int, n_after: int) -> str:
    """Return (states,), given relative densities (frames, states, 1), at the last of the first `n_before` frames."""
    phases = phases_of(parameters.durations)
    rows, first_axis = np.array([0]), np.array([0])
    before = graph.add("Slice", emission, rows, np.array([n_before]), first_axis)
    start = parameters.initial[:, None] * phases.first
    here = graph.scan(_forward(parameters, phases), [start, np.zeros_like(start)], before)[1]
    if n_after:
        after = graph.add("Slice", emission, np.array([n_before]), np.array([n_before + n_after]), first_axis)
        (future,) = graph.scan(_backward(parameters, phases), [np.ones_like(start)], after, backwards=True)
        here = graph.add("Mul", here, future)
    return graph.normalized(graph.add("ReduceSum", here, np.array([1]), keepdims=0))


def _forward(parameters: Parameters, phases: Phases) -> OnnxGraph:
    """Return a step: what is expected of a frame, and the frame, to what is expected of the next and what is now."""
    step = OnnxGraph("forward")
    now = step.normalized(step.add("Mul", "expected", "frame"))
    ending = step.add("Mul", step.add("Slice", now, *_columns(0, 1)), phases.leave[:, None])
    begun = step.add("Mul", step.add("MatMul", parameters.transition.T, ending), phases.enter)
    above = step.add("Concat", step.add("Slice", now, *_columns(1, 2**31)), np.zeros((parameters.n_states, 1)), axis=1)
    going_on = step.add("Add", step.add("Mul", now, phases.stay), step.add("Mul", above, phases.move))
    step.add("Add", going_on, begun, name="expected_next")
    step.add("Identity", now, name="now")
    step.takes, step.gives = ["expected", "before", "frame"], ["expected_next", "now"]
    return step


def _backward(parameters: Parameters, phases: Phases) -> OnnxGraph:
    """Return a step: what a frame and all after it say of the phases in it, to what they say of those before it."""
    step = OnnxGraph("backward")
    said = step.add("Mul", "future", "frame")
    begun = step.add("ReduceSum", step.add("Mul", said, phases.enter), np.array([1]), keepdims=1)
    ending = step.add("Mul", step.add("MatMul", parameters.transition, begun), phases.leave[:, None])
    moved = step.add("Slice", step.add("Mul", said, phases.move), *_columns(0, -1))
    going_on = step.add("Add", step.add("Mul", said, phases.stay), step.add("Concat", ending, moved, axis=1))
    step.normalized(going_on, name="future_before")
    step.takes, step.gives = ["future", "frame"], ["future_before"]
    return step


def _columns(start: int, stop: int) -> tuple[NDArray[np.int64], ...]:
    return np.array([start]), np.array([stop]), np.array([1])
