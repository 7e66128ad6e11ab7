"""`motif info`: what a file or folder holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import JsonOption, print_json, print_table, say
from motif.cli._sensor_notes import sensor_notes

if TYPE_CHECKING:
    from motif.bundles import BundleRecognizer
    from motif.recordings import Dataset, Recording

__all__ = ["describe", "info_command"]


def info_command(
    path: Annotated[Path, typer.Argument(help="A recording, a data set or a bundle.")],
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Say what PATH holds: channels, rates, gaps, labels, groups, or what a bundle knows; which sensors may be stuck.

    Examples: `motif info export.zip`, `motif info gestures.npz --json`, `motif info my-bundle`
    """
    from motif.cli._open import open_path
    from motif.recordings import Recording

    found = open_path(path)
    facts = describe(found)
    notes = sensor_notes(found) if isinstance(found, Recording) else []
    if as_json:
        print_json(facts | ({"notes": notes} if isinstance(found, Recording) else {}))
        return
    print_table(str(path), ("what", "value"), [(key, _text(value)) for key, value in facts.items()])
    for note in notes:
        say("[yellow]note[/] ", note)


def describe(found: BundleRecognizer | Dataset | Recording) -> dict[str, Any]:
    """Return the facts of a bundle, a data set or a recording, JSON-ready."""
    from motif.bundles import BundleRecognizer
    from motif.recordings import Dataset

    if isinstance(found, Dataset):
        return {"kind": "data set"} | found.describe()
    if isinstance(found, BundleRecognizer):
        return {
            "kind": "bundle",
            "name": found.config.name,
            "recognizer": found.config.recognizer,
            "window": found.config.window.model_dump(mode="json"),
            "classes": found.classes_.tolist(),
            "metrics": {key: value for key, value in found.metrics.items() if not isinstance(value, list | dict)},
            "content_hash": found.manifest.content_hash,
        }
    return {"kind": "recording"} | _describe_recording(found)


def _describe_recording(recording: Recording) -> dict[str, Any]:
    import numpy as np

    from motif.signals import monotonic

    time = monotonic(recording.time_ns).report
    return {
        "samples": recording.n_samples,
        "duration_s": recording.duration_s,
        "rate_hz": time.rate_hz,
        "channels": list(recording.channels),
        "units": list(recording.units),
        "missing": {
            channel: int(count)
            for channel, count in zip(recording.channels, np.isnan(recording.values).sum(axis=0), strict=True)
            if count
        },
        "gaps": time.n_gaps,
        "longest_gap_s": time.longest_gap_s,
        "repeated_times": time.n_duplicates,
        "backward_times": time.n_backward,
        "annotations": [annotation.label for annotation in recording.annotations],
        "subject": recording.subject,
        "session": recording.session,
        "metadata": dict(recording.metadata),
    }


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key}: {_text(item)}" for key, item in value.items()) or "none"
    if isinstance(value, list):
        shown = [str(item) or "–" for item in value[:24]]
        return ", ".join(shown) + (f", … {len(value) - 24} more" if len(value) > 24 else "") or "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "unknown" if value in (None, "") else str(value)
