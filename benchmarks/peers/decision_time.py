"""Time of one decision of 1-NN DTW (aeon, tslearn) and of MiniRocket. Reads X (n, channels, samples), y, asked."""

import json
import sys
import time

import numpy as np
from aeon.classification.convolution_based import MiniRocketClassifier
from aeon.classification.distance_based import KNeighborsTimeSeriesClassifier
from tslearn.neighbors import KNeighborsTimeSeriesClassifier as TslearnNeighbours

data = np.load(sys.argv[1])
X, y, asked = data["X"].astype(np.float64), data["y"], data["asked"].astype(np.float64)
flip = (0, 2, 1)
fitted = {
    "1-NN DTW (aeon)": (KNeighborsTimeSeriesClassifier(distance="dtw", n_neighbors=1).fit(X, y), asked),
    "1-NN DTW (tslearn)": (
        TslearnNeighbours(n_neighbors=1, metric="dtw").fit(X.transpose(flip), y),
        asked.transpose(flip),
    ),
    "MiniRocket + ridge (aeon)": (MiniRocketClassifier(random_state=0, n_jobs=1).fit(X, y), asked),
}
times = {}
for name, (model, windows) in fitted.items():
    for i in range(3):  # compiled on the first
        model.predict(windows[i : i + 1])
    times[name] = []
    for i in range(len(windows)):
        start = time.perf_counter_ns()
        model.predict(windows[i : i + 1])
        times[name].append((time.perf_counter_ns() - start) / 1e6)
print(json.dumps(times))
