"""Labelled spans for other programs: BORIS, ELAN, tables and netCDF hold what was labelled, as they read it."""

import csv
import io
import json
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.errors import ConfigError, InputError, LabelError, ShapeError, TooFewSamplesError
from motif.recordings import Annotation, Recording, write_boris, write_elan, write_segments, write_states_netcdf

START_NS = 1_700_000_000_000_000_000


def labelled(spans, subject="", session=""):
    """A recording of 60 s with spans in milliseconds."""
    time_ns = START_NS + np.arange(601) * 100_000_000
    annotations = [Annotation(START_NS + a * 10**6, START_NS + b * 10**6, label) for a, b, label in spans]
    return Recording(
        values=np.zeros((601, 1)),
        time_ns=time_ns,
        channels=("acc_x",),
        units=("m/s²",),
        annotations=annotations,
        subject=subject,
        session=session,
    )


spans = st.lists(
    st.tuples(
        st.integers(0, 50_000), st.integers(0, 9_000), st.sampled_from(["walk", 'trot <&> "x"', "rest\x01", "日"])
    ).map(lambda x: (x[0], x[0] + x[1], x[2])),
    max_size=12,
)


def check_eaf(root):
    """What the schema of EAF 3.0 asks for: the order of elements, required attributes, unique and resolved names."""
    order = ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE"]
    assert root.tag == "ANNOTATION_DOCUMENT"
    assert {"AUTHOR", "DATE", "VERSION", "FORMAT"} <= set(root.attrib)
    places = [order.index(child.tag) for child in root]
    assert places == sorted(places)
    assert [places.count(k) for k in (0, 1)] == [1, 1]
    assert root.find("HEADER").get("TIME_UNITS") == "milliseconds"
    slots = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")}
    assert len(slots) == len(list(root.iter("TIME_SLOT")))
    assert list(slots.values()) == sorted(slots.values())
    types = {kind.get("LINGUISTIC_TYPE_ID") for kind in root.iter("LINGUISTIC_TYPE")}
    tiers = root.findall("TIER")
    assert len({tier.get("TIER_ID") for tier in tiers}) == len(tiers)
    names = [one.get("ANNOTATION_ID") for one in root.iter("ALIGNABLE_ANNOTATION")]
    assert len(set(names)) == len(names)
    assert set(slots).isdisjoint(names)  # all are xsd:ID
    found = []
    for tier in tiers:
        assert tier.get("LINGUISTIC_TYPE_REF") in types
        ends = [0]
        for annotation in tier:
            assert annotation.tag == "ANNOTATION"
            (alignable,) = annotation
            (value,) = alignable
            assert value.tag == "ANNOTATION_VALUE"
            start, stop = (slots[alignable.get(f"TIME_SLOT_REF{k}")] for k in (1, 2))
            assert ends[-1] <= start < stop
            ends.append(stop)
            found.append((start, stop, value.text))
    return found


@given(marks=spans)
def test_elan_finds_every_span_and_no_tier_overlaps_itself(tmp_path_factory, marks):
    path = write_elan(labelled(marks, subject="rex"), tmp_path_factory.mktemp("eaf") / "a.eaf")
    found = check_eaf(ElementTree.parse(path).getroot())
    assert sorted(found) == sorted((a, max(b, a + 1), label.replace("\x01", "")) for a, b, label in marks)


def test_elan_has_a_tier_for_each_recording_and_plays_the_video(tmp_path):
    recordings = [
        labelled([(0, 500, "walk")], subject="rex"),
        labelled([(100, 900, "rest")], subject="rex"),
        labelled([]),
    ]
    root = ElementTree.parse(write_elan(recordings, tmp_path / "a.eaf", media=tmp_path / "dog.mp4")).getroot()
    check_eaf(root)
    assert [(t.get("TIER_ID"), t.get("PARTICIPANT")) for t in root.findall("TIER")] == [
        ("rex 1", "rex"),
        ("rex 2", "rex"),
        ("recording", None),
    ]
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    assert media.get("MIME_TYPE") == "video/mp4"
    assert media.get("MEDIA_URL").startswith("file://")


@given(marks=spans)
def test_a_boris_project_opens_and_closes_every_state_in_order(tmp_path_factory, marks):
    path = write_boris(labelled(marks, subject="rex"), tmp_path_factory.mktemp("boris") / "a.boris")
    project = json.loads(path.read_text(encoding="utf-8"))
    assert project["project_format_version"] == "7.0"
    kinds = {one["code"]: one["type"] for one in project["behaviors_conf"].values()}
    assert set(kinds) == {label for _, _, label in marks}
    assert [one["name"] for one in project["subjects_conf"].values()] == ["rex"]
    (observation,) = project["observations"].values()
    assert (observation["type"], observation["date"]) == ("LIVE", "2023-11-14T22:13:20")
    times = [event[0] for event in observation["events"]]
    assert times == sorted(times)
    for label, kind in kinds.items():
        own = [event[0] for event in observation["events"] if event[2] == label]
        n = sum(mark[2] == label for mark in marks)
        assert len(own) == (2 * n if kind == "State event" else n)
    assert all(len(event) == 5 and event[1] == "rex" for event in observation["events"])


