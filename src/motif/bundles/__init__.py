"""A trained recognizer on disk: a folder of plain files that predicts with NumPy and onnxruntime alone.

`save` writes it whole or not at all, `verify` checks every byte of it, `load` gives back a recognizer that takes raw
windows. Nothing in a bundle can run code, and nothing is read that the manifest does not vouch for.
"""

from motif.bundles._arrays import array_bytes, model_arrays, read_arrays
from motif.bundles._cut import CutWindows, cut
from motif.bundles._describe import BundleConfig, WindowSpec
from motif.bundles._load import BundleRecognizer, load
from motif.bundles._manifest import FileEntry, Manifest, read_files
from motif.bundles._reference import read_reference
from motif.bundles._save import save
from motif.bundles._verify import TOLERANCE, Verification, verify

__all__ = [
    "TOLERANCE",
    "BundleConfig",
    "BundleRecognizer",
    "CutWindows",
    "FileEntry",
    "Manifest",
    "Verification",
    "WindowSpec",
    "array_bytes",
    "cut",
    "load",
    "model_arrays",
    "read_arrays",
    "read_files",
    "read_reference",
    "save",
    "verify",
]
