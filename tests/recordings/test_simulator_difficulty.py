"""The simulated tasks are neither trivial nor hopeless: what baselines reach on people and animals never seen."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from motif.recordings import Dataset, simulate_gestures, simulate_hand, simulate_quadruped
from motif.signals import features, landmark_features


def accuracy(model, values: np.ndarray, dataset: Dataset) -> float:
    pipeline = make_pipeline(StandardScaler(), model)
    predicted = cross_val_predict(pipeline, values, dataset.y, groups=dataset.groups, cv=GroupKFold(4))
    return float((predicted == dataset.y).mean())


def features_of(dataset: Dataset) -> np.ndarray:
    if dataset.X.ndim == 3:
        course = landmark_features(dataset.X)
        change = course[:, -3:].mean(axis=1) - course[:, :3].mean(axis=1)
        return np.hstack([course.mean(axis=1), course.std(axis=1), change])
    return features(dataset.X, dataset.channels, rate_hz=dataset.rate_hz)


@pytest.mark.parametrize(
    ("simulate", "sizes"), [(simulate_gestures, (12, 4)), (simulate_quadruped, (8, 4)), (simulate_hand, (12, 4))]
)
def test_simple_baselines_neither_fail_nor_reach_everything(simulate, sizes):
    dataset = simulate(*sizes, random_state=11)
    raw = dataset.X.reshape(len(dataset.X), -1)
    neighbour = accuracy(KNeighborsClassifier(1), raw, dataset)
    linear = accuracy(LogisticRegression(C=0.01, max_iter=500, tol=1e-2), raw, dataset)
    handmade = accuracy(LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"), features_of(dataset), dataset)
    assert 0.25 < neighbour < 0.9
    assert 0.35 < linear < 0.92
    assert neighbour + 0.05 < handmade < 0.98
    assert handmade > 0.8
