"""`model.keras` → `model.stablehlo`: Keras on JAX, one window in, written as LiteRT's converter can read it."""

import sys
from pathlib import Path
from typing import Any

import numpy as np


def main(folder: Path) -> None:
    """Trace the network for one window and write the portable artifact."""
    import jax
    import keras

    model = converted(keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True))
    window = np.zeros((1, *model.input_shape[1:]), np.float32)
    exported = jax.export.export(jax.jit(lambda windows: model(windows, training=False)), platforms=["cpu"])(window)
    (folder / "model.stablehlo").write_bytes(exported.mlir_module_serialized)


def converted(model: Any) -> Any:
    """Return the same network without what the converter cannot lower: loops, and products of four axes."""
    import keras

    layers, ops = keras.layers, keras.ops

    def clone(layer: Any) -> Any:
        unrolled = {"unroll": True} if isinstance(layer, layers.GRU | layers.LSTM) else {}
        return type(layer).from_config(layer.get_config() | unrolled)

    def products(pair: Any) -> Any:
        left, right = pair
        return ops.sum(ops.expand_dims(left, 3) * ops.expand_dims(ops.swapaxes(right, 2, 3), 2), axis=-1)

    def call(layer: Any, *inputs: Any, **options: Any) -> Any:
        is_product = type(layer).__name__ == "Matmul"
        if is_product and [len(each.shape) for each in inputs] == [4, 4]:
            return layers.Lambda(products, name=f"products_{layer.name}")(list(inputs))
        if (is_product or isinstance(layer, layers.Dense)) and len(inputs[0].shape) == 4:
            shape, width = inputs[0].shape, inputs[1].shape[-1] if is_product else layer.units
            flat = layers.Reshape((shape[1] * shape[2], shape[3]), name=f"flat_{layer.name}")(inputs[0])
            given = layer(flat, *inputs[1:], **options)
            return layers.Reshape((*shape[1:3], width), name=f"deep_{layer.name}")(given)
        return layer(*inputs, **options)

    clone_of = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for layer in clone_of.layers:
        if layer.weights:
            layer.set_weights([ops.convert_to_numpy(w.value) for w in model.get_layer(layer.name).weights])
    return clone_of


if __name__ == "__main__":
    main(Path(sys.argv[1]))
