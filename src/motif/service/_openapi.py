"""What the OpenAPI document says of routes that read their bodies themselves."""

from __future__ import annotations

from typing import Any

__all__ = ["INFER_BODY", "described"]

_TEXTS = {
    400: "The request cannot be used; `error` says why.",
    404: "There is no such model.",
    409: "The bundle cannot be loaded; what was there before still answers.",
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
INFER_BODY: dict[str, Any] = {
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
