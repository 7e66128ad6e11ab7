"""`model.stablehlo` → `model.tflite`, quantized as the job says. Needs litert-converter and litert-quantizer only.

With 8 bits, what leads to a logarithm, a root, a quotient or an exponential stays float, its weights in 16: its range
is too wide. A softmax bears 8 bits, whatever its probabilities lead to. TensorFlow Lite Micro reads no weights of
16 bits: for it they stay as they are.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

SIGNATURE, INPUT, OUTPUT = "serving_default", "windows", "probabilities"
HEAVY = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "BATCH_MATMUL")
"""Where the weights and nearly all the work are."""
WIDE = ("DIV", "EXP", "LOG", "RSQRT", "SQRT")


def main(folder: Path) -> None:
    """Lower, then quantize; calibrate on `calibration.npy` where activations get 8 bits."""
    job = json.loads((folder / "job.json").read_text())
    content = lowered((folder / "model.stablehlo").read_bytes())
    if job["precision"] != "float32":
        content = quantized(content, job["precision"], folder)
    (folder / "model.tflite").write_bytes(content)


def lowered(stablehlo_bytes: bytes) -> bytes:
    """Return the float32 model."""
    from litert_converter.mlir import ir, passmanager
    from litert_converter.mlir._mlir_libs import converter_api_ext as converter
    from litert_converter.mlir.dialects import stablehlo

    context = ir.Context()
    converter.prepare_mlir_context(context)
    with context:
        module = stablehlo.deserialize_portable_artifact(context, stablehlo_bytes)
        converter.set_signature(module.operation, signature_name=SIGNATURE, input_names=[INPUT], output_names=[OUTPUT])
        module = converter.merge_modules([module])
        config = converter.ConvertToTFLConfig()
        config.model_origin_framework = "JAX"
        config.canonicalizing_inf_as_min_max_float = True
        converter.run_convert_to_tfl_passes(module, passmanager.PassManager(), config)
        return bytes(converter.export_flatbuffer_to_bytes(module.operation))


def quantized(content: bytes, precision: str, folder: Path) -> bytes:
    """Return the model with weights of 16 or 8 bits, and activations of 8 where `precision` is int8 or micro."""
    from litert_quantizer import quantizer, recipe

    made = quantizer.Quantizer(content)
    calibration: Any = None
    if precision == "float16":
        made.add_weight_only_config(
            regex=".*",
            operation_name=recipe.TFLOperationName.ALL_SUPPORTED,
            num_bits=16,
            algorithm_key=recipe.AlgorithmName.FLOAT_CASTING,
        )
    elif precision == "dynamic":
        made.load_quantization_recipe(recipe.dynamic_wi8_afp32())
    else:
        for operation in HEAVY:
            made.add_static_config(".*", recipe.TFLOperationName(operation), activation_num_bits=8, weight_num_bits=8)
        for kind, name in exact(content):  # what is said last counts
            operation, place = recipe.TFLOperationName(kind), f"^{re.escape(name)}"
            if kind == "BATCH_MATMUL" or precision == "micro":  # the first has no weights
                made.update_quantization_recipe(place, operation, algorithm_key=recipe.AlgorithmName.NO_QUANTIZE)
                continue
            made.add_weight_only_config(place, operation, num_bits=16, algorithm_key=recipe.AlgorithmName.FLOAT_CASTING)
        windows = np.load(folder / "calibration.npy", allow_pickle=False)
        calibration = made.calibrate({SIGNATURE: [{INPUT: window[None]} for window in windows]}, num_threads=1)
    return bytes(made.quantize(calibration, enable_progress_report=False).quantized_model)


def exact(content: bytes) -> list[tuple[str, str]]:
    """Return kind and name of the heavy operations that something of a wide range is made from."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content)
    names = {tensor["index"]: tensor["name"] for tensor in interpreter.get_tensor_details()}
    leads: set[int] = set()
    kept = []
    for operation in reversed(interpreter._get_ops_details()):  # in the order in which they are computed
        kind = operation["op_name"]
        if kind in WIDE or (leads & set(operation["outputs"]) and kind != "SOFTMAX"):
            leads |= set(operation["inputs"])
            if kind in HEAVY:
                kept.append((kind, names[operation["outputs"][0]]))
    return kept


if __name__ == "__main__":
    main(Path(sys.argv[1]))
