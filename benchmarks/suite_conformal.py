"""Promises kept: conformal coverage without and with a shift, calibration before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._tables import show
from motif.evaluation import (
    apply_temperature,
    conformal_coverage,
    conformal_sets,
    coverage_by_individual,
    cross_validate,
    feature_lda,
    fit_temperature,
    log_probabilities,
    score,
)
from motif.recordings import Dataset, leave_one_group_out, load_dataset

LEVELS = (0.8, 0.9, 0.95)
N_DRAWS = 200


def run(shared: Path) -> dict[str, Any]:
    sets = {name: load_dataset(shared / name) for name in ("handflow", "dsads", "sp_sw_har")}
    answers = {name: answered(data) for name, data in sets.items()}
    tables = {
        "Conformal sets without shift: calibrated on one random half, judged on the other": without_shift(answers),
        "Conformal sets under shift: each group calibrated on all the others": under_shift(answers),
        "Calibration of groups held out, by a temperature learnt on the others": calibration(answers),
    }
    return {title: show(title, rows) for title, rows in tables.items()}


def answered(data: Dataset) -> dict[str, NDArray[Any]]:
    """Return labels, groups and the probabilities of features + LDA, each group held out once."""
    made = feature_lda(data.channels, data.rate_hz) if data.X.ndim == 4 else feature_lda()
    judged = cross_validate(lambda: made, data, leave_one_group_out(data))
    p = judged.probabilities.astype(np.float64)
    return {"y": judged.y_true, "groups": data.groups[judged.indices], "p": p / p.sum(axis=1, keepdims=True)}


def without_shift(answers: dict[str, dict[str, NDArray[Any]]]) -> list[dict[str, Any]]:
    rows = []
    for name, found in {"simulated": simulated(), **answers}.items():
        y, p, groups = found["y"], found["p"], found["groups"]
        for level in LEVELS:
            marginal, mondrian = [], []
            for seed in range(N_DRAWS):
                learn = np.random.default_rng(seed).permutation(len(y)) < len(y) // 2
                sets = conformal_sets(y[learn], p[learn], level=level, categories=groups[learn])
                marginal.append(
                    conformal_coverage(y[~learn], sets.sets(p[~learn], random_state=seed), groups[~learn])[0]
                )
                each = conformal_coverage(
                    y[~learn], sets.sets(p[~learn], groups[~learn], random_state=seed), groups[~learn]
                )[1:]
                mondrian.append([c.coverage for c in each])
            by_group = np.mean(mondrian, axis=0)
            covered = [c.coverage for c in marginal]
            rows.append(
                {
                    "data": name,
                    "windows": len(y),
                    "promised": level,
                    "held": float(np.mean(covered)),
                    "± draws": float(np.std(covered)),
                    "classes a set": float(np.mean([c.mean_size for c in marginal])),
                    "by group (Mondrian)": f"{by_group.min():.3f}…{by_group.max():.3f}",
                }
            )
    return rows


def under_shift(answers: dict[str, dict[str, NDArray[Any]]]) -> list[dict[str, Any]]:
    rows = []
    for name, found in answers.items():
        for level in LEVELS:
            whole, *each = coverage_by_individual(found["y"], found["p"], found["groups"], level=level)
            covered = [c.coverage for c in each]
            rows.append(
                {
                    "data": name,
                    "groups": len(each),
                    "promised": level,
                    "held": whole.coverage,
                    "by group": f"{min(covered):.3f}…{max(covered):.3f}",
                    "classes a set": whole.mean_size,
                }
            )
    return rows


def calibration(answers: dict[str, dict[str, NDArray[Any]]]) -> list[dict[str, Any]]:
    rows = []
    for name, found in answers.items():
        y, p, groups = found["y"], found["p"], found["groups"]
        logits, after = log_probabilities(p), np.empty_like(p)
        temperatures = []
        for group in np.unique(groups):
            others = groups != group
            temperatures.append(fit_temperature(logits[others], y[others]))
            after[~others] = apply_temperature(logits[~others], temperatures[-1])
        names = [str(i) for i in range(p.shape[1])]
        before, calibrated = score(y, p, names), score(y, after, names)
        rows.append(
            {
                "data": name,
                "accuracy": before.accuracy,
                "ECE before": before.ece,
                "ECE after": calibrated.ece,
                "log loss before": before.log_loss,
                "log loss after": calibrated.log_loss,
                "temperature": float(np.mean(temperatures)),
            }
        )
    return rows


def simulated(n: int = 20_000, n_classes: int = 6) -> dict[str, NDArray[Any]]:
    """Return windows whose probabilities are the true ones, from places that are unlike each other."""
    rng = np.random.default_rng(0)
    places = rng.integers(0, 4, n)
    logits = np.array([0.7, 1.5, 3.0, 6.0])[places, None] * rng.normal(size=(n, n_classes))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return {"y": (p.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1), "p": p, "groups": places.astype(str)}
