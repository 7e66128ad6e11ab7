"""Generic CSV with a column map, and Arduino's gestures."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.recordings.reader_samples import START_NS

from motif.errors import ColumnError, ConfigError, FormatError, UnitError
from motif.recordings import ColumnMap, read
from motif.recordings.readers._columns import channel_and_unit, time_column

G = 9.80665


def table(folder, header, *rows, name="walk.csv"):
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_map_says_what_is_what(tmp_path):
    path = table(tmp_path, "Stamp;Accel X;Accel Y;mood", "1000;0,5;1;glad", "1010;-0,5;;glad", "1020;0;1;sad")
    said = {
        "time": "Stamp",
        "time_unit": "ms",
        "channels": {"acc_x": "Accel X", "acc_y": "Accel Y"},
        "units": "g",
        "label": "mood",
        "decimal": ",",
    }
    walk = read(path, columns=said)
    assert (walk.channels, walk.units) == (("acc_x", "acc_y"), ("m/s²", "m/s²"))
    assert walk.time_ns.tolist() == [1_000_000_000, 1_010_000_000, 1_020_000_000]
    np.testing.assert_allclose(walk.channel("acc_x"), [0.5 * G, -0.5 * G, 0])
    assert np.isnan(walk.channel("acc_y")[1])
    spans = [(mark.start_ns, mark.stop_ns, mark.label) for mark in walk.annotations]
    assert spans == [(1_000_000_000, 1_020_000_000, "glad"), (1_020_000_000, 1_020_000_001, "sad")]
    for suffix, text in (("yaml", yaml.safe_dump(said)), ("json", json.dumps(said))):
        file = tmp_path / f"map.{suffix}"
        file.write_text(text)
        np.testing.assert_array_equal(read(path, columns=file).values, walk.values)
    np.testing.assert_array_equal(read(path, columns=ColumnMap(**said)).values, walk.values)


@pytest.mark.parametrize(
    ("said", "error", "says"),
    [
        ({"time": "clock"}, ColumnError, "no column 'clock'; there are 't', 'ax'"),
        ({"channels": {"acc_x": "aX"}}, ColumnError, "no column 'aX'"),
        ({"label": "mood"}, ColumnError, "no column 'mood'"),
        ({"units": "furlong"}, UnitError, "furlong"),
        ({"units": {"acc_x": "px/s"}}, UnitError, "px/s"),
        ({"colour": "red"}, ConfigError, "colour"),
        ({"time_unit": "days"}, ConfigError, "time_unit"),
        ("no.yaml", ConfigError, "no.yaml"),
        (["t"], ConfigError, "columns"),
    ],
)
def test_a_map_that_does_not_fit_is_named(said, error, says, tmp_path):
    with pytest.raises(error, match=says):
        read(table(tmp_path, "t,ax", "0.01,1", "0.02,2"), columns=said)


@pytest.mark.parametrize(
    ("column", "channel", "unit"),
    [
        ("aX", "acc_x", ""),
        ("Accelerometer Y [m/s^2]", "acc_y", "m/s²"),
        ("gyro_z (deg/s)", "gyr_z", "deg/s"),
        ("wrist.magX", "wrist.mag_x", ""),
        ("gravity_x", "gravity_x", ""),
        ("rotationRateX", "gyr_x", ""),
        ("speed (fast)", "speed (fast)", ""),
        ("x", "x", ""),
    ],
)
def test_names_of_columns_become_ours_where_they_are_clear(column, channel, unit):
    assert channel_and_unit(column) == (channel, unit)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["ax", "Timestamp"], ("Timestamp", None)),
        (["time_ms", "ax"], ("time_ms", "ms")),
        (["millis"], ("millis", "ms")),
        (["Time [s]"], ("Time [s]", "s")),
        (["timestamp_us"], ("timestamp_us", "us")),
        (["seconds_elapsed"], ("seconds_elapsed", "s")),
        (["lifetime", "ax"], None),
    ],
)
def test_the_time_column_is_guessed_from_its_name(names, found):
    assert time_column(names) == found


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        (["1766385749423015200", "1766385749433015201"], [1766385749423015200, 1766385749433015201]),
        (["1766385749423", "1766385749433"], [1766385749423000000, 1766385749433000000]),
        (["1766385749.423015201", "1766385749.433"], [1766385749423015201, 1766385749433000000]),
        (["0", "0.01"], [0, 10_000_000]),
        (["2025-12-22T06:42:29.423015200Z", "2025-12-22T06:42:30Z"], [START_NS, 1766385750000000000]),
        (["2025-12-22T07:42:29+01:00", "2025-12-22T07:42:30+01:00"], [1766385749000000000, 1766385750000000000]),
        (["2025-12-22 06:42:29", "2025-12-22 06:42:30"], [1766385749000000000, 1766385750000000000]),
    ],
)
def test_time_is_told_by_its_size_and_kept_to_the_nanosecond(stamps, expected, tmp_path):
    walk = read(table(tmp_path, "timestamp,ax", *(f"{stamp},1" for stamp in stamps)))
    assert walk.time_ns.tolist() == expected


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times=st.lists(st.integers(1_000_000_000_000_000_000, 4_000_000_000_000_000_000), min_size=1, max_size=5))
def test_seconds_with_nine_decimals_are_exact(times, tmp_path):
    rows = [f"{Decimal(time_ns).scaleb(-9)},1" for time_ns in times]
    assert read(table(tmp_path, "time_s,ax", *rows)).time_ns.tolist() == times


def test_a_unit_of_time_that_could_be_two_is_asked_for(tmp_path):
    path = table(tmp_path, "time,ax", "0,1", "10,2", "20,3")
    with pytest.raises(FormatError, match=r"advances by 10.*`time_unit: ms`; motif import --columns"):
        read(path)
    assert read(path, columns={"time_unit": "ms"}).rate_hz == pytest.approx(100)


@pytest.mark.parametrize("stamp", ["", "soon", "1e400", "nan", "-", "99999999999999999999999"])
def test_a_time_that_is_none_is_an_error(stamp, tmp_path):
    with pytest.raises(FormatError, match=r"walk\.csv"):
        read(table(tmp_path, "time,ax", "0.01,1", f"{stamp},2"))


def test_without_a_time_column_a_rate_is_asked_for(tmp_path):
    path = table(tmp_path, "ax,ay", "1,2", "3,4")
    with pytest.raises(FormatError, match="rate_hz=100"):
        read(path)
    assert read(path, rate_hz=50).time_ns.tolist() == [0, 20_000_000]


def test_columns_of_words_are_no_channels(tmp_path):
    walk = read(table(tmp_path, "time,ax,mood", "0.01,1,glad", "0.02,2,sad"))
    assert walk.channels == ("acc_x",)
    with pytest.raises(FormatError, match="no column of numbers"):
        read(table(tmp_path, "time,mood", "0.01,glad"))


@pytest.mark.parametrize(
    ("text", "channels", "units"),
    [
        (
            '"Time (s)";"Acceleration x (m/s^2)";"Gyroscope x (rad/s)"\n0.0E0;1.5E0;2\n5.0E-3;1.5;2\n',
            ("acc_x", "gyr_x"),
            ("m/s²", "rad/s"),
        ),
        ('"timestamp","aX"\n"1766385749423","1.5"\n"1766385749428","1.5"\n', ("acc_x",), ("",)),
        (",timestamp,aX\n0,1766385749.423,1.5\n1,1766385749.428,1.5\n", ("acc_x",), ("",)),
        ("t_ms\tax\n0\t1.5\n5\t1.5\n", ("acc_x",), ("",)),
    ],
    ids=["phyphox", "quoted", "pandas", "tabs"],
)
def test_tables_of_other_programs_are_read_without_a_map(text, channels, units, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text(text)
    walk = read(path)
    assert (walk.channels, walk.units) == (channels, units)
    assert walk.channel("acc_x").tolist() == [1.5, 1.5]
    assert walk.rate_hz == pytest.approx(200)


def test_a_column_without_an_entry_is_a_channel_of_gaps(tmp_path):
    walk = read(table(tmp_path, "time,ax,ay", "0.01,1,", "0.02,2,"))
    assert np.isnan(walk.channel("acc_y")).all()
    assert walk.summary()["missing"] == {"acc_y": 1.0}


def test_two_columns_that_would_share_a_name_keep_theirs(tmp_path):
    assert read(table(tmp_path, "time,ax,acc_x", "0.01,1,2")).channels == ("ax", "acc_x")


@pytest.mark.parametrize(
    ("header", "row", "says"),
    [
        ("time,ax,ax", "0.01,1,2", "'ax' stands twice"),
        ("time,ax", "0.01,inf", "1 infinite"),
        ("time,ax", "0.01,1\n0.02,1,3\n0.03,2", "too many or too few"),
    ],
)
def test_a_table_that_cannot_be_is_named(header, row, says, tmp_path):
    with pytest.raises(FormatError, match=says):
        read(table(tmp_path, header, row))


def test_text_that_is_not_utf8_is_named_with_its_line(tmp_path):
    path = tmp_path / "walk.csv"
    path.write_bytes(b"time,ax\n0.01,1\n0.02,\xff\n")
    with pytest.raises(FormatError, match="line 3 is not UTF-8"):
        read(path)
    path.write_bytes(b"time,\xff\n0.01,1\n")
    with pytest.raises(FormatError):
        read(path, reader="csv")


def test_excels_mark_and_windows_line_ends_do_no_harm(tmp_path):
    path = tmp_path / "walk.csv"
    path.write_bytes(b"\xef\xbb\xbftime,ax\r\n0.01,1\r\n0.02,2\r\n")
    assert read(path).channel("acc_x").tolist() == [1, 2]


def test_a_table_without_rows_is_an_empty_recording(tmp_path):
    path = tmp_path / "walk.csv"
    path.write_text("time,ax\n")
    walk = read(path, columns={"channels": {"acc_x": "ax"}, "label": "time"})
    assert (walk.n_samples, walk.annotations) == (0, ())


def test_times_that_repeat_run_back_or_jump_stay_raw_and_resample_evenly(tmp_path):
    start = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    offsets = [0, 0.01, 0.01, 0.03, 0.02, 0.04, 60.0, 60.01]
    walk = read(table(tmp_path, "time_s,ax", *(f"{start + offset:.2f},{i}" for i, offset in enumerate(offsets))))
    assert (np.diff(walk.time_ns) < 0).sum() == 1
    assert (np.diff(walk.seconds) >= 0).all()
    even = read(tmp_path / "walk.csv", rate_hz=100)
    assert np.unique(np.diff(even.time_ns)).size == 1
    assert np.isnan(even.channel("acc_x")).sum() > 5900


def test_arduino_gestures_are_spans_between_blank_lines(tmp_path):
    rows = [f"{i},0,1,180,0,0" for i in range(3)]
    path = table(tmp_path, "aX,aY,aZ,gX,gY,gZ", *rows, "", *rows[:2], "", "", name="punch.csv")
    punches = read(path)
    assert [mark.label for mark in punches.annotations] == ["punch", "punch"]
    first, second = (punches.slice_time(mark.start_ns, mark.stop_ns) for mark in punches.annotations)
    np.testing.assert_allclose(first.channel("acc_x"), [0, G, 2 * G])
    np.testing.assert_allclose(second.channel("gyr_x"), [np.pi, np.pi])
    between = punches.slice_time(first.annotations[0].stop_ns, second.annotations[0].start_ns)
    assert np.isnan(between.values).all()
    assert between.duration_s == pytest.approx(0.5, abs=0.02)
    assert punches.rate_hz == pytest.approx(119)
    assert read(path, label="hit").annotations[0].label == "hit"
    assert read(path, rate_hz=50).rate_hz == pytest.approx(50)


def test_arduino_gestures_without_blank_lines_need_their_length(tmp_path):
    rows = [f"{i},0,1,180,0,0" for i in range(12)]
    path = table(tmp_path, "aX,aY,aZ,gX,gY,gZ", *rows)
    assert len(read(path).annotations) == 1
    assert len(read(path, rows_per_sample=4).annotations) == 3
    with pytest.raises(FormatError, match="12 rows do not divide into gestures of 5"):
        read(path, rows_per_sample=5)
    with pytest.raises(ConfigError, match="rows_per_sample=0"):
        read(path, rows_per_sample=0)


def test_a_broken_arduino_line_is_named_and_a_cut_off_last_one_left_out(tmp_path):
    whole = "1,2,3,4,5,6"
    with pytest.raises(FormatError, match="line 3 is not six numbers: '1,2,3'"):
        read(table(tmp_path, "aX,aY,aZ,gX,gY,gZ", whole, "1,2,3", whole))
    path = tmp_path / "cut.csv"
    path.write_text(f"aX,aY,aZ,gX,gY,gZ\n{whole}\n1,2,")
    assert read(path).n_samples == 1
    with pytest.raises(FormatError, match="holds no gesture"):
        read(table(tmp_path, "aX,aY,aZ,gX,gY,gZ"))


@pytest.mark.parametrize(("name", "count"), [("circ", 48), ("flex", 26), ("hori", 98), ("punch", 16), ("vert", 77)])
def test_real_arduino_gestures_are_counted_as_their_readme_does(name, count, shared_data):
    gestures = read(shared_data("arduino_gestures") / "nano_gestures" / f"{name}.csv")
    assert len(gestures.annotations) == count
    lengths = {gestures.slice_time(mark.start_ns, mark.stop_ns).n_samples for mark in gestures.annotations}
    assert lengths == {119}


def test_real_spells_divide_by_119(shared_data):
    spells = read(shared_data("arduino_gestures") / "magic_wand_spells" / "train" / "Revelio.csv", rows_per_sample=119)
    assert len(spells.annotations) == 21
