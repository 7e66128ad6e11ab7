"""What a fit is worth: whether starts agree, whether there was enough to learn from, whether less would have done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from motif.behavior.semi_markov._durations import segments_of
from motif.behavior.semi_markov._em import climb
from motif.behavior.semi_markov._evidence import evidence
from motif.behavior.semi_markov._parameters import Parameters
from motif.behavior.semi_markov._settings import Frames, durations_of
from motif.behavior.semi_markov._starts import from_labels
from motif.evaluation import apply_temperature, expected_calibration_error, fit_temperature, log_probabilities

__all__ = ["Report", "StateCard", "agreement_of", "over_confidence", "plain_model", "report_of"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_FEW_SEGMENTS = 10
_GOOD_AGREEMENT = 0.9
_STEPS = 30


@dataclass(frozen=True)
class StateCard:
    """One state in the recordings it was learnt from."""

    share: float
    """Of the frames."""
    n_segments: int
    typical_s: float
    """Median duration of its segments."""
    shortest_s: float
    longest_s: float


@dataclass(frozen=True)
class Report:
    """What a fit is worth; `print` it."""

    states: tuple[StateCard, ...]
    agreement: float
    """Adjusted Rand index between the paths of different starts, the mean over pairs; NaN for one start."""
    halves: float
    """The same between paths of what one half of the recordings, and what the other half, would have taught."""
    plain_gain: float
    """Evidence per segment for durations of their own over a hidden Markov model's, in nats."""
    plain_agreement: float
    """Adjusted Rand index between the path and that of a hidden Markov model with the same looks to begin with."""
    over_confidence: float
    """Calibration error of one half's probabilities, judged by the path of the other half's model."""
    corrected: float
    """The same after `temperature`, which was learnt on the other half."""
    temperature: float
    """What `calibrate` would divide log probabilities by."""
    frame_weight: float

    @property
    def findings(self) -> tuple[str, ...]:
        """What to think of it, in sentences; empty where nothing is to be said."""
        rare = ", ".join(str(k) for k, card in enumerate(self.states) if card.n_segments < _FEW_SEGMENTS)
        plain_does = self.plain_gain <= 0.0 or self.plain_agreement > 0.99
        too_sure = self.over_confidence > 0.05 and self.corrected < self.over_confidence
        said = (
            (bool(rare), f"states {rare} have fewer than {_FEW_SEGMENTS} segments: record more before reading them"),
            (self.halves < _GOOD_AGREEMENT, f"more data is needed: halves of it agree by {self.halves:.2f}"),
            (self.agreement < _GOOD_AGREEMENT, f"starts agree by {self.agreement:.2f}: raise n_starts"),
            (plain_does, "a plain hidden Markov model would do: durations='geometric' says the same"),
            (self.frame_weight < 0.5, f"frames repeat each other: each counts as {self.frame_weight:.2f} of one"),
            (too_sure, f"probabilities are too sure by {self.over_confidence:.2f}; calibrate: {self.corrected:.2f}"),
        )
        return tuple(sentence for holds, sentence in said if holds)

    def __str__(self) -> str:
        lines = ["state   share  segments  typical s  shortest s  longest s"]
        lines += [
            f"{k:5}  {card.share:6.1%}  {card.n_segments:8}  {card.typical_s:9.2f}  {card.shortest_s:10.2f}  "
            f"{card.longest_s:9.2f}"
            for k, card in enumerate(self.states)
        ]
        return "\n".join([*lines, *(f"- {finding}" for finding in self.findings)])


def report_of(
    parameters: Parameters, sequences: Sequence[Array], others: Sequence[Parameters], frames: Frames, rate_hz: float
) -> Report:
    """Return what a fit is worth, judged on the sequences it was learnt from.

    Parameters
    ----------
    others
        Where other starts led.
    """
    paths = [parameters.decode(part) for part in sequences]
    together = np.concatenate(paths)
    elsewhere = [np.concatenate([other.decode(part) for part in sequences]) for other in others]
    plain, gain = plain_model(parameters, sequences, paths, frames)
    n_segments = len(segments_of(paths).states)
    confidence = over_confidence(parameters, sequences, paths)
    return Report(
        states=_cards(paths, parameters.n_states, rate_hz),
        agreement=agreement_of([together, *elsewhere]),
        halves=confidence.agreement,
        plain_gain=gain / n_segments,
        plain_agreement=float(
            adjusted_rand_score(together, np.concatenate([plain.decode(part) for part in sequences]))
        ),
        over_confidence=confidence.error,
        corrected=confidence.corrected,
        temperature=confidence.temperature,
        frame_weight=parameters.frame_weight,
    )


