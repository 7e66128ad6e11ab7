"""`model.keras` → `answers.npy` for `windows.npy`, on the backend that `KERAS_BACKEND` names."""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

BATCH = 256


def main(folder: Path) -> None:
    """Answer every window; time one at a time where the job asks for it."""
    import keras

    job = json.loads((folder / "job.json").read_text())
    model = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
    windows = np.load(folder / "windows.npy", allow_pickle=False)
    answers = [model.predict_on_batch(windows[i : i + BATCH]) for i in range(0, len(windows), BATCH)]  # one program
    np.save(folder / "answers.npy", np.concatenate(answers))
    times = []
    for i in range(job.get("n_timed", 0)):
        window = windows[i % len(windows)][None]
        start = time.perf_counter_ns()
        keras.ops.convert_to_numpy(model(window, training=False))
        times.append((time.perf_counter_ns() - start) / 1e6)
    (folder / "result.json").write_text(json.dumps({"median_ms": statistics.median(times) if times else None}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
