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
            "_weights": ("fit_weights", "scale_for_a_new_group"),
        },
    )

__all__ = [
    "arrays",
    "class_weights",
    "encoded",
    "fit_discriminant",
    "fit_weights",
    "from_keras_bytes",
    "held_out",
    "keras",
    "keras_bytes",
    "onnx_bytes",
    "scale_for_a_new_group",
    "seeded",
    "set_weights",
    "with_discriminant",
]
