"""One evaluation, and the files it becomes."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from tests.evaluation.test_report import HOSTILE, Page
from tests.full_disk import room_for

from motif.errors import LabelError, WriteError
from motif.evaluation import (
    conformal_figure,
    evaluate,
    groups_figure,
    html_report,
    save_report,
    score,
    selective_figure,
    uncertainty_figure,
    wrong_windows_figure,
)
from motif.recordings import simulate_hand

FILES = {
    "report.html",
    "report.md",
    "report.json",
    "scores.csv",
    "classes.csv",
    "groups.csv",
    "confusion.csv",
    "confusion_normalized.csv",
    "confused_pairs.csv",
    "wrong.csv",
    "selective.csv",
    "conformal.csv",
}


def answers_to(data, seed, hits=0.8):
    rng = np.random.default_rng(seed)
    k = len(data.class_names)
    said = np.where(rng.random(data.n_windows) < hits, data.y, rng.integers(0, k, data.n_windows))
    p = rng.dirichlet(np.ones(k), data.n_windows)
    p[np.arange(data.n_windows), said] += 1.5
    return p / p.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def hands():
    data = simulate_hand(4, 5, gestures=["none", "swipe_left", "pinch_index", "close_fist"], random_state=1)
    groups = np.array([f"<i>{group}</i>" for group in data.groups])
    return replace(data, class_names=HOSTILE, groups=groups)


@pytest.fixture(scope="module")
def full(hands):
    return evaluate(
        hands,
        answers_to(hands, 0),
        name="new <b>",
        how="all of <them>",
        temperature=1.7,
        members=[answers_to(hands, 2)],
        rival=answers_to(hands, 1, 0.5),
        rival_name="old <u>",
    )


@pytest.fixture(scope="module")
def saved(full, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "reports" / "evaluation"
    assert save_report(full, folder, notes=["<note>"], warnings=["<careful>"]) == folder / "report.html"
    return folder


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_an_evaluation_agrees_with_its_parts(hands, full):
    p = answers_to(hands, 0)
    assert full.scores.to_dict() == score(hands.y, p, HOSTILE).to_dict()
    assert len(full.wrong) == (p.argmax(axis=1) != hands.y).sum() == (~full.right).sum()
    assert sum(group.n for group in full.per_group) == hands.n_windows
    assert full.comparison.differences["accuracy"] == pytest.approx(full.scores.accuracy - full.rival.accuracy)
    assert full.uncalibrated.accuracy == full.scores.accuracy
    assert full.uncalibrated.ece != full.scores.ece
    assert full.uncertainty.total.shape == (hands.n_windows,)


def test_before_calibration_is_what_scaling_would_bring_back(hands):
    from motif.evaluation import apply_temperature

    logits = np.random.default_rng(0).normal(size=(hands.n_windows, 4)) * 3
    raw, scaled = apply_temperature(logits, 1.0), apply_temperature(logits, 2.5)
    found = evaluate(hands, scaled, temperature=2.5).uncalibrated
    assert found.log_loss == pytest.approx(score(hands.y, raw, HOSTILE).log_loss)


def test_every_figure_is_plain_json(full, saved):
    stored = json.loads((saved / "report.json").read_text(encoding="utf-8"))
    assert stored["schema_version"] == 1
    assert stored["scores"]["macro_f1"] == full.scores.macro_f1
    assert stored["confused_pairs"][0]["kind"] in {"one-way", "symmetric", "undecided"}
    assert stored["conformal"]["0.9"][0]["n"] == full.scores.n
    assert stored["calibration"]["before"]["ece"] == full.uncalibrated.ece
    assert stored["uncertainty"]["epistemic"]["wrong"] > 0
    assert stored["comparison"]["windows"]["p_value"] == full.comparison.windows.p_value
    assert stored["warnings"] == ["<careful>"]


def test_a_report_is_a_page_a_text_numbers_and_tables(full, saved):
    assert {path.name for path in saved.iterdir()} == FILES
    confusion = rows_of(saved / "confusion.csv")
    assert confusion[0] == ["truth", *HOSTILE]
    assert [[int(cell) for cell in row[1:]] for row in confusion[1:]] == full.scores.confusion.tolist()
    wrong = rows_of(saved / "wrong.csv")
    assert len(wrong) == 1 + len(full.wrong)
    assert dict(zip(*wrong[:2], strict=True))["group"] == full.wrong[0].group
    figures = {row[0]: row for row in rows_of(saved / "scores.csv")}
    low, high = map(float, figures["macro_f1"][2:4])
    assert low <= full.scores.macro_f1 <= high
    assert float(figures["top_1"][1]) == full.scores.accuracy
    assert len(rows_of(saved / "conformal.csv")) == 1 + 3 * (1 + 4)


def test_the_page_shows_all_of_it_and_escapes_what_is_hostile(saved):
    html = (saved / "report.html").read_text(encoding="utf-8")
    page = Page(html)
    for anchor in ("confusion", "classes", "groups", "wrong", "calibration", "selective", "conformal", "uncertainty"):
        assert f'<section id="{anchor}">' in html
    assert html.index('id="confusion"') < html.index('id="wrong"') < html.index('id="scores"')  # pictures first
    assert not {"i", "b", "u", "them", "img"} & set(page.tags)
    words = "".join(page.words)
    for said in ("McNemar", "old <u>", "all of <them>", "before temperature scaling", "ECE"):
        assert said in words


def test_markdown_cannot_be_broken_by_a_name(saved):
    text = (saved / "report.md").read_text(encoding="utf-8")
    assert text.startswith("# new &lt;b>\n")
    assert "<script" not in text
    tables = [block for block in text.split("\n\n") if block.startswith("|")]
    assert len(tables) == 6
    for table in tables:
        assert len({line.replace("\\|", "").count("|") for line in table.splitlines()}) == 1


def test_an_evaluation_of_one_group_says_what_it_can(hands, tmp_path):
    one = hands.subset(hands.groups == hands.groups[0])
    found = evaluate(one, answers_to(one, 0))
    assert found.intervals == {}
    assert len(found.coverage[0.9]) == 2
    html = html_report("One", evaluation=found)
    assert 'id="groups"' not in html
    assert 'id="uncertainty"' not in html
    assert "the later half" in html
    save_report(found, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["comparison"] is None


def test_a_perfect_answer_and_a_single_window_make_reports_too(hands, tmp_path):
    perfect = evaluate(hands, np.eye(4)[hands.y])
    save_report(perfect, tmp_path / "perfect")
    assert (tmp_path / "perfect" / "wrong.csv").read_text() == ""
    assert (tmp_path / "perfect" / "confused_pairs.csv").read_text() == ""
    single = evaluate(hands.subset([0]), np.eye(4)[hands.y[:1]])
    assert single.coverage == {}
    html = html_report("Single", evaluation=single)
    assert 'id="conformal"' not in html
    assert "ROC-AUC" in html


def test_classes_without_windows_are_named_where_auc_is_averaged(hands):
    some = hands.subset(hands.y != 3)
    found = evaluate(some, answers_to(some, 0))
    assert found.scores.without_auc == ("wave",)
    assert "ROC-AUC leaves out wave" in html_report("Absent", evaluation=found)


def test_wrong_windows_of_some_rows_keep_their_place_in_the_data_set(hands):
    p, rows = answers_to(hands, 0), np.arange(7, 60, 2)
    found = evaluate(hands, p[rows], rows=rows)
    assert found.scores.n == len(rows)
    assert {w.index for w in found.wrong} == set(rows[p[rows].argmax(axis=1) != hands.y[rows]].tolist())


def test_answers_that_do_not_fit_are_refused(hands):
    with pytest.raises(LabelError, match="4 class names"):
        evaluate(hands, np.tile(np.full(5, 0.2), (hands.n_windows, 1)))


def test_a_full_disk_leaves_the_report_before(full, tmp_path):
    save_report(full, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with room_for(200), pytest.raises(WriteError, match="was not written"):
        save_report(full, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_pictures_hold_what_the_tables_say(full):
    groups = groups_figure(full.per_group)
    assert list(groups.data[1].x) == sorted((g.accuracy for g in full.per_group), reverse=True)
    heat = wrong_windows_figure(full).data[0]
    assert len(heat.z) == 4
    sizes = [len(piece) for piece in np.array_split(np.arange(20), len(heat.x))]
    wrong = sum(share * size for row in heat.z for share, size in zip(row, sizes, strict=True))
    assert wrong == pytest.approx(len(full.wrong))
    curve = selective_figure(full.selective).data[0]
    assert list(curve.y) == full.selective.accuracy.tolist()
    sets = conformal_figure(full)
    assert [trace.name for trace in sets.data] == ["promised 90%", "promised 95%", "promised 99%"]
    assert list(sets.data[0].y) == [c.coverage for c in full.coverage[0.9][1:]]
    doubt = uncertainty_figure(full.uncertainty, full.right)
    assert [len(trace.x) for trace in doubt.data] == [full.right.sum(), len(full.wrong)]
