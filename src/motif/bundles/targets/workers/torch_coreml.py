"""`model.keras` → `model.mlpackage`: Keras on PyTorch, exported, written by coremltools.

Core ML itself answers on Apple's systems only; the exported program it was made from leaves its answers here.
"""

import json
import sys
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np


def main(folder: Path) -> None:
    """Export; convert where the job says so; leave the answers of the best that can be asked here."""
    import keras
    import torch

    split_without_looking()
    job = json.loads((folder / "job.json").read_text())
    model = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = model

        def forward(self, windows: Any) -> Any:
            return self.network(windows, training=False)

    shape = (1, *model.input_shape[1:])
    with torch.no_grad():
        program = torch.export.export(Network().eval(), (torch.zeros(shape),)).run_decompositions()
    if job["write"]:
        package(program, shape).save(str(folder / "model.mlpackage"))
        make_reproducible(folder / "model.mlpackage")
    network, windows = program.module(), np.load(folder / "windows.npy", allow_pickle=False)
    with torch.no_grad():
        np.save(folder / "answers.npy", np.concatenate([network(torch.from_numpy(w[None])).numpy() for w in windows]))


def split_without_looking() -> None:
    """Let Keras split at indices that are known beforehand: as a tensor, an export cannot look at them."""
    import torch
    from keras.src.backend.torch import numpy as operations

    def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
        if isinstance(indices_or_sections, int):
            return list(torch.tensor_split(x, indices_or_sections, dim=axis))
        ends = [*map(int, indices_or_sections), x.shape[axis]]
        return list(torch.split(x, [b - a for a, b in zip([0, *ends], ends, strict=False)], dim=axis))

    operations.split = split


def package(program: Any, shape: tuple[int, ...]) -> Any:
    """Return the Core ML model of an exported program: float32, for iOS 16 and later."""
    import coremltools

    teach_missing_operations()
    return coremltools.convert(
        program,
        inputs=[coremltools.TensorType(name="windows", shape=shape)],
        outputs=[coremltools.TensorType(name="probabilities")],
        minimum_deployment_target=coremltools.target.iOS16,
        compute_precision=coremltools.precision.FLOAT32,
        skip_model_load=True,
    )


def make_reproducible(package_folder: Path) -> None:
    """Take out the date and the drawn identifiers, so that the same network gives the same bytes."""
    from coremltools.proto import Model_pb2

    for file in package_folder.rglob("*.mlmodel"):
        model = Model_pb2.Model()
        model.ParseFromString(file.read_bytes())
        notes = model.description.metadata.userDefined
        for key in [key for key in notes if key.endswith("conversion_date")]:
            del notes[key]
        file.write_bytes(model.SerializeToString(deterministic=True))
    listed = package_folder / "Manifest.json"
    manifest = json.loads(listed.read_text())
    names = {drawn: str(uuid5(NAMESPACE_URL, item["path"])) for drawn, item in manifest["itemInfoEntries"].items()}
    manifest["itemInfoEntries"] = {names[drawn]: item for drawn, item in manifest["itemInfoEntries"].items()}
    manifest["rootModelIdentifier"] = names[manifest["rootModelIdentifier"]]
    listed.write_text(json.dumps(manifest, indent=4, sort_keys=True) + "\n")


def teach_missing_operations() -> None:
    """Tell coremltools the two operations of our networks that it does not know."""
    from coremltools.converters.mil import Builder as builder  # noqa: N813
    from coremltools.converters.mil import register_torch_op
    from coremltools.converters.mil.frontend.torch.ops import _get_inputs

    @register_torch_op(override=True)
    def alias(context: Any, node: Any) -> None:
        (x,) = _get_inputs(context, node, expected=1)
        context.add(builder.identity(x=x, name=node.name))

    @register_torch_op(override=True)
    def asinh(context: Any, node: Any) -> None:
        (x,) = _get_inputs(context, node, expected=1)
        root = builder.sqrt(x=builder.add(x=builder.mul(x=x, y=x), y=1.0))
        size = builder.log(x=builder.add(x=builder.abs(x=x), y=root))
        context.add(builder.mul(x=builder.sign(x=x), y=size, name=node.name))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
