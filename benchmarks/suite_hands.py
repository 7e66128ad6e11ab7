"""Hand landmarks: `handflow`, recorded blocks held out one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from benchmarks._accuracy import compare
from benchmarks._tables import show
from motif.evaluation import nearest_neighbour
from motif.networks import NetworkClassifier
from motif.recordings import leave_one_group_out, load_dataset


def run(shared: Path) -> dict[str, Any]:
    data = load_dataset(shared / "handflow")
    split = leave_one_group_out(data)
    rows = compare(
        data,
        split,
        {
            "motif TCN": lambda: NetworkClassifier("tcn", random_state=0),
            "1-NN (scikit-learn)": nearest_neighbour,
            "logistic regression (scikit-learn)": logistic_regression,
        },
    )
    title = f"Hand landmarks (handflow), {split.how}"
    return {title: show(title, rows)}


def logistic_regression() -> Any:
    flat = FunctionTransformer(lambda X: X.reshape(len(X), -1))
    return make_pipeline(flat, StandardScaler(), LogisticRegression(max_iter=2000))
