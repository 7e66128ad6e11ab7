"""Sensor Logger exports: every trap that real ones hold."""

import json
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.recordings.reader_samples import N_ROWS, START_NS, sensor_csv

from motif.errors import ConfigError, FormatError
from motif.recordings import read, read_streams
from motif.recordings.readers import _members

G = 9.80665
WATCH = (
    "time,seconds_elapsed,rotationRateX,rotationRateY,rotationRateZ,gravityX,gravityY,gravityZ,"
    "accelerationX,accelerationY,accelerationZ,quaternionW,quaternionX,quaternionY,quaternionZ"
)


def write(folder, **files):
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
    return folder


def metadata(platform, standardised="false"):
    return f"version,platform,standardisation\n3,{platform},{standardised}"


def watch_csv(pause_at=None, sign=1.0, unit=1.0):
    lines = [WATCH]
    for i in range(60):
        time_ns = START_NS + i * 10_000_000 + (3_000_000_000 if pause_at is not None and i >= pause_at else 0)
        lines.append(f"{time_ns},{i / 100},1,2,3,0,0,{-unit},0,0,{-0.5 * unit},{sign if i % 2 else -sign},0,0,0")
    return "\n".join(lines)


def mean(recording, *channels):
    return [pytest.approx(float(np.nanmean(recording.channel(channel))), abs=1e-9) for channel in channels]


@pytest.mark.parametrize("axes", ["zyx", "xyz", "yxz"])
def test_columns_are_found_by_name_in_any_order(axes, tmp_path):
    write(tmp_path, Gyroscope=sensor_csv(vector=(1.0, 2.0, 3.0), axes=axes))
    gyroscope = read(tmp_path)
    assert gyroscope.channels == ("gyr_x", "gyr_y", "gyr_z")
    assert mean(gyroscope, "gyr_x", "gyr_y", "gyr_z") == [1, 2, 3]


def test_times_stay_exact_integers_beyond_what_a_float_holds(tmp_path):
    write(tmp_path, Gyroscope=sensor_csv(10_000_001))
    times = read_streams(tmp_path)["Gyroscope"].time_ns
    assert times.tolist() == [START_NS + i * 10_000_001 for i in range(N_ROWS)]


def test_force_is_acceleration_and_gravity_together(tmp_path):
    write(tmp_path, Accelerometer=sensor_csv(vector=(0.1, 0.2, 0.3)), Gravity=sensor_csv(vector=(0.0, 0.0, G)))
    write(tmp_path, Metadata=metadata("android"))
    phone = read(tmp_path)
    assert mean(phone, "acc_x", "acc_y", "acc_z", "gravity_z") == [0.1, 0.2, 0.3 + G, G]
    assert set(phone.units) == {"m/s²"}


def test_ios_gets_the_signs_of_android(tmp_path):
    write(tmp_path, Accelerometer=sensor_csv(vector=(0.0, 0.0, -0.5)), Gravity=sensor_csv(vector=(0.0, 0.0, -G)))
    write(tmp_path, Gyroscope=sensor_csv(vector=(1.0, 2.0, 3.0)), Metadata=metadata("ios"))
    phone = read(tmp_path)
    assert mean(phone, "acc_z", "gravity_z", "gyr_x") == [0.5 + G, G, 1.0]
    assert "Gravity negated" in phone.metadata["conversion"]
    assert phone.metadata["platform known from"] == "metadata"


def test_a_standardised_export_is_left_as_it_is(tmp_path):
    write(tmp_path, Gravity=sensor_csv(vector=(0.0, 0.0, G)), Metadata=metadata("ios", "true"))
    assert mean(read(tmp_path), "gravity_z") == [G]


def test_the_caller_knows_better_than_the_metadata(tmp_path):
    write(tmp_path, Gravity=sensor_csv(vector=(0.0, 0.0, -G)), Metadata=metadata("android"))
    assert mean(read(tmp_path, platform="ios"), "gravity_z") == [G]
    with pytest.raises(ConfigError, match="'windows'"):
        read(tmp_path, platform="windows")