def agreement_of(paths: Sequence[Labels]) -> float:
    """Return the adjusted Rand index between paths (frames,), the mean over pairs; NaN for one path."""
    pairs = [adjusted_rand_score(one, other) for one, other in combinations(paths, 2)]
    return float(np.mean(pairs)) if pairs else float("nan")


def _cards(paths: Sequence[Labels], n_states: int, rate_hz: float) -> tuple[StateCard, ...]:
    segments = segments_of(paths)
    n_frames = segments.lengths.sum()
    cards = []
    for k in range(n_states):
        lengths = segments.lengths[segments.states == k]
        low, middle, high = np.quantile(lengths, [0.0, 0.5, 1.0]) / rate_hz if lengths.size else (np.nan,) * 3
        cards.append(StateCard(lengths.sum() / n_frames, lengths.size, float(middle), float(low), float(high)))
    return tuple(cards)


def plain_model(
    parameters: Parameters, sequences: Sequence[Array], paths: Sequence[Labels], frames: Frames
) -> tuple[Parameters, float]:
    """Return a hidden Markov model that began at the same path, and the evidence that durations add to it."""
    geometric = durations_of("geometric", frames._replace(shortest=1), parameters.n_states)
    start = from_labels(replace(parameters, durations=geometric), sequences, paths)
    plain = climb(start, sequences, max_iterations=_STEPS, tolerance=1e-5)
    return plain.parameters, evidence(parameters, sequences) - evidence(plain.parameters, sequences)


@dataclass(frozen=True)
class _Confidence:
    agreement: float
    error: float
    corrected: float
    temperature: float


def over_confidence(parameters: Parameters, sequences: Sequence[Array], paths: Sequence[Labels]) -> _Confidence:
    """Return how sure the model may be: what one half taught is judged by what the other half did, and the reverse.

    Both halves begin at the states of the whole, so that a state has one number throughout.
    """
    halves = _halves(sequences, paths)
    models = [
        climb(from_labels(parameters, *half), half[0], max_iterations=_STEPS, tolerance=1e-5).parameters
        for half in halves
    ]
    # Each half of the frames is judged by the model that has not seen them, against the model that has.
    logits, truth = [], []
    for (part, _), here, there in zip(halves, models, models[::-1], strict=True):
        logits.append(log_probabilities(_probabilities(there, part)))
        truth.append(np.concatenate([here.decode(frames) for frames in part]))
    temperatures = [max(fit_temperature(*pair), 1.0) for pair in zip(logits, truth, strict=True)]
    swapped = [apply_temperature(each, t) for each, t in zip(logits, temperatures[::-1], strict=True)]
    seen = [np.concatenate([model.decode(frames) for frames in sequences]) for model in models]
    return _Confidence(
        float(adjusted_rand_score(*seen)),
        float(expected_calibration_error(np.concatenate(truth), np.exp(np.concatenate(logits)))),
        float(expected_calibration_error(np.concatenate(truth), np.concatenate(swapped))),
        float(np.sqrt(temperatures[0] * temperatures[1])),
    )


def _probabilities(model: Parameters, sequences: Sequence[Array]) -> Array:
    return np.concatenate([model.posterior(frames, counting=False).states for frames in sequences])


def _halves(sequences: Sequence[Array], paths: Sequence[Labels]) -> list[tuple[list[Array], list[Labels]]]:
    """Return sequences and their paths in two parts: every other recording, or where there is one, its two halves."""
    if len(sequences) == 1:
        middle = len(sequences[0]) // 2
        return [([sequences[0][half]], [paths[0][half]]) for half in (slice(middle), slice(middle, None))]
    return [(list(sequences[first::2]), list(paths[first::2])) for first in (0, 1)]
