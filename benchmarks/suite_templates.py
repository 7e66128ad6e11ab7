"""Gestures taught by a few samples: told apart, confidence, strangers, the time of a decision."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, roc_auc_score

from benchmarks._few_shot import N_DRAWS, FewShot, data_sets, draw_windows
from benchmarks._peers import run_peer
from benchmarks._tables import show
from motif.templates import TemplateClassifier

COUNTS = (1, 3, 5)
N_TESTED = 15
"""Windows of each gesture tested in a draw."""
N_FOR_CONFIDENCE = 60
"""Windows of each gesture asked for confidence, where there are as many: with few, no figure comes near 0."""
OURS = "motif TemplateClassifier"
ROCKET = "MiniRocket + ridge (aeon)"


def run(shared: Path) -> dict[str, Any]:
    sets = data_sets(shared)
    jobs = {f"{i}/{n_each}": (data, n_each) for i, data in enumerate(sets) for n_each in COUNTS}
    ours = {job: _ours(*jobs[job]) for job in sorted(jobs, key=lambda job: jobs[job][1])}  # those of 5 are asked again
    peers = _peers(jobs)
    tables = {
        f"Few samples: macro-F1 over {N_DRAWS} draws (mean ± deviation)": [
            _told_apart(*each, ours[job], peers.get(job, [])) for job, each in jobs.items()
        ],
        f"Few samples: confidence at 5 samples, ECE over {N_DRAWS} draws": [
            _confidence(*each, ours[job], peers.get(job, [])) for job, each in jobs.items() if each[1] == 5
        ],
        "Few samples: movements never taught, 5 samples of each gesture": [
            row for data in sets[:3] for row in _strangers(data)
        ],
        "Few samples: one decision, window 100 × 6, 20 gestures × 5 samples": _decisions(),
    }
    return {title: show(title, rows) for title, rows in tables.items()}


@lru_cache(maxsize=4 * N_DRAWS)
def _taught(data: FewShot, draw: int, n_each: int) -> TemplateClassifier:
    """Return a classifier taught by a draw; several tables ask the same one."""
    taught, _ = draw_windows(data, draw, n_each, N_TESTED)
    return TemplateClassifier().fit(data.X[taught], data.y[taught], groups=data.groups[taught])


def _ours(data: FewShot, n_each: int) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Return labels and confidences, draw by draw."""
    answers = []
    for draw in range(N_DRAWS):
        classifier, tested = _taught(data, draw, n_each), draw_windows(data, draw, n_each, N_TESTED)[1]
        probabilities = classifier.predict_proba(data.X[tested])
        answers.append((classifier.classes_[probabilities.argmax(axis=1)], probabilities.max(axis=1)))
    return answers


def _peers(jobs: dict[str, tuple[FewShot, int]]) -> dict[str, Any]:
    """Return the peers' answers to every job, from one process."""
    arrays: dict[str, NDArray[Any]] = {}
    for job, (data, n_each) in jobs.items():
        drawn = [draw_windows(data, draw, n_each, N_TESTED) for draw in range(N_DRAWS)]
        arrays |= {f"{job}.X": data.for_peers, f"{job}.y": data.y}
        arrays |= {f"{job}.taught": np.stack([each[0] for each in drawn])}
        arrays |= {f"{job}.tested": np.stack([each[1] for each in drawn])}
    return run_peer("few_shot", arrays) or {}


def _truths(data: FewShot, n_each: int) -> list[NDArray[Any]]:
    return [data.y[draw_windows(data, draw, n_each, N_TESTED)[1]] for draw in range(N_DRAWS)]


def _told_apart(data: FewShot, n_each: int, ours: Any, peers: Any) -> dict[str, Any]:
    predicted = {OURS: [each[0] for each in ours]}
    predicted |= {name: [each[name]["predicted"] for each in peers] for name in (peers[0] if peers else ())}
    truths = _truths(data, n_each)
    scores = {
        name: np.array([f1_score(y, each, average="macro") for y, each in zip(truths, answers, strict=True)])
        for name, answers in predicted.items()
    }
    best = np.max([each for name, each in scores.items() if name != OURS], axis=0) if peers else scores[OURS]
    return (
        {"data": data.name, "samples": n_each}
        | {name: f"{each.mean():.3f} ± {each.std():.3f}" for name, each in scores.items()}
        | {"draws not below the best peer": int((scores[OURS] >= best).sum())}
    )


