"""Spotting: gestures in continuous streams, each person spotted by what others taught; false ones in ordinary life."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from benchmarks._ordinary import RATE_HZ, GestureStream, OrdinaryStream, gesture_streams, ordinary_streams
from benchmarks._tables import show
from motif.evaluation import segment_f1
from motif.templates import Spotted, Spotter, TemplateClassifier

ESN = {"j": 0.63, "s": 0.75, "ni": 0.83, "na": 0.84, "l": 0.91}
"""An echo state network's F1 by person, as its authors published it (Jirak et al. 2020)."""
OWN_SAMPLES = 5
_AROUND = 5  # samples left around a taught gesture
_APART = 10_000.0  # seconds between two streams on the line that all are laid on
_TEACH_LIFE = ("dsads p1", "dsads p2")

Span = tuple[float, float, str]


@dataclass(frozen=True)
class Trial:
    """A spotter, and streams with gestures that it was not taught with."""

    taught_by: str
    person: str
    spotter: Spotter
    streams: Sequence[tuple[NDArray[np.float64], list[Span]]]


def run(shared: Path) -> dict[str, Any]:
    streams, ordinary = gesture_streams(shared), ordinary_streams(shared)
    others = [_taught_by_others(streams, person) for person in dict.fromkeys(s.person for s in streams)]
    own = [_taught_by_own(streams, trial.person) for trial in others]
    tables = {
        "Spotting in uhh_imu_gestures streams, the person left out": [_found_row(trial) for trial in others],
        "Ordinary movement with 10 phone gestures taught": [
            row for trials in (others, own) for row in _ordinary_rows(trials, ordinary)
        ],
        "Cost of spotting": [_cost_row(others[0].spotter, ordinary, chunk) for chunk in (1, 10, 100)],
    }
    return {title: show(title, rows) for title, rows in tables.items()}


def _taught_by_others(streams: list[GestureStream], person: str) -> Trial:
    taught = [s for s in streams if s.person != person]
    samples = [(_cut(s, span), s) for s in taught for span in s.spans]
    spotter = Spotter(TemplateClassifier(random_state=0), RATE_HZ).fit(
        [sample for sample, _ in samples], [s.gesture for _, s in samples], [s.person for _, s in samples]
    )
    judged = [(s.values, [_span(span, s.gesture) for span in s.spans]) for s in streams if s.person == person]
    return Trial("the other persons", person, spotter, judged)


def _taught_by_own(streams: list[GestureStream], person: str) -> Trial:
    samples, labels, judged = [], [], []
    for s in (s for s in streams if s.person == person):
        samples += [_cut(s, span) for span in s.spans[:OWN_SAMPLES]]
        labels += [s.gesture] * OWN_SAMPLES
        begin = (s.spans[OWN_SAMPLES - 1, 1] + s.spans[OWN_SAMPLES, 0]) // 2
        judged.append((s.values[begin:], [_span(span - begin, s.gesture) for span in s.spans[OWN_SAMPLES:]]))
    spotter = Spotter(TemplateClassifier(random_state=0), RATE_HZ).fit(samples, labels)
    return Trial(f"the person, first {OWN_SAMPLES} of 10", person, spotter, judged)


def _cut(stream: GestureStream, span: NDArray[np.int64]) -> NDArray[np.float64]:
    return stream.values[max(0, span[0] - _AROUND) : span[1] + _AROUND]


def _span(span: NDArray[np.int64], gesture: str) -> Span:
    return span[0] / RATE_HZ, span[1] / RATE_HZ, gesture


def _found_row(trial: Trial) -> dict[str, Any]:
    truth, found = _laid_out(trial)
    spans = [_found_span(one, at) for one, at in found]
    half, touching = segment_f1(truth, spans), segment_f1(truth, spans, overlap=0.0)
    delays = [(one.decided_ns - one.end_ns) / 1e9 for one, _ in found]
    return {
        "person": trial.person,
        "gestures": half.n_true,
        "found": half.n_found,
        "F1, half overlap": half.f1,
        "F1, any overlap": touching.f1,
        "F1 as the network's": _network_f1(truth, spans),
        "network's F1 (published)": ESN.get(trial.person),
        "delay s, median": float(np.median(delays)),
        "delay s, longest": max(delays),
    }


def _laid_out(trial: Trial) -> tuple[list[Span], list[tuple[Spotted, float]]]:
    truth, found = [], []
    for row, (values, spans) in enumerate(trial.streams):
        at = row * _APART
        truth += [(start + at, stop + at, gesture) for start, stop, gesture in spans]
        found += [(one, at) for one in trial.spotter.spot(values)]
    return truth, found


