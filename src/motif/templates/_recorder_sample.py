"""From a take to a sample, or the reason why it is none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import InputError, TooFewSamplesError
from motif.templates._recorder_take import Take
from motif.templates._sample import GestureSample

__all__ = ["is_still", "sample_of"]

_STILL = {"acc": 0.15, "linear_acc": 0.15, "gyr": 0.08}
"""m/s², rad/s: a phone that lies or is held still deviates less from its mean."""


def sample_of(
    take: Take, *, min_samples: int, min_quality: float, group: str = "", guesses: Iterable[Any] = ()
) -> GestureSample:
    """Return what a take is worth keeping.

    Parameters
    ----------
    min_samples : int
        Of all sensors together, and of moments with all of them.
    min_quality : float, 0…1
    group : str
        Which session it is of.
    guesses : iterable of GestureGuess
        What a video analyzer thinks it saw; those of the take's time are kept beside it.

    Raises
    ------
    TooFewSamplesError
        There are fewer.
    InputError
        It is too poor, nothing moved, or its features cannot be of a real movement.
    """
    if take.n_samples < min_samples:
        came = "1 reading came" if take.n_samples == 1 else f"{take.n_samples} readings came"
        raise TooFewSamplesError(f"{came}; want at least {min_samples}: do the sensors send?")
    score, why = take.worst()
    if score < min_quality:
        raise InputError(
            f"quality is {score:.2f} ({why}), want at least {min_quality:.2f}; "
            "are all sensors permitted, and is the connection good?"
        )
    channels, rate_hz, time_ns, values = take.rows()
    if len(values) < min_samples:
        raise TooFewSamplesError(f"{len(values)} moments have all sensors; want at least {min_samples}")
    if is_still(values, channels):
        raise InputError("nothing moved; make the gesture after the countdown")
    sample = GestureSample.of(
        values,
        channels,
        rate_hz,
        quality=min(1.0, score),
        created_ns=int(time_ns[0]),
        group=group,
        metadata=_seen(guesses, int(time_ns[0]), int(time_ns[-1])),
    )
    if sample.features is not None and (problems := sample.features.problems()):
        raise InputError(f"no real movement is like this: {'; '.join(problems)}")
    return sample


def _seen(guesses: Iterable[Any], start_ns: int, stop_ns: int) -> dict[str, Any]:
    video = [
        {"gesture": str(guess.gesture), "confidence": float(guess.confidence)}
        for guess in tuple(guesses)
        if guess.start_ns <= stop_ns and guess.end_ns >= start_ns
    ]
    return {"video": video} if video else {}


def is_still(values: NDArray[np.float64], channels: tuple[str, ...]) -> bool:
    """Say whether motion sensors (n_samples, n_channels) felt nothing move; False where there are none."""
    known = [(i, _STILL[stem]) for i, name in enumerate(channels) if (stem := name.rpartition("_")[0]) in _STILL]
    return bool(known) and all(float(values[:, i].std()) < limit for i, limit in known)
