"""What the app sends, fact by fact, becomes readings in motif's units and signs."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.sources.phones import START_NS, body, sample

from motif.errors import ConfigError, FormatError
from motif.recordings import Aligner, Annotation, read
from motif.sources import DeviceSigns
from motif.sources._sensor_logger_json import typed_message
from motif.sources._sensor_logger_message import checked_message, parse_message, untyped_message
from motif.sources._sensor_logger_streams import Streams

G = 9.80665


def streams_of(*messages, signs=None):
    """Return readings of messages by device and first channel, and what was left out."""
    streams, bad, found = Streams(signs or DeviceSigns()), Counter(), {}
    for message in messages:
        parsed = parse_message(message)
        for readings in streams.readings(parsed):
            found.setdefault((readings.device, readings.channels[0]), []).append(readings)
        bad += parsed.bad
    return found, bad


def one(*samples, signs=None):
    found, _ = streams_of(body(1, *samples), signs=signs)
    assert len(found) == 1, found
    return next(iter(found.values()))[0]


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70)
ODD = st.none() | st.booleans() | st.text(max_size=3) | st.just(10**400) | st.lists(NUMBERS, max_size=2)


def mostly(usual, odd):
    return st.integers(0, 19).flatmap(lambda draw: usual if draw else odd)


@st.composite
def payloads(draw):
    """Samples of several sensors, nearly all of them as they should be."""
    entries = []
    for _ in range(draw(st.integers(0, 6))):
        name = draw(mostly(st.sampled_from(["accelerometer", "Gyroscope", "orientation", "barometer"]), ODD))
        keys = draw(st.permutations(["qw", "qx", "qy", "qz"] if name == "orientation" else ["x", "y", "z"]))
        values = draw(mostly(st.fixed_dictionaries({key: mostly(NUMBERS, ODD) for key in keys}), ODD))
        time_ns = draw(mostly(st.integers(-1, 2**64), ODD | st.floats(allow_nan=False)))
        entry = {"name": name, "time": time_ns, "values": values, "accuracy": draw(st.integers(0, 3) | ODD)}
        entries.append({key: entry[key] for key in draw(mostly(st.permutations(list(entry)), st.just(["name"])))})
    return entries


@given(
    payload=payloads(),
    said=st.fixed_dictionaries({}, optional=dict.fromkeys(("deviceId", "messageId"), NUMBERS | ODD)),
)
def test_a_message_read_as_what_it_should_be_says_what_reading_anything_finds(payload, said):
    content = json.dumps({"payload": payload, **said}).encode()
    typed = typed_message(content)
    assume(typed is not None)
    quickly, slowly = checked_message(typed), checked_message(untyped_message(content))
    assert (quickly.device, quickly.number) == (slowly.device, slowly.number)
    for one, other in zip(*(Streams(DeviceSigns()).readings(each) for each in (quickly, slowly)), strict=True):
        assert (one.channels, one.quality) == (other.channels, other.quality)
        np.testing.assert_array_equal(one.time_ns, other.time_ns)
        np.testing.assert_array_equal(one.values, other.values)
    assert +quickly.bad == +slowly.bad


@pytest.mark.parametrize("odd", [b'"\xff"', b'"\\ud800"', b"NaN", b"[" * 5000 + b"]" * 5000])
def test_what_cannot_be_read_as_a_message_should_be_is_read_the_other_way(odd):
    content = body(1, sample("gyroscope", START_NS, x=1, y=2, z=3)).replace(
        b'"payload"', b'"more": %b, "payload"' % odd
    )
    assert typed_message(content) is None


@pytest.mark.parametrize("odd", ["1" * 5000, "[" * 300 + "]" * 300])
def test_numbers_that_nobody_can_read_spoil_their_sample_alone(odd):
    samples = [sample("gyroscope", START_NS + i, x=1, y=2, z="odd" if i == 1 else 3) for i in range(3)]
    found, bad = streams_of(body(1, *samples).replace(b'"odd"', odd.encode()))
    assert found["phone-1", "gyr_x"][0].time_ns.tolist() == [START_NS, START_NS + 2]
    assert bad["no number"] == 1


@given(time_ns=st.integers(1, 2**62 - 1))
def test_nanoseconds_stay_whole_whatever_they_are(time_ns):
    assert one(sample("gyroscope", time_ns, x=1, y=2.0, z=3)).time_ns.tolist() == [time_ns]


@pytest.mark.parametrize(
    ("name", "keys", "channels"),
    [
        ("accelerometer", "xyz", ("linear_acc_x", "linear_acc_y", "linear_acc_z")),
        ("gravity", "xyz", ("gravity_x", "gravity_y", "gravity_z")),
        ("gyroscope", "xyz", ("gyr_x", "gyr_y", "gyr_z")),
        ("gyroscopeuncalibrated", "xyz", ("gyr_x", "gyr_y", "gyr_z")),
        ("magnetometer", "xyz", ("mag_x", "mag_y", "mag_z")),
        ("magnetometeruncalibrated", "xyz", ("mag_x", "mag_y", "mag_z")),
        ("totalacceleration", "xyz", ("acc_x", "acc_y", "acc_z")),
        ("Gyroscope", "zyx", ("gyr_x", "gyr_y", "gyr_z")),
    ],
)
def test_sensors_get_the_channels_of_motif_whatever_the_order_of_their_axes(name, keys, channels):
    values = {key: {"x": 3.5, "y": 4.5, "z": 9.5}[key] for key in keys}
    readings = one({"name": name, "time": START_NS, "values": values})
    assert readings.channels == channels
    assert readings.values.tolist() == [[3.5, 4.5, 9.5]]
    assert (readings.device, readings.session) == ("phone-1", "session-1")


def test_uncalibrated_sensors_serve_only_where_the_better_ones_are_missing():
    both = [sample(name, START_NS, x=0.0, y=0.0, z=9.8) for name in ("accelerometer", "gravity")]
    raw = sample("accelerometeruncalibrated", START_NS, x=0.0, y=0.0, z=9.8)
    found, _ = streams_of(body(1, raw, *both))
    assert {channel for _, channel in found} == {"linear_acc_x", "gravity_x", "accelerometeruncalibrated_x"}
    found, _ = streams_of(body(1, raw, *both), body(2, raw), body(1, raw, session="another"))
    assert len(found["phone-1", "accelerometeruncalibrated_x"]) == 2
    assert len(found["phone-1", "acc_x"]) == 1, "a new session, in which gravity is switched off"


def test_an_iphones_raw_accelerometer_is_in_g_and_tells_whose_signs_it_has():
    signs = DeviceSigns()
    raw = [sample("accelerometeruncalibrated", START_NS + i, x=0.0, y=0.01, z=-1.0) for i in range(10)]
    assert one(*raw, signs=signs).values[0] == pytest.approx([0.0, -0.01 * G, G])
    assert (signs.sign("phone-1"), signs.known_from("phone-1")) == (-1, "its units")
    gravity = sample("gravity", START_NS, x=0.0, y=0.0, z=-G)
    assert one(gravity, signs=signs).values[0, 2] == pytest.approx(G)
    turning = sample("gyroscope", START_NS, x=1.0, y=-2.0, z=3.0)
    assert one(turning, signs=signs).values.tolist() == [[1.0, -2.0, 3.0]], "the gyroscope is the same on both"


def test_a_throw_does_not_turn_metres_into_g():
    flying = [sample("accelerometeruncalibrated", START_NS + i, x=0.0, y=0.0, z=0.5) for i in range(20)]
    held = [sample("accelerometeruncalibrated", START_NS + i, x=0.0, y=0.0, z=9.8) for i in range(100)]
    found, _ = streams_of(body(1, *held), body(2, *flying))
    assert found["phone-1", "acc_x"][1].values[0, 2] == 0.5


def test_total_acceleration_is_only_on_android():
    signs = DeviceSigns()
    one(sample("totalacceleration", START_NS, x=0.0, y=0.0, z=9.8), signs=signs)
    assert (signs.sign("phone-1"), signs.known_from("phone-1")) == (1, "its units")


def worn(unit, sign=1.0, **more):
    values = {f"rotationRate{axis}": value for axis, value in zip("XYZ", (0.1, 0.2, 0.3), strict=True)}
    values |= {f"gravity{axis}": sign * value * unit for axis, value in zip("XYZ", (0.0, 0.6, 0.8), strict=True)}
    values |= {f"acceleration{axis}": sign * value * unit for axis, value in zip("XYZ", (0.1, 0.0, 0.0), strict=True)}
    values |= {f"quaternion{axis}": value for axis, value in zip("WXYZ", (1.0, 0.0, 0.0, 0.0), strict=True)}
    return {"name": "wrist motion", "time": START_NS, "values": values | more}


@pytest.mark.parametrize(("unit", "sign"), [(1.0, -1.0), (G, 1.0)], ids=["as Apple gives it", "standardised"])
def test_a_watch_is_a_device_of_its_own_with_all_its_quantities(unit, sign):
    readings = one(worn(unit, sign))
    assert readings.device == "phone-1.wrist"
    of = dict(zip(readings.channels, readings.values[0].tolist(), strict=True))
    assert [of[f"gyr_{axis}"] for axis in "xyz"] == [0.1, 0.2, 0.3]
    assert [of[f"gravity_{axis}"] for axis in "xyz"] == pytest.approx([0.0, 0.6 * G, 0.8 * G])
    assert [of[f"acc_{axis}"] for axis in "xyz"] == pytest.approx([0.1 * G, 0.6 * G, 0.8 * G])
    assert [of[f"quat_{axis}"] for axis in "wxyz"] == [1, 0, 0, 0]


def test_headphones_and_half_a_watch_give_what_they_have():
    half = {"name": "headphone", "time": START_NS, "values": {f"acceleration{a}": 0.1 for a in "XYZ"}}
    readings = one(half)
    assert readings.device == "phone-1.headphone"
    assert readings.channels == ("linear_acc_x", "linear_acc_y", "linear_acc_z")
    assert not streams_of(body(1, {"name": "headphone", "time": START_NS, "values": {"x": 1.0}}))[0].get("acc_x")


def test_a_rotation_never_jumps_to_its_other_side_between_messages_either():
    q = [(1.0, 0.0, 0.0, 0.0), (-0.99, -0.14, 0.0, 0.0), (0.96, 0.28, 0.0, 0.0), (-0.91, -0.42, 0.0, 0.0)]
    messages = [
        body(i, sample("orientation", START_NS + i, qw=w, qx=x, qy=y, qz=z, roll=0.0, pitch=0.0, yaw=0.0))
        for i, (w, x, y, z) in enumerate(q)
    ]
    found, _ = streams_of(*messages)
    rotations = np.vstack([readings.values for readings in found["phone-1", "quat_w"]])
    assert (np.einsum("ij,ij->i", rotations[1:], rotations[:-1]) > 0.9).all()


def test_an_annotation_is_a_mark_and_a_long_press_a_span():
    moment = sample("annotation", START_NS, text="here", millisecond_press_duration=0)
    span = sample("annotation", START_NS + 5, text="held\n", millisecond_press_duration=1500.0)
    readings = one(moment, span, sample("annotation", "?", text="lost"), {"name": "annotation", "time": 1, "values": 3})
    assert readings.n_samples == 0
    assert readings.annotations == (
        Annotation(START_NS, START_NS, "here"),
        Annotation(START_NS + 5, START_NS + 5 + 1_500_000_000, "held"),
    )


def test_unknown_sensors_are_taken_as_they_are_and_counted():
    found, bad = streams_of(
        body(
            1,
            sample("barometer", START_NS, pressure=1013.25, relativeAltitude=0.5, note="dry"),
            sample("battery", START_NS, batteryState="full"),
            sample("camera", START_NS, base64="AAAA"),
        )
    )
    assert found["phone-1", "barometer_pressure"][0].channels == ("barometer_pressure", "barometer_relativeAltitude")
    assert found["phone-1", "barometer_pressure"][0].values.tolist() == [[1013.25, 0.5]]
    assert len(found) == 1
    assert (bad["unknown sensor"], bad["camera picture"]) == (2, 1)


@pytest.mark.parametrize("platform", ["ios", "android"])
def test_a_recording_pushed_live_is_what_its_export_says(tmp_path, platform):
    rng, sign = np.random.default_rng(0), {"ios": -1.0, "android": 1.0}[platform]
    unit = {"ios": 1 / G, "android": 1.0}[platform]
    linear, turning = rng.normal(0, 1, (200, 3)), rng.normal(0, 1, (200, 3))
    gravity = rng.normal(0, 1, (200, 3)) + np.array([0, 0, 30])
    gravity *= G / np.linalg.norm(gravity, axis=1, keepdims=True)
    files = {
        "Accelerometer": sign * linear,
        "Gravity": sign * gravity,
        "Gyroscope": turning,
        "AccelerometerUncalibrated": sign * unit * (linear + gravity),
    } | ({"TotalAcceleration": linear + gravity} if platform == "android" else {})
    samples = []
    for name, rows in files.items():
        lines = ["time,seconds_elapsed,z,y,x"]
        for i, (x, y, z) in enumerate(rows.tolist()):
            time_ns = START_NS + 10_000_000 * i
            lines.append(f"{time_ns},{i / 100},{z!r},{y!r},{x!r}")
            samples.append(sample(name.lower(), time_ns, x=x, y=y, z=z))
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
    (tmp_path / "Metadata.csv").write_text(f"version,platform,standardisation\n3,{platform},false\n")
    export = read(tmp_path, rate_hz=100.0)
    samples.sort(key=lambda one: one["time"])
    aligner, rows, signs = Aligner(), [], DeviceSigns()
    streams = Streams(signs)
    for number, start in enumerate(range(0, len(samples), 70)):
        for readings in streams.readings(parse_message(body(number, *samples[start : start + 70]))):
            rows.append(aligner.push(readings))
    rows.append(aligner.flush())
    time_ns = np.concatenate([time for time, _ in rows])
    live = np.vstack([values for _, values in rows])
    columns = [export.channels.index(channel) for channel in aligner.channels]
    for axis, column in enumerate(columns):
        exported = np.interp(time_ns, export.time_ns, export.values[:, column])
        np.testing.assert_allclose(live[:, axis], exported, atol=1e-3)
    assert signs.known_from("phone-1") == "its units"


def test_accuracy_is_quality():
    assert one({**sample("gyroscope", 1, x=0, y=0, z=1), "accuracy": 3}).quality == 1
    assert one({**sample("gyroscope", 1, x=0, y=0, z=1), "accuracy": 0}).quality == 0.4
    assert one({**sample("gyroscope", 1, x=0, y=0, z=1), "accuracy": "high"}).quality == 1


def test_wrong_types_are_mended_where_they_can_be_and_counted():
    found, bad = streams_of(
        body(
            1,
            sample("gyroscope", str(START_NS), x="1.5", y=2, z=None),
            sample("gyroscope", 1.5e18, x=1, y=2, z=3),
            sample("gyroscope", True, x=1, y=2, z=3),
            sample("gyroscope", -5, x=1, y=2, z=3),
            sample("gyroscope", 2**62, x=1, y=2, z=3),
            sample("gyroscope", "9" * 5000, x=1, y=2, z=3),
            sample("gyroscope", float("nan"), x=1, y=2, z=3),
            sample("gyroscope", START_NS, x=[], y={}, z="x" * 100),
            sample("gyroscope", START_NS, x=1e308, y=float("inf"), z=10**400),
            {"name": "gyroscope", "time": START_NS, "values": [1, 2, 3]},
            {"name": "gyroscope", "time": START_NS},
            {"name": ["gyroscope"], "time": START_NS, "values": {}},
            {"name": 5, "time": START_NS, "values": {}},
            "gyroscope",
            None,
        )
    )
    readings = found["phone-1", "gyr_x"][0]
    assert readings.time_ns.tolist() == [START_NS, 1_500_000_000_000_000_000]
    np.testing.assert_array_equal(readings.values, [[1.5, 2.0, np.nan], [1.0, 2.0, 3.0]])
    assert bad["no time"] == 5
    assert bad["no number"] == 3
    assert bad["time is no integer"] == 2
    assert bad["value is no number"] == 5
    assert bad["not finite"] == 3
    assert bad["not a reading"] == 5


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 5000 + b"]" * 5000, "is not JSON"),
        (b"9" * 5000, "is not JSON"),
        (b"[]", "is a list, not an object"),
        (b"null", "is a NoneType"),
        (b"{}", "payload of NoneType"),
        (b'{"payload": {}}', "payload of dict"),
    ],
)
def test_what_is_no_message_is_refused_with_what_to_do(said, problem):
    with pytest.raises(FormatError, match=f"{problem}.*in Sensor Logger's settings choose Data Streaming"):
        parse_message(said)


@pytest.mark.parametrize(
    ("said", "device", "number"),
    [
        ({"deviceId": 7, "messageId": 3.0}, "7", 3),
        ({"deviceId": "a\nb\x00" + "c" * 500, "messageId": -1}, "ab" + "c" * 124, None),
        ({"deviceId": None, "messageId": True}, "phone", None),
        ({"deviceId": 10**40, "messageId": 2**63}, "phone", None),
        ({"deviceId": ["x"], "messageId": "5"}, "phone", None),
    ],
)
def test_odd_names_and_numbers_of_messages_do_no_harm(said, device, number):
    message = parse_message(json.dumps({"payload": [], **said}).encode())
    assert (message.device, message.number) == (device, number)


def test_a_message_has_only_so_many_sensors_and_devices_are_forgotten():
    payload = [sample(f"sensor {i}", START_NS, value=1.0) for i in range(100)]
    found, bad = streams_of(body(1, *payload))
    assert (len(found), bad["not a reading"]) == (64, 36)
    streams = Streams(DeviceSigns())
    for index in range(3000):
        streams.readings(parse_message(body(1, sample("gyroscope", 1, x=0, y=0, z=1), device=f"phone {index}")))
    assert streams.names("phone 0") == frozenset()
    assert streams.names("phone 2999") == {"gyroscope"}


def test_of_thousands_of_devices_the_sign_of_one_checked_and_of_one_that_sends_is_kept(tmp_path):
    signs = DeviceSigns(path=tmp_path / "signs.json")
    signs.checked("checked", -1)
    signs.seen("here", -1)
    for index in range(5000):
        signs.seen(f"phone {index}", -1)
        assert signs.sign("here") == -1
    signs.checked("another", 1)
    assert json.loads((tmp_path / "signs.json").read_text()) == {"checked": -1, "another": 1}
    assert signs.known_from("phone 0") == "nothing: assumed"


def test_signs_known_better_are_not_overruled_and_outlive_the_process(tmp_path):
    file = tmp_path / "signs.json"
    signs = DeviceSigns(path=file)
    assert signs.known_from("a") == "nothing: assumed"
    signs.checked("a", -1)
    signs.seen("a", 1)
    signs.seen("b", -1)
    assert (signs.sign("a"), signs.sign("b")) == (-1, -1)
    again = DeviceSigns("standardised", file)
    assert (again.sign("a"), again.sign("b"), again.known_from("b")) == (-1, 1, "the caller")
    for index in range(5000):
        again.seen(f"phone {index}", 1)
    with pytest.raises(ConfigError, match="platform='windows' is unknown"):
        DeviceSigns("windows")


@pytest.mark.parametrize("content", [b"{", b"[1]", b'{"a": 2}', b"[" * 100_000])
def test_a_file_of_signs_that_is_none_is_refused(tmp_path, content):
    (tmp_path / "signs.json").write_bytes(content)
    with pytest.raises(FormatError, match="delete it"):
        DeviceSigns(path=tmp_path / "signs.json")
