"""A Keras model as the graph TensorBoard draws, from its layers: no TensorFlow, whatever the backend.

References
----------
tensorflow/core/framework/graph.proto and node_def.proto: the nodes are read by TensorBoard, never run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from motif.tracking._events import events

__all__ = ["Node", "graph_bytes", "nodes"]


@dataclass(frozen=True, slots=True)
class Node:
    """A layer, and the layers whose outputs it takes."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    shape: tuple[int | None, ...] | None
    n_weights: int


def nodes(model: Any) -> list[Node]:
    """Return the layers of a model in the order data takes; a model inside it is one layer.

    A model that is no graph of layers, as one with a `call` of its own, is shown as a chain of those it holds.
    """
    operations = getattr(model, "_operations", None)
    return list(_graph(operations) if operations else _chain(model.layers))


def graph_bytes(model: Any) -> bytes:
    """Return a serialized GraphDef.

    Raises
    ------
    MissingExtraError
        tensorboardX is not installed.
    """
    graph = events("proto.graph_pb2").GraphDef()
    for node in nodes(model):
        drawn = graph.node.add(name=node.name, op=node.kind, input=list(node.inputs))
        drawn.attr["weights"].i = node.n_weights
        if node.shape is not None:
            shape = drawn.attr["_output_shapes"].list.shape.add()
            for size in node.shape:
                shape.dim.add(size=-1 if size is None else size)
    graph.versions.producer = 22
    return bytes(graph.SerializeToString())


def _graph(operations: list[Any]) -> Iterator[Node]:
    for operation in operations:
        producers = [
            tensor._keras_history.operation.name
            for node in getattr(operation, "_inbound_nodes", [])[:1]
            for tensor in node.input_tensors
        ]
        yield _node(operation, tuple(dict.fromkeys(producers)))


def _chain(layers: list[Any]) -> Iterator[Node]:
    before: tuple[str, ...] = ()
    for layer in layers:
        yield _node(layer, before)
        before = (layer.name,)


def _node(layer: Any, inputs: tuple[str, ...]) -> Node:
    try:
        shape = tuple(layer.output.shape)
    except (AttributeError, ValueError, RuntimeError):  # several outputs, or never called
        shape = None
    n_weights = layer.count_params() if getattr(layer, "built", False) and hasattr(layer, "count_params") else 0
    return Node(layer.name, type(layer).__name__, inputs, shape, n_weights)
