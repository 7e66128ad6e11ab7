"""`motif predict`: what a bundle says of a recording or of windows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import print_json, print_table, progress, say

if TYPE_CHECKING:
    from motif.bundles import BundleRecognizer
    from motif.recordings import Dataset, Recording

__all__ = ["predict_command"]

_Described = tuple[dict[str, Any], Any]
"""Which window it is, and the window."""


def predict_command(
    bundle: Annotated[Path, typer.Argument(help="The folder of a bundle.")],
    source: Annotated[Path, typer.Argument(help="A recording or a data set, in any format the readers know.")],
    hop: Annotated[float | None, typer.Option(help="Time between two windows of a recording, in seconds.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a window, a line each.")] = False,
) -> None:
    """Run BUNDLE over SOURCE and print what it says of each window, with how sure it is.

    Examples: `motif predict my-bundle walk.parquet`, `motif predict my-bundle export.zip --hop 0.5 --json`
    """
    from motif.bundles import load
    from motif.cli._open import check_channels, open_data
    from motif.recordings import Dataset

    recognizer, found = load(bundle), open_data(source)
    if isinstance(found, Dataset):
        check_channels(recognizer, found)
    windows = _of_data(found) if isinstance(found, Dataset) else _of_recording(recognizer, found, hop)
    answers = ({**facts, **_answer(recognizer, window)} for facts, window in windows)
    if as_json:
        for answer in answers:
            print_json(answer)
        return
    with progress() as display:
        rows = list(display.track(answers, total=len(windows), description="windows"))
    print_table(f"{bundle} on {source}", tuple(rows[0]) if rows else (), [tuple(row.values()) for row in rows])


def _of_data(data: Dataset) -> list[_Described]:
    return [({"window": i, "truth": str(data.labels[i])}, window) for i, window in enumerate(data.X)]


def _of_recording(recognizer: BundleRecognizer, recording: Recording, hop_s: float | None) -> list[_Described]:
    from motif.bundles import cut

    pieces = cut(recording, recognizer.config.window, hop_s=hop_s)
    if pieces.n_gaps:
        gaps = "1 window is" if pieces.n_gaps == 1 else f"{pieces.n_gaps} windows are"
        say("[yellow]note[/] ", f"{gaps} left out: the recording has gaps there")
    if pieces.without_unit:
        names = " ".join(pieces.without_unit)
        say("[yellow]note[/] ", f"the recording says no unit of {names}: taken as those the bundle learnt")
    first = int(pieces.start_ns[0])
    return [
        ({"start_s": (start - first) / 1e9, "stop_s": (stop - first) / 1e9}, window)
        for window, start, stop in zip(pieces.X, pieces.start_ns.tolist(), pieces.stop_ns.tolist(), strict=True)
    ]


def _answer(recognizer: BundleRecognizer, window: Any) -> dict[str, Any]:
    prediction = recognizer.recognize(window)
    return {
        "label": str(prediction.label),
        "confidence": prediction.confidence,
        "uncertainty": prediction.uncertainty,
        "is_outlier": prediction.is_outlier,
    }
