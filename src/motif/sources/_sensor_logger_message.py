"""One message of Sensor Logger, parsed and checked: what cannot be a reading is left out and counted.

References
----------
PUSHING.md, github.com/tszheichoi/awesome-sensor-logger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from motif.errors import FormatError
from motif.recordings import Annotation
from motif.sources._sensor_logger_json import Said, Sample, parsed, typed_message
from motif.sources._sensor_logger_names import plain_name
from motif.sources._sensor_logger_values import arrays_of, numeric_keys

__all__ = ["Batch", "Message", "checked_message", "parse_message", "untyped_message"]

_MAX_SENSORS = 64
_MAX_TEXT = 128
_HINT = "in Sensor Logger's settings choose Data Streaming, and HTTP Push or MQTT as it is"


@dataclass(slots=True)
class Batch:
    """One sensor's samples in a message, as they stand there."""

    name: str
    times: list[Any]
    values: list[Any]
    """As `Sample` has them; `parsed` reads what was not read yet."""
    accuracy: Any


@dataclass(slots=True)
class Message:
    """One message."""

    device: str
    session: str
    number: int | None
    batches: dict[str, Batch]
    """By the plain name of the sensor."""
    annotations: list[Annotation]
    bad: Counter[str]
    """What was left out, by reason."""

    def holds_samples(self) -> bool:
        """Say whether somebody moves, or marks what is done: a sample has a time and a number."""
        return bool(self.annotations) or any(_holds_one(batch) for batch in self.batches.values())


def parse_message(body: bytes) -> Message:
    """Read a message; integers stay integers.

    Raises
    ------
    FormatError
        It is not JSON, or not a message of Sensor Logger; the text tells the person what to do.
    """
    return checked_message(typed_message(body) or untyped_message(body))


def checked_message(said: Said) -> Message:
    """Return a message whose parts are what they should be, its samples sorted by sensor."""
    message = Message(
        device=_text(said.device) or "phone",
        session=_text(said.session),
        number=_number(said.number),
        batches={},
        annotations=[],
        bad=Counter(),
    )
    _group(said.payload, message)
    return message


def untyped_message(body: bytes) -> Said:
    """Return a message of which parts may be anything; see `parse_message`."""
    try:
        said = from_json(body)  # nothing can be nested deep enough to hurt
    except ValueError as error:
        raise FormatError("the message", f"is not JSON ({str(error)[:80]})", hint=_HINT) from error
    if not isinstance(said, dict):
        raise FormatError("the message", f"is a {type(said).__name__}, not an object", hint=_HINT)
    payload = said.get("payload")
    if not isinstance(payload, list):
        raise FormatError("the message", f"has a payload of {type(payload).__name__}, not a list", hint=_HINT)
    samples = [_sample(entry) for entry in payload]
    return Said(samples, said.get("deviceId"), said.get("sessionId"), said.get("messageId"))


def _sample(entry: Any) -> Sample | None:
    try:
        name, time_ns, values = entry["name"], entry["time"], entry["values"]
    except (KeyError, TypeError):
        return None
    return Sample(name, time_ns, values, entry.get("accuracy")) if isinstance(name, str) else None


def _group(samples: Sequence[Sample | None], message: Message) -> None:
    """Sort samples by sensor."""
    by_name: dict[str, list[Sample]] = {}
    bad = 0
    for sample in samples:
        if sample is not None and (own := by_name.get(sample.name)) is not None:
            own.append(sample)
        elif sample is not None and len(by_name) < _MAX_SENSORS:
            by_name[sample.name] = [sample]
        else:
            bad += 1
    message.bad["not a reading"] += bad
    for name, own in by_name.items():
        times, values = [sample.time for sample in own], [sample.values for sample in own]
        _place(Batch(name[:_MAX_TEXT], times, values, own[0].accuracy), message)


def _place(batch: Batch, message: Message) -> None:
    plain = plain_name(batch.name)
    if plain == "annotation":
        for time_ns, values in zip(batch.times, batch.values, strict=True):
            _annotate(time_ns, parsed(values), message)
    elif plain == "camera":
        message.bad["camera picture"] += len(batch.times)
    elif plain in message.batches:  # "Wrist Motion" beside "wrist motion"
        message.batches[plain].times += batch.times
        message.batches[plain].values += batch.values
    else:
        message.batches[plain] = batch


def _annotate(time_ns: Any, values: Any, message: Message) -> None:
    """`time` is when the button was pressed; a long press marks a span."""
    try:
        pressed_ms = min(max(float(values.get("millisecond_press_duration") or 0.0), 0.0), 3.6e6)
        start_ns, label = int(time_ns), _text(values.get("text"))
        message.annotations.append(Annotation(start_ns, start_ns + round(pressed_ms * 1e6), label))
    except (AttributeError, TypeError, ValueError, OverflowError):
        message.bad["not an annotation"] += 1


def _text(said: Any) -> str:
    """Return a short text without control characters; empty for what is none."""
    if isinstance(said, int) and not isinstance(said, bool):
        said = str(said)[:_MAX_TEXT] if abs(said) < 10**30 else ""
    if not isinstance(said, str):
        return ""
    said = said[:_MAX_TEXT]
    return said if said.isprintable() else "".join(letter for letter in said if letter.isprintable())


def _holds_one(batch: Batch) -> bool:
    keys = numeric_keys(batch.values)
    return bool(keys) and arrays_of(batch.times, batch.values, keys, Counter())[0].size > 0


def _number(said: Any) -> int | None:
    if isinstance(said, float) and said.is_integer():
        said = int(said)
    if isinstance(said, int) and not isinstance(said, bool) and 0 <= said < 2**63:
        return said
    return None
