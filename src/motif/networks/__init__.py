"""Many examples: network architectures, training, the recognizer made of them.

Nothing heavy is loaded before a name is used; Keras (`pip install 'motif[train]'`) not before a network is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.networks._architectures import ARCHITECTURES
    from motif.networks._classifier import NetworkClassifier
    from motif.networks._comparison import Compared, compare_architectures
    from motif.networks._model import build
    from motif.networks._sweep import SPACE, Sweep, Trial, sweep
    from motif.networks._training import Epoch
    from motif.networks.personal import (
        CalibrationConfig,
        PersonalizationResult,
        UserCalibrator,
        load_profile,
        personalize,
        quick_calibrate,
    )
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_architectures": ("ARCHITECTURES",),
            "_classifier": ("NetworkClassifier",),
            "_comparison": ("Compared", "compare_architectures"),
            "_model": ("build",),
            "_sweep": ("SPACE", "Sweep", "Trial", "sweep"),
            "_training": ("Epoch",),
            "personal": (
                "CalibrationConfig",
                "PersonalizationResult",
                "UserCalibrator",
                "load_profile",
                "personalize",
                "quick_calibrate",
            ),
        },
    )

__all__ = [
    "ARCHITECTURES",
    "SPACE",
    "CalibrationConfig",
    "Compared",
    "Epoch",
    "NetworkClassifier",
    "PersonalizationResult",
    "Sweep",
    "Trial",
    "UserCalibrator",
    "build",
    "compare_architectures",
    "load_profile",
    "personalize",
    "quick_calibrate",
    "sweep",
]
