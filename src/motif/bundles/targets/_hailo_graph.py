"""A network divided between a host and a Hailo-8: the device gets the part it knows, the host keeps the rest.

What the device does not know (a logarithm, a gather) and all that leads to it stays on the host, in float; a last
softmax does, too. What is left runs on the device, from maps of rank four to logits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from motif.optional import require

__all__ = ["LOGITS", "OPSET", "Divided", "divide"]

OPSET = 17
"""Of ONNX: the newest that the compiler's parser reads."""
LOGITS = "logits"
"""What the device's output is called where the host is to make probabilities of it."""
WEIGHTED = ("Conv", "ConvTranspose", "Gemm", "MatMul")
_NCHW_OF_NHWC = [0, 3, 1, 2]


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

    Shapes are fixed to one window and folded, transpositions between layers cancelled, averages over a whole map made
    pooling, so that what is left is what the network computes. Where no convolution would be left for the device, it
    gets the whole: checking that says why.
    """
    library = require("onnx", extra="train")
    for module in ("onnx.numpy_helper", "onnx.shape_inference", "onnx.utils", "onnx.version_converter"):
        require(module, extra="train")
    model = _simplified(library, _one_window(library, onnx))
    end, ends_in_softmax = _end(model.graph)
    kept = _kept(model.graph, known)
    if not any(node.op_type == "Conv" and node.output[0] not in kept for node in model.graph.node):
        kept = set()
    taken = _as_maps(library, model, _handed_over(model.graph, kept, end), kept)
    model = library.shape_inference.infer_shapes(model, data_prop=True)
    extract = library.utils.Extractor(model).extract_model
    window = model.graph.input[0].name
    host = extract([window], [name for name in taken if name != window]) if kept else None
    device = _at_opset(library, extract(taken, [end]))
    return Divided(None if host is None else _bytes(library, host), _bytes(library, device), ends_in_softmax)


def _one_window(library: Any, onnx: bytes) -> Any:
    """Return the model with a batch of one window."""
    model = library.load_from_string(onnx)
    for value in (model.graph.input[0], *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    del model.graph.value_info[:]
    return model


def _simplified(library: Any, model: Any) -> Any:
    _pool(library, model)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    with TemporaryDirectory(prefix="motif-") as folder:
        options.optimized_model_filepath = str(Path(folder) / "simplified.onnx")
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        simplified = library.load(options.optimized_model_filepath)
    for node in simplified.graph.node:  # spelt out by the optimizer, unknown to older opsets
        for attribute in [each for each in node.attribute if each.name == "noop_with_empty_axes" and not each.i]:
            node.attribute.remove(attribute)
    _take_sums_out(library, simplified.graph)
    del simplified.opset_import[:]
    simplified.opset_import.extend(model.opset_import)
    return library.shape_inference.infer_shapes(simplified, data_prop=True)


def _pool(library: Any, model: Any) -> None:
    """Write a mean over both axes of a map, channels last, as pooling, channels first: transpositions then cancel."""
    inferred = library.shape_inference.infer_shapes(model, data_prop=True)
    ranks = {value.name: len(value.type.tensor_type.shape.dim) for value in inferred.graph.value_info}
    arrays = {tensor.name: library.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}

    def pooled(node: Any) -> list[Any]:
        if node.op_type != "ReduceMean" or ranks.get(node.input[0]) != 4 or _axes(node, arrays) != [1, 2]:
            return [node]
        if any(attribute.name == "keepdims" and attribute.i == 1 for attribute in node.attribute):
            return [node]
        (taken, *_), (given,) = node.input, node.output
        make = library.helper.make_node
        return [
            make("Transpose", [taken], [f"{given}_first"], perm=_NCHW_OF_NHWC),
            make("GlobalAveragePool", [f"{given}_first"], [f"{given}_pooled"]),
            make("Flatten", [f"{given}_pooled"], [given], axis=1),
        ]

    _rewrite(model.graph, pooled)


def _take_sums_out(library: Any, graph: Any) -> None:
    """Write a product plus something computed as two operations: the compiler takes constant biases only."""
    constants = {tensor.name for tensor in graph.initializer}

    def two(node: Any) -> list[Any]:
        if node.op_type != "Gemm" or len(node.input) < 3 or node.input[2] in constants:
            return [node]
        added, (given,) = node.input.pop(), node.output
        node.output[0] = f"{given}_product"
        return [node, library.helper.make_node("Add", [f"{given}_product", added], [given])]

    _rewrite(graph, two)


def _rewrite(graph: Any, change: Callable[[Any], list[Any]]) -> None:
    nodes = [made for node in graph.node for made in change(node)]
    del graph.node[:]
    graph.node.extend(nodes)


def _axes(node: Any, arrays: dict[str, NDArray[Any]]) -> list[int]:
    """Return the axes of a reduction of rank four; none where they are not constant."""
    if len(node.input) > 1:
        found = arrays.get(node.input[1], np.array([], int))
    else:
        found = np.array(next((list(each.ints) for each in node.attribute if each.name == "axes"), []), int)
    return sorted(int(axis) % 4 for axis in found)


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


def _as_maps(library: Any, model: Any, handed: list[str], kept: set[str]) -> list[str]:
    """Hand rows of numbers over as maps (1, channels, 1, 1) and return the names: a device takes nothing else."""
    shapes = {
        value.name: len(value.type.tensor_type.shape.dim) for value in (*model.graph.input, *model.graph.value_info)
    }
    rows = [name for name in handed if shapes[name] == 2]
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


def _at_opset(library: Any, model: Any) -> Any:
    try:
        return library.version_converter.convert_version(model, OPSET)
    except Exception:  # the converter knows no way back for some operations: the check says so
        return model


def _bytes(library: Any, model: Any) -> bytes:
    content: bytes = library.shape_inference.infer_shapes(model, data_prop=True).SerializeToString(deterministic=True)
    return content
