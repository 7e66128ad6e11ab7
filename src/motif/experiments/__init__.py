"""Experiments from a file: data divided, a recognizer of behaviour trained, its label streams smoothed and judged.

`Experiment.load`, `train`, `evaluate`, `read_report`; the command `conv2d` wraps them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.experiments._analyze import ReadReport, comparison_rows, read_report
    from motif.experiments._data import open_data, parts
    from motif.experiments._evaluate import Judged, evaluate
    from motif.experiments._experiment import Experiment
    from motif.experiments._folder import TrainingRecord, model_folder
    from motif.experiments._pack import comparison_windows, pack
    from motif.experiments._train import Trained, train
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_analyze": ("ReadReport", "comparison_rows", "read_report"),
            "_data": ("open_data", "parts"),
            "_evaluate": ("Judged", "evaluate"),
            "_experiment": ("Experiment",),
            "_folder": ("TrainingRecord", "model_folder"),
            "_pack": ("comparison_windows", "pack"),
            "_train": ("Trained", "train"),
        },
    )

__all__ = [
    "Experiment",
    "Judged",
    "ReadReport",
    "Trained",
    "TrainingRecord",
    "comparison_rows",
    "comparison_windows",
    "evaluate",
    "model_folder",
    "open_data",
    "pack",
    "parts",
    "read_report",
    "train",
]
