"""The ethogram: segments, cards and one page that needs nothing but itself."""

import itertools
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from motif.errors import ConfigError, LabelError, ShapeError
from motif.evaluation import Ethogram, ethogram_report, state_cards
from motif.evaluation._ethogram import transitions
from motif.evaluation._ethogram_figures import ethogram_figure
from motif.evaluation._ethogram_svg import state_colours

START_NS = 1_700_000_000_000_000_000


def ethogram(states, *, names=("walk", "<rest> & run"), **parts):
    states = np.asarray(states, np.int64)
    time_ns = START_NS + np.arange(len(states)) * 100_000_000
    return Ethogram(name="rex", states=states, time_ns=time_ns, rate_hz=10.0, names=tuple(names), **parts)


def rich():
    """60 s: rest is still and lies to the left, walk swings and lies to the right; a second was not seen."""
    states = np.repeat([0, 1, 0, 1, 0, -1, 1], [100, 80, 120, 90, 100, 10, 100])
    rng = np.random.default_rng(0)
    p = np.where(np.eye(2)[states] > 0, 0.9, 0.1)
    p[states < 0] = np.nan
    moving = np.repeat(states == 0, 5)
    motion = np.where(moving, np.sin(np.arange(3000) / 3), 0.0)[:, None] + 0.01 * rng.normal(size=(3000, 1))
    position = np.stack([(states == 0) * 5.0, rng.random(len(states))], axis=1)
    return ethogram(
        states,
        probabilities=p,
        epistemic=np.full(len(states), 0.1),
        motion=motion,
        motion_rate_hz=50.0,
        motion_channels=("back.acc",),
        position=position,
    )


@given(states=arrays(np.int64, st.integers(0, 60), elements=st.integers(-1, 1)))
def test_segments_and_annotations_say_what_the_frames_say(states):
    found = ethogram(states)
    again = np.full(len(states), -1)
    for segment in found.segments():
        again[segment.start : segment.stop] = segment.state
    np.testing.assert_array_equal(again, states)
    seconds = sum((a.stop_ns - a.start_ns) / 1e9 for a in found.annotations())
    assert seconds == pytest.approx((states >= 0).sum() / 10.0)
    for a in found.annotations():
        within = states[(found.time_ns >= a.start_ns) & (found.time_ns < a.stop_ns)]
        assert {found.names[k] for k in within} == {a.label}
    changes = Counter((a, b) for a, b in itertools.pairwise(states.tolist()) if a != b and -1 not in (a, b))
    assert {(a, b): n for (a, b), n in np.ndenumerate(transitions([found])) if n} == changes


def test_a_card_says_how_much_how_long_when_where_and_how_strongly():
    cards = {card.name: card for card in state_cards([rich()])}
    walk, rest = cards["walk"], cards["<rest> & run"]
    assert walk.share == pytest.approx(320 / 590)
    assert sorted(rest.durations_s) == [8.0, 9.0, 10.0]
    assert (walk.n_whole, rest.n_whole) == (1, 2)
    assert walk.certainty == pytest.approx(0.9)
    assert dict(walk.levels)["back.acc"] > 1.0
    assert dict(rest.levels)["back.acc"] < -1.0
    assert walk.next_states == (("<rest> & run", 1.0),)
    assert walk.typical.stop_s - walk.typical.start_s == pytest.approx(12.0)
    assert walk.typical.motion.shape == (600, 1)
    assert walk.where[:, -1].sum() == pytest.approx(1.0)
    assert rest.where[:, 0].sum() == pytest.approx(1.0)
    assert walk.over_time[0] == 1.0


