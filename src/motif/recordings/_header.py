"""Everything of a `Recording` but its two arrays, as one line of JSON: what our own files carry beside the numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from motif.errors import InputError
from motif.recordings._recording import Annotation, Recording

__all__ = ["HEADER_KEY", "channels_of", "header_of", "recording_of"]

HEADER_KEY = "motif.recording"
"""What the header is called in a file's metadata."""

_VERSION = 1


def header_of(recording: Recording) -> str:
    """Return channels, units, annotations, subject, session and metadata as JSON."""
    return json.dumps(
        {
            "motif_recording": _VERSION,
            "channels": recording.channels,
            "units": recording.units,
            "annotations": [[mark.start_ns, mark.stop_ns, mark.label] for mark in recording.annotations],
            "subject": recording.subject,
            "session": recording.session,
            "metadata": dict(recording.metadata),
        },
        ensure_ascii=False,
    )


def channels_of(header: str | bytes) -> tuple[str, ...]:
    """Return the channels that a header names.

    Raises
    ------
    InputError
        The header is not ours.
    """
    channels = _parsed(header).get("channels")
    if not isinstance(channels, list):
        raise InputError("the header names no channels; write the file again with motif")
    return tuple(map(str, channels))


def recording_of(values: NDArray[Any], time_ns: NDArray[Any], header: str | bytes) -> Recording:
    """Return the recording that `header_of` described.

    Raises
    ------
    InputError
        The header is not ours, or does not fit the arrays.
    """
    parts = _parsed(header)
    try:
        return Recording(
            values=values,
            time_ns=time_ns,
            channels=tuple(parts["channels"]),
            units=tuple(parts["units"]),
            annotations=tuple(
                Annotation(int(start), int(stop), str(label)) for start, stop, label in parts["annotations"]
            ),
            subject=str(parts["subject"]),
            session=str(parts["session"]),
            metadata=dict(parts["metadata"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"the header lacks or garbles {error}; write the file again with motif") from error


def _parsed(header: str | bytes) -> Mapping[str, Any]:
    try:
        parts = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the header is not JSON ({error}); write the file again with motif") from error
    version = parts.get("motif_recording") if isinstance(parts, dict) else None
    if not isinstance(parts, dict) or version != _VERSION:
        raise InputError(f"the header says version {version!r}; this motif reads version {_VERSION}")
    return parts