def test_uncalibrated_force_of_ios_is_in_g_and_tells_the_platform(tmp_path):
    write(tmp_path, AccelerometerUncalibrated=sensor_csv(vector=(0.0, 0.0, -1.0)))
    phone = read(tmp_path)
    assert mean(phone, "acc_z") == [G]
    assert phone.metadata["platform"] == "ios"


def test_total_acceleration_is_android_and_used_where_nothing_better_is_there(tmp_path):
    write(tmp_path, TotalAcceleration=sensor_csv(vector=(0.0, 0.0, 9.7)))
    phone = read(tmp_path)
    assert mean(phone, "acc_z") == [9.7]
    assert phone.metadata["platform"] == "android"


def test_acceleration_without_gravity_is_not_called_force(tmp_path):
    write(tmp_path, Accelerometer=sensor_csv(vector=(0.1, 0.2, 0.3)))
    phone = read(tmp_path)
    assert phone.channels == ("linear_acc_x", "linear_acc_y", "linear_acc_z")
    assert phone.metadata["platform known from"] == "nothing: assumed"


@pytest.mark.parametrize("unit", [1.0, G])
def test_a_watch_in_g_or_in_metres_becomes_force_with_gravity_up(unit, tmp_path):
    (tmp_path / "WristMotion.csv").write_text(watch_csv(unit=unit))
    watch = read(tmp_path)
    assert mean(watch, "acc_z", "gravity_z", "gyr_y") == [1.5 * G, G, 2.0]
    assert watch.channels[-4:] == ("quat_w", "quat_x", "quat_y", "quat_z")


def test_a_quaternion_that_changes_sides_stays_one_rotation(tmp_path):
    (tmp_path / "WristMotion.csv").write_text(watch_csv())
    quaternion = read(tmp_path, rate_hz=73).select(["quat_w", "quat_x", "quat_y", "quat_z"]).values
    np.testing.assert_allclose(np.abs(quaternion), [[1, 0, 0, 0]] * len(quaternion), atol=1e-12)


def test_a_pause_is_a_gap_and_not_a_line(tmp_path):
    (tmp_path / "WristMotion.csv").write_text(watch_csv(pause_at=30))
    watch = read(tmp_path)
    missing = np.isnan(watch.channel("acc_z"))
    assert missing.sum() == pytest.approx(300, abs=2)
    assert not missing[:29].any()
    assert not missing[-29:].any()


def test_phone_and_watch_get_their_names_before_the_channels(tmp_path):
    (tmp_path / "WristMotion.csv").write_text(watch_csv())
    write(tmp_path, Gravity=sensor_csv(vector=(0.0, 0.0, -G)))
    both = read(tmp_path)
    assert mean(both, "phone.gravity_z", "wrist.gravity_z") == [G, G]


def test_headphones_have_gravity_in_metres_and_acceleration_in_g(tmp_path):
    row = f"0,0,{-G},0,0,-0.5,1,2,3"
    names = (
        "gravityX,gravityY,gravityZ,accelerationX,accelerationY,accelerationZ,rotationRateX,rotationRateY,rotationRateZ"
    )
    lines = [f"{START_NS + i * 40_000_000},{i / 25},{row}" for i in range(20)]
    (tmp_path / "Headphone.csv").write_text("\n".join([f"time,seconds_elapsed,{names}", *lines]))
    assert mean(read(tmp_path), "acc_z", "gravity_z", "gyr_z") == [1.5 * G, G, 3.0]


def test_streams_of_any_rate_and_start_share_one_grid(tmp_path):
    late = sensor_csv(17_000_000, vector=(1.0, 2.0, 3.0), n_rows=20).replace(str(START_NS)[:11], str(START_NS)[:11])
    write(tmp_path, Gravity=sensor_csv(vector=(0.0, 0.0, G)), TotalAcceleration=sensor_csv(), Gyroscope=late)
    phone = read(tmp_path)
    assert phone.rate_hz == pytest.approx(100)
    assert phone.time_ns[0] == START_NS
    assert not np.isnan(phone.channel("gyr_x")[:32]).any()
    assert np.isnan(phone.channel("gyr_x")[33:]).all()
    assert read(tmp_path, rate_hz=50).n_samples == 20


