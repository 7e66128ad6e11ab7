"""How busy the machine is: processor, memory, GPU, in a thread of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from typing import Any

from motif.optional import require

__all__ = ["MachineSampler", "gpu_names", "machine_sample"]

MEGABYTE = 1024 * 1024


def machine_sample() -> dict[str, float]:
    """Return the share of processor time since the last call (%), memory in use (MB) and, where there are any, GPUs.

    Raises
    ------
    MissingExtraError
        psutil is not installed.
    """
    psutil = require("psutil", extra="train")
    process, memory = _this_process(psutil), psutil.virtual_memory()
    sample = {
        "machine/cpu_percent": float(psutil.cpu_percent()),
        "machine/process_cpu_percent": float(process.cpu_percent()),
        "machine/process_memory_MB": process.memory_info().rss / MEGABYTE,
        "machine/memory_percent": float(memory.percent),
    }
    for index, (_, busy, used) in enumerate(_gpus()):
        sample[f"machine/gpu{index}_percent"] = busy
        sample[f"machine/gpu{index}_memory_MB"] = used
    return sample


def gpu_names() -> list[str]:
    """Return the GPUs that NVIDIA's driver knows; none where there is no such driver."""
    return [name for name, _, _ in _gpus()]


class MachineSampler:
    """Calls `tell` with a sample every `every_s` seconds, from a thread of its own, until it is stopped.

    Parameters
    ----------
    tell : callable
        Gets each sample.
    failed : callable
        Gets the exception that ended it; training does not hear of it.
    """

    def __init__(
        self, tell: Callable[[dict[str, float]], None], *, every_s: float, failed: Callable[[Exception], None]
    ) -> None:
        self._tell, self._failed, self._every_s = tell, failed, every_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="motif-machine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take a last sample and end the thread."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            machine_sample()  # shares are told since the call before: the first one means nothing
            while not self._stopped.wait(self._every_s):
                self._tell(machine_sample())
            self._tell(machine_sample())
        except Exception as error:
            self._failed(error)


_process: Any = None


def _this_process(psutil: Any) -> Any:
    """Return one object for all calls: it remembers when it was asked last."""
    global _process
    if _process is None or _process.pid != os.getpid():  # a fork has a process of its own
        _process = psutil.Process()
    return _process


def _gpus() -> list[tuple[str, float, float]]:
    """Return name, busy % and memory in use (MB) of each GPU."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    query = [command, "--query-gpu=name,utilization.gpu,memory.used", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[cell.strip() for cell in line.rsplit(",", 2)] for line in done.stdout.splitlines()]
    return [(name, float(busy), float(used)) for name, busy, used in rows if busy.isdigit() and used.isdigit()]
