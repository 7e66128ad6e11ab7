"""`model.mlpackage` → what it takes, gives and computes, in `result.json`."""

import json
import sys
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    """Read the specification; nothing is run."""
    from coremltools.models.utils import load_spec

    spec = load_spec(str(folder / "model.mlpackage"))
    operations: set[str] = set()
    for function in spec.mlProgram.functions.values():
        for block in function.block_specializations.values():
            operations |= {operation.type for operation in block.operations}
    result = {
        "operations": sorted(operations - {"const"}),
        "inputs": [tensor(feature) for feature in spec.description.input],
        "outputs": [tensor(feature) for feature in spec.description.output],
    }
    (folder / "result.json").write_text(json.dumps(result))


def tensor(feature: Any) -> list[Any]:
    """Return shape and type of a tensor."""
    from coremltools.proto import FeatureTypes_pb2

    array = feature.type.multiArrayType
    return [list(array.shape), FeatureTypes_pb2.ArrayFeatureType.ArrayDataType.Name(array.dataType).lower()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
