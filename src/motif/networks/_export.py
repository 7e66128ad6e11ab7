"""Moved to `motif.learning`; kept while code moves over."""

from motif.learning._export import from_keras_bytes, keras_bytes, onnx_bytes

__all__ = ["from_keras_bytes", "keras_bytes", "onnx_bytes"]
