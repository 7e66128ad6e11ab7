"""Behaviour coded in BORIS and ELAN: read as their programs write it, chosen from, and put onto a recording."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.errors import ConfigError, FormatError, InputError, LabelError, MissingFileError, MotifError
from motif.recordings import (
    Annotation,
    CodedSpan,
    Recording,
    annotate,
    read_codings,
    write_boris,
    write_elan,
    write_segments,
)

START_NS = 1_700_000_000_000_000_000
WRITERS = {
    "a.boris": write_boris,
    "a.tsv": write_boris,
    "a.csv": write_boris,
    "a.eaf": write_elan,
    "segments.csv": write_segments,
}


def recorded(spans=(), subject="rex", session="1"):
    """A minute with spans of milliseconds."""
    return Recording(
        values=np.zeros((601, 1)),
        time_ns=START_NS + np.arange(601) * 100_000_000,
        channels=("acc_x",),
        units=("m/s²",),
        annotations=tuple(Annotation(START_NS + a * 10**6, START_NS + b * 10**6, label) for a, b, label in spans),
        subject=subject,
        session=session,
    )


@st.composite
def apart(draw):
    """Spans one after the other, as a state of BORIS and a tier of ELAN can hold them."""
    ends = sorted(draw(st.lists(st.integers(0, 59_000), unique=True, max_size=16)))
    labels = st.sampled_from(["walk", 'trot <&> "x"', "rest;\t, x", "日"])
    return [(a, b, draw(labels)) for a, b in zip(ends[::2], ends[1::2], strict=False)]


@pytest.mark.parametrize("name", WRITERS)
@given(marks=apart())
def test_what_motif_writes_it_reads_back_the_same(tmp_path_factory, name, marks):
    recording = recorded(marks)
    path = WRITERS[name](recording, tmp_path_factory.mktemp("coded") / name)
    if not marks:
        with pytest.raises(FormatError, match="holds no coding"):
            read_codings(path)
        return
    again = annotate(recorded(), read_codings(path).spans(observation="rex 1", subject="rex"))
    assert again.annotations == recording.annotations


def project(events, **more):
    """A project of BORIS 8 with two states, a point and these events in the observation `morning`."""
    types = {"walk": "State event", "rest": "State event with coding map", "bark": "Point event"}
    behaviours = {str(i): {"code": code, "type": kind, "key": "k"} for i, (code, kind) in enumerate(types.items())}
    observations = {"morning": {"type": "MEDIA", "time offset": 0.0, "events": events}}
    return json.dumps({"behaviors_conf": behaviours, "observations": observations | more})


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def simple(spans):
    return [(span.label, span.start_s, span.stop_s) for span in spans]


def test_events_of_a_project_are_paired_by_subject_behaviour_and_modifiers(tmp_path):
    events = [
        [1.0, "rex", "walk", "fast", "", 25],
        [2.0, "rex", "walk", "slow", "", 50],
        [2.5, "rex", "bark", "", "loud", 62],
        [4.0, "rex", "walk", "fast", "", 100],
        [5.0, "rex", "walk", "slow", "", 125],
        [6.0, "", "rest", "", "", 150],
        [7.0, "", "rest", "", "", 175],
    ]
    codings = read_codings(written(tmp_path / "a.boris", project(events)))
    assert simple(codings.spans(subject="rex")) == [("walk", 1.0, 4.0), ("walk", 2.0, 5.0), ("bark", 2.5, 2.5)]
    assert codings.spans(subject="") == (CodedSpan("rest", 6.0, 7.0, "", "morning"),)


def test_times_count_from_the_start_of_the_media_whatever_offset_an_observation_has(tmp_path):
    shifted = {"time offset": 100.0, "events": [[103.0, "", "walk", "", ""], [104.5, "", "walk", "", ""]]}
    codings = read_codings(written(tmp_path / "a.boris", project([], later=shifted)))
    assert simple(codings.spans()) == [("walk", 3.0, 4.5)]


def test_what_is_to_be_chosen_is_listed(tmp_path):
    other = {"events": [[3.0, "tom", "bark", "", ""]]}
    pair = [[1.0, "rex", "bark", "", ""], [2.0, "tom", "bark", "", ""]]
    codings = read_codings(written(tmp_path / "a.boris", project(pair, evening=other)))
    assert codings.observations == ("morning", "evening")
    with pytest.raises(
        LabelError, match=r"several observations: there are 'morning', 'evening'; choose.*--observation"
    ):
        codings.spans()
    with pytest.raises(LabelError, match="no observation 'noon': there are 'morning', 'evening'"):
        codings.spans(observation="noon")
    with pytest.raises(LabelError, match="several subjects: there are 'rex', 'tom'"):
        codings.spans(observation="morning")
    assert simple(codings.spans(names=("morning", "tom"))) == [("bark", 2.0, 2.0)]
    assert simple(codings.spans(observation="evening")) == [("bark", 3.0, 3.0)]


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([[1.5, "rex", "walk", "", ""]], "'walk' of rex in 'morning' starts at 1.5 s and never stops; add the event"),
        ([[1.5, "rex", "fly", "", ""]], "'fly' of rex in 'morning' is of the kind 'unknown'"),
        ([["soon", "rex", "bark", "", ""]], "has the time 'soon'; want seconds"),
        ([[float("nan"), "rex", "bark", "", ""]], "has the time 'nan'"),
        ([[1e300, "rex", "bark", "", ""]], "has the time '1e\\+300'"),
    ],
)
def test_an_event_that_makes_no_sense_is_named(tmp_path, events, said):
    whole = {"events": [[0.0, "", "bark", "", ""]]}
    codings = read_codings(written(tmp_path / "a.boris", project(events, evening=whole)))
    with pytest.raises(FormatError, match=said):
        codings.spans(observation="morning")
    assert len(codings.spans(observation="evening")) == 1  # what is not asked for does not matter


BORIS_8 = (
    "Observation id,Observation date,Description,Observation duration,Observation type,Source,Time offset (s),"
    "Subject,Behavior,Behavioral category,Modifier #1,Behavior type,Time,Media file name,Image index,Comment\n"
    "m,2024-01-01 10:00:00,,60.0,Media file(s),player #1:a.mp4,10.0,rex,walk,Not defined,fast,START,11.000,a.mp4,25,\n"
    "m,2024-01-01 10:00:00,,60.0,Media file(s),player #1:a.mp4,10.0,rex,bark,Not defined,,POINT,12.500,a.mp4,62,\n"
    "m,2024-01-01 10:00:00,,60.0,Media file(s),player #1:a.mp4,10.0,rex,walk,Not defined,fast,STOP,14.000,a.mp4,100,\n"
)
BORIS_7 = (
    "Observation id\tm\t\t\t\t\n\t\t\t\t\t\nMedia file(s)\t\t\t\t\t\nTime offset (s)\t10.0\t\t\t\t\n\t\t\t\t\t\n"
    "Time\tMedia file path\tTotal length\tFPS\tSubject\tBehavior\tBehavioral category\tComment\tStatus\n"
    "00:00:11.000\ta.mp4\t60.0\t25.0\trex\twalk\t\t\tSTART\n"
    "00:00:12.500\ta.mp4\t60.0\t25.0\trex\tbark\t\t\tPOINT\n"
    "00:00:14.000\ta.mp4\t60.0\t25.0\trex\twalk\t\t\tSTOP\n"
)
AGGREGATED_7 = (
    "Observation id;Media file;Total length;FPS;Subject;Behavior;Modifiers;Behavior type;Start (s);Stop (s)\n"
    "m;a.mp4;60;25;rex;walk;fast;STATE;1,000;4,000\nm;a.mp4;60;25;rex;bark;;POINT;2,500;NA\n"
)
ELAN_ROWS = (
    "Tier\tParticipant\tBegin Time - hh:mm:ss.ms\tBegin Time - ss.msec\tEnd Time - hh:mm:ss.ms\tEnd Time - ss.msec\t"
    "Duration - hh:mm:ss.ms\tDuration - ss.msec\tAnnotation\n"
    "m\trex\t00:00:01.000\t1.0\t00:00:04.000\t4.0\t00:00:03.000\t3.0\twalk\n"
    "m\trex\t00:00:02.500\t2.5\t00:00:02.500\t2.5\t00:00:00.000\t0.0\tbark\n"
)
ELAN_COLUMNS = (
    "Begin Time - hh:mm:ss.ms\tEnd Time - hh:mm:ss.ms\tDuration - hh:mm:ss.ms\tm\tlabel\n"
    "00:00:01.000\t00:00:04.000\t00:00:03.000\twalk\t\n"
    "00:00:02.500\t00:00:02.500\t00:00:00.000\tbark\tloud\n"
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("events.csv", BORIS_8),
        ("events.tsv", BORIS_7),
        ("aggregated.csv", AGGREGATED_7),
        ("elan.txt", ELAN_ROWS),
        ("elan.txt", ELAN_COLUMNS),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_of_either_program_and_of_any_version_say_the_same(tmp_path, name, text, encoding):
    (tmp_path / name).write_text(text, encoding=encoding)
    spans = read_codings(tmp_path / name).spans(observation=None if text == BORIS_7 else "m")
    assert simple(spans) == [("walk", 1.0, 4.0), ("bark", 2.5, 2.5)]


def test_a_stop_without_a_start_and_a_start_within_another_are_told(tmp_path):
    lines = BORIS_8.splitlines(keepends=True)
    cut = read_codings(written(tmp_path / "cut.csv", lines[0] + lines[3]))
    with pytest.raises(FormatError, match="'walk' of rex in 'm' stops at 4 s and starts nowhere"):
        cut.spans()
    twice = read_codings(written(tmp_path / "twice.csv", lines[0] + lines[1] * 2 + lines[3]))
    with pytest.raises(FormatError, match="starts at 1 s and never stops"):
        twice.spans()
    turned = read_codings(written(tmp_path / "turned.csv", AGGREGATED_7.replace("4,000", "0,500")))
    with pytest.raises(FormatError, match=r"stops at 0\.5 s, before its start at 1 s"):
        turned.spans()


EAF = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2024-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
<MEDIA_DESCRIPTOR MEDIA_URL="file:///a.mp4" MIME_TYPE="video/mp4" TIME_ORIGIN="2000"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="t1" TIME_VALUE="1000"/><TIME_SLOT TIME_SLOT_ID="t2" TIME_VALUE="4000"/>
<TIME_SLOT TIME_SLOT_ID="t3"/></TIME_ORDER>
<TIER TIER_ID="gait" PARTICIPANT="rex" LINGUISTIC_TYPE_REF="x">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t2">
<ANNOTATION_VALUE>walk</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="tail" LINGUISTIC_TYPE_REF="x">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t2">
<ANNOTATION_VALUE></ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="parts" LINGUISTIC_TYPE_REF="x">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a3" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t3">
<ANNOTATION_VALUE>step</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="remarks" PARENT_REF="gait" LINGUISTIC_TYPE_REF="y">
<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a4" ANNOTATION_REF="a1">
<ANNOTATION_VALUE>nice</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER>
</ANNOTATION_DOCUMENT>
"""


