"""1-NN DTW (aeon, tslearn) and MiniRocket with a cross-validated ridge (aeon), draw by draw.

Reads for each job `<job>.X` (n, channels, samples), `<job>.y`, `<job>.taught` and `<job>.tested` (n_draws, n).
"""

import json
import sys

import numpy as np
from aeon.classification.convolution_based import MiniRocketClassifier
from aeon.classification.distance_based import KNeighborsTimeSeriesClassifier
from tslearn.neighbors import KNeighborsTimeSeriesClassifier as TslearnNeighbours

FLIP = (0, 2, 1)


def answers_of(X, y, taught, tested):
    train, labels, test = X[taught], y[taught], X[tested]
    rocket = MiniRocketClassifier(random_state=0, n_jobs=1).fit(train, labels)
    nearest = KNeighborsTimeSeriesClassifier(distance="dtw", n_neighbors=1).fit(train, labels)
    other = TslearnNeighbours(n_neighbors=1, metric="dtw").fit(train.transpose(FLIP), labels)
    return {
        "MiniRocket + ridge (aeon)": {
            "predicted": rocket.predict(test).tolist(),
            "confidence": rocket.predict_proba(test).max(axis=1).tolist(),
        },
        "1-NN DTW (aeon)": {"predicted": nearest.predict(test).tolist()},
        "1-NN DTW (tslearn)": {"predicted": other.predict(test.transpose(FLIP)).tolist()},
    }


data = np.load(sys.argv[1])
jobs = sorted({name.rpartition(".")[0] for name in data.files})
found = {}
for job in jobs:
    X, y = data[f"{job}.X"].astype(np.float64), data[f"{job}.y"]
    pairs = zip(data[f"{job}.taught"], data[f"{job}.tested"], strict=True)
    found[job] = [answers_of(X, y, taught, tested) for taught, tested in pairs]
print(json.dumps(found))
