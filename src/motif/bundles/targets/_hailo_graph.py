"""A network divided between a host and a Hailo-8: the device gets the part it knows, the host keeps the rest.

What the device does not know (a logarithm, a gather) and all that leads to it stays on the host, in float; a last
softmax does, too. What is left runs on the device, from maps of rank four to logits.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from motif.bundles.targets._hailo_maps import as_maps
from motif.bundles.targets._hailo_simplify import at_opset, shapes_of, simplified
from motif.optional import require

__all__ = ["LOGITS", "OPSET", "Divided", "divide"]

OPSET = 17
"""Of ONNX: the newest that the compiler's parser reads."""
LOGITS = "logits"
"""What the device's output is called where the host is to make probabilities of it."""
WEIGHTED = ("Conv", "ConvTranspose", "Gemm", "MatMul")


@dataclass(frozen=True, slots=True)
class Divided:
    """A network in two graphs, each for one window at a time."""

    host: bytes | None
    """From the window to what the device takes; None where that is the window itself."""
    device: bytes
    """From maps (1, channels, height, width) to `logits`; to the network's own output where no softmax ends it."""
    ends_in_softmax: bool
    """Whether the host turns what comes back into probabilities."""


def divide(onnx: bytes, known: Collection[str]) -> Divided:
    """Divide a network; `known` are the operations that the device takes.

    Shapes are fixed to one window and folded, transpositions between layers cancelled, averages and largest values of
    a whole map made pooling, convolutions over one axis made ones over maps, so that what is left is what the network
    computes. Where no convolution would be left for the device, it gets the whole: checking that says why.
    """
    library = require("onnx", extra="train")
    for module in ("onnx.numpy_helper", "onnx.shape_inference", "onnx.utils", "onnx.version_converter"):
        require(module, extra="train")
    model = simplified(library, onnx)
    end, ends_in_softmax = _end(model.graph)
    kept = _kept(model.graph, known)
    if not any(node.op_type == "Conv" and node.output[0] not in kept for node in model.graph.node):
        kept = set()
    taken = _rows_as_maps(library, model, _handed_over(model.graph, kept, end), kept)
    device, raised = as_maps(library, at_opset(library, _extracted(library, model, taken, [end]), OPSET))
    window = model.graph.input[0].name
    given = [name for name in _raised(library, model, taken, raised) if name != window]
    host = _extracted(library, model, [window], given) if given else None
    return Divided(None if host is None else _bytes(library, host), _bytes(library, device), ends_in_softmax)


def _end(graph: Any) -> tuple[str, bool]:
    """Name what the device gives, and return the name and whether a softmax was to follow; that is the host's."""
    last = next(node for node in graph.node if graph.output[0].name in node.output)
    if last.op_type != "Softmax":
        return graph.output[0].name, False
    old = last.input[0]
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [LOGITS if name == old else name for name in names]
    return LOGITS, True


def _kept(graph: Any, known: Collection[str]) -> set[str]:
    """Return the names of all that the host computes.

    What the device does not know and all before it; then what is made of that alone, up to the next weights: a device
    begins with a convolution or a product.
    """
    unknown = [node for node in graph.node if node.op_type not in known]
    kept = _with_all_before(graph, [name for node in unknown for name in node.output])
    constant = {tensor.name for tensor in graph.initializer}
    at_hand = kept | constant | ({graph.input[0].name} if kept else set())
    for node in graph.node:
        if node.op_type not in WEIGHTED and set(node.input) <= at_hand and set(node.input) - constant:
            kept |= set(node.output)
            at_hand |= set(node.output)
    return kept


def _with_all_before(graph: Any, names: list[str]) -> set[str]:
    """Return these names of what nodes give, and all that they depend on."""
    maker = {name: node for node in graph.node for name in node.output}
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in maker and name not in found:
            found.add(name)
            waiting += maker[name].input
    return found


def _handed_over(graph: Any, kept: set[str], end: str) -> list[str]:
    """Return what the device takes: the window, or what the host gives, in the order in which it is first needed."""
    needed = _with_all_before(graph, [end]) - kept
    sources = kept | {graph.input[0].name}
    names = [name for node in graph.node if set(node.output) & needed for name in node.input if name in sources]
    return list(dict.fromkeys(names))


def _rows_as_maps(library: Any, model: Any, handed: list[str], kept: set[str]) -> list[str]:
    """Hand rows of numbers over as maps (1, channels, 1, 1) and return the names: a device takes nothing else."""
    shapes = shapes_of(model.graph)
    rows = [name for name in handed if len(shapes[name]) == 2]
    axes = library.numpy_helper.from_array(np.array([2, 3]), "axes_of_a_map")
    model.graph.initializer.append(axes)
    nodes = []
    for node in model.graph.node:
        if not set(node.output) & kept:
            for i, name in enumerate(node.input):
                node.input[i] = f"{name}_row" if name in rows else name
        nodes.append(node)
        for name in set(node.output) & set(rows):
            nodes.append(library.helper.make_node("Unsqueeze", [name, axes.name], [f"{name}_map"]))
            nodes.append(library.helper.make_node("Flatten", [f"{name}_map"], [f"{name}_row"], axis=1))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return [f"{name}_map" if name in rows else name for name in handed]


def _raised(library: Any, model: Any, taken: list[str], raised: dict[str, str]) -> list[str]:
    """Let the host add the axis that the device wants of some values, and return what the device takes now."""
    if raised:
        axis = library.numpy_helper.from_array(np.array([2]), "axis_of_height")
        model.graph.initializer.append(axis)
    for name, new in raised.items():
        model.graph.node.append(library.helper.make_node("Unsqueeze", [name, axis.name], [new]))
    return [raised.get(name, name) for name in taken]


def _extracted(library: Any, model: Any, taken: list[str], given: list[str]) -> Any:
    """Return the part of a model from some of its values to others."""
    inferred = library.shape_inference.infer_shapes(model, data_prop=True)
    return library.utils.Extractor(inferred).extract_model(taken, given)


def _bytes(library: Any, model: Any) -> bytes:
    content: bytes = library.shape_inference.infer_shapes(model, data_prop=True).SerializeToString(deterministic=True)
    return content
