"""`sbom.cdx.json`: what a pack is made of and what made it, as a CycloneDX bill of materials.

No serial number and no time: the same content gives the same bytes.

References
----------
CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from motif.bundles._describe import BundleConfig
from motif.bundles._manifest import MODELS, role_of

__all__ = ["bill_of_materials"]

NEEDED = ("motif", "numpy", "onnxruntime", "pydantic", "pyyaml", "safetensors")
"""What answers from a pack stands on these."""


def bill_of_materials(files: Mapping[str, bytes], config: BundleConfig, class_names: Sequence[str]) -> bytes:
    """Return the bill: the model, every file with its hash, and the packages that run it."""
    model = next(name for name in MODELS if name in files)
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _model(files[model], model, config, class_names)},
        "components": [
            *(_file(name, content) for name, content in sorted(files.items()) if name != model),
            *(package for name in NEEDED if (package := _package(name))),
        ],
    }
    return (json.dumps(bill, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _model(content: bytes, name: str, config: BundleConfig, class_names: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": name,
        "name": config.name,
        "hashes": _hashes(content),
        "modelCard": {
            "modelParameters": {
                "task": "classification",
                "architectureFamily": config.recognizer,
                "inputs": [{"format": f"float32 {' × '.join(map(str, config.window.shape))}"}],
                "outputs": [{"format": f"probabilities of {len(class_names)} classes"}],
            }
        },
    }


def _file(name: str, content: bytes) -> dict[str, Any]:
    return {
        "type": "file",
        "bom-ref": name,
        "name": name,
        "description": role_of(name),
        "hashes": _hashes(content),
    }


def _package(name: str) -> dict[str, Any] | None:
    try:
        found = version(name)
    except PackageNotFoundError:
        return None
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{found}",
        "name": name,
        "version": found,
        "purl": f"pkg:pypi/{name}@{found}",
    }


def _hashes(content: bytes) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}]
