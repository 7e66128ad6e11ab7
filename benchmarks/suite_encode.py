"""Codes and clusters: time; activities and gaits of bodies never met, from two sensors."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import normalized_mutual_info_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from benchmarks._accuracy import compare
from benchmarks._tables import show
from motif.behavior import BehaviorClassifier, encode_fsq
from motif.behavior.cluster import KMeansClusterer, clusterers
from motif.behavior.encode import Encoded
from motif.evaluation import feature_lda, score, window_statistics
from motif.recordings import Dataset, leave_one_group_out, load_dataset, simulate_quadruped
from motif.smoothing import MedianHysteresisPolicy

SENSORS = ("torso", "right_leg")
"""One on the trunk, one on a limb, as `simulate_quadruped` has them; `encode_pairs` judges the other pairs."""
N_TIMED = 500


def run(shared: Path) -> dict[str, Any]:
    return {
        **_times(),
        **_gaits(),
        **_without_labels(),
        **activities(load_dataset(shared / "dsads"), SENSORS),
    }


def _times() -> dict[str, Any]:
    """CPU time of one thread: what else the machine does counts for less than on the wall's clock."""
    data = simulate_quadruped(4, 10)
    points = encode_fsq(np.concatenate([data.X] * 25)).embeddings  # 10,000 × 64
    points = points + np.random.default_rng(0).normal(0, 0.05, points.shape)
    classifier = BehaviorClassifier(epochs=1, random_state=0).fit(data.X, data.y, data.groups)
    clusters, live = KMeansClusterer(), MedianHysteresisPolicy().live()
    clusters.fit_predict(classifier.encode(data.X).embeddings, k=10)

    def whole(window: NDArray[np.float32]) -> tuple[NDArray[np.int64], int]:
        motif = clusters.predict(classifier.encode(window).embeddings)
        return motif, live.step(int(classifier.predict_proba(window).argmax()))

    windows: dict[str, Callable[[NDArray[np.float32]], object]] = {
        "encode_fsq, one window": encode_fsq,
        "trained encoder, one window": classifier.encode,
        "whole pipeline, one window: codes, cluster, probabilities, smoothed label": whole,
    }
    rows = [{"what": name, "median ms": _median_ms(call, data.X)} for name, call in windows.items()]
    for name, kind in clusterers().items():
        k = 25 if name == "hdp" else 10
        kind().fit_predict(points[:500], k=k)  # scikit-learn is imported when it is first needed
        seconds = [_seconds(lambda kind=kind, k=k: kind().fit_predict(points, k=k)) for _ in range(3)]
        rows.append({"what": f"{name}, 10,000 × 64, k={k}", "median ms": 1e3 * float(np.median(seconds))})
    return {"Codes and clusters, CPU time of one thread": show("codes and clusters, one thread", rows)}


def _gaits() -> dict[str, Any]:
    """Ten gaits of ten simulated animals, learnt from sixteen others."""
    taught, met = simulate_quadruped(16, 10, random_state=0), simulate_quadruped(10, 10, random_state=1)
    flat = FunctionTransformer(lambda X: X.reshape(len(X), -1))
    codes = FunctionTransformer(lambda X: encode_fsq(X).embeddings)
    regression = partial(LogisticRegression, C=0.1, max_iter=500)
    learners = {
        "encode_fsq (untrained) + logistic regression": make_pipeline(codes, StandardScaler(), regression()),
        "simple statistics + logistic regression": make_pipeline(
            FunctionTransformer(window_statistics), StandardScaler(), regression()
        ),
        "simple statistics + LDA (scikit-learn)": feature_lda(),
        "motif.signals.features + LDA (scikit-learn)": feature_lda(taught.channels, taught.rate_hz),
        "raw samples + logistic regression": make_pipeline(flat, StandardScaler(), regression()),
    }
    fitted = {"motif Conv2d, codes and head": BehaviorClassifier(random_state=0).fit(taught.X, taught.y, taught.groups)}
    fitted |= {name: learner.fit(taught.X, taught.y) for name, learner in learners.items()}
    rows = []
    for name, recognizer in fitted.items():
        scores = score(met.y, recognizer.predict_proba(met.X), met.class_names)
        rows.append({"recognizer": name, "accuracy": scores.accuracy, "macro-F1": scores.macro_f1, "ECE": scores.ece})
    return {"Ten gaits of simulated animals never met": show("ten gaits of animals never met", rows)}


def _without_labels() -> dict[str, Any]:
    """What codes know of gaits before any label: of six animals never met, ten having been seen."""
    seen, met = simulate_quadruped(10, 8, random_state=0), simulate_quadruped(6, 8, random_state=1)
    rows = []
    for how in ("none", "masked", "contrastive"):
        encoder = BehaviorClassifier(pretraining=how, epochs=8, random_state=0).fit(seen.X)
        taught, codes = (_decoded(encoder.encode(data.X)) for data in (seen, met))
        clusters = KMeansClusterer(min_support=1).fit_predict(codes, k=len(met.class_names))
        probe = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(taught, seen.y)
        rows.append(
            {
                "pretraining": how,
                "k-means on codes, NMI with gaits": float(normalized_mutual_info_score(met.y, clusters)),
                "LDA on codes, accuracy": float(probe.score(codes, met.y)),
                "perplexity": encoder.encode(met.X).usage.perplexity,
            }
        )
    return {"An encoder that saw no label": show("an encoder that saw no label", rows)}


def _decoded(encoded: Encoded) -> NDArray[np.float32]:
    return encoded.quantizer.decode(encoded.codes).reshape(len(encoded.codes), -1)


def activities(data: Dataset, sensors: tuple[str, ...]) -> dict[str, Any]:
    """Nineteen activities of people never met, from some of the sensors."""
    two = data.select_sensors(sensors)
    split = leave_one_group_out(two)
    made: list[BehaviorClassifier] = []

    def ours() -> BehaviorClassifier:
        made.append(BehaviorClassifier(random_state=0))
        return made[-1]

    rows = compare(
        two,
        split,
        {
            "motif Conv2d, codes and head": ours,
            "simple statistics + LDA (scikit-learn)": feature_lda,
            "motif.signals.features + LDA (scikit-learn)": lambda: feature_lda(two.channels, two.rate_hz),
        },
    )
    fitted = [classifier for classifier in made if hasattr(classifier, "model_")]
    used = [_usage(classifier, two, fold) for classifier, fold in zip(fitted, split, strict=True)]
    title = f"Activities (dsads) from {' and '.join(sensors)}, {split.how}"
    return {
        title: show(title, rows),
        f"Codes of those people, {' and '.join(sensors)}": show("codes of those people", used),
    }


def _usage(classifier: BehaviorClassifier, data: Dataset, fold: Any) -> dict[str, Any]:
    usage = classifier.encode(data.X[fold.test]).usage
    return {
        "left out": fold.name,
        "codes used of 240": usage.n_used,
        "perplexity": usage.perplexity,
        "least used level, share": min(float(c.min() / c.sum()) for c in usage.level_counts),
    }


def _median_ms(call: Callable[[NDArray[np.float32]], object], X: NDArray[np.float32]) -> float:
    call(X[:1])
    at = [i % len(X) for i in range(N_TIMED)]
    return 1e3 * float(np.median([_seconds(lambda i=i: call(X[i : i + 1])) for i in at]))


def _seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start