def test_a_reading_from_days_before_the_start_does_not_stretch_the_recording(tmp_path):
    header, _, rest = sensor_csv().partition("\n")
    stale = f"{START_NS - 328_883_000_000_000},-328883.4,0,0,0"
    write(tmp_path, Gyroscope=f"{header}\n{stale}\n{rest}")
    phone = read(tmp_path)
    assert phone.n_samples == N_ROWS
    assert phone.metadata["stale readings left out"] == "1"
    assert read_streams(tmp_path)["Gyroscope"].n_samples == N_ROWS + 1


def test_a_barometer_that_began_before_the_recording_is_no_motion_but_a_stream(tmp_path):
    write(tmp_path, Gyroscope=sensor_csv(), Barometer=f"time,seconds_elapsed,pressure\n{START_NS},-0.458,1013.2\n")
    assert "Barometer" in read(tmp_path).metadata["left out"]
    barometer = read_streams(tmp_path)["Barometer"]
    assert (barometer.channels, barometer.units) == (("pressure",), ("hPa",))


def test_annotations_come_along_a_long_press_as_a_span(tmp_path):
    text = f'time,seconds_elapsed,text,millisecond_press_duration\n{START_NS},0.1,"a, b",132\n{START_NS + 7},0.2,c,\n'
    write(tmp_path, Gyroscope=sensor_csv(), Annotation=text)
    first, second = read(tmp_path).annotations
    assert (first.start_ns, first.stop_ns, first.label) == (START_NS, START_NS + 132_000_000, "a, b")
    assert (second.start_ns, second.stop_ns, second.label) == (START_NS + 7, START_NS + 7, "c")


@pytest.mark.parametrize("annotation", ["", "time,seconds_elapsed,text,millisecond_press_duration\n"])
def test_no_annotations_is_no_error(annotation, tmp_path):
    assert read(write(tmp_path, Gyroscope=sensor_csv(), Annotation=annotation)).annotations == ()


def test_a_garbled_annotation_is_named(tmp_path):
    write(tmp_path, Gyroscope=sensor_csv(), Annotation="time,text\nyesterday,a\n")
    with pytest.raises(FormatError, match=r"Annotation\.csv.*yesterday"):
        read(tmp_path)


def test_metadata_may_lack_columns_and_names_of_devices_stay_out(tmp_path):
    write(tmp_path, Gyroscope=sensor_csv(), Metadata="version,device id,recording time\n2,abc-123,2021-07-20_21-03-53")
    phone = read(tmp_path)
    assert phone.session == "2021-07-20_21-03-53"
    assert "abc-123" not in phone.metadata.values()


def test_unknown_sensors_are_streams_where_they_hold_numbers(tmp_path):
    write(tmp_path, Gyroscope=sensor_csv(), Light=f"time,seconds_elapsed,lux\n{START_NS},0,12.5\n")
    write(
        tmp_path,
        Network=f"time,seconds_elapsed,type\n{START_NS},0,wifi\n",
        Broken="time,lux\n1,2\n1,x\n2,3\n",
        Empty="",
    )
    assert set(read_streams(tmp_path)) == {"Gyroscope", "Light"}
    left_out = read(tmp_path).metadata["left out"]
    assert all(name in left_out for name in ("Light", "Network", "Broken", "Empty"))


def test_a_damaged_sensor_of_motion_is_an_error_that_names_it(tmp_path):
    write(tmp_path, Gyroscope=sensor_csv(), Gravity=sensor_csv().replace("9.81", "heavy", 9))
    with pytest.raises(FormatError, match=r"Gravity\.csv"):
        read(tmp_path)


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path):
    write(tmp_path, Gyroscope=sensor_csv()[:-12])
    assert read(tmp_path).n_samples == N_ROWS - 1
    write(tmp_path, Gyroscope=sensor_csv().replace(",0.01,", ",", 1))
    with pytest.raises(FormatError, match="too many or too few"):
        read(tmp_path)


def test_one_sensors_file_is_an_export_too_whatever_stands_before_its_name(tmp_path):
    (tmp_path / "NewWristMotion.csv").write_text(watch_csv())
    assert "acc_z" in read(tmp_path / "NewWristMotion.csv").channels
    write(tmp_path, Gravity=sensor_csv(vector=(0.0, 0.0, -G)), Metadata=metadata("ios"))
    assert mean(read(tmp_path / "Gravity.csv"), "gravity_z") == [G]


