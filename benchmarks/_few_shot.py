"""Draws of a few samples from one recording, and windows of another to test on."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._peers import PYTHON
from motif.recordings import load_dataset
from motif.signals import normalize_landmarks

N_DRAWS = 20
SEED = 20_000


@dataclass(frozen=True, eq=False)
class FewShot:
    """Windows, and from which groups samples are drawn for which others."""

    name: str
    X: NDArray[np.float32]
    """(n, channels, samples), raw."""
    for_peers: NDArray[np.float32]
    """The same; hands relative to the wrist, in palms."""
    y: NDArray[np.int64]
    groups: NDArray[Any]
    gestures: tuple[int, ...]
    """Classes that are taught; others only serve as what was never taught."""
    teachers: tuple[str, ...] = ()
    """The groups that teach in turn; all of them where not given."""
    taught_by_the_others: bool = False
    """Whether all groups but one teach, and the one is tested; else one teaches and the others are tested."""

    def sides(self, draw: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which windows may be taught and which tested, (n,) each."""
        names = self.teachers or tuple(np.unique(self.groups))
        one = self.groups == names[draw % len(names)]
        return (~one, one) if self.taught_by_the_others else (one, ~one)


def data_sets(shared: Path) -> list[FewShot]:
    """Return the data sets of the figures; the last is left out where aeon is not installed."""
    hands = load_dataset(shared / "handflow")
    wand = load_dataset(shared / "wand_gestures")
    phone = load_dataset(shared / "uhh_imu_gestures")
    X_hands = np.ascontiguousarray(hands.X.transpose(0, 2, 1))
    wrist = np.ascontiguousarray(normalize_landmarks(hands.X).transpose(0, 2, 1))
    X_wand, X_phone = wand.X[:, :, 0], phone.X[:, :, 0]
    group_of = [np.asarray(each.groups).astype(str) for each in (hands, wand, phone)]
    found = [
        FewShot("handflow, one block teaches", X_hands, wrist, hands.y, group_of[0], tuple(range(1, 11))),
        FewShot("wand_gestures, one session teaches", X_wand, X_wand, wand.y, group_of[1], tuple(range(13))),
        FewShot(
            "uhh_imu_gestures, the other persons teach",
            X_phone,
            X_phone,
            phone.y,
            group_of[2],
            tuple(range(10)),
            taught_by_the_others=True,
        ),
    ]
    return found + list(_basic_motions())


def _basic_motions() -> Iterator[FewShot]:
    if not PYTHON.exists():
        return
    script = "import aeon.datasets as d; print(d.__path__[0])"
    done = subprocess.run([PYTHON, "-c", script], capture_output=True, text=True, check=True)
    folder = Path(done.stdout.strip()) / "data" / "BasicMotions"
    parts = [load_dataset(folder / f"BasicMotions_{part}.ts") for part in ("TRAIN", "TEST")]
    X = np.concatenate([part.X[:, :, 0] for part in parts])
    groups = np.repeat(["train", "test"], [len(part.X) for part in parts])
    y = np.concatenate([part.y for part in parts])
    yield FewShot("BasicMotions, its train split teaches", X, X, y, groups, (0, 1, 2, 3), teachers=("train",))


def draw_windows(
    data: FewShot,
    draw: int,
    n_each: int,
    n_tested: int,
    *,
    gestures: tuple[int, ...] | None = None,
    within: bool = False,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return indices of `n_each` taught windows of each gesture, and of at most `n_tested` of each to test.

    `within` tests on the group that teaches, on other windows.
    """
    generator = np.random.default_rng(SEED + 100 * draw + n_each)
    teaches, tested = data.sides(draw)
    gestures = data.gestures if gestures is None else gestures
    order = generator.permutation(len(data.y))
    taught = np.concatenate([order[teaches[order] & (data.y[order] == c)][:n_each] for c in gestures])
    if within:
        tested = teaches & ~np.isin(np.arange(len(data.y)), taught)
    asked = [order[tested[order] & (data.y[order] == c)][:n_tested] for c in gestures]
    return taught, np.concatenate(asked)
