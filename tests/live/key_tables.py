"""The tables of `docs/live.md`, made from what the code says of each key: `python -m tests.live.key_tables`."""

import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from tests.made_pages import with_part

from motif.live import ActionMap, DeckSettings, GestureRule, PanicSettings, TempoSettings
from motif.live.actions import action_type, known_actions

PAGE = Path(__file__).parents[2] / "docs" / "live.md"
BEGIN, END = "<!-- keys: python -m tests.live.key_tables -->", "<!-- end of keys -->"
PARTS = {
    "The map": ActionMap,
    "A rule, below `gestures`": GestureRule,
    "`decks`": DeckSettings,
    "`tempo`": TempoSettings,
    "`panic`": PanicSettings,
}


def tables():
    parts = [_table(title, model) for title, model in PARTS.items()]
    for kind in known_actions():
        cls = action_type(kind)
        parts += [_table(f"`type: {kind}`, below `actions`", cls.Settings), _table(f"`send`, to `{kind}`", cls.Message)]
    return "\n\n".join(parts)


def _table(title, model):
    rows = [f"#### {title}", "", "| key | value | what it is |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        value = _kind(field.annotation)
        if not field.is_required():
            value += f"; `{_shown(field.get_default(call_default_factory=True))}`"
        description = " ".join(field.description.split())
        rows.append(f"| `{name}` | {value} | {description} |")
    return "\n".join(rows)


def _shown(value):
    if isinstance(value, BaseModel):
        return "{}"
    shown = {None: "null", True: "true", False: "false"}
    if isinstance(value, tuple | dict | list) and not value:
        return "[]" if isinstance(value, tuple) else "{}"
    return shown[value] if value is None or isinstance(value, bool) else str(value)


def _kind(kind):
    origin = get_origin(kind)
    if origin is Annotated:
        return _kind(get_args(kind)[0])
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_kind(each) for each in get_args(kind) if each is not type(None)))
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in get_args(kind))
    if origin in (tuple, list):
        return "list"
    if origin is dict:
        return "keys and values"
    names = {str: "text", int: "number", float: "number", bool: "true or false", Path: "path", Any: "anything"}
    return names.get(kind, "keys")


def page():
    return with_part(PAGE, BEGIN, END, tables())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