def test_a_tier_of_elan_counts_from_the_start_of_its_media(tmp_path):
    codings = read_codings(written(tmp_path / "a.eaf", EAF))
    assert codings.observations == ("gait", "tail", "parts")
    assert codings.spans(observation="gait") == (CodedSpan("walk", 3.0, 6.0, "rex", "gait"),)
    assert simple(codings.spans(observation="tail")) == [("tail", 3.0, 6.0)]
    with pytest.raises(FormatError, match="'step' in 'parts' has the time"):
        codings.spans(observation="parts")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "text",
    [
        EAF.replace("?>\n", f"?>\n{BOMB}\n", 1).replace(">walk<", ">&b;<"),
        EAF.replace("?>\n", '?>\n<!DOCTYPE x SYSTEM "file:///etc/passwd">\n', 1),
    ],
)
def test_no_document_type_and_so_no_entity_is_read(tmp_path, text):
    with pytest.raises(FormatError, match="declares a document type"):
        read_codings(written(tmp_path / "a.eaf", text))


def test_elements_without_end_within_each_other_do_not_fill_the_memory(tmp_path):
    with pytest.raises(FormatError, match="nests elements more than 20 deep"):
        read_codings(written(tmp_path / "a.eaf", "<a>" * 1000 + "</a>" * 1000))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.boris", b"{"),
        ("a.boris", b"[" * 200_000),
        ("a.boris", b'{"observations": {}}'),
        ("a.boris", b'{"behaviors_conf": {}, "observations": {"a": {"events": [[1]]}}}'),
        ("a.boris", b"\xff\x00"),
        ("a.eaf", b"<a/>"),
        ("a.eaf", b"<a>"),
        ("a.eaf", b""),
        ("a.eaf", EAF.replace("milliseconds", "PAL-frames").encode()),
        ("a.eaf", EAF.replace('encoding="UTF-8"', 'encoding="rot13"').encode()),
        ("a.csv", b"a,b\n1,2\n"),
        ("a.csv", b"Behavior,Start (s),Stop (s)\n"),
        ("a.csv", b"\xff\xfe\xff"),
        ("a.txt", b'"' + b"x" * 200_000),
    ],
)
def test_what_is_no_coding_is_refused_by_name(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError, match=name):
        read_codings(tmp_path / name)


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@pytest.mark.parametrize("name", ["a.boris", "a.eaf", "a.csv"])
def test_whatever_stands_in_a_file_only_our_errors_come_out(tmp_path_factory, name, content):
    path = tmp_path_factory.mktemp("odd") / name
    path.write_bytes(content)
    with pytest.raises(MotifError):
        read_codings(path)


