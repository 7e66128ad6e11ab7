"""A confusion matrix and a reliability diagram as PNG, drawn without a screen."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from motif.evaluation import ReliabilityBin
from motif.optional import require

__all__ = ["confusion_png", "reliability_png"]

MOST_LABELLED = 24
DOTS_PER_INCH = 100


def confusion_png(confusion: Sequence[Sequence[int]], class_names: Sequence[str]) -> bytes:
    """Return the matrix, coloured by share of the true class, with the counts in it.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    counts = np.asarray(confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.5 + 0.45 * min(len(class_names), MOST_LABELLED)
    figure, axes = _empty(side, side)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xlabel("said")
    axes.set_ylabel("true")
    if len(class_names) <= MOST_LABELLED:
        places = range(len(class_names))
        names = [_literal(name) for name in class_names]
        axes.set_xticks(places, names, rotation=45, ha="right")
        axes.set_yticks(places, names)
        for row, column in np.argwhere(counts):
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour, fontsize=8)
    return _png(figure)


def reliability_png(bins: Sequence[ReliabilityBin], ece: float) -> bytes:
    """Return confidence against accuracy, and how many windows there are of each confidence.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    figure, axes = _empty(4.5, 4.5)
    n = sum(b.count for b in bins)
    axes.bar(
        [(b.low + b.high) / 2 for b in bins],
        [b.count / n for b in bins],
        width=[b.high - b.low for b in bins],
        color="#d0d7de",
        label="share of windows",
    )
    axes.plot([0, 1], [0, 1], ":", color="#768390", label="honest")
    axes.plot([b.confidence for b in bins], [b.accuracy for b in bins], "o-", color="#2f83c5", label="measured")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share right", title=f"ECE {ece:.3f}")
    axes.legend(frameon=False)
    return _png(figure)


def _empty(width: float, height: float) -> tuple[Any, Any]:
    """Return a figure that no window and no global state knows of."""
    figure = require("matplotlib.figure", extra="tensorboard").Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    return buffer.getvalue()


def _literal(name: str) -> str:
    return name.replace("$", r"\$")  # matplotlib would read a formula