def test_where_one_state_follows_another_it_is_closed_before_that_opens(tmp_path):
    path = write_boris(labelled([(0, 1000, "b"), (1000, 2000, "a"), (2000, 2000, "bark")]), tmp_path / "a.boris")
    (observation,) = json.loads(path.read_text())["observations"].values()
    assert [(event[0], event[2]) for event in observation["events"]] == [
        (0.0, "b"),
        (1.0, "b"),
        (1.0, "a"),
        (2.0, "a"),
        (2.0, "bark"),
    ]


def test_a_boris_table_has_a_row_for_each_span(tmp_path):
    recordings = [
        labelled([(0, 1500, "walk"), (2000, 2000, "bark")], subject="rex", session="1"),
        labelled([(0, 1, "x")]),
    ]
    rows = list(csv.DictReader(io.StringIO(write_boris(recordings, tmp_path / "a.tsv").read_text()), delimiter="\t"))
    assert [(r["Observation id"], r["Subject"], r["Behavior"], r["Behavior type"]) for r in rows] == [
        ("rex 1", "rex", "walk", "STATE"),
        ("rex 1", "rex", "bark", "POINT"),
        ("recording", "No focal subject", "x", "STATE"),
    ]
    assert (rows[0]["Start (s)"], rows[0]["Stop (s)"], rows[0]["Duration (s)"]) == ("0.000", "1.500", "1.500")


@given(marks=spans)
def test_a_table_of_spans_gives_them_back(tmp_path_factory, marks):
    from pyarrow import parquet

    folder = tmp_path_factory.mktemp("tables")
    recording = labelled(marks, subject="rex")
    rows = parquet.read_table(write_segments(recording, folder / "a.parquet")).to_pylist()
    assert sorted((r["start_ns"], r["stop_ns"], r["label"]) for r in rows) == sorted(
        (a.start_ns, a.stop_ns, a.label) for a in recording.annotations
    )
    assert all(r["duration_s"] == pytest.approx((r["stop_ns"] - r["start_ns"]) / 1e9) for r in rows)
    again = list(csv.DictReader(io.StringIO(write_segments(recording, folder / "a.csv").read_text(encoding="utf-8"))))
    assert [r["label"] for r in again] == [r["label"] for r in rows]


def test_states_stand_in_netcdf_with_the_dimensions_of_movement(tmp_path):
    xarray = pytest.importorskip("xarray")
    times = START_NS + np.arange(4) * 100_000_000
    options = {"time_ns": times, "names": ["long walk", "rest"], "rate_hz": 10.0, "individual": "rex"}
    p = np.array([[0.9, 0.1], [0.5, 0.5], [0.0, 1.0], [np.nan, np.nan]])
    path = write_states_netcdf(tmp_path / "a.nc", states=[0, 0, 1, -1], probabilities=p, **options)
    with xarray.open_dataset(path, engine="h5netcdf") as found:
        assert found["state"].dims == ("time", "individuals")
        assert found["state_probability"].dims == ("time", "states", "individuals")
        assert found["state"].values[:, 0].tolist() == [0, 0, 1, -1]
        np.testing.assert_array_equal(found["state_probability"].values[:, :, 0], p)
        np.testing.assert_allclose(found["time"].values, [0.0, 0.1, 0.2, 0.3])
        assert found["individuals"].values.tolist() == ["rex"]
        assert found["state"].attrs["flag_meanings"] == "long_walk rest"
        assert (found.attrs["fps"], found.attrs["time_unit"]) == (10.0, "seconds")
    for states, wrong, error in (
        ([0, 0, 2, 0], {}, LabelError),
        ([0, 0], {}, ShapeError),
        ([0, 0, 1, 1], {"probabilities": p[:2]}, ShapeError),
        ([0, 0, 1, 1], {"rate_hz": 0.0}, ConfigError),
    ):
        with pytest.raises(error):
            write_states_netcdf(tmp_path / "b.nc", states=states, **options | wrong)


def test_recordings_of_one_name_are_told_apart(tmp_path):
    same = [labelled([(0, 9, "x")], subject="a") for _ in range(2)] + [labelled([(0, 9, "x")], subject="a 1")]
    project = json.loads(write_boris(same, tmp_path / "a.boris").read_text())
    assert len(project["observations"]) == 3


@pytest.mark.parametrize(("write", "name"), [(write_boris, "a.txt"), (write_elan, "a.xml"), (write_segments, "a.xlsx")])
def test_what_cannot_be_written_is_named(tmp_path, write, name):
    with pytest.raises(ConfigError, match="extension"):
        write(labelled([]), tmp_path / name)
    empty = Recording(values=np.zeros((0, 1)), time_ns=np.zeros(0, np.int64), channels=("x",), units=("",))
    with pytest.raises(TooFewSamplesError):
        write(empty, tmp_path / "a.csv")
    early = labelled([(-5, 3, "x")])
    right = {write_boris: "a.boris", write_elan: "a.eaf", write_segments: "a.csv"}[write]
    with pytest.raises(InputError, match="before the first"):
        write(early, tmp_path / right)
