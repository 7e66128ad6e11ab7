"""What people do at every moment, and when it changes: `sp_sw_har`, one person left out after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks._changes import matched_changes, moved_back
from benchmarks._tables import show
from motif.behavior.streams import StreamClassifier
from motif.evaluation import align_probabilities, boundary_f1, expected_calibration_error, label_segments, segment_f1
from motif.recordings import load_dataset
from motif.signals import features
from motif.smoothing import SegmentDecoder

RATE_HZ = 100.0
FRAME_S, FRAME, WINDOW = 0.05, 5, 100
N_PARTS = 5
"""Of each person's recordings, one of which is left out where the others are taught."""
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
Method = Callable[[list[Stream], list[Stream], int], Answer]
"""From recordings that are taught, recordings that are met and the number of classes to an answer."""


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What was said of each recording by who was not taught it."""

    streams: list[Stream]
    likely: list[NDArray[np.float32]]
    said: list[Labels]
    seconds: float
    """CPU time for each part left out."""

    @property
    def truth(self) -> list[Labels]:
        return [one.truth for one in self.streams]


def run(shared: Path) -> dict[str, Any]:
    streams, n_classes = _streams(shared)
    people = [[one for one in streams if one.person == person] for person in sorted({one.person for one in streams})]
    methods: dict[str, Method] = {
        "motif StreamClassifier, segments": _ours,
        "windows of 1 s, motif.signals.features + LDA, same segments": _windows,
        "never looks": _never,
    }
    answers = {name: _left_out(method, people, n_classes) for name, method in methods.items()}
    parts = [[one for of_one in people for one in of_one[part::N_PARTS]] for part in range(N_PARTS)]
    known = _left_out(_ours, parts, n_classes)
    title = f"Every moment of continuous recordings (sp_sw_har, phone and watch), {len(people)} persons, each left out"
    rows = [row for name, answer in answers.items() for row in _judged(name, answer)]
    shifts = "Every moment of continuous recordings: what labels of the person would add"
    return {
        title: show("every moment of continuous recordings", rows),
        shifts: show("what labels of the person would add", _with_labels(next(iter(answers.values())), known)),
    }


def _left_out(method: Method, parts: list[list[Stream]], n_classes: int) -> LeftOut:
    start, likely, said = time.process_time(), [], []
    for met in parts:
        answer = method([one for part in parts if part is not met for one in part], met, n_classes)
        likely, said = likely + answer[0], said + answer[1]
    seconds = (time.process_time() - start) / len(parts)
    return LeftOut([one for part in parts for one in part], likely, said, seconds)


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


def _judged(name: str, answer: LeftOut) -> list[dict[str, Any]]:
    truth, persons = answer.truth, np.array([one.person for one in answer.streams])
    rows = [np.flatnonzero(persons == person) for person in np.unique(persons)]
    by_person = [_accuracy([truth[i] for i in some], [answer.said[i] for i in some]) for some in rows]
    alone = [each.argmax(axis=1) for each in answer.likely]
    ece = expected_calibration_error(np.concatenate(truth), np.concatenate(answer.likely))
    common = {"ECE of a frame": ece, "CPU s a person": answer.seconds}
    return [
        {
            "method": what,
            "accuracy of frames": _accuracy(truth, labels),
            "by person": f"{min(by_person):.3f}…{max(by_person):.3f}" if labels is answer.said else "–",
            "farther than 0.2 s from a change": _accuracy(truth, labels, [_far(each) for each in truth]),
            "segment F1": _segment_f1(truth, labels),
            "changes within 0.2 s, F1": _change_f1(truth, labels),
            **common,
        }
        for what, labels in ((name, answer.said), (f"{name.split(',')[0]}, each frame by itself", alone))
        if labels is answer.said or name != "never looks"
    ]


def _with_labels(answer: LeftOut, known: LeftOut) -> list[dict[str, Any]]:
    """Return what is right when changes are moved by usual shifts, and when the person was met before."""
    changes = matched_changes(answer.truth, answer.said, [one.person for one in answer.streams])
    of_others = moved_back(answer.said, changes, lambda a, b: a.pair == b.pair and a.person != b.person)
    of_the_person = moved_back(answer.said, changes, lambda a, b: a.pair == b.pair and a.person == b.person)
    return [
        {"known": what, "accuracy of frames": _accuracy(of.truth, said)}
        for what, of, said in (
            ("nothing of the person", answer, answer.said),
            ("by how much others' labels are late at such a change", answer, of_others),
            ("by how much this person's labels are, which nobody can know", answer, of_the_person),
            (f"labels of four in {N_PARTS} of the person's recordings, taught too", known, known.said),
        )
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
