"""A trained Keras model as bytes: ONNX for devices, `.keras` to go on training."""

from __future__ import annotations

import io
import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from motif.errors import BundleError
from motif.learning._backend import arrays, keras
from motif.optional import require

__all__ = ["from_keras_bytes", "keras_bytes", "onnx_bytes"]


def onnx_bytes(model: Any) -> bytes:
    """Return one self-contained ONNX model: raw windows (n, …) float32 in, probabilities (n, n_classes) out.

    Batch normalization is folded into the convolutions first: exporters leave it standing and runtimes don't fold it.
    """
    folded = _fold_batch_normalization(model)
    folded(keras().Input(batch_shape=(1, *folded.input_shape[1:])))  # once, as exporters want; nothing is compiled
    _load_rules()
    with _working_file("model.onnx") as path:
        folded.export(path, format="onnx", verbose=False)
        return path.read_bytes()


def _load_rules() -> None:
    """Load the exporter's rules for JAX alone: those for other libraries of networks take seconds, and go unused."""
    rules: Any = require("jax2onnx.plugins.plugin_system", extra="train")
    if getattr(rules, "_already_imported_plugins", None) is False:  # a later exporter may keep them otherwise
        rules._import_tree(Path(rules.__file__).parent / "jax", "jax2onnx.plugins.jax")
        rules._already_imported_plugins = True


@contextmanager
def _working_file(name: str) -> Iterator[Path]:
    """Give a path to write to or read from, and keep deprecations of Keras' and the exporters' own to ourselves."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield Path(folder) / name


def keras_bytes(model: Any) -> bytes:
    """Return the `.keras` file of a model, without an optimizer; a fifth smaller than Keras writes it."""
    with _working_file("model.keras") as path:
        bare = keras().Model(model.input, model.output, name=model.name)
        bare.save(path)
        return _repacked(path.read_bytes())


def _repacked(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            entry = source.read(name)
            info = zipfile.ZipInfo(name)  # of no date, so that the same model is the same file
            target.writestr(info, _squeezed(entry) if name.endswith(".h5") else _lasting(entry), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _lasting(content: bytes) -> bytes:
    """Return JSON of Keras without its date, and with objects numbered as they come instead of by their address."""
    numbers: dict[bytes, int] = {}
    content = re.sub(rb'"date_saved": "[^"]*"', b'"date_saved": ""', content)
    return re.sub(
        rb'"shared_object_id": (\d+)',
        lambda found: b'"shared_object_id": %d' % numbers.setdefault(found[1], len(numbers)),
        content,
    )


def _squeezed(content: bytes) -> bytes:
    """Return the same HDF5 with its numbers' bytes shuffled, exponents beside exponents, and deflated."""
    h5py = require("h5py", extra="train")
    squeezed = io.BytesIO()
    with h5py.File(io.BytesIO(content), "r") as source, h5py.File(squeezed, "w") as target:

        def copy(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset):
                filters = {"compression": "gzip", "shuffle": True} if item.ndim else {}
                made = target.create_dataset(name, data=item[...], **filters)
            else:
                made = target.require_group(name)
            made.attrs.update(item.attrs)

        target.attrs.update(source.attrs)
        source.visititems(copy)
    return squeezed.getvalue()


def from_keras_bytes(content: bytes) -> Any:
    """Read a `.keras` file. Code in it is never run, whatever the file itself says about that.

    Raises
    ------
    BundleError
        It cannot be read, or it asks for more than Keras' own layers.
    """
    k = keras()
    with _working_file("model.keras") as path:
        path.write_bytes(content)
        try:
            return k.saving.load_model(path, compile=False, safe_mode=True)
        except (ValueError, TypeError, KeyError, OSError, AttributeError, ImportError) as error:
            raise BundleError(f"model.keras cannot be loaded ({error}); save the bundle again") from error


def _fold_batch_normalization(model: Any) -> Any:
    """Return a copy in which each convolution has taken in the batch normalization that follows it."""
    layers = keras().layers
    after = {
        id(layer.input._keras_history.operation): layer
        for layer in model.layers
        if isinstance(layer, layers.BatchNormalization)
    }
    pairs = {layer.name: after[id(layer)] for layer in model.layers if _is_folded(layer, after)}
    swallowed = {normalization.name for normalization in pairs.values()}

    def clone(layer: Any) -> Any:
        extra = {"use_bias": True} if layer.name in pairs else {}
        return type(layer).from_config(layer.get_config() | extra)

    def call(layer: Any, *inputs: Any, **options: Any) -> Any:
        return inputs[0] if layer.name in swallowed else layer(*inputs, **options)

    folded = keras().models.clone_model(model, clone_function=clone, call_function=call)
    for layer in folded.layers:
        if layer.name in pairs:
            (kernel,), normalization = arrays(model.get_layer(layer.name).weights), pairs[layer.name]
            gamma, beta, mean, variance = (w.astype(np.float64) for w in arrays(normalization.weights))
            scale = gamma / np.sqrt(variance + normalization.epsilon)
            layer.set_weights([kernel * scale, beta - mean * scale])
        elif layer.weights:
            layer.set_weights(arrays(model.get_layer(layer.name).weights))
    return folded


def _is_folded(layer: Any, after: dict[int, Any]) -> bool:
    layers = keras().layers
    return id(layer) in after and isinstance(layer, layers.Conv1D | layers.Conv2D) and not layer.use_bias
