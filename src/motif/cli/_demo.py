"""`motif demo`: the whole way, on recordings of people who never were."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from motif.cli._console import JsonOption, print_json, print_table, say

__all__ = ["demo_command"]


def demo_command(
    out: Annotated[Path, typer.Option(help="Folder for the data, the bundle and the report.")] = Path("motif-demo"),
    people: Annotated[int, typer.Option(min=4, help="How many people to simulate.")] = 9,
    repetitions: Annotated[int, typer.Option(min=2, help="How often each does each gesture.")] = 8,
    epochs: Annotated[int, typer.Option(min=1, help="At most so many epochs.")] = 12,
    seed: Annotated[int, typer.Option(help="Another seed, other people.")] = 0,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Simulate phone gestures, train, judge on people held out, pack, verify, and replay a stranger as if live.

    Examples: `motif demo`, `motif demo --people 20 --out big-demo`
    """
    steps = _Steps()
    found = _run(steps, out, people, repetitions, {"epochs": epochs, "random_state": seed}, seed)
    if as_json:
        print_json({"seconds": steps.seconds} | found)
    else:
        print_table("motif demo", ("step", "seconds", "what came out"), steps.rows)
    say("[green]report[/] ", str((out / "report.html").resolve()))
    say("[dim]next[/] ", "open it in a browser; docs/teach.md teaches your own gestures, with a phone or without one")


class _Steps:
    """Times each step and keeps a line about it."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, str]] = []

    @property
    def seconds(self) -> dict[str, float]:
        return {name: seconds for name, seconds, _ in self.rows}

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        say(f"[dim]{name} …[/]")
        start = time.perf_counter()
        lines: list[str] = []
        yield lines
        self.rows.append((name, time.perf_counter() - start, "\n".join(lines)))


def _run(
    steps: _Steps, out: Path, people: int, repetitions: int, settings: dict[str, Any], seed: int
) -> dict[str, Any]:
    from motif.bundles import load
    from motif.cli._pipeline import figures, judge, pack, write_report
    from motif.cli._replay import replay
    from motif.live import Agreement
    from motif.recordings import save_dataset, simulate_gesture_recordings, simulate_gestures
    from motif.recordings.simulator import ORDINARY_MOVEMENTS

    with steps.step("simulate") as lines:
        data = simulate_gestures(people, repetitions, random_state=seed)
        save_dataset(data, out / "gestures.npz")
        lines.append(f"{data.n_windows} windows, {len(data.class_names)} classes, {people} people")
    with steps.step("judge") as lines:
        judged = judge(data, settings, n_folds=3)
        assert judged is not None
        accuracy, ece = judged.spread["accuracy"], judged.spread["ece"]
        lines.append(f"accuracy {accuracy.mean:.3f} ({accuracy.min:.3f}…{accuracy.max:.3f}) on people held out")
        lines.append(f"never looks: {judged.baseline.accuracy:.3f}; ECE {ece.mean:.3f}")
    with steps.step("train, pack, verify") as lines:
        packed = pack(data, settings, out / "bundle", judged)
        check = packed.verification
        lines.append(f"{check.n_files} files, {check.size_bytes / 1e6:.2f} MB, {out / 'bundle'}")
        lines.append(f"answers as in training (within {check.max_difference:.1g}); {check.median_ms:.2f} ms a window")
    with steps.step("replay a stranger") as lines:
        stranger = simulate_gesture_recordings(1, 3, random_state=seed + 1000)[0]
        heard = replay(load(out / "bundle"), stranger, Agreement(n_windows=6, ordinary=frozenset(ORDINARY_MOVEMENTS)))
        lines.append(f"{heard.n_found} of {heard.n_annotated} gestures told in {stranger.duration_s:.0f} s")
        lines.append(f"{heard.n_wrong} events beside; {_delay(heard.median_delay_s)}")
    with steps.step("report") as lines:
        write_report(out / "report.html", data, packed, judged)
        lines.append(str(out / "report.html"))
    return figures(packed, judged) | {
        "replay": {"annotated": heard.n_annotated, "found": heard.n_found, "beside": heard.n_wrong},
        "report": str(out / "report.html"),
    }


def _delay(seconds: float | None) -> str:
    return "no delay to tell" if seconds is None else f"median {seconds:.2f} s after a gesture's end"
