"""ONNX graphs, written an operation at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from motif.optional import require

__all__ = ["OnnxGraph"]

_OPSET, _IR = 17, 8
"""What an onnxruntime of three years ago reads."""


class OnnxGraph:
    """Nodes in the order they compute; what is no name of a value is a constant."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.library = require("onnx", extra="train")
        require("onnx.numpy_helper", extra="train")
        self.types = self.library.TensorProto
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.takes: list[str] = []
        self.gives: list[str] = []

    def add(self, operation: str, *inputs: str | ArrayLike, name: str | None = None, **attributes: Any) -> str:
        """Return the name of what an operation gives."""
        name = name or f"{self.name}.{operation}.{len(self.nodes)}"
        names = [each if isinstance(each, str) else self._constant(each) for each in inputs]
        self.nodes.append(self.library.helper.make_node(operation, names, [name], **attributes))
        return name

    def normalized(self, values: str, name: str | None = None) -> str:
        """Return values over the sum of all of them."""
        return self.add("Div", values, self.add("ReduceSum", values, keepdims=1), name=name)

    def scan(self, step: OnnxGraph, start: list[ArrayLike], over: str, *, backwards: bool = False) -> list[str]:
        """Return what a step's values are after all rows of `over`; they are at first what `start` says."""
        names = [f"{self.name}.Scan.{len(self.nodes)}.{i}" for i in range(len(start))]
        inputs = [*map(self._constant, start), over]
        body = step._graph([(name, None) for name in step.takes], [(name, None) for name in step.gives])
        self.nodes.append(
            self.library.helper.make_node(
                "Scan", inputs, names, body=body, num_scan_inputs=1, scan_input_directions=[int(backwards)]
            )
        )
        return names

    def model(self, takes: dict[str, list[int]], gives: dict[str, list[int]]) -> bytes:
        """Return the whole as bytes, checked."""
        helper = self.library.helper
        graph = self._graph([*takes.items()], [*gives.items()])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
        self.library.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString()
        return content

    def _graph(self, takes: list[tuple[str, Any]], gives: list[tuple[str, Any]]) -> Any:
        helper = self.library.helper
        inputs, outputs = (
            [
                helper.make_tensor_value_info(name, self.types.DOUBLE if shape is None else self.types.FLOAT, shape)
                for name, shape in side
            ]
            for side in (takes, gives)
        )
        return helper.make_graph(self.nodes, self.name, inputs, outputs, self.constants)

    def _constant(self, values: ArrayLike) -> str:
        name = f"{self.name}.constant.{len(self.constants)}"
        self.constants.append(self.library.numpy_helper.from_array(np.asarray(values), name))
        return name