def test_a_file_that_is_too_large_or_none_is_refused(tmp_path):
    with (tmp_path / "large.boris").open("wb") as file:
        file.truncate((32 << 20) + 1)
    with pytest.raises(FormatError, match="more than 33,554,432"):
        read_codings(tmp_path / "large.boris")
    with pytest.raises(MissingFileError, match=r"large\.boris"):
        read_codings(tmp_path / "larg.boris")
    (tmp_path / "a.xlsx").touch()
    with pytest.raises(ConfigError, match=r"want one of \.boris, \.eaf"):
        read_codings(tmp_path / "a.xlsx")
    (tmp_path / "folder.eaf").mkdir()
    with pytest.raises(MotifError):
        read_codings(tmp_path / "folder.eaf")


def test_codings_are_put_on_the_time_of_the_recording_and_cut_to_it():
    spans = (CodedSpan("walk", 0.0, 20.0), CodedSpan("bark", 30.0, 30.0), CodedSpan("rest", 65.0, 80.0))
    seconds = [
        (mark.label, (mark.start_ns - START_NS) / 1e9, (mark.stop_ns - START_NS) / 1e9)
        for mark in annotate(recorded([(0, 9, "old")]), spans, offset_s=-10.0).annotations
    ]
    assert seconds[:2] == [("walk", 0.0, 10.0), ("bark", 20.0, 20.0)]
    assert seconds[2] == ("rest", 55.0, pytest.approx(60.0))
    assert len(seconds) == 3


def test_codings_that_share_no_time_with_the_recording_are_told_with_both_spans():
    spans = (CodedSpan("walk", 100.0, 120.0), CodedSpan("rest", 130.0, 150.0))
    with pytest.raises(InputError, match=r"from 100 s to 150 s .* from 0 s to 60 s: they share no time; .*--offset"):
        annotate(recorded(), spans)
    with pytest.raises(InputError, match="from -200 s to -150 s"):
        annotate(recorded(), spans, offset_s=-300.0)
    for odd in (float("nan"), float("inf"), 1e300):
        with pytest.raises(InputError):
            annotate(recorded(), spans, offset_s=odd)
    with pytest.raises(LabelError):
        annotate(recorded(), ())
    with pytest.raises(LabelError):
        annotate(replace(recorded(), values=np.zeros((0, 1)), time_ns=np.zeros(0, np.int64)), spans)
