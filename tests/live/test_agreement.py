"""Windows that agree, one after the other."""

from motif.live import Agreement
from motif.live._agreement import AgreementFilter, Judged

S = 1_000_000_000


def told(wish, windows):
    """Return what is told of labels and confidences, a window a second; each lasts two."""
    agreement = AgreementFilter(wish)
    return [agreement.step(Judged(*each, (i - 2) * S, i * S)) for i, each in enumerate(windows)]


def test_a_gesture_stands_where_its_surest_window_does_with_the_mean_confidence_of_those_that_agreed():
    *before, event = told(
        Agreement(n_windows=3), [("nod", 0.5), (None, 1.0), ("nod", 0.5), ("nod", 0.75), ("nod", 0.25)]
    )
    assert before == [None] * 4
    assert (event.label, event.start_ns, event.end_ns, event.decided_ns) == ("nod", 1 * S, 3 * S, 4 * S)
    assert event.confidence == 0.5


def test_windows_of_the_quiet_time_count_only_as_far_as_they_are_among_the_last():
    wish = Agreement(n_windows=2, n_release=1, refractory_s=5.0)
    events = told(wish, [("nod", 0.5)] * 2 + [("tilt", 1.0)] * 2 + [("tilt", 0.5)] * 3)
    assert [event and event.label for event in events] == [None, "nod", *[None] * 4, "tilt"]
    assert (events[-1].confidence, events[-1].start_ns) == (0.5, 2 * S)  # not of those that were surer


def test_a_clock_that_is_set_back_does_not_make_the_quiet_time_longer():
    agreement = AgreementFilter(Agreement(n_windows=1, n_release=1, refractory_s=2.0))
    times = [3600 * S, 3601 * S, 0, S, 2 * S]
    found = [agreement.step(Judged(f"turn {i}", 1.0, at - S, at)) for i, at in enumerate(times)]
    assert [event is not None for event in found] == [True, False, True, False, True]
