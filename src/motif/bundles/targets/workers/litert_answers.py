"""`model.tflite` → `answers.npy` for `windows.npy`, and the time of one window on one thread."""

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def main(folder: Path) -> None:
    """Answer window after window; quantize inputs and read outputs as the file says."""
    from ai_edge_litert.interpreter import Interpreter

    job = json.loads((folder / "job.json").read_text())
    interpreter = Interpreter(str(folder / "model.tflite"), num_threads=1)
    interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    windows = np.load(folder / "windows.npy", allow_pickle=False)

    def answer(window: NDArray[Any]) -> NDArray[Any]:
        interpreter.set_tensor(taken["index"], stored(window[None], taken))
        interpreter.invoke()
        row: NDArray[Any] = real(interpreter.get_tensor(given["index"]), given)[0]
        return row

    np.save(folder / "answers.npy", np.stack([answer(window) for window in windows]).astype(np.float32))
    times = []
    for i in range(job.get("n_timed", 0)):
        start = time.perf_counter_ns()
        answer(windows[i % len(windows)])
        times.append((time.perf_counter_ns() - start) / 1e6)
    operations = sorted({operation["op_name"] for operation in interpreter._get_ops_details()} - {"DELEGATE"})
    result = {
        "median_ms": statistics.median(times) if times else None,
        "operations": operations,
        "input": [taken["shape"].tolist(), np.dtype(taken["dtype"]).name],
        "output": [given["shape"].tolist(), np.dtype(given["dtype"]).name],
    }
    (folder / "result.json").write_text(json.dumps(result))


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