def test_without_a_sensor_of_motion_there_is_a_next_step(tmp_path):
    write(tmp_path, Barometer=f"time,seconds_elapsed,pressure\n{START_NS},0,1013.2\n")
    with pytest.raises(FormatError, match="Accelerometer and Gyroscope switched on"):
        read(tmp_path)
    with pytest.raises(ConfigError, match="max_gap_s=0"):
        read(tmp_path, max_gap_s=0)


def test_a_clock_that_was_set_back_is_an_error_not_a_mixture(tmp_path):
    first = sensor_csv(vector=(1.0, 1.0, 1.0))
    back = "".join(
        line.replace(str(START_NS)[:9], str(START_NS - 10**12)[:9]) + "\n" for line in first.splitlines()[1:]
    )
    write(tmp_path, Gyroscope=first + back)
    with pytest.raises(FormatError, match="read_streams"):
        read(tmp_path)
    assert read_streams(tmp_path)["Gyroscope"].n_samples == 2 * N_ROWS


def test_the_json_export_has_strings_for_numbers(tmp_path):
    rows = [{"sensor": "Metadata", "platform": "ios", "device id": "x"}]
    for i in range(N_ROWS):
        clock = {"time": str(START_NS + i * 10_000_000), "seconds_elapsed": str(i / 100)}
        rows.append({"sensor": "Gravity", **clock, "z": str(-G), "y": "0", "x": "0"})
        rows.append({"sensor": "Gyroscope", **clock, "z": "3", "y": "2", "x": "1" if i else "null"})
    rows.append({"sensor": "Annotation", "time": str(START_NS), "text": "jump", "millisecond_press_duration": "100"})
    rows.append({"sensor": "Network", "time": str(START_NS), "type": "wifi"})
    path = tmp_path / "export.json"
    path.write_text(json.dumps(rows[:1] + rows[3:]))
    phone = read(path)
    assert mean(phone, "gravity_z", "gyr_x", "gyr_y", "gyr_z") == [G, 1, 2, 3]
    assert phone.time_ns[0] == START_NS + 10_000_000
    assert [mark.label for mark in phone.annotations] == ["jump"]
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(path, "export.json")
    np.testing.assert_array_equal(read(tmp_path / "export.zip").values, phone.values)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{}", "not a list"),
        ("[1]", "not a list"),
        ("[", "not whole JSON"),
        ("[" * 100_000, "not whole JSON"),
        ("[]", "no stream"),
        ('[{"sensor": "Gravity", "time": "1.5", "x": "1"}]', "Gravity is garbled"),
        ('[{"sensor": "Gravity", "time": "1", "x": "1"}, {"sensor": "Gravity", "x": "1"}]', "Gravity is garbled"),
    ],
)
def test_json_that_is_no_export_is_named(content, says, tmp_path):
    path = tmp_path / "export.json"
    path.write_text(content)
    with pytest.raises(FormatError, match=says):
        read(path, reader="sensor_logger")


