"""What people do at every moment, and when it changes: `sp_sw_har`, one person left out after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks._tables import show
from motif.behavior.streams import StreamClassifier
from motif.evaluation import align_probabilities, boundary_f1, expected_calibration_error, label_segments, segment_f1
from motif.recordings import load_dataset
from motif.signals import features
from motif.smoothing import SegmentDecoder

RATE_HZ = 100.0
FRAME_S, FRAME, WINDOW = 0.05, 5, 100
NEAR = 4
"""Frames from a change in the labels, 0.2 s: who labelled which moment could have chosen another."""

Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stream:
    """A recording with a class for each frame, who it is of, and what each window around a frame is like."""

    values: NDArray[np.float32]
    truth: Labels
    person: str
    described: NDArray[np.float32]


Answer = tuple[list[NDArray[np.float32]], list[Labels]]
"""Probabilities (frames, n_classes) and labels (frames,) of each recording."""


def run(shared: Path) -> dict[str, Any]:
    streams, n_classes = _streams(shared)
    methods: dict[str, Callable[[list[Stream], list[Stream]], Answer]] = {
        "motif StreamClassifier, segments": lambda a, b: _ours(a, b, n_classes),
        "windows of 1 s, motif.signals.features + LDA, same segments": lambda a, b: _windows(a, b, n_classes),
        "never looks": lambda a, b: _never(a, b, n_classes),
    }
    people = sorted({stream.person for stream in streams})
    rows = []
    for name, method in methods.items():
        rows += _judged(name, method, streams, people)
    title = f"Every moment of continuous recordings (sp_sw_har, phone and watch), {len(people)} persons, each left out"
    return {title: show("every moment of continuous recordings", rows)}


def _streams(shared: Path) -> tuple[list[Stream], int]:
    data = load_dataset(shared / "sp_sw_har", window_s=FRAME_S, hop_s=FRAME_S, rate_hz=RATE_HZ, min_share=0.2)
    order = np.lexsort((data.start, data.stretch))
    found = []
    for stretch in np.unique(data.stretch):
        rows = order[data.stretch[order] == stretch]
        if np.any(np.diff(data.start[rows]) != FRAME):
            raise ValueError(f"recording {stretch} has holes")
        values = np.concatenate(list(data.X[rows]), axis=-1)
        half = (WINDOW - FRAME) // 2 + 1
        padded = np.pad(values, ((0, 0), (0, 0), (half, half)), mode="edge")
        around = np.lib.stride_tricks.sliding_window_view(padded, WINDOW, axis=-1)[:, :, ::FRAME][:, :, : len(rows)]
        described = features(around.transpose(2, 0, 1, 3), data.channels, rate_hz=RATE_HZ)
        found.append(Stream(values, data.y[rows], str(data.groups[rows[0]]), described))
    return found, len(data.class_names)


def _ours(taught: list[Stream], met: list[Stream], n_classes: int) -> Answer:
    classifier = StreamClassifier(frame_s=FRAME_S, random_state=0)
    classifier.fit([one.values for one in taught], [np.repeat(one.truth, FRAME) for one in taught])
    likely = [classifier.predict_proba(one.values) for one in met]
    said = [classifier.classes_[classifier.decoder_.decode(each)] for each in likely]
    return [align_probabilities(each, classifier.classes_, n_classes) for each in likely], said


def _windows(taught: list[Stream], met: list[Stream], n_classes: int) -> Answer:
    lda = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"))
    lda.fit(np.concatenate([one.described[::2] for one in taught]), np.concatenate([one.truth[::2] for one in taught]))
    decoder = SegmentDecoder.learn([one.truth for one in taught], n_classes)
    likely = [align_probabilities(lda.predict_proba(one.described), lda.classes_, n_classes) for one in met]
    return likely, [decoder.decode(each) for each in likely]


def _never(taught: list[Stream], met: list[Stream], n_classes: int) -> Answer:
    counts = np.bincount(np.concatenate([one.truth for one in taught]), minlength=n_classes)
    likely = [np.tile((counts / counts.sum()).astype(np.float32), (len(one.truth), 1)) for one in met]
    return likely, [each.argmax(axis=1) for each in likely]


def _judged(
    name: str, method: Callable[[list[Stream], list[Stream]], Answer], streams: list[Stream], people: Sequence[str]
) -> list[dict[str, Any]]:
    likely, said, truth, by_person = [], [], [], []
    start = time.process_time()
    for person in people:
        met = [one for one in streams if one.person == person]
        answer = method([one for one in streams if one.person != person], met)
        likely, said = likely + answer[0], said + answer[1]
        truth += [one.truth for one in met]
        by_person.append(_accuracy(truth[-len(met) :], said[-len(met) :]))
    seconds = (time.process_time() - start) / len(people)
    alone = [each.argmax(axis=1) for each in likely]
    ece = expected_calibration_error(np.concatenate(truth), np.concatenate(likely))
    common = {"ECE of a frame": ece, "CPU s a person": seconds}
    return [
        {
            "method": what,
            "accuracy of frames": _accuracy(truth, labels),
            "by person": f"{min(by_person):.3f}…{max(by_person):.3f}" if labels is said else "–",
            "farther than 0.2 s from a change": _accuracy(truth, labels, [_far(each) for each in truth]),
            "segment F1": _segment_f1(truth, labels),
            "changes within 0.2 s, F1": _change_f1(truth, labels),
            **common,
        }
        for what, labels in ((name, said), (f"{name.split(',')[0]}, each frame by itself", alone))
        if labels is said or name != "never looks"
    ]


def _accuracy(truth: list[Labels], said: list[Labels], where: list[NDArray[np.bool_]] | None = None) -> float:
    right = np.concatenate(truth) == np.concatenate(said)
    return float(np.mean(right if where is None else right[np.concatenate(where)]))


def _far(truth: Labels) -> NDArray[np.bool_]:
    """Whether a frame is farther than `NEAR` frames from every change."""
    changes = np.flatnonzero(np.diff(truth)) + 0.5
    frames = np.arange(len(truth))
    return np.asarray(np.abs(frames[:, None] - changes).min(axis=1, initial=np.inf) > NEAR)


def _segment_f1(truth: list[Labels], said: list[Labels]) -> float:
    return segment_f1(*(_one_after_the_other(streams) for streams in (truth, said))).f1


def _change_f1(truth: list[Labels], said: list[Labels]) -> float:
    longest = max(map(len, truth))
    rows = ([np.pad(each, (0, longest - len(each)), mode="edge") for each in streams] for streams in (truth, said))
    return boundary_f1(*(np.stack(each) for each in rows), tolerance=NEAR).f1


def _one_after_the_other(streams: list[Labels]) -> list[tuple[int, int, int]]:
    found, begin = [], 0
    for stream in streams:
        found += [(begin + start, begin + stop, label) for start, stop, label in label_segments(stream)]
        begin += len(stream)
    return found
