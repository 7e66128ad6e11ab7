"""Ten minutes of phones over WebSocket, for the memory: `python -m benchmarks service_soak`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks._tables import show
from benchmarks.suite_service import PHONES, made_bundles, streams


def run(shared: Path) -> dict[str, Any]:
    what = f"Service: {PHONES} phones at 100 Hz over WebSocket, ten minutes"
    with made_bundles() as bundles:
        return {what: show(what, [streams(bundles["taps"], 600.0)])}