def _found_span(one: Spotted, at: float) -> Span:
    return one.start_ns / 1e9 + at, one.end_ns / 1e9 + 1 / RATE_HZ + at, one.label


def _network_f1(truth: list[Span], found: list[Span]) -> float:
    """Return F1 as the network's authors count: any overlap will do, rest is an eleventh class, classes count alike."""
    rest = "rest"
    hits = {j: i for i, j in segment_f1(truth, found, overlap=0.0).pairs}
    pairs, met = [], set(hits.values())
    for j, (start, stop, label) in enumerate(found):
        touched = [i for i, span in enumerate(truth) if span[0] < stop and start < span[1]]
        wrong = [i for i in touched if truth[i][2] != label]
        met.update(touched if j not in hits else ())
        pairs.append((label if j in hits else truth[wrong[0]][2] if wrong else rest, label))
    pairs += [(span[2], rest) for i, span in enumerate(truth) if i not in met]
    pairs += [(rest, rest)] * (len(truth) + 1)
    return float(f1_score(*zip(*pairs, strict=True), average="macro", zero_division=0))


def _ordinary_rows(trials: list[Trial], ordinary: list[OrdinaryStream]) -> list[dict[str, Any]]:
    """Return what is found where there is no gesture: by the limit from the samples, and by one from a background."""
    teach = [s for s in ordinary if f"{s.source} {s.person}" in _TEACH_LIFE]
    judge = [s for s in ordinary if f"{s.source} {s.person}" not in _TEACH_LIFE]
    hours = sum(s.hours for s in judge)
    gap = np.full((1, judge[0].values.shape[1]), np.nan)
    rows: dict[str, list[tuple[int, int, int]]] = {}
    curves = []
    for trial in trials:
        spotter = trial.spotter
        limits = {"none": spotter.taught_limit_}
        for name, part in (("another person, a minute of each", 60), ("two other persons, all", 10**6)):
            some = teach if part > 60 else [s for s in teach if s.person == teach[0].person]
            pieces = [np.vstack([s.values[: int(part * RATE_HZ)], gap]) for s in some]
            limits[name] = spotter.fit_background(np.vstack(pieces)).limit_
        spotter.limit_ = np.inf
        truth, found = _laid_out(trial)
        pairs = segment_f1(truth, [_found_span(one, at) for one, at in found]).pairs
        right = np.sort([found[j][0].outlier_score for _, j in pairs])
        false = np.sort([one.outlier_score for s in judge for one in spotter.spot(s.values)])
        spotter.limit_ = spotter.taught_limit_
        for name, limit in limits.items():
            rows.setdefault(name, []).append((int((right <= limit).sum()), len(truth), int((false <= limit).sum())))
        curves.append((right, len(truth), false))
    table = [_life_row(trials[0].taught_by, name, counts, hours) for name, counts in rows.items()]
    at_recall = [(int(np.ceil(0.9 * n)), n, _below(false, right, int(np.ceil(0.9 * n)))) for right, n, false in curves]
    return [*table, _life_row(trials[0].taught_by, "limit set for a recall of 0.9", at_recall, hours)]


def _below(false: NDArray[np.float64], right: NDArray[np.float64], n: int) -> int:
    return int((false <= right[n - 1]).sum()) if n <= len(right) else len(false)


def _life_row(taught_by: str, background: str, counts: list[tuple[int, int, int]], hours: float) -> dict[str, Any]:
    rates = [n_false / hours for _, _, n_false in counts]
    return {
        "taught by": taught_by,
        "background": background,
        "recall": sum(n for n, _, _ in counts) / sum(n for _, n, _ in counts),
        "false per hour": float(np.mean(rates)),
        "by person": "…".join(f"{rate:.2f}" for rate in (min(rates), max(rates))),
        "hours": hours,
    }


def _cost_row(spotter: Spotter, ordinary: list[OrdinaryStream], chunk: int) -> dict[str, Any]:
    values = np.vstack([s.values for s in ordinary[::15]])[:100_000]
    times = np.arange(len(values), dtype=np.int64) * round(1e9 / RATE_HZ)
    spotter.reset()
    begin, waits, n_found = time.perf_counter(), [], 0
    for first in range(0, len(values), chunk):
        one = time.perf_counter()
        n_found += len(spotter.step(times[first : first + chunk], values[first : first + chunk]))
        waits.append(time.perf_counter() - one)
    total = time.perf_counter() - begin
    return {
        "samples a call": chunk,
        "µs a sample": 1e6 * total / len(values),
        "ms a call, p99": 1e3 * float(np.quantile(waits, 0.99)),
        "ms a call, longest": 1e3 * max(waits),
        "streams of 100 Hz a core": int(len(values) / total / 100),
    }