def _confidence(data: FewShot, n_each: int, ours: Any, peers: Any) -> dict[str, Any]:
    truths = _truths(data, n_each)
    mine = [_ece(sure, labels == y) for y, (labels, sure) in zip(truths, ours, strict=True)]
    more, least = _more_confidence(data, n_each)
    right = [(labels == y).mean() for y, (labels, _) in zip(truths, ours, strict=True)]
    theirs = [
        _ece(np.array(each[ROCKET]["confidence"]), np.array(each[ROCKET]["predicted"]) == y)
        for y, each in zip(truths, peers, strict=bool(peers))
    ]
    together = _ece(
        np.concatenate([sure for _, sure in ours]),
        np.concatenate([labels == y for y, (labels, _) in zip(truths, ours, strict=True)]),
    )
    return {
        "data": data.name,
        "windows a draw": len(truths[0]),
        "motif ECE": f"{np.mean(mine):.3f} ± {np.std(mine):.3f}",
        f"motif ECE, {N_FOR_CONFIDENCE} of a gesture": f"{np.mean(more):.3f} ± {np.std(more):.3f}",
        "the same, were each confidence the truth": float(np.mean(least)),
        "motif ECE, draws together": together,
        "mean confidence": float(np.mean([sure.mean() for _, sure in ours])),
        "accuracy": float(np.mean(right)),
        "MiniRocket ECE": f"{np.mean(theirs):.3f} ± {np.std(theirs):.3f}" if theirs else None,
    }


def _more_confidence(data: FewShot, n_each: int) -> tuple[list[float], list[float]]:
    """Return the ECE of the same draws on more windows, and what chance alone makes of as many, draw by draw."""
    errors, least = [], []
    for draw in range(N_DRAWS):
        classifier, tested = _taught(data, draw, n_each), draw_windows(data, draw, n_each, N_FOR_CONFIDENCE)[1]
        probabilities = classifier.predict_proba(data.X[tested])
        labels = classifier.classes_[probabilities.argmax(axis=1)]
        sure = probabilities.max(axis=1)
        errors.append(_ece(sure, labels == data.y[tested]))
        least.append(_least_ece(sure, np.random.default_rng(draw)))
    return errors, least


def _least_ece(confidence: NDArray[Any], generator: np.random.Generator, n_times: int = 50) -> float:
    """Return the ECE to expect where answers are right exactly as often as their confidence says."""
    return float(np.mean([_ece(confidence, generator.random(len(confidence)) < confidence) for _ in range(n_times)]))


def _ece(confidence: NDArray[Any], right: NDArray[Any], n_bins: int = 15) -> float:
    place = np.clip(np.ceil(confidence * n_bins).astype(int) - 1, 0, n_bins - 1)
    gaps = [abs(confidence[place == i].sum() - right[place == i].sum()) for i in np.unique(place)]
    return float(sum(gaps) / len(right))


def _strangers(data: FewShot) -> list[dict[str, Any]]:
    """Return rows of AUROC; of `handflow` with `none`, of the others leaving one class out after the other."""
    if data.name.startswith("handflow"):
        none = (data.y == 0)[:, None]
        return [
            _row(data, "`none`, other blocks", lambda d: _of_none(data, d, none[:, 0], taught=False)),
            _row(data, "`none`, other blocks; 300 windows of `none` in the teaching block as background",
                 lambda d: _of_none(data, d, none[:, 0], taught=True)),
            _row(data, "`none`, other blocks; nearest template, Euclid, relative to the wrist",
                 lambda d: _of_none(data, d, none[:, 0], taught=False, nearest=True)),
        ]  # fmt: skip
    whose = "persons" if data.name.startswith("uhh") else "session"
    return [
        _row(data, f"one class left out, the {whose} that taught", lambda d: _of_class(data, d, within=True)),
        _row(data, f"one class left out, other {whose} than taught", lambda d: _of_class(data, d, within=False)),
    ]


