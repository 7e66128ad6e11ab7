"""`motif predict`: what a bundle says of a recording or of windows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import print_json, print_table, say

if TYPE_CHECKING:
    from motif.bundles import BundleRecognizer
    from motif.recordings import Dataset, Recording

__all__ = ["predict_command"]


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
    answers = _of_windows(recognizer, found) if isinstance(found, Dataset) else _of_recording(recognizer, found, hop)
    if as_json:
        for answer in answers:
            print_json(answer)
        return
    rows = list(answers)
    print_table(f"{bundle} on {source}", tuple(rows[0]) if rows else (), [tuple(row.values()) for row in rows])


def _of_windows(recognizer: BundleRecognizer, data: Dataset) -> Iterator[dict[str, Any]]:
    for i, window in enumerate(data.X):
        yield {"window": i, "truth": str(data.labels[i]), **_answer(recognizer, window)}


def _of_recording(recognizer: BundleRecognizer, recording: Recording, hop_s: float | None) -> Iterator[dict[str, Any]]:
    from motif.bundles import cut

    pieces = cut(recording, recognizer.config.window, hop_s=hop_s)
    if pieces.n_gaps:
        gaps = "1 window is" if pieces.n_gaps == 1 else f"{pieces.n_gaps} windows are"
        say("[yellow]note[/] ", f"{gaps} left out: the recording has gaps there")
    if pieces.without_unit:
        names = " ".join(pieces.without_unit)
        say("[yellow]note[/] ", f"the recording says no unit of {names}: taken as those the bundle learnt")
    first = int(pieces.start_ns[0])
    for window, start, stop in zip(pieces.X, pieces.start_ns.tolist(), pieces.stop_ns.tolist(), strict=True):
        times = {"start_s": (start - first) / 1e9, "stop_s": (stop - first) / 1e9}
        yield {**times, **_answer(recognizer, window)}


def _answer(recognizer: BundleRecognizer, window: Any) -> dict[str, Any]:
    prediction = recognizer.recognize(window)
    return {
        "label": str(prediction.label),
        "confidence": prediction.confidence,
        "uncertainty": prediction.uncertainty,
        "is_outlier": prediction.is_outlier,
    }
