"""ELAN: annotations as an `.eaf` document, beside the video or audio where there is one."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from motif.errors import ConfigError
from motif.files import write_bytes
from motif.recordings._recording import Recording
from motif.recordings._segment_rows import SegmentRow, as_recordings, observation_names, segment_rows

__all__ = ["write_elan"]

_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_TYPE = "behaviour"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_elan(
    recordings: Recording | Sequence[Recording], path: str | Path, *, media: str | Path | None = None
) -> Path:
    """Write annotations for ELAN, a tier a recording; times are milliseconds from each recording's first sample.

    Spans of one recording that overlap go to further tiers, as those of one ELAN tier may not. A moment lasts 1 ms.

    Parameters
    ----------
    recordings : Recording or sequence of Recording
        Their annotations are written; the subject is the tier's participant.
    path : str or Path
        Ending in `.eaf`.
    media : str or Path, optional
        The video or audio that was recorded with it, from the same moment on; ELAN plays it beside the tiers.

    Raises
    ------
    ConfigError
        Another extension.
    InputError, TooFewSamplesError
        A recording without samples, an annotation before its first one.
    WriteError

    References
    ----------
    Max Planck Institute for Psycholinguistics, "EAF: ELAN Annotation Format, version 3.0": the order of elements and
    the references between them.
    """
    path, several = Path(path), as_recordings(recordings)
    if path.suffix != ".eaf":
        raise ConfigError(f"{path.name} has extension {path.suffix!r}; want .eaf")
    tiers = [
        (f"{name} {k + 1}" if k else name, recording, lane)
        for name, recording in zip(observation_names(several), several, strict=True)
        for k, lane in enumerate(_lanes(segment_rows(recording)))
    ]
    root = _document(several[0], media)
    slots = _time_order(root, [lane for _, _, lane in tiers])
    number = 0
    for name, recording, lane in tiers:
        number = _tier(root, name, recording.subject, lane, slots, number)
    SubElement(root, "LINGUISTIC_TYPE", GRAPHIC_REFERENCES="false", LINGUISTIC_TYPE_ID=_TYPE, TIME_ALIGNABLE="true")
    ElementTree.indent(root)
    write_bytes(path, ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))
    return path


def _document(first: Recording, media: str | Path | None) -> Element:
    ElementTree.register_namespace("xsi", _XSI)
    date = datetime.fromtimestamp(int(first.time_ns.min()) // 10**9, UTC).isoformat()
    about = {"AUTHOR": "motif", "DATE": date, "FORMAT": "3.0", "VERSION": "3.0"}
    root = Element("ANNOTATION_DOCUMENT", about | {f"{{{_XSI}}}noNamespaceSchemaLocation": _SCHEMA})
    header = SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    if media is not None:
        kind = mimetypes.guess_type(str(media))[0] or "unknown"
        SubElement(header, "MEDIA_DESCRIPTOR", MEDIA_URL=Path(media).resolve().as_uri(), MIME_TYPE=kind)
    return root


def _time_order(root: Element, lanes: Sequence[Sequence[SegmentRow]]) -> dict[int, str]:
    """Write every time once, in order; return its name by milliseconds."""
    times = sorted({time for row in chain(*lanes) for time in _milliseconds(row)})
    order = SubElement(root, "TIME_ORDER")
    slots = {time: f"ts{i + 1}" for i, time in enumerate(times)}
    for time, name in slots.items():
        SubElement(order, "TIME_SLOT", TIME_SLOT_ID=name, TIME_VALUE=str(time))
    return slots


def _tier(
    root: Element, name: str, subject: str, lane: Sequence[SegmentRow], slots: dict[int, str], number: int
) -> int:
    """Write a tier; return how many annotations there are by now."""
    participant = {"PARTICIPANT": subject} if subject else {}
    tier = SubElement(root, "TIER", {"LINGUISTIC_TYPE_REF": _TYPE, "TIER_ID": name} | participant)
    for row in lane:
        number += 1
        start, stop = _milliseconds(row)
        place = {"ANNOTATION_ID": f"a{number}", "TIME_SLOT_REF1": slots[start], "TIME_SLOT_REF2": slots[stop]}
        annotation = SubElement(SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION", place)
        SubElement(annotation, "ANNOTATION_VALUE").text = _printable(row.label)
    return number


def _lanes(rows: Sequence[SegmentRow]) -> list[list[SegmentRow]]:
    """Return rows so that none overlaps another of its lane; at least one lane."""
    lanes: list[list[SegmentRow]] = [[]]
    for row in rows:
        free = (lane for lane in lanes if not lane or _milliseconds(lane[-1])[1] <= _milliseconds(row)[0])
        lane = next(free, None)
        if lane is None:
            lanes.append([row])
        else:
            lane.append(row)
    return lanes


def _milliseconds(row: SegmentRow) -> tuple[int, int]:
    start = round(row.start_s * 1000)
    return start, max(round(row.stop_s * 1000), start + 1)


def _printable(text: str) -> str:
    """Return text without the characters that XML has no way to write."""
    return _NOT_IN_XML.sub("", text)
