"""A network made plain for a compiler: one window at a time, shapes folded, pooling where maps are averaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

__all__ = ["at_opset", "shapes_of", "simplified"]

_CHANNELS_FIRST = {3: [0, 2, 1], 4: [0, 3, 1, 2]}
"""How values with channels last are transposed, by the number of their axes."""


def _one_window(library: Any, onnx: bytes) -> Any:
    """Return the model with a batch of one window."""
    model = library.load_from_string(onnx)
    for value in (model.graph.input[0], *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    del model.graph.value_info[:]
    return model


def simplified(library: Any, onnx: bytes) -> Any:
    """Return a network for one window at a time, folded, with pooling where maps are averaged."""
    model = _one_window(library, onnx)
    _pool(library, model)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    with TemporaryDirectory(prefix="motif-") as folder:
        options.optimized_model_filepath = str(Path(folder) / "simplified.onnx")
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        simple = library.load(options.optimized_model_filepath)
    for node in simple.graph.node:  # spelt out by the optimizer, unknown to older opsets
        for attribute in [each for each in node.attribute if each.name == "noop_with_empty_axes" and not each.i]:
            node.attribute.remove(attribute)
    _take_sums_out(library, simple.graph)
    del simple.opset_import[:]
    simple.opset_import.extend(model.opset_import)
    return library.shape_inference.infer_shapes(simple, data_prop=True)


def _pool(library: Any, model: Any) -> None:
    """Write a mean or a maximum over all axes of a map, channels last, as pooling, channels first.

    Transpositions then cancel.
    """
    shapes = shapes_of(library.shape_inference.infer_shapes(model, data_prop=True).graph)
    arrays = {tensor.name: library.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    make = library.helper.make_node

    def pooled(node: Any) -> list[Any]:
        shape = shapes.get(node.input[0], []) if node.op_type in ("ReduceMean", "ReduceMax") else []
        over = list(range(1, len(shape) - 1))
        if len(shape) not in _CHANNELS_FIRST or 0 in shape or _axes(node, arrays, len(shape)) != over:
            return [node]
        if any(attribute.name == "keepdims" and attribute.i == 1 for attribute in node.attribute):
            return [node]
        (taken, *_), (given,) = node.input, node.output
        names = [f"{given}_first"], [f"{given}_pooled"]
        # of the largest there is a global pooling, too, which the converter to older opsets does not know
        largest = {"kernel_shape": shape[1:-1]}
        return [
            make("Transpose", [taken], names[0], perm=_CHANNELS_FIRST[len(shape)]),
            make("MaxPool", *names, **largest) if node.op_type == "ReduceMax" else make("GlobalAveragePool", *names),
            make("Flatten", names[1], [given], axis=1),
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


def _axes(node: Any, arrays: dict[str, NDArray[Any]], rank: int) -> list[int]:
    """Return the axes of a reduction; none where they are not constant."""
    if len(node.input) > 1:
        found = arrays.get(node.input[1], np.array([], int))
    else:
        found = np.array(next((list(each.ints) for each in node.attribute if each.name == "axes"), []), int)
    return sorted(int(axis) % rank for axis in found)


def at_opset(library: Any, model: Any, opset: int) -> Any:
    """Return a model at an older opset; as it is where there is no way back."""
    try:
        return library.version_converter.convert_version(model, opset)
    except Exception:  # the converter knows no way back for some operations: the check says so
        return model


def shapes_of(graph: Any) -> dict[str, list[int]]:
    """Return the shape of each value that is not constant; 0 where a size is not known."""
    values = (*graph.input, *graph.value_info, *graph.output)
    return {value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in values}
