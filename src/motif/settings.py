"""Settings in YAML, checked against a description; an error says the line, the key and the wish."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from motif.errors import ConfigError, MissingFileError

__all__ = ["line_of", "problems", "read_settings", "read_text", "validated"]

Model = TypeVar("Model", bound=BaseModel)


def read_settings(model: type[Model], path: str | Path) -> Model:
    """Return the model that a YAML file describes.

    Raises
    ------
    MissingFileError, ConfigError
        Nothing is there, it is no text, or `validated` refuses it.
    """
    return validated(model, read_text(path, want="a YAML file of settings"), str(path))


def read_text(path: str | Path, *, want: str) -> str:
    """Return the text of a file of settings; `want` says what should be there.

    Raises
    ------
    MissingFileError, ConfigError
        Nothing is there, or it is no text that may be read.
    """
    path = Path(path)
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise MissingFileError(path, want=want) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is no text: {error}") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error


def validated(model: type[Model], text: str, name: str) -> Model:
    """Return the model that a YAML text describes.

    Raises
    ------
    ConfigError
        Not YAML, a key that is not known or stands twice, a value that cannot be; each with its line.
    """
    try:
        found = yaml.safe_load(text)
        twice = _repeated_key(_nodes_of(text))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{name} is no YAML: {error}") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{name} holds {type(found).__name__}; want some of the keys {', '.join(model.model_fields)}")
    if twice is not None:
        line = twice.start_mark.line + 1
        raise ConfigError(f"{name} line {line}, {twice.value}: this key stands here before; want it once")
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise ConfigError(problems(error, text, name)) from error


@lru_cache(maxsize=1)  # lines of one text are asked for many times over
def _nodes_of(text: str) -> yaml.Node | None:
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _repeated_key(root: yaml.Node | None) -> yaml.ScalarNode | None:
    """Return a key that stands twice in one map: YAML takes the last one, and the others are lost without a word."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # an alias of what stands elsewhere
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            keys = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and (key.tag, key.value) in keys:
                    return key
                keys.add((key.tag, str(key.value)))
                waiting.append(value)
    return None


def problems(error: ValidationError, text: str | None, name: str, prefix: Sequence[str | int] = ()) -> str:
    """Return all that is wrong in one message, each with its line where there is a text."""
    lines = []
    for each in error.errors():
        path = [*prefix, *each["loc"]]
        shown = ".".join(map(str, path)) or "the map"
        wish = "this key is not known" if each["type"] == "extra_forbidden" else each["msg"]
        where = name if text is None else f"{name} line {line_of(text, path)}"
        lines.append(f"{where}, {shown}{_value(each)}: {wish.removeprefix('Value error, ')}")
    return "; ".join(lines)


def _value(error: ErrorDetails) -> str:
    """Return the value where it is a choice or a number: any other text may be a secret in the wrong place."""
    value = error["input"]
    is_number = isinstance(value, int | float) and error["type"] != "extra_forbidden"
    is_shown = is_number or error["type"] == "literal_error"
    return f" is {str(value)[:60]}" if is_shown else ""


def line_of(text: str, path: Sequence[str | int]) -> int:
    """Return the line where the value of a path stands, or the nearest thing around it that is there."""
    node: Any = _nodes_of(text)
    line = 1
    for key in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
    return line
