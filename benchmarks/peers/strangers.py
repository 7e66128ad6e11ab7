"""How well scores over untrained features (aeon) tell movements that were never taught: AUROC, draw by draw.

Reads `X` (n, channels, samples), `y`, and for each draw `<draw>.taught`, `<draw>.asked` and `<draw>.strange`, indices.
"""

import json
import sys

import numpy as np
from aeon.transformations.collection.convolution_based import HydraTransformer, MiniRocket, MultiRocket
from sklearn.linear_model import RidgeClassifierCV
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler


def scores(taught, labels, asked):
    """Return by name how strange each of (n, n_features) is."""
    ridge = RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)).fit(taught, labels)
    said = ridge.decision_function(asked)
    near = nearest(taught, labels, asked)
    whitened = nearest(*within_made_small(taught, labels, asked))
    return {
        "distance to the nearest sample": near.min(axis=1),
        "the same, relative to the usual one": relative(near),
        "Mahalanobis, relative": relative(whitened),
        "ridge: largest score": -said.max(axis=1),
        "ridge: energy": -np.log(np.exp(said).sum(axis=1)),
    }


def nearest(taught, labels, asked):
    squares = (asked**2).sum(axis=1)[:, None] + (taught**2).sum(axis=1) - 2 * asked @ taught.T
    distances = np.sqrt(np.maximum(squares, 0))
    return np.stack([distances[:, labels == c].min(axis=1) for c in np.unique(labels)], axis=1)


def relative(near):
    return np.log((near.min(axis=1) + 1e-9) / (np.quantile(near, 0.7, axis=1) + 1e-9))


def within_made_small(taught, labels, asked, shrinkage=0.1):
    """Whiten by the covariance within classes, shrunk."""
    means = np.stack([taught[labels == c].mean(axis=0) for c in np.unique(labels)])
    _, sizes, directions = np.linalg.svd(taught - means[labels], full_matrices=False)
    floor = shrinkage * (sizes**2).mean()
    kept = np.sqrt(floor / (sizes**2 + floor))
    return (
        *(
            each if each.ndim == 1 else each - ((1 - kept) * (each @ directions.T)) @ directions
            for each in (taught, labels, asked)
        ),
    )


data = np.load(sys.argv[1])
X, y = data["X"].astype(np.float64), data["y"]
found = {}
for draw in sorted({name.partition(".")[0] for name in data.files if "." in name}, key=int):
    taught, known, strange = (data[f"{draw}.{part}"] for part in ("taught", "asked", "strange"))
    labels = np.unique(y[taught], return_inverse=True)[1]
    asked, is_strange = np.concatenate([known, strange]), np.repeat([0, 1], [len(known), len(strange)])
    for transform in (MiniRocket(random_state=0), MultiRocket(random_state=0), HydraTransformer(random_state=0)):
        features = [np.asarray(transform.fit_transform(X[taught])), np.asarray(transform.transform(X[asked]))]
        scale = StandardScaler().fit(features[0])
        learnt, said = (np.nan_to_num(scale.transform(each)) for each in features)
        for name, score in scores(learnt, labels, said).items():
            key = f"{type(transform).__name__} (aeon), {name}"
            found.setdefault(key, []).append(float(roc_auc_score(is_strange, score)))
print(json.dumps(found))
