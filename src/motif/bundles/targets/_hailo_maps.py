"""Convolutions over one axis, written as convolutions over maps one row high: a Hailo-8 knows maps alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from motif.bundles.targets._hailo_simplify import shapes_of

__all__ = ["as_maps"]

# fmt: off
_ALIKE = frozenset({
    "Add", "BatchNormalization", "Clip", "Concat", "Div", "Dropout", "Elu", "Flatten", "GlobalAveragePool",
    "GlobalMaxPool", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Max", "Min", "Mul", "Neg", "PRelu", "Relu",
    "Sigmoid", "Softmax", "Softplus", "Sqrt", "Sub", "Tanh", "Transpose"
})
# fmt: on
"""That say the same of four axes, but for the numbers of axes that they name."""
_WINDOWED = frozenset({"Conv", "ConvTranspose", "MaxPool", "AveragePool"})
_ONES = frozenset({"kernel_shape", "strides", "dilations"})
_PLACE = (0, 1, 3)
"""Where the axes of (1, channels, samples) are in (1, channels, 1, samples)."""


def as_maps(library: Any, model: Any) -> tuple[Any, dict[str, str]]:
    """Give every value of three axes a fourth, before its last, and return the model and the new names of such inputs.

    A model without convolutions over one axis, or with an operation on three axes that nobody knows how to write over
    four, comes back as it is.
    """
    model = library.shape_inference.infer_shapes(model, data_prop=True)
    flat = {name for name, shape in shapes_of(model.graph).items() if len(shape) == 3}
    touched = [node for node in model.graph.node if flat & {*node.input, *node.output}]
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    at_hand = {*flat, *constants, ""}  # a row that is computed would be spread over other axes
    is_known = all(node.op_type in _ALIKE | _WINDOWED and at_hand >= set(node.input) for node in touched)
    if not is_known or not any(node.op_type == "Conv" for node in touched):
        return model, {}
    raised = {value.name: f"{value.name}_map" for value in model.graph.input if value.name in flat}
    for node in touched:
        for attribute in node.attribute:
            _raise_attribute(attribute)
        for i, name in enumerate(node.input):
            if name in constants and len(constants[name].dims) > 1:
                node.input[i] = _raised_constant(library, model.graph, constants, name)
            node.input[i] = raised.get(name, node.input[i])
    _raise_inputs(library, model.graph, raised)
    del model.graph.value_info[:]
    return model, raised


def _raise_attribute(attribute: Any) -> None:
    """Say of four axes what was said of three."""
    old = list(attribute.ints)
    if attribute.name in _ONES:
        attribute.ints[:] = [1, *old]
    elif attribute.name == "output_padding":
        attribute.ints[:] = [0, *old]
    elif attribute.name == "pads":
        attribute.ints[:] = [0, old[0], 0, old[1]]
    elif attribute.name == "perm":
        new = [0, 0, 2, 0]
        for place, source in zip(_PLACE, old, strict=True):
            new[place] = _PLACE[source]
        attribute.ints[:] = new
    elif attribute.name == "axis":
        attribute.i = _PLACE[attribute.i % 3]


def _raised_constant(library: Any, graph: Any, constants: dict[str, Any], name: str) -> str:
    """Return the name of a constant with an axis more: others may need it as it is."""
    new = f"{name}_of_maps"
    if new not in constants:
        values = np.expand_dims(library.numpy_helper.to_array(constants[name]), -2)
        constants[new] = library.numpy_helper.from_array(np.ascontiguousarray(values), new)
        graph.initializer.append(constants[new])
    return new


def _raise_inputs(library: Any, graph: Any, raised: Mapping[str, str]) -> None:
    for value in graph.input:
        if value.name in raised:
            *before, last = (dim.dim_value for dim in value.type.tensor_type.shape.dim)
            kind = value.type.tensor_type.elem_type
            value.CopyFrom(library.helper.make_tensor_value_info(raised[value.name], kind, [*before, 1, last]))
