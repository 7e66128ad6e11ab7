"""`model.onnx` → `quantized.onnx`: weights and activations of 8 bits, calibrated on `calibration.npy`.

What leads to a logarithm, a root, a quotient or an exponential stays float: its range is too wide for 8 bits. Its
weights are kept in 16. A softmax bears 8 bits, whatever its probabilities lead to.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

HEAVY = ("Conv", "MatMul", "Gemm")
"""Where the weights and nearly all the work are."""
WIDE = ("Asinh", "Div", "Exp", "Log", "Sqrt")
LEAST_HALVED = 1024
"""Numbers in weights that are worth 16 bits."""


def main(folder: Path) -> None:
    """Quantize what is worth it."""
    import onnx
    from onnxruntime.quantization import (
        CalibrationDataReader,
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

    windows = np.load(folder / "calibration.npy", allow_pickle=False)
    name = onnx.load(folder / "model.onnx").graph.input[0].name

    class Windows(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._rest: Iterator[Any] = iter(windows)

        def get_next(self) -> Any:
            window = next(self._rest, None)
            return None if window is None else {name: window[None]}

    quant_pre_process(folder / "model.onnx", folder / "prepared.onnx", skip_symbolic_shape=True)
    prepared = onnx.load(folder / "prepared.onnx")
    kept = exact(prepared.graph)
    halve(prepared.graph, kept)
    onnx.save(prepared, folder / "prepared.onnx")
    quantize_static(
        folder / "prepared.onnx",
        folder / "quantized.onnx",
        Windows(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=list(HEAVY),
        nodes_to_exclude=[node.name for node in kept],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
    )


def exact(graph: Any) -> list[Any]:
    """Return the heavy nodes that something of a wide range is made from."""
    leads: set[str] = set()
    kept = []
    for node in reversed(graph.node):  # in the order in which they are computed
        if node.op_type in WIDE or (leads & set(node.output) and node.op_type != "Softmax"):
            leads |= set(node.input)
            if node.op_type in HEAVY:
                kept.append(node)
    return kept


def halve(graph: Any, nodes: list[Any]) -> None:
    """Keep the weights of these nodes in 16 bits where they fit and are theirs alone; a runtime widens them once."""
    from onnx import TensorProto, helper, numpy_helper

    uses = Counter(name for node in graph.node for name in node.input)
    weights = {tensor.name: tensor for tensor in graph.initializer if uses[tensor.name] == 1}
    for node in nodes:
        tensor = weights.get(node.input[1])
        if tensor is None or tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < LEAST_HALVED:
            continue
        values = numpy_helper.to_array(tensor)
        if np.abs(values).max() > np.finfo(np.float16).max:
            continue
        name = f"{tensor.name}_16"
        graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), name))
        graph.node.insert(0, helper.make_node("Cast", [name], [f"{tensor.name}_32"], f"widen_{tensor.name}", to=1))
        graph.initializer.remove(tensor)
        node.input[1] = f"{tensor.name}_32"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
