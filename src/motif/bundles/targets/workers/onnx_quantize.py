"""`model.onnx` → `quantized.onnx`: weights and activations of 8 bits, calibrated on `calibration.npy`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np


def main(folder: Path) -> None:
    """Quantize what is worth it; what a front-end computes stays float, its range is too wide for 8 bits."""
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
    quantize_static(
        folder / "prepared.onnx",
        folder / "quantized.onnx",
        Windows(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv", "MatMul", "Gemm"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
