"""What the OpenAPI document says of routes that read their bodies themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["described", "document"]

_TEXTS = {
    400: "The request cannot be used; `error` says why.",
    404: "There is no such model.",
    408: "The request came too slowly.",
    409: "The bundle cannot be loaded; what was there before still answers.",
    413: "The request is too large.",
    503: "Not ready.",
}
_ERROR = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["error", "code"],
            "properties": {"error": {"type": "string"}, "code": {"type": "string"}},
        }
    }
}

_TENSOR = {
    "type": "object",
    "required": ["name", "shape", "datatype", "data"],
    "properties": {
        "name": {"type": "string"},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 1}},
        "datatype": {"type": "string", "enum": ["FP16", "FP32", "FP64"]},
        "data": {"type": "array", "items": {"type": "number"}},
    },
}
_INFER_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["inputs"],
                    "properties": {
                        "id": {"type": "string"},
                        "inputs": {"type": "array", "minItems": 1, "maxItems": 1, "items": _TENSOR},
                    },
                }
            }
        },
    }
}


def described(text: str, *statuses: int) -> dict[str, Any]:
    """Return a route's description and the other statuses it may answer with."""
    return {
        "description": text,
        "responses": {
            status: {"description": _TEXTS[status]} | ({} if status == 503 else {"content": _ERROR})
            for status in statuses
        },
    }


def document(api: Any) -> Callable[[], dict[str, Any]]:
    """Return what writes the OpenAPI document of an application and of the inference that stands in front of it."""
    of_routes = api.openapi

    def written() -> dict[str, Any]:
        found: dict[str, Any] = of_routes()
        for path in ("/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer"):
            found["paths"].setdefault(path, {"post": _infer(path)})
        return found

    return written


def _infer(path: str) -> dict[str, Any]:
    names = [name for name in ("model", "version") if f"{{{name}}}" in path]
    told = described("Predict.", 400, 404, 408, 413)
    statuses = {str(status): told["responses"][status] for status in told["responses"]}
    reply = {"description": "The outputs.", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {
        "summary": "Infer",
        "description": told["description"],
        "operationId": f"infer_{'_'.join(names)}",
        "parameters": [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names],
        **_INFER_BODY,
        "responses": {"200": reply} | statuses,
    }
