"""`model.tflite` → `answers.npy` for `windows.npy`, by the interpreter of TensorFlow Lite Micro; what it is made of.

Needs tflite-micro beside LiteRT.
"""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def main(folder: Path) -> None:
    """Answer window after window; quantize inputs and read outputs as the file says."""
    from ai_edge_litert.interpreter import Interpreter
    from tflite_micro import runtime

    litert = Interpreter(str(folder / "model.tflite"), num_threads=1)
    inputs, outputs = litert.get_input_details(), litert.get_output_details()
    micro, arena_bytes = prepared(runtime, folder)
    windows = np.load(folder / "windows.npy", allow_pickle=False)

    def answer(window: NDArray[Any]) -> NDArray[Any]:
        micro.set_input(stored(window[None], inputs[0]), 0)
        micro.invoke()
        row: NDArray[Any] = real(micro.get_output(0), outputs[0])[0]
        return row.copy()

    np.save(folder / "answers.npy", np.stack([answer(window) for window in windows]).astype(np.float32))
    result = {
        "inputs": [described(tensor) for tensor in inputs],
        "outputs": [described(tensor) for tensor in outputs],
        "operators": sorted({operation["op_name"] for operation in litert._get_ops_details()}),
        "arena_bytes": arena_bytes,
    }
    (folder / "result.json").write_text(json.dumps(result))


def prepared(runtime: Any, folder: Path) -> tuple[Any, int]:
    """Return the interpreter and the bytes of its arena; it prints both these and what it lacks past Python."""
    said, before = folder / "said.txt", (os.dup(1), os.dup(2))
    with said.open("wb") as opened:
        for stream in (1, 2):
            os.dup2(opened.fileno(), stream)
    try:
        interpreter = runtime.Interpreter.from_file(str(folder / "model.tflite"))
        interpreter.print_allocations()
    except RuntimeError as error:
        raise RuntimeError("TensorFlow Lite Micro: " + " ".join(said.read_text().split())) from error
    finally:
        for stream in (1, 2):
            os.dup2(before[stream - 1], stream)
    (total,) = re.findall(r"Arena allocation total (\d+) bytes", said.read_text())
    return interpreter, int(total)


def described(tensor: dict[str, Any]) -> dict[str, Any]:
    """Return shape, type, scale and zero point of a tensor; a scale of 0 where it is not quantized."""
    scale, zero = tensor["quantization"]
    kind = np.dtype(tensor["dtype"]).name
    return {"shape": tensor["shape"].tolist(), "type": kind, "scale": float(scale), "zero_point": int(zero)}


def stored(values: NDArray[Any], tensor: dict[str, Any]) -> NDArray[Any]:
    """Return values as the tensor stores them."""
    scale, zero = tensor["quantization"]
    if not scale:
        return values.astype(tensor["dtype"])
    limits = np.iinfo(tensor["dtype"])
    kept: NDArray[Any] = np.clip(np.round(values / scale + zero), limits.min, limits.max).astype(tensor["dtype"])
    return kept


def real(values: NDArray[Any], tensor: dict[str, Any]) -> NDArray[Any]:
    """Return what stored values stand for."""
    scale, zero = tensor["quantization"]
    return (values.astype(np.float32) - zero) * scale if scale else values


if __name__ == "__main__":
    main(Path(sys.argv[1]))
