"""MiniRocket and a cross-validated ridge (aeon), fold by fold. Reads X (n, …, length), y, tested (n_folds, n)."""

import json
import sys
import time

import numpy as np
from aeon.classification.convolution_based import MiniRocketClassifier
from sklearn.metrics import f1_score

data = np.load(sys.argv[1])
X, y = data["X"], data["y"]
X = X.transpose(0, 2, 1) if X.ndim == 3 else X.reshape(len(X), -1, X.shape[-1])
folds = []
for tested in data["tested"]:
    start = time.perf_counter()
    model = MiniRocketClassifier(random_state=0, n_jobs=1).fit(X[~tested], y[~tested])
    fitted = time.perf_counter() - start
    predicted = model.predict(X[tested])
    folds.append(
        {
            "accuracy": float((predicted == y[tested]).mean()),
            "macro_f1": float(f1_score(y[tested], predicted, average="macro")),
            "fit_s": fitted,
        }
    )
print(json.dumps({"folds": folds}))
