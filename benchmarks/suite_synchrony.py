"""Two movers: lag, leader, drift and false alarms on simulated pairs; real against pseudo pairs of people in calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._tables import show
from motif.behavior import clock_drift, pseudo_pairs, state_synchrony, synchrony
from motif.recordings import simulate_pair

N_COUPLED = 30
N_UNCOUPLED = 100
N_STATES = 60
OPTIONS: dict[str, Any] = {"window_s": 10.0, "max_lag_s": 2.5, "n_surrogates": 99}
PLAIN = 0.29
"""Of plain windowed lagged cross-correlation on the same recordings, as the data's page gives it."""


def run(shared: Path) -> dict[str, Any]:
    tables = {
        "Simulated pairs of movers, 60 s, six channels": show("simulated pairs", [_coupled()]),
        "False alarms on pairs that are not coupled (nominal 0.05)": show("false alarms", _uncoupled()),
        "A clock that runs fast or slow, 15 minutes at 25 Hz": show("drift", [_drift(c) for c in (0.0, 0.4, 0.8)]),
        "Streams of states: one repeats bouts of the other, or not": show("states", [_states(0.0), _states(0.3)]),
    }
    folder = shared / "dyads_videoconf"
    if folder.exists():
        rows = _people(np.load(folder / "body_motion.npz"))
        tables["People in video calls: real pairs above pseudo pairs of the same condition"] = show("people", rows)
    return tables


def _coupled() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    errors, right, coupled = [], [], []
    for i in range(N_COUPLED):
        lag, leader, coupling = float(rng.uniform(0.1, 1.5)), "ab"[i % 2], float(rng.uniform(0.4, 0.9))
        a, b = simulate_pair(60, 100, coupling=coupling, lag_s=lag, leader=leader, random_state=i)
        found = synchrony(a.values, b.values, 100.0, **OPTIONS)
        errors.append(abs(found.lag_s - (lag if leader == "a" else -lag)))
        right.append(found.leader == leader)
        coupled.append(found.is_coupled)
    return {
        "pairs": f"{N_COUPLED}, coupling 0.4…0.9, lag 0.1…1.5 s",
        "told coupled": float(np.mean(coupled)),
        "lag error, median ms": float(np.median(errors)) * 1e3,
        "largest, ms": max(errors) * 1e3,
        "leader right": float(np.mean(right)),
    }


def _uncoupled() -> list[dict[str, Any]]:
    alone: dict[str, list[bool]] = {}
    together, leaders = [], []
    for i in range(N_UNCOUPLED):
        a, b = simulate_pair(60, 50, coupling=0.0, random_state=1000 + i)
        found = synchrony(a.values, b.values, 50.0, **OPTIONS)
        for measure in found.measures:
            alone.setdefault(measure.name, []).append(measure.p_value <= 0.05)
        together.append(found.is_coupled)
        leaders.append(found.leader != "neither")
    rates = {name: float(np.mean(alarms)) for name, alarms in alone.items()}
    rates |= {"any of them, corrected": float(np.mean(together)), "a leader named": float(np.mean(leaders))}
    return [{"measure": name, "told coupled": rate, "pairs": N_UNCOUPLED} for name, rate in rates.items()]


def _drift(coupling: float) -> dict[str, Any]:
    errors, certain = [], []
    for i, ppm in enumerate((-200.0, -100.0, -50.0, 0.0, 0.0, 50.0, 100.0, 200.0)):
        a, b = simulate_pair(900, 25, coupling=coupling, lag_s=0.4, random_state=i)
        found = clock_drift(a.values, _fast(b.values, ppm), 25.0)
        certain.append(found.is_certain)
        errors.append(abs(found.ppm - ppm))
    return {
        "coupling": coupling,
        "drift": "0, ±50, ±100, ±200 ppm",
        "error, median ppm": float(np.median(errors)) if coupling else None,
        "largest, ppm": max(errors) if coupling else None,
        "undone where there is drift": float(np.mean([certain[i] for i in (0, 1, 2, 5, 6, 7)])),
        "undone where there is none": float(np.mean([certain[i] for i in (3, 4)])),
    }


def _fast(values: NDArray[np.float64], ppm: float) -> NDArray[np.float64]:
    n = np.arange(len(values))
    return np.stack([np.interp(n * (1 - ppm * 1e-6), n, column) for column in values.T], axis=1)


def _states(repeated: float) -> dict[str, Any]:
    """Bouts of half a second to three, ten frames a second, ten minutes; b repeats a 0.8 s later, or has its own."""
    coupled, right, states = [], [], []
    for i in range(N_STATES):
        rng = np.random.default_rng(i)
        a, own = (_bouts(rng) for _ in range(2))
        repeats = np.repeat(rng.random(600) < repeated, 10)
        b = np.where(repeats, np.roll(a, 8), own)
        found = state_synchrony(a, b, rate_hz=10.0, n_surrogates=99)
        coupled.append(found.is_coupled)
        right.append(found.leader == "a")
        states.append(found.states[0].p_corrected <= 0.05)
    return {
        "b repeats a": f"{repeated:.0%} of the time",
        "told coupled": float(np.mean(coupled)),
        "a told to lead": float(np.mean(right)),
        "a pair of states told": float(np.mean(states)),
    }


def _bouts(rng: np.random.Generator) -> NDArray[np.int64]:
    return np.repeat(rng.integers(0, 5, 1200), rng.integers(5, 30, 1200))[:6000]


def _people(data: Any) -> list[dict[str, Any]]:
    """The square root tames the counts of changed pixels, which have heavy tails."""
    series = np.split(np.sqrt(data["x"].astype(np.float64)), data["offsets"][1:-1])
    found = pseudo_pairs([(pair[:, 0], pair[:, 1]) for pair in series], 30.0, groups=data["condition"].tolist())
    return [
        {
            "measure": name,
            "mean difference": one.measure.value,
            "paired effect d": one.effect_size,
            "p": one.measure.p_value,
            "p, corrected": one.measure.p_corrected,
            "plain windowed cross-correlation": PLAIN,
        }
        for name, one in found.items()
    ]
