"""What every trained network stands on: Keras and its files, windows held out, a discriminant that is solved.

Nothing heavy is loaded before a name is used; Keras (`pip install 'motif[train]'`) not before `keras()` is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.learning._backend import arrays, keras, seeded
    from motif.learning._discriminant import fit_discriminant, set_weights, with_discriminant
    from motif.learning._export import from_keras_bytes, keras_bytes, onnx_bytes
    from motif.learning._holdout import held_out
    from motif.learning._labels import class_weights, encoded
    from motif.learning._layers import fit_standardized, fold_temperature, logits_model, output_of, standardized
    from motif.learning._predict import predict
    from motif.learning._settings import TrainingSettings
    from motif.learning._spectrum import fit_scale, fourier_bands, scaled_channels
    from motif.learning._steps import assign, diverged, log_softmax, losses_of, shuffled_batches
    from motif.learning._taught_range import DOUBTED, doubted, fit_reach, fit_taught_range, widen_taught_range
    from motif.learning._weights import fit_weights, scale_for_a_new_group
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_backend": ("arrays", "keras", "seeded"),
            "_discriminant": ("fit_discriminant", "set_weights", "with_discriminant"),
            "_export": ("from_keras_bytes", "keras_bytes", "onnx_bytes"),
            "_holdout": ("held_out",),
            "_labels": ("class_weights", "encoded"),
            "_layers": ("fit_standardized", "fold_temperature", "logits_model", "output_of", "standardized"),
            "_predict": ("predict",),
            "_settings": ("TrainingSettings",),
            "_spectrum": ("fit_scale", "fourier_bands", "scaled_channels"),
            "_steps": ("assign", "diverged", "log_softmax", "losses_of", "shuffled_batches"),
            "_taught_range": ("DOUBTED", "doubted", "fit_reach", "fit_taught_range", "widen_taught_range"),
            "_weights": ("fit_weights", "scale_for_a_new_group"),
        },
    )

__all__ = [
    "DOUBTED",
    "TrainingSettings",
    "arrays",
    "assign",
    "class_weights",
    "diverged",
    "doubted",
    "encoded",
    "fit_discriminant",
    "fit_reach",
    "fit_scale",
    "fit_standardized",
    "fit_taught_range",
    "fit_weights",
    "fold_temperature",
    "fourier_bands",
    "from_keras_bytes",
    "held_out",
    "keras",
    "keras_bytes",
    "log_softmax",
    "logits_model",
    "losses_of",
    "onnx_bytes",
    "output_of",
    "predict",
    "scale_for_a_new_group",
    "scaled_channels",
    "seeded",
    "set_weights",
    "shuffled_batches",
    "standardized",
    "widen_taught_range",
    "with_discriminant",
]
