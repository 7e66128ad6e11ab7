"""`python -m motif.learning model.keras model.onnx`: the ONNX model of a `.keras` file."""

from __future__ import annotations

import sys
from pathlib import Path

from motif.files import write_bytes
from motif.learning import from_keras_bytes, onnx_bytes


def main(keras_file: str, onnx_file: str) -> None:
    """Read one file, write the other."""
    write_bytes(onnx_file, onnx_bytes(from_keras_bytes(Path(keras_file).read_bytes())))


if __name__ == "__main__":
    main(*sys.argv[1:])