def test_segments_are_looked_for_once_however_many_states_there_are(monkeypatch):
    looked = []
    segments = Ethogram.segments
    monkeypatch.setattr(Ethogram, "segments", lambda one: looked.append(one.name) or segments(one))
    state_cards([ethogram(np.arange(90) // 10 % 9, names="abcdefghi")])
    assert looked == ["rex"]


def test_time_that_was_not_seen_is_no_time_without_movement():
    states = np.tile(np.repeat([0, 1, 2, -1], 50), 5)
    noise = np.random.default_rng(0).normal(size=(5000, 1))
    strength = np.repeat(np.array([1.0, 0.5, 0.1, np.nan])[states], 5)[:, None]
    moving = {"motion_rate_hz": 50.0, "motion_channels": ("acc",), "names": ("runs", "walks", "rests")}
    levels = [
        {card.name: dict(card.levels)["acc"] for card in state_cards([ethogram(states, motion=motion, **moving)])}
        for motion in (strength * noise, strength * noise + 1e6)
    ]
    assert levels[0]["runs"] > 1.0 > levels[0]["walks"] > 0.0 > levels[0]["rests"]
    assert levels[1] == pytest.approx(levels[0], rel=1e-3)


def test_a_part_of_the_recording_in_which_nothing_was_seen_is_no_part_without_the_state():
    states = np.repeat([0, -1, 0, 1], [100, 40, 50, 50])
    walk = state_cards([ethogram(states)])[0]
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(walk.over_time)), [10, 11, 12, 13])
    assert walk.over_time[[9, 14]].tolist() == [1.0, 1.0]
    other = ethogram(np.zeros(10, np.int64))  # shorter than 24 frames, seen throughout
    together = state_cards([ethogram(states), other])[0].over_time
    assert together[[0, 11, 23]].tolist() == [1.0, 1.0, 0.5]
    html = ethogram_report("Rex", [ethogram(states)])
    assert "nan" not in html.split('<article class="state"')[1].split("</article>")[0]


def test_typical_motion_is_named_in_the_unit_of_the_axis():
    motion = {"motion": np.zeros((4200, 1)), "motion_rate_hz": 10.0, "motion_channels": ("acc",)}
    states = np.repeat([0, 1, 0, 1], [1200, 600, 1200, 1200])
    html = ethogram_report("Rex", [ethogram(states, **motion)])
    assert "rex, 2.00 to 3.00&nbsp;minutes" in html
    assert "rex, 12.0 to 18.0&nbsp;seconds" in ethogram_report("Rex", [ethogram(states[::10], **motion)])


def test_doubt_is_of_the_state_that_is_shown_and_of_frames_that_were_seen():
    p = np.array([[0.9, 0.1], [0.2, 0.8], [np.nan, np.nan], [np.nan, np.nan]])
    found = ethogram([0, 0, -1, -1], probabilities=p)
    np.testing.assert_allclose(found.doubt, [0.1, 0.8, np.nan, np.nan])
    assert "above a half 50.0% of the time" in ethogram_report("half", [found])


def test_the_page_stands_alone_and_escapes_every_name():
    html = ethogram_report("Rex <1>", [rich(), replace(rich(), name="two")], notes=["by hand"], warnings=["few"])
    assert "<rest>" not in html
    assert "Rex &lt;1&gt;" in html
    for anchor in ("warnings", "ethogram", "states", "transitions", "budget", "notes"):
        assert f'<section id="{anchor}"' in html
    assert re.findall(r'(?:src|href)="(?!#)[^"]+"', html.split("<script>")[0]) == []
    assert html.count('<article class="state"') == 2


def test_the_ribbon_keeps_a_short_moment_of_doubt_in_a_long_recording():
    p = np.full((20_000, 2), [0.99, 0.01])
    p[12_345] = [0.5, 0.5]
    figure = ethogram_figure(ethogram(np.zeros(20_000), probabilities=p), ["#000", "#fff"], [0])
    ribbon = next(trace for trace in figure.data if trace.name == "doubt")
    assert len(ribbon.y) <= 3000
    assert max(ribbon.y) == 0.5


def test_a_segment_narrower_than_a_pixel_is_drawn_and_the_axis_says_when_the_recording_began():
    states = np.zeros(36_000, np.int64)
    states[1200:1203] = 1
    figure = ethogram_figure(ethogram(states), ["#000000", "#ffffff"], [0, 1])
    ticks = [trace for trace in figure.data if trace.line.color == "#ffffff" and trace.x[0] == trace.x[1]]
    assert [trace.x[0] for trace in ticks] == [pytest.approx(2.0)]
    assert figure.layout.xaxis.title.text == "minutes since 2023-11-14 22:13:20 UTC"
    without_clock = replace(ethogram(states), time_ns=np.arange(36_000) * 100_000_000)
    assert ethogram_figure(without_clock, ["#000000", "#ffffff"], [0]).layout.xaxis.title.text == "minutes"


def test_typical_motion_of_all_states_is_drawn_on_one_scale():
    html = ethogram_report("scale", [rich()])
    heights = [
        np.ptp([float(point.split(",")[1]) for point in points.split()])
        for points in re.findall(r'polyline points="([^"]+)"', html.split("<script>")[0])
    ]
    assert max(heights) > 19.0
    assert min(heights) < 2.0  # what rests lies still


def test_a_gap_neither_moves_nor_is_doubted():
    whole = rich()
    states = np.concatenate([whole.states[:350], np.full(2000, -1), whole.states[350:]])
    p = np.where(np.eye(2)[states] > 0, 0.9, 0.1)
    p[states < 0] = np.nan
    motion = np.concatenate([whole.motion[:1750], np.full((10_000, 1), np.nan), whole.motion[1750:]]) + 9.81
    still = {"motion": motion, "motion_rate_hz": 50.0, "motion_channels": ("back.acc",)}
    gappy = ethogram(states, probabilities=p, **still)
    levels, as_before = (state_cards([one])[0].levels[0][1] for one in (gappy, whole))
    assert levels == pytest.approx(as_before, abs=0.1)
    ribbon = next(trace for trace in ethogram_figure(gappy, ["#000", "#fff"], [0, 1]).data if trace.name == "doubt")
    assert (ribbon.y[350], ribbon.y[2349], set(ribbon.y[351:2349])) == (0.0, 0.0, {None})


def test_what_was_not_given_is_left_out():
    html = ethogram_report("bare", [ethogram(np.repeat([0, 1, 0], 30))])
    for absent in ("Typical motion", "Where", "Mean doubt", "Mean probability", 'id="warnings"', 'id="notes"'):
        assert absent not in html.split("<script>")[0]
    one_state = ethogram_report("one", [ethogram(np.zeros(30))])
    assert one_state.count('<article class="state"') == 1


def test_more_recordings_than_can_be_drawn_stand_in_the_tables():
    html = ethogram_report("many", [replace(ethogram(np.repeat([0, 1], 20)), name=f"dog {k}") for k in range(15)])
    assert "3 more recordings" in html
    assert html.count('class="figure"') == 12
    assert "dog 14" in html


def test_every_state_has_a_colour_of_its_own():
    assert len(set(state_colours(25))) == 25
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in state_colours(25))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: ethogram([0, 2]), LabelError),
        (lambda: ethogram([0, 1], probabilities=np.ones((2, 3))), ShapeError),
        (lambda: ethogram([0, 1], epistemic=np.ones(3)), ShapeError),
        (lambda: ethogram([0, 1], position=np.ones((2, 3))), ShapeError),
        (lambda: ethogram([0, 1], motion=np.ones((9, 2)), motion_rate_hz=5.0), ShapeError),
        (lambda: ethogram([0, 1], motion=np.ones((9, 1)), motion_channels=("a",)), ConfigError),
        (lambda: replace(ethogram([0]), rate_hz=0.0), ConfigError),
        (lambda: ethogram_report("none", []), ConfigError),
        (lambda: ethogram_report("unseen", [ethogram([-1, -1])]), ConfigError),
        (lambda: ethogram_report("mixed", [ethogram([0]), ethogram([0], names=("a", "b"))]), LabelError),
    ],
)
def test_what_does_not_fit_is_named(call, error):
    with pytest.raises(error):
        call()
