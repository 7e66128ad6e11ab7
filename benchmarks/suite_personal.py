"""One person's recognizer from five samples of each gesture: what it brings, how long it takes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._tables import show
from motif.evaluation import nearest_neighbour
from motif.learning import from_keras_bytes, keras, keras_bytes
from motif.networks import NetworkClassifier, personalize
from motif.recordings import Dataset, load_dataset, simulate_hand

N_EACH = 5
TARGET = 0.95
"""People whom the base recognizes less well than this are to gain."""


def run(shared: Path) -> dict[str, Any]:
    phone = load_dataset(shared / "uhh_imu_gestures")
    sets = {
        "dsads": load_dataset(shared / "dsads"),
        "uhh_imu_gestures": phone.subset(np.isin(phone.y, np.arange(10))),  # six taps are of two persons only
        "simulated hands": simulate_hand(6, 15, random_state=0),
    }
    people = {name: list(_by_person(data)) for name, data in sets.items()}
    title = f"Somebody new, {N_EACH} samples a class; base on the other people"
    each = [{"data": name} | row for name, rows in people.items() for row in rows]
    costs = list(_costs(load_dataset(shared / "handflow")))
    return {
        title: show(title, [_total(name, rows) for name, rows in people.items()]),
        f"{title}: each person": show(f"{title}: each person", each),
        "Adapting while somebody waits": show("Adapting while somebody waits", costs),
    }


def _by_person(data: Dataset) -> Iterator[dict[str, Any]]:
    """The person's first samples of each class adapt a base that never met them; all later ones test it."""
    for person in data.group_names:
        others = data.groups != person
        base = NetworkClassifier("tcn", random_state=0)
        base.fit(data.X[others], data.labels[others], groups=data.groups[others])
        X, labels = data.X[~others], data.labels[~others]
        early = _first_of_each(labels)
        own, result = personalize(base, X[early], labels[early])
        alone = nearest_neighbour().fit(X[early], labels[early])
        right = {
            "own samples alone, 1-NN": alone.predict(X[~early]) == labels[~early],
            "base": base.predict(X[~early]) == labels[~early],
            "fine-tuned at 1e-5": _fine_tuned(base, X[early], labels[early], X[~early]) == labels[~early],
            "adapted": own.predict(X[~early]) == labels[~early],
        }
        gain = 100 * (right["adapted"].astype(float) - right["base"])
        yield {
            "person": person,
            "tested": int((~early).sum()),
            **{name: float(hits.mean()) for name, hits in right.items()},
            "gain, points": float(gain.mean()),
            "its standard error": float(gain.std() / np.sqrt(len(gain))),
            "foreseen, points": 100 * result.improvement if result.success else 0.0,
            "answers": result.method,
        }


def _first_of_each(labels: NDArray[Any]) -> NDArray[np.bool_]:
    early = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        early[np.flatnonzero(labels == label)[:N_EACH]] = True
    return early


def _fine_tuned(base: Any, X: NDArray[np.float32], labels: NDArray[Any], tested: NDArray[np.float32]) -> NDArray[Any]:
    """What is often done: the last layers learn on, 20 epochs at 1e-5 in batches of four."""
    model = from_keras_bytes(keras_bytes(base.model_))
    weighted = [layer for layer in model.layers if layer.weights]
    for layer in weighted[: int(0.6 * len(weighted))]:
        layer.trainable = False
    model.compile(keras().optimizers.Adam(1e-5), "sparse_categorical_crossentropy")
    y = np.searchsorted(base.classes_, labels)
    rng = np.random.default_rng(0)
    for _ in range(20):
        for rows in np.resize(rng.permutation(len(X)), (-(-len(X) // 4), 4)):
            model.train_on_batch(X[rows], y[rows])
    return base.classes_[model.predict_on_batch(tested).argmax(axis=1)]


def _total(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    def mean(column: str, among: list[dict[str, Any]] = rows) -> float | None:
        return float(np.mean([row[column] for row in among])) if among else None

    below = [row for row in rows if row["base"] < TARGET]
    scores = ("own samples alone, 1-NN", "base", "fine-tuned at 1e-5", "adapted")
    return {
        "data": name,
        "people": len(rows),
        **{score: mean(score) for score in scores},
        "gain, points": mean("gain, points"),
        "people below 95 %": len(below),
        "their gain, points": mean("gain, points", below),
        "least gain, points": min(row["gain, points"] for row in rows),
    }


def _costs(data: Dataset) -> Iterator[dict[str, Any]]:
    """Eleven gestures × five samples, in a process of its own, as a program does that somebody has just started."""
    learnt, new = data.groups == data.group_names[0], data.groups == data.group_names[1]
    early = np.flatnonzero(new)[_first_of_each(data.labels[new])]
    with tempfile.TemporaryDirectory() as folder:
        base = NetworkClassifier("tcn", epochs=2, random_state=0).fit(data.X[learnt], data.labels[learnt])
        base.save(Path(folder) / "base")
        y = np.searchsorted(base.classes_, data.labels[early])
        np.savez(Path(folder) / "samples.npz", X=data.X[early], y=y, names=base.classes_)
        for strategy in ("head_only", "last_block", "half"):
            command = [sys.executable, "-m", "benchmarks._personal_child", folder, strategy]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            yield {"strategy": strategy, "samples": len(y)} | json.loads(done.stdout)