def test_a_zip_gives_what_the_folder_gives(tmp_path):
    folder = tmp_path / "walk"
    folder.mkdir()
    write(folder, Gravity=sensor_csv(), Gyroscope=sensor_csv(9_000_000), Metadata=metadata("android"))
    with zipfile.ZipFile(tmp_path / "walk.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, f"walk/{file.name}")
            archive.writestr(f"__MACOSX/walk/._{file.name}", b"\x00\x05\x16\x07")
    zipped, unzipped = read(tmp_path / "walk.zip"), read(folder)
    np.testing.assert_array_equal(zipped.values, unzipped.values)
    assert dict(zipped.metadata) == dict(unzipped.metadata)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["walk", "walk.zip"]  # nothing was extracted


def test_a_zip_of_several_recordings_is_not_mixed(tmp_path):
    with zipfile.ZipFile(tmp_path / "days.zip", "w") as archive:
        for day in ("monday", "tuesday"):
            archive.writestr(f"{day}/Gyroscope.csv", sensor_csv())
    with pytest.raises(FormatError, match=r"several recordings \(monday, tuesday\)"):
        read(tmp_path / "days.zip")


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Gyroscope.csv", b"0" * 5_000_000)
    with pytest.raises(FormatError, match="would unpack to 5,000,000 bytes"):
        read(tmp_path / "bomb.zip")


def test_a_zip_of_too_many_or_too_large_files_is_refused(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for i in range(10_001):
            archive.writestr(f"{i}.csv", b"")
    with pytest.raises(FormatError, match="10,001 files"):
        read(tmp_path / "many.zip", reader="sensor_logger")
    monkeypatch.setattr(_members, "MAX_BYTES", 100)
    write(tmp_path, Gyroscope=sensor_csv())
    with pytest.raises(FormatError, match="more than 100"):
        read(tmp_path)


def test_a_member_that_lies_about_its_size_or_checksum_is_refused(tmp_path):
    path = tmp_path / "lie.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Gyroscope.csv", sensor_csv())
    path.write_bytes(path.read_bytes().replace(b"9.81", b"9.80", 1))
    with pytest.raises(FormatError, match=r"Gyroscope\.csv in it cannot be unpacked"):
        read(path)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(step_ms=st.integers(2, 200), gravity=st.floats(9.7, 9.9), flat=st.sampled_from([1.0, -1.0]))
def test_flat_on_a_table_gravity_points_up_on_every_platform(step_ms, gravity, flat, tmp_path):
    platform = "android" if flat > 0 else "ios"
    write(tmp_path, Gravity=sensor_csv(step_ms * 1_000_000, vector=(0.0, 0.0, flat * gravity)))
    write(tmp_path, Metadata=metadata(platform))
    phone = read(tmp_path)
    np.testing.assert_allclose(phone.channel("gravity_z"), gravity, rtol=1e-12)
    assert phone.rate_hz == pytest.approx(max(round(1000 / step_ms), 2), rel=1e-3)


def test_a_real_android_recording_has_gravity_in_its_force(shared_data):
    phone = read(shared_data("sensor_logger") / "ski_android_2025-12-22")
    force = np.linalg.norm(phone.select(["acc_x", "acc_y", "acc_z"]).values, axis=1)
    assert np.nanmedian(force) == pytest.approx(9.81, abs=0.1)
    assert phone.rate_hz == pytest.approx(100)
    assert phone.n_samples == 5990
    assert phone.channel("gravity_z").mean() > 9
    assert np.isnan(phone.values).mean() < 0.001
    assert [mark.label for mark in phone.annotations] == ["My Annotation 1"]
    streams = read_streams(shared_data("sensor_logger") / "ski_android_2025-12-22")
    assert streams["Gyroscope"].rate_hz == pytest.approx(58.96, abs=0.1)


def test_a_real_iphone_agrees_with_its_own_uncalibrated_sensor(shared_data):
    folder = shared_data("sensor_logger") / "ski_ios_2025-12-01"
    fused, raw = read(folder), read(folder / "AccelerometerUncalibrated.csv")
    names = ["acc_x", "acc_y", "acc_z"]
    at = np.searchsorted(raw.time_ns, fused.time_ns[500])
    np.testing.assert_allclose(
        np.nanmean(fused.select(names).values[500:5000], axis=0),
        np.nanmean(raw.values[at : at + 4500], axis=0),
        atol=0.15,
    )


def test_a_real_watch_keeps_its_pauses(shared_data):
    watch = read(shared_data("sensor_logger") / "swim_watch" / "WristMotion.csv")
    missing_s = np.isnan(watch.channel("acc_x")).sum() / watch.rate_hz
    assert missing_s == pytest.approx(12.4, abs=0.1)
    turned = watch.select(["quat_x", "quat_y", "quat_z", "quat_w"]).values
    known = ~np.isnan(turned).any(axis=1)
    from scipy.spatial.transform import Rotation

    up = Rotation.from_quat(turned[known]).inv().apply([0, 0, G])
    error = np.abs(up - watch.select(["gravity_x", "gravity_y", "gravity_z"]).values[known])
    assert np.median(error) < 0.02  # the quaternion takes the device to a world whose z is up, as gravity says
