"""Activities of people the recognizer never met: `dsads`, one subject left out after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks._accuracy import compare
from benchmarks._tables import show
from motif.evaluation import feature_lda
from motif.networks import NetworkClassifier
from motif.recordings import leave_one_group_out, load_dataset


def run(shared: Path) -> dict[str, Any]:
    data = load_dataset(shared / "dsads")
    split = leave_one_group_out(data)
    rows = compare(
        data,
        split,
        {
            "motif TCN": lambda: NetworkClassifier("tcn", random_state=0),
            "simple statistics + LDA (scikit-learn)": feature_lda,
            "motif.signals.features + LDA (scikit-learn)": lambda: feature_lda(data.channels, data.rate_hz),
        },
    )
    title = f"Activities (dsads), {split.how}"
    return {title: show(title, rows)}
