import json
import math
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from motif.errors import ConfigError
from motif.evaluation import (
    FoldScores,
    baseline_scores,
    confusion_figure,
    folds_figure,
    html_report,
    markdown_table,
    per_class_figure,
    reliability_diagram,
    score,
    training_history_figure,
)
from motif.evaluation._fold_scores import FoldScore, fold_scores

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=http://evil.example/x onerror=alert(2)>',
    "</script><b>&amp;",
    "wave",
)


class Page(HTMLParser):
    """Collects tags, what they point at, and the text of each script."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.targets, self.scripts, self.ids, self.words = [], [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        self.targets += [(tag, attributes[key]) for key in ("src", "href", "action", "data") if key in attributes]
        self.ids += [attributes["id"]] if "id" in attributes else []
        assert not [key for key in attributes if key.startswith("on")]
        if tag == "script":
            self.scripts.append([attributes.get("type"), ""])

    def handle_data(self, data):
        if self.lasttag == "script" and self.scripts:
            self.scripts[-1][1] += data
        self.words.append(data)


def folds_of(names=HOSTILE, n_groups=3, seed=0):
    rng = np.random.default_rng(seed)
    y = np.tile(np.arange(len(names)), 15 * n_groups)
    groups = np.repeat([f"<i>person {g}</i>" for g in range(n_groups)], 15 * len(names))
    p = np.full((len(y), len(names)), 0.1)
    p[np.arange(len(y)), np.where(rng.random(len(y)) < 0.8, y, (y + 1) % len(names))] = 1.0
    p = (p / p.sum(axis=1, keepdims=True)).astype(np.float32)
    folds = []
    for group in np.unique(groups):
        test = np.flatnonzero(groups == group)
        folds.append(
            FoldScore(
                name=f"without {group}",
                scores=score(y[test], p[test], names),
                baseline=baseline_scores(y, y[test], names),
                n_train=len(y) - len(test),
                n_test=len(test),
                train_groups=tuple(np.unique(groups[groups != group])),
                test_groups=(group,),
                fit_seconds=1.0,
                predict_seconds=0.1,
            )
        )
    return fold_scores(
        how="by <b>person</b>",
        folds=tuple(folds),
        indices=np.arange(len(y)),
        probabilities=p,
        priors=np.full(p.shape, 1 / len(names)),
        y=y,
        groups=groups,
        class_names=tuple(names),
    )


@pytest.fixture(scope="module")
def folds() -> FoldScores:
    return folds_of()


@pytest.fixture(scope="module")
def full_report(folds):
    return html_report(
        "Report <on> & on",
        folds=folds,
        uncalibrated=folds.pooled,
        peers={"1-NN <peer>": folds.pooled},
        summary="<u>summary</u>",
        split={"Leak check": "<passed>"},
        dataset={"Name": "<data>"},
        notes=["<note>"],
        history={"loss": [1.0, math.nan], "val_accuracy": [0.5, 0.6], "learning_rate": [1e-3, 1e-3]},
        bundle={"Size": "<1 MB>"},
        environment={"Python": "<3.11>"},
        warnings=["<careful>"],
    )


def test_a_report_points_at_nothing_outside_itself(full_report):
    page = Page(full_report)
    assert page.targets
    for tag, target in page.targets:
        assert (tag, target[:1]) == ("a", "#")
        assert target[1:] in page.ids
    assert not {"link", "iframe", "object", "embed", "base", "img", "form"} & set(page.tags)
    style = re.search(r"<style>(.*?)</style>", full_report, re.S)[1]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in full_report


def test_hostile_names_are_text_and_nothing_else(full_report):
    page = Page(full_report)
    assert not {"i", "b", "u", "on", "note", "careful", "passed"} & set(page.tags)
    assert "<script>alert(1)</script>" in "".join(page.words)
    *plots, (_, library), (_, drawing) = page.scripts
    assert library.count("plotly") > 100
    assert "Plotly.newPlot" in drawing
    for kind, text in plots:
        assert kind == "application/json"
        assert "<" not in text
        assert {"data", "layout"} <= set(json.loads(text))


def test_everything_given_is_shown(full_report):
    words = "".join(Page(full_report).words)
    for said in (
        "summary",
        "<passed>",
        "<data>",
        "<note>",
        "<1 MB>",
        "<3.11>",
        "<careful>",
        "1-NN <peer>",
        "by <b>person",
    ):
        assert said in words
    for section in ("split", "data", "scores", "folds", "classes", "confusion", "calibration", "training", "bundle"):
        assert f'<section id="{section}">' in full_report


def test_what_is_not_given_is_left_out():
    y = np.arange(40) % 2
    scores = score(y, np.eye(2)[y], ["rest", "wave"])
    report = html_report("Small", scores=scores)
    for section in ("warnings", "split", "data", "folds", "training", "bundle", "environment"):
        assert f'<section id="{section}">' not in report
    assert "Most confused pairs" not in report
    with pytest.raises(ConfigError, match="needs scores or folds"):
        html_report("Nothing")


def test_a_report_warns_of_what_its_figures_show(folds):
    scores = score([0, 0, 0, 1], np.tile([0.0, 1.0, 0.0], (4, 1)), ["rest", "wave", "tap"])
    report = html_report(
        "Poor", scores=scores, baseline=baseline_scores([0, 0, 1], [0, 0, 0, 1], ["rest", "wave", "tap"])
    )
    for warning in ("no better than", "Never tested, for want of windows: tap", "rest (3)", "Never predicted: rest"):
        assert warning in report
    assert "Only 3 groups" in html_report("Few", folds=folds)


def test_a_report_of_one_window_says_why_figures_are_missing():
    report = html_report("One", scores=score([0], [[1.0]], ["only"]))
    assert "AUC needs windows of two" in report


def test_the_reliability_diagram_draws_what_the_tables_say(folds):
    bins = folds.pooled.reliability
    drawn = reliability_diagram({"before": bins, "after": bins})
    assert [trace.type for trace in drawn.data] == ["scatter", "scatter", "bar", "scatter", "bar"]
    assert list(drawn.data[1].y) == [b.accuracy for b in bins]
    assert sum(drawn.data[2].y) == folds.pooled.n


def test_the_confusion_switches_between_shares_and_windows(folds):
    drawn = confusion_figure(folds.pooled)
    np.testing.assert_allclose([[z or 0 for z in row] for row in drawn.data[0].z], folds.pooled.confusion_normalized)
    counts = drawn.layout.updatemenus[0].buttons[1].args[0]["text"][0]
    assert counts[0][0] == str(folds.pooled.confusion[0, 0])
    many = score(np.arange(30), np.eye(30), [f"c{i}" for i in range(30)])
    assert not confusion_figure(many).layout.updatemenus


def test_classes_stand_in_order_of_their_f1(folds):
    drawn = per_class_figure(folds.pooled)
    assert list(drawn.data[0].x) == sorted((c.f1 for c in folds.pooled.per_class), reverse=True)
    assert len(per_class_figure(score([0], [[1.0, 0.0]], ["a", "b"])).data[0].x) == 1


def test_folds_and_history_are_drawn_point_by_point(folds):
    assert list(folds_figure(folds).data[1].y) == [fold.scores.accuracy for fold in folds.folds]
    drawn = training_history_figure({"loss": [2.0, math.inf], "val_loss": [3.0, 2.5]})
    assert [list(trace.y) for trace in drawn.data] == [[2.0, None], [3.0, 2.5]]
    with pytest.raises(ConfigError, match="at least one epoch"):
        training_history_figure({"learning_rate": [0.1], "loss": []})


def test_long_names_keep_the_end_that_tells_them_apart():
    names = ["walking on a treadmill at 4 km/h, flat", "walking on a treadmill at 4 km/h, inclined"]
    ticks = confusion_figure(score([0, 1], np.eye(2), names)).layout.xaxis.ticktext
    assert ticks[0].endswith("flat")
    assert ticks[1].endswith("inclined")


def test_no_plot_paints_its_background(folds):
    for drawn in (confusion_figure(folds.pooled), folds_figure(folds), per_class_figure(folds.pooled)):
        assert drawn.layout.paper_bgcolor == drawn.layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_markdown_shows_the_spread_across_folds(folds):
    table = markdown_table({"a | b": folds, "pooled": folds.pooled}, ["accuracy", "roc_auc"])
    assert table.splitlines()[0] == "|  | n | accuracy | roc_auc |"
    assert table.splitlines()[2].startswith("| a \\| b | 180 | 0.")
    assert " ± " in table.splitlines()[2]
    one = score([0], [[1.0, 0.0]], ["a", "b"])
    assert markdown_table({"x": one}, ["kappa"]).endswith("| x | 1 | – |")
    with pytest.raises(ConfigError, match="no metric 'f2'"):
        markdown_table({"x": one}, ["f2"])


def test_figures_of_folds_become_plain_json(folds):
    plain = json.loads(json.dumps(folds.to_dict(), allow_nan=False))
    assert plain["pooled"]["n"] == 180
    assert len(plain["folds"]) == 3


def test_nothing_heavy_is_loaded_before_it_is_used():
    code = "import sys, motif.evaluation as e; e.score; e.html_report; e.fit_temperature; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("'sklearn'", "'plotly'", "'scipy'", "'pandas'"):
        assert heavy not in loaded


def test_a_missing_plotting_library_is_named():
    code = """import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("plotly"):
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Without())
from motif.errors import MissingExtraError
from motif.evaluation import html_report, score
try:
    html_report("No plots", scores=score([0], [[1.0]], ["only"]))
except MissingExtraError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "pip install 'motif[train]'" in said
