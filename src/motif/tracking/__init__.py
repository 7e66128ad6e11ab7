"""What a training run was: settings, numbers, machine, commit, files; shown by TensorBoard and Weights & Biases.

Nothing heavy is loaded before a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.tracking._config import TensorBoardConfig, TrackingConfig, WandbConfig
    from motif.tracking._record import Artifact, Evaluation, RunRecord, Session
    from motif.tracking._runs import Comparison, Run, compare_runs, export_runs, list_runs, read_run
    from motif.tracking._tracker import ExperimentTracker, create_tracker
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_config": ("TensorBoardConfig", "TrackingConfig", "WandbConfig"),
            "_record": ("Artifact", "Evaluation", "RunRecord", "Session"),
            "_runs": ("Comparison", "Run", "compare_runs", "export_runs", "list_runs", "read_run"),
            "_tracker": ("ExperimentTracker", "create_tracker"),
        },
    )

__all__ = [
    "Artifact",
    "Comparison",
    "Evaluation",
    "ExperimentTracker",
    "Run",
    "RunRecord",
    "Session",
    "TensorBoardConfig",
    "TrackingConfig",
    "WandbConfig",
    "compare_runs",
    "create_tracker",
    "export_runs",
    "list_runs",
    "read_run",
]
