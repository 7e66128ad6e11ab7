"""What a text table says about its units, times and decimals is taken at its word, or asked for."""

import tracemalloc

import numpy as np
import pytest

from motif.errors import ColumnError, ConfigError, FormatError, UnitError
from motif.recordings import read
from motif.recordings.readers._columns import time_column

G = 9.80665
MINUTE_NS = 60_000_000_000


@pytest.fixture
def table(tmp_path):
    def write(*lines):
        path = tmp_path / "walk.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("name", "unit_ns"),
    [
        ("Time [min]", MINUTE_NS),
        ("Time (Minutes)", MINUTE_NS),
        ("time_min", MINUTE_NS),
        ("Time / min", MINUTE_NS),
        ("Time [h]", 60 * MINUTE_NS),
        ("Time (hours)", 60 * MINUTE_NS),
        ("Time [second]", 1_000_000_000),
        ("Time [msec]", 1_000_000),
        ("Time [μs]", 1_000),
        ("Time (nanoseconds)", 1),
    ],
)
def test_the_unit_of_time_in_a_header_counts(name, unit_ns, table):
    path = table(f"{name},acc_x", "0,1", "1,2", "2,3")
    assert read(path).time_ns.tolist() == [0, unit_ns, 2 * unit_ns]


def test_the_unit_in_the_name_of_a_time_column_that_a_map_names_counts_too(table):
    path = table("Zeit [min],acc_x", "0,1", "0.25,2")
    assert read(path, columns={"time": "Zeit [min]"}).time_ns.tolist() == [0, MINUTE_NS // 4]


def test_a_unit_of_time_we_do_not_know_is_asked_for_instead_of_guessed(table):
    path = table("Time [fortnights],acc_x", "0,1", "0.01,2")
    with pytest.raises(FormatError, match=r"'fortnights'.*`time_unit: ms`"):
        read(path)
    assert read(path, columns={"time_unit": "min"}).time_ns.tolist() == [0, MINUTE_NS // 100]


@pytest.mark.parametrize("entry", ["10000000000", "10000000000.5"])
def test_times_beyond_what_nanoseconds_can_hold_are_refused(entry, table):
    with pytest.raises(FormatError, match="beyond the year 2262"):
        read(table(f"t,acc_x\n0,1\n{entry},2"), columns={"time_unit": "s"})


def test_dates_need_no_unit_whatever_their_header_says(table):
    path = table("Time (local),acc_x", "1970-01-01T00:00:00,1", "1970-01-01T00:01:00,2")
    assert read(path).time_ns.tolist() == [0, MINUTE_NS]


def test_dates_that_name_no_zone_are_said_to_be_taken_for_utc(table):
    assert "UTC: assumed" in read(table("date,acc_x", "2026-10-25 02:30:00,1")).metadata["time zone"]
    assert "time zone" not in read(table("date,acc_x", "2026-10-25T02:30:00Z,1")).metadata
    assert "time zone" not in read(table("time_s,acc_x", "0.0,1", "0.1,2")).metadata


def test_dates_that_begin_with_the_day_are_asked_for_with_the_year_first(table):
    with pytest.raises(FormatError, match="year first"):
        read(table("date,acc_x", "29/03/2026 00:30:00,1"))


def test_the_least_of_t_is_no_time():
    assert time_column(["t_min", "t_max", "time"]) == ("time", None)


@pytest.mark.parametrize(
    ("stamp", "hours"),
    [
        ("1970-01-01T00:00:00.000-05:00", 5),
        ("1970-01-01T00:00:00-0500", 5),
        ("1970-01-01 00:00:00-05", 5),
        ("1970-01-02T00:00:00+01:00", 23),
        ("1970-01-01T02:00:00Z", 2),
        ("1970-01-01T02:00:00", 2),
        ("1970-01-02", 24),
    ],
)
def test_dates_are_read_on_both_sides_of_greenwich(stamp, hours, table):
    assert read(table("time,acc_x", f"{stamp},1")).time_ns.tolist() == [hours * 60 * MINUTE_NS]


@pytest.mark.parametrize(("unit", "size"), [("G", G), ("mG", G / 1000), ("g", G), ("m/s^2", 1)])
def test_a_capital_g_of_an_acceleration_is_gravity(unit, size, table):
    walk = read(table(f"t_ms,acc_x ({unit})", "0,1", "10,2"))
    assert walk.units == ("m/s²",)
    np.testing.assert_allclose(walk.channel("acc_x"), [size, 2 * size])
    said = read(table("t_ms,acc_x", "0,1", "10,2"), columns={"units": {"acc_x": unit}})
    np.testing.assert_array_equal(said.values, walk.values)


def test_a_capital_g_of_a_magnetometer_is_gauss(table):
    walk = read(table("t_ms,mag_x (G)", "0,1", "10,2"))
    assert (walk.units, walk.channel("mag_x").tolist()) == (("µT",), [100, 200])


@pytest.mark.parametrize(
    ("column", "unit", "says"),
    [
        ("acc_x", "deg/s", "'deg/s'.*acceleration for 'acc_x'.*m/s² or g"),
        ("gX", "G", "'G'.*angular rate for 'gyr_x'.*deg/s"),
        ("wrist.mag_x", "g", "'g'.*magnetic field for 'wrist.mag_x'.*µT"),
    ],
)
def test_a_unit_of_another_quantity_is_refused(column, unit, says, table):
    with pytest.raises(UnitError, match=says):
        read(table(f"t_ms,{column} [{unit}]", "0,1", "10,2"))
    with pytest.raises(UnitError, match=says):
        read(table(f"t_ms,{column}", "0,1", "10,2"), columns={"units": unit})


def test_two_columns_that_keep_their_names_keep_their_quantity(table):
    walk = read(table("t_ms,ax (G),acc_x (G)", "0,1,2", "10,1,2"))
    assert walk.units == ("m/s²", "m/s²")


def test_a_map_can_call_a_column_something_else(table):
    path = table("t_ms,gX (g)", "0,1", "10,2")
    assert read(path, columns={"channels": {"gravity_x": "gX (g)"}}).units == ("m/s²",)


@pytest.mark.parametrize("said", [None, {"decimal": ","}, {"decimal": ",", "time": "time", "time_unit": "s"}])
def test_decimal_commas_are_read(said, table):
    walk = read(table("time;acc_x", "0,00;1,5", "0,01;2,5"), columns=said)
    assert walk.time_ns.tolist() == [0, 10_000_000]
    assert walk.channel("acc_x").tolist() == [1.5, 2.5]


@pytest.mark.parametrize("rows", [("0;1,500", "10;2,500"), ("0.1;1,5", "0.2;2,5")], ids=["thousands", "both"])
def test_commas_that_could_be_something_else_are_asked_for(rows, table):
    with pytest.raises(FormatError, match='`decimal: ","`'):
        read(table("t_ms;acc_x", *rows))


def test_quoted_decimal_commas_get_a_hint(table):
    path = table("time,acc_x", '"0,00","1,5"', '"0,01","2,5"')
    with pytest.raises(FormatError, match='`decimal: ","`'):
        read(path)
    assert read(path, columns={"decimal": ","}).channel("acc_x").tolist() == [1.5, 2.5]


@pytest.mark.parametrize("delimiter", ["||", "", "\n", '"', "→"])
def test_a_delimiter_is_one_character(delimiter, table):
    with pytest.raises(ConfigError, match=r"delimiter.*one character"):
        read(table("t_ms|acc_x", "0|1"), reader="csv", columns={"delimiter": delimiter})


def test_a_delimiter_can_be_any_one_character(table):
    path = table("t_ms|acc_x", "0|1", "10|2")
    assert read(path, reader="csv", columns={"delimiter": "|"}).channel("acc_x").tolist() == [1, 2]


def test_a_unit_for_a_channel_that_is_not_there_is_named(table):
    with pytest.raises(ColumnError, match="'acc_X'; there are 'acc_x', 'acc_y'"):
        read(table("t_ms,ax,ay", "0,1,2", "10,1,2"), columns={"units": {"acc_X": "g", "acc_y": "g"}})


@pytest.mark.parametrize(("name", "said"), [("Subject", {}), ("participant_id", {}), ("who", {"subject": "who"})])
def test_a_column_says_whose_motion_it_is(table, name, said):
    walk = read(table(f"t_ms,acc_x,{name}", "0,1,3", "10,2,3"), columns=said)
    assert (walk.subject, walk.channels, dict(walk.metadata)) == ("3", ("acc_x",), {})


def test_one_recording_of_several_people_says_whom_it_holds(table):
    herd = read(table("t_ms,acc_x,person", "0,1,ann", "10,2,bo", "20,2,ann"))
    assert (herd.subject, herd.n_samples) == ("", 3)
    assert herd.metadata["subjects"] == "'ann', 'bo': one recording assumed, a data set keeps them apart"


def test_a_header_in_another_language_is_refused_with_what_would_map_it(table):
    path = table("Zeit (s),Beschleunigung x (m/s^2)", "0,1", "0.01,2")
    with pytest.raises(FormatError, match="name it in a column map"):
        read(path)
    said = {"time": "Zeit (s)", "channels": {"acc_x": "Beschleunigung x (m/s^2)"}}
    assert read(path, columns=said).units == ("m/s²",)


def test_columns_that_are_not_read_are_named(table):
    path = table("t_ms,acc_x,acc_y,mood,place", "0,1,2,glad,here", "10,1,2,sad,there")
    assert read(path).metadata == {"left out": "mood, place"}
    assert read(path, rate_hz=100, columns={"label": "mood"}).metadata == {"left out": "place"}
    assert read(path, columns={"channels": {"x": "acc_x"}}).metadata == {"left out": "acc_y, mood, place"}
    assert read(table("t_ms,acc_x", "0,1", "10,2")).metadata == {}


def test_a_large_table_is_never_copied_as_text(table):
    path = table("t,ax,ay,az", *(f"{i / 100:.2f},{i}.123456789,-9.876543210,0.192837465" for i in range(50_000)))
    read(path)  # imports what it needs
    tracemalloc.start()
    walk = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    times = 50_000 * 72  # a text each and where it is
    assert peak < path.stat().st_size + 2 * walk.values.nbytes + times
