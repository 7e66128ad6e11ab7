"""Codings as BORIS and ELAN keep them: a project in JSON, a document in XML."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from motif.errors import FormatError
from motif.recordings._coding_rows import CodedRow, seconds

__all__ = ["boris_rows", "elan_rows"]

_BORIS_HINT = "open it in BORIS and save it again"
_ELAN_HINT = "open it in ELAN and save it again"
_DEEPEST = 20
"""Elements of ELAN nest five deep."""


def boris_rows(content: bytes, path: Path) -> list[CodedRow]:
    """Return the events of a BORIS project.

    A behaviour's two events open and close it where the ethogram calls it a state.

    Raises
    ------
    FormatError
        It is no project of BORIS.

    References
    ----------
    olivierfriard/BORIS, `config.py` (`PJ_OBS_FIELDS`) and `project_functions.py` (`events_start_stop`): what an event
    holds, and that a time holds the observation's offset.
    """
    try:
        project = json.loads(content.decode("utf-8-sig"))
        kinds = {one["code"]: _kind(one["type"]) for one in project["behaviors_conf"].values()}
        return [
            CodedRow(
                observation=name,
                subject=str(event[1]),
                label=str(event[2]),
                kind=kinds.get(event[2], "unknown"),
                start=event[0],
                modifiers=str(event[3]),
                offset=observation.get("time offset"),
            )
            for name, observation in project["observations"].items()
            for event in observation["events"]
        ]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        problem = f"is no project of BORIS ({type(error).__name__}: {str(error)[:100]})"
        raise FormatError(path, problem, hint=_BORIS_HINT) from error


def _kind(text: str) -> str:
    """Return `point` or `state`, whatever follows: `State event with coding map`."""
    return text.casefold().partition(" ")[0]


def elan_rows(content: bytes, path: Path) -> list[CodedRow]:
    """Return the annotations of an ELAN document that have times of their own; one without text is called as its tier.

    Raises
    ------
    FormatError
        It is no document of ELAN, or declares a document type, which ELAN does not: no entity is ever expanded.

    References
    ----------
    Max Planck Institute for Psycholinguistics, "EAF: ELAN Annotation Format, version 3.0".
    """
    root = _parsed(content, path)
    header = root.find("HEADER")
    units = header.get("TIME_UNITS", "milliseconds") if header is not None else ""
    if root.tag != "ANNOTATION_DOCUMENT" or units != "milliseconds":
        raise FormatError(path, f"is no document of ELAN in milliseconds ({root.tag}, {units})", hint=_ELAN_HINT)
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    origin_ms = seconds(media.get("TIME_ORIGIN", "0")) if media is not None else 0.0
    slots = {slot.get("TIME_SLOT_ID"): seconds(slot.get("TIME_VALUE")) / 1000 for slot in root.iter("TIME_SLOT")}
    return [
        CodedRow(
            observation=tier.get("TIER_ID", ""),
            subject=tier.get("PARTICIPANT", ""),
            label=one.findtext("ANNOTATION_VALUE", "") or tier.get("TIER_ID", ""),
            kind="span",
            start=slots.get(one.get("TIME_SLOT_REF1")),
            stop=slots.get(one.get("TIME_SLOT_REF2")),
            offset=-origin_ms / 1000,
        )
        for tier in root.iter("TIER")
        for one in tier.iter("ALIGNABLE_ANNOTATION")
    ]


def _parsed(content: bytes, path: Path) -> Element:
    builder, parser, inside = TreeBuilder(), expat.ParserCreate(), list[str]()

    def refuse(*_: object) -> None:
        raise FormatError(path, "declares a document type, whose entities could fill the memory", hint=_ELAN_HINT)

    def start(tag: str, attributes: dict[str, str]) -> None:
        inside.append(tag)
        if len(inside) > _DEEPEST:
            raise FormatError(path, f"nests elements more than {_DEEPEST} deep", hint=_ELAN_HINT)
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        inside.pop()
        builder.end(tag)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise FormatError(path, f"is no XML ({error})", hint=_ELAN_HINT) from error
