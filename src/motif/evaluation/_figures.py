"""Plots of scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from motif.errors import ConfigError
from motif.evaluation._calibration import ReliabilityBin
from motif.evaluation._fold_scores import FoldScores
from motif.evaluation._plot_style import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SHARE,
    SKY,
    VERMILION,
    axis,
    empty_figure,
    named_ticks,
    plain_text,
)
from motif.evaluation._scores import Scores

__all__ = ["confusion_figure", "folds_figure", "per_class_figure", "reliability_diagram", "training_history_figure"]

_MOST_LABELLED_CELLS = 24


def reliability_diagram(tables: Mapping[str, Sequence[ReliabilityBin]]) -> Any:
    """Return confidence against accuracy, one line for each named table, and below how many windows each bin holds.

    Parameters
    ----------
    tables : mapping of str to bins
        As `reliability` gives them, such as `{"before": …, "after": …}`.

    Raises
    ------
    MissingExtraError
        plotly is not installed.
    """
    figure = empty_figure(height=460, barmode="group")
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="honest", line={"color": GREY, "dash": "dot"}, hoverinfo="skip"
    )
    for (name, bins), colour in zip(tables.items(), (VERMILION, BLUE, GREEN, PURPLE), strict=False):
        confidence, counts = [b.confidence for b in bins], [b.count for b in bins]
        line = {"mode": "lines+markers", "marker": {"color": colour, "size": 8}, "line": {"color": colour}}
        hover = "confidence %{x:.1%}<br>right %{y:.1%}<br>%{customdata} windows"
        figure.add_scatter(
            x=confidence,
            y=[b.accuracy for b in bins],
            customdata=counts,
            hovertemplate=hover,
            name=plain_text(name),
            **line,
        )
        middles = [(b.low + b.high) / 2 for b in bins]
        bar = {"marker": {"color": colour}, "name": plain_text(name), "showlegend": False}
        figure.add_bar(x=middles, y=counts, yaxis="y2", **bar)
    figure.update_layout(
        xaxis=axis("confidence", **SHARE, anchor="y2"),
        yaxis=axis("share right", **SHARE, domain=[0.33, 1]),
        yaxis2=axis("windows", domain=[0, 0.22], nticks=4),
    )
    return figure


def confusion_figure(scores: Scores) -> Any:
    """Return the confusion matrix, coloured by share of the true class; buttons switch its numbers to counts.

    Raises
    ------
    MissingExtraError
        plotly is not installed.
    """
    k = len(scores.class_names)
    counts, shares = scores.confusion.tolist(), scores.confusion_normalized.tolist()
    as_share = [[f"{share:.0%}" if share else "" for share in row] for row in shares]
    as_count = [[str(n) if n else "" for n in row] for row in counts]
    names = [plain_text(name) for name in scores.class_names]
    described = [
        [f"true {a}<br>said {b}<br>{counts[i][j]} windows, {shares[i][j]:.1%}" for j, b in enumerate(names)]
        for i, a in enumerate(names)
    ]
    labelled = k <= _MOST_LABELLED_CELLS
    figure = empty_figure(height=max(380, 190 + 32 * k))
    figure.add_heatmap(
        z=[[share or None for share in row] for row in shares],  # what never happens shows the page
        zmin=0,
        zmax=1,
        text=as_share,
        texttemplate="%{text}" if labelled else None,
        hovertext=described,
        hoverinfo="text",
        colorscale=[[0, "#eff3f8"], [0.02, "#dbe8f4"], [0.5, "#4c94cf"], [1, "#08467c"]],
        xgap=1,
        ygap=1,
        colorbar={"tickformat": ".0%", "thickness": 10, "outlinewidth": 0, "ticks": ""},
    )
    figure.update_layout(
        xaxis=axis("said", **named_ticks(names), showgrid=False, tickangle=-40 if k > 6 else 0),
        yaxis=axis("true", **named_ticks(names), showgrid=False, autorange="reversed"),
    )
    if labelled:
        figure.update_layout(updatemenus=[_buttons({"share of the true class": as_share, "windows": as_count})])
    return figure


def per_class_figure(scores: Scores) -> Any:
    """Return precision, recall and F1 of each class that has them, the worst on top.

    Raises
    ------
    MissingExtraError
        plotly is not installed.
    """
    judged = sorted((c for c in scores.per_class if c.f1 is not None), key=lambda c: c.f1 or 0.0, reverse=True)
    rows = list(range(len(judged)))
    figure = empty_figure(height=max(280, 130 + 26 * len(judged)))
    figure.add_bar(
        x=[c.f1 for c in judged],
        y=rows,
        orientation="h",
        name="F1",
        marker={"color": SKY, "opacity": 0.55},
        customdata=[c.support for c in judged],
        hovertemplate="F1 %{x:.3f}, %{customdata} windows",
    )
    for name, symbol, colour in (("precision", "triangle-up", VERMILION), ("recall", "circle", BLUE)):
        figure.add_scatter(
            x=[getattr(c, name) for c in judged],
            y=rows,
            mode="markers",
            name=name,
            marker={"symbol": symbol, "size": 9, "color": colour},
            hovertemplate=name + " %{x:.3f}",
        )
    names = [plain_text(c.name) for c in judged]
    figure.update_layout(xaxis=axis(**SHARE), yaxis=axis(**named_ticks(names), showgrid=False), bargap=0.35)
    return figure


def folds_figure(folds: FoldScores) -> Any:
    """Return accuracy, macro-F1 and the baseline's accuracy of each fold, with the means as lines.

    Raises
    ------
    MissingExtraError
        plotly is not installed.
    """
    places = list(range(len(folds.folds)))
    figure = empty_figure(height=340)
    for name, values, colour, symbol in (
        ("macro-F1", [f.scores.macro_f1 for f in folds.folds], BLUE, "circle"),
        ("accuracy", [f.scores.accuracy for f in folds.folds], ORANGE, "diamond-open"),
        ("accuracy of the baseline", [f.baseline.accuracy for f in folds.folds], GREY, "x"),
    ):
        marker = {"color": colour, "symbol": symbol, "size": 10, "line": {"width": 2}}
        figure.add_scatter(x=places, y=values, mode="markers", name=name, marker=marker, hovertemplate="%{y:.3f}")
        figure.add_hline(y=sum(values) / len(values), line={"color": colour, "width": 1, "dash": "dot"})
    names = [plain_text(fold.name) for fold in folds.folds]
    figure.update_layout(xaxis=axis(**named_ticks(names), showgrid=False), yaxis=axis(**SHARE))
    return figure


def training_history_figure(history: Mapping[str, Sequence[float]]) -> Any:
    """Return the loss and the scores of each epoch, validation drawn solid and training dotted.

    Parameters
    ----------
    history : mapping of str to (n_epochs,)
        As Keras names it: `loss`, `val_loss`, `accuracy`, `val_accuracy`; a learning rate is left out.

    Raises
    ------
    ConfigError
        There is nothing to draw.
    MissingExtraError
        plotly is not installed.
    """
    drawn = {name: values for name, values in history.items() if "learning_rate" not in name and len(values)}
    if not drawn:
        raise ConfigError(f"the history holds {sorted(history)}; want at least one epoch of a loss or a score")
    figure = empty_figure(height=360)
    bases = list(dict.fromkeys(name.removeprefix("val_") for name in drawn))
    colours = dict(zip(bases, (BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY) * len(bases), strict=False))
    for name, values in drawn.items():
        base = name.removeprefix("val_")
        line = {"color": colours[base], "dash": "solid" if name != base else "dot", "width": 2}
        figure.add_scatter(
            x=list(range(1, len(values) + 1)),
            y=[float(v) if isfinite(v) else None for v in values],
            mode="lines+markers" if len(values) == 1 else "lines",
            name=plain_text(base + (", validation" if name != base else ", training")),
            line=line,
            yaxis="y" if "loss" in base else "y2",
            xaxis="x" if "loss" in base else "x2",
        )
    losses = [base for base in bases if "loss" in base]
    has_loss, has_score = bool(losses), len(losses) < len(bases)
    figure.update_layout(
        xaxis=axis("epoch", domain=[0, 0.46 if has_score else 1], visible=has_loss),
        yaxis=axis("loss", rangemode="tozero", visible=has_loss),
        xaxis2=axis("epoch", domain=[0.56 if has_loss else 0, 1], anchor="y2", visible=has_score),
        yaxis2=axis(anchor="x2", visible=has_score),
    )
    return figure


def _buttons(texts: Mapping[str, list[list[str]]]) -> dict[str, Any]:
    return {
        "type": "buttons",
        "direction": "right",
        "x": 0,
        "y": 1.0,
        "xanchor": "left",
        "yanchor": "bottom",
        "pad": {"b": 8},
        "showactive": False,  # its colour would glare on black
        "bgcolor": "rgba(128, 138, 150, 0.15)",
        "bordercolor": FAINT,
        "buttons": [{"label": label, "method": "restyle", "args": [{"text": [text]}]} for label, text in texts.items()],
    }