def _row(data: FewShot, what: str, judged: Callable[[int], tuple[Any, Any, float]]) -> dict[str, Any]:
    areas, accepted, kept, let_in = [], [], [], []
    for draw in range(N_DRAWS):
        known, strange, threshold = judged(draw)
        areas.append(roc_auc_score(np.repeat([0, 1], [len(known), len(strange)]), np.concatenate([known, strange])))
        accepted.append((strange <= np.quantile(known, 0.95)).mean())
        kept.append((known <= threshold).mean())
        let_in.append((strange <= threshold).mean())
    own = threshold < np.inf
    return {
        "data": data.name.split(",")[0],
        "strangers": what,
        "AUROC": f"{np.mean(areas):.3f} ± {np.std(areas):.3f}",
        "accepted, keeping 95 %": float(np.mean(accepted)),
        "kept by own threshold": float(np.mean(kept)) if own else None,
        "accepted by it": float(np.mean(let_in)) if own else None,
    }


def _of_none(data: FewShot, draw: int, none: NDArray[np.bool_], *, taught: bool, nearest: bool = False) -> Any:
    samples, asked = draw_windows(data, draw, 5, 20)
    teaches, tested = data.sides(draw)
    order = np.random.default_rng(draw).permutation(len(data.y))
    strange = order[none[order] & tested[order]][:300]
    if nearest:
        flat = data.for_peers.reshape(len(data.y), -1)
        far = [np.linalg.norm(flat[each][:, None] - flat[samples], axis=2).min(axis=1) for each in (asked, strange)]
        return *far, np.inf
    if taught:
        background = data.X[order[none[order] & teaches[order]][:300]]
        classifier = TemplateClassifier().fit(data.X[samples], data.y[samples], background=background)
    else:
        classifier = _taught(data, draw, 5)
    return (
        classifier.outlier_score(data.X[asked]),
        classifier.outlier_score(data.X[strange]),
        classifier.model_.threshold,
    )


def _of_class(data: FewShot, draw: int, *, within: bool) -> Any:
    out = data.gestures[draw % len(data.gestures)]
    others = tuple(c for c in data.gestures if c != out)
    samples, asked = draw_windows(data, draw, 5, 20, gestures=others, within=within)
    teaches, tested = data.sides(draw)
    strange = np.flatnonzero((data.y == out) & (teaches if within else tested))
    persons = None if within else data.groups[samples]
    classifier = TemplateClassifier().fit(data.X[samples], data.y[samples], groups=persons)
    return (
        classifier.outlier_score(data.X[asked]),
        classifier.outlier_score(data.X[strange]),
        classifier.model_.threshold,
    )


def _decisions(n_ours: int = 2000, n_theirs: int = 100) -> list[dict[str, Any]]:
    generator = np.random.default_rng(0)
    paths = generator.normal(size=(20, 6, 100)).cumsum(axis=2)
    X = (np.repeat(paths, 5, axis=0) + generator.normal(0, 0.3, (100, 6, 100)).cumsum(axis=2)).astype(np.float32)
    asked = (np.repeat(paths, 5, axis=0) + generator.normal(0, 0.3, (100, 6, 100)).cumsum(axis=2)).astype(np.float32)
    y = np.repeat(np.arange(20), 5)
    classifier = TemplateClassifier().fit(X, y)
    classifier.recognize(asked[0])
    times: dict[str, list[float]] = {OURS: []}
    for i in range(n_ours):
        start = time.perf_counter_ns()
        classifier.recognize(asked[i % len(asked)])
        times[OURS].append((time.perf_counter_ns() - start) / 1e6)
    times |= run_peer("decision_time", {"X": X, "y": y, "asked": asked[:n_theirs]}) or {}
    ours = float(np.median(times[OURS]))
    return [
        {
            "recognizer": name,
            "median ms": float(np.median(each)),
            "p99 ms": float(np.quantile(each, 0.99)),
            "times ours": float(np.median(each)) / ours,
        }
        for name, each in times.items()
    ]


if __name__ == "__main__":
    run(Path(os.environ.get("MOTIF_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")))
