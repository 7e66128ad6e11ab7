import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.templates.gesture_samples import ACC, GYR, readings, takes, taught

from motif.errors import ColumnError, ConfigError, InputError, ShapeError
from motif.recordings import simulate_gesture_recordings
from motif.templates import GestureDatabase, GestureRecognizer, GestureRecorder, GestureSample, SensorFeatures
from motif.templates._recognizer_features import FeatureMatcher, default_weights

CHANNELS = ACC + GYR
GESTURES = ("push", "twist", "circle_cw", "swipe_left")


class Time:
    now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recognizer")
    with GestureDatabase(folder / "gestures") as found:
        yield taught(found, *GESTURES, recorder=GestureRecorder(database=found, session_dir=folder / "sessions"))


@pytest.fixture
def empty(tmp_path):
    with GestureDatabase(tmp_path / "empty") as found:
        yield found


def fresh(*gestures, repetitions=6, seed=0):
    """Movements of the same person, later on: the last repetition was never taught."""
    return {label: (times, values) for label, times, values in takes(*gestures, repetitions=repetitions, seed=seed)}


def test_what_was_taught_is_recognized_with_confidence(database):
    recognizer = GestureRecognizer(database)
    for label, times, values in takes(*GESTURES, repetitions=8)[20:]:
        result = recognizer.recognize(readings(times, values))
        assert result.gesture == label
        assert result.alternatives[0] == (label, result.confidence)
        assert sum(p for _, p in result.alternatives) == pytest.approx(1, abs=1e-5)
        assert not result.is_outlier
        assert result.processing_time_ms > 0


def test_a_movement_is_the_same_however_it_is_given(database):
    recognizer = GestureRecognizer(database, enable_calibration=False)
    (recording,) = simulate_gesture_recordings(1, 6, movements=GESTURES)
    mark = recording.annotations[-1]
    piece = recording.slice_time(mark.start_ns, mark.stop_ns)
    sample = database.samples("push")[0]
    for form in (piece, readings(piece.time_ns, piece.values), list(piece.values), piece.values):
        assert recognizer.recognize(form).gesture == mark.label
    assert recognizer.recognize(sample).gesture == "push"
    assert recognizer.recognize(sample.values, channels=sample.channels, rate_hz=sample.rate_hz).gesture == "push"
    turned = sample.values[:, ::-1]
    assert recognizer.recognize(turned, channels=sample.channels[::-1]).gesture == "push"


def test_half_the_rate_gives_the_same_gesture(database):
    sample = database.samples("twist")[1]
    assert GestureRecognizer(database).recognize(sample.values[::2], rate_hz=50.0).gesture == "twist"


def test_a_movement_never_taught_is_an_outlier_and_no_gesture(database):
    generator = np.random.default_rng(1)
    shaking = generator.normal([0, 0, 9.8, 0, 0, 0], [30, 30, 30, 12, 12, 12], (120, 6))
    result = GestureRecognizer(database).recognize(shaking)
    assert result.is_outlier
    assert result.gesture is None


def test_less_confidence_than_the_threshold_is_no_gesture(database):
    sample = database.samples("push")[0]
    unsure = GestureRecognizer(database, confidence_threshold=1.0).recognize(sample)
    if unsure.confidence < 1.0:
        assert unsure.gesture is None
    assert unsure.alternatives[0][0] == "push"
    assert GestureRecognizer(database, confidence_threshold=0.0).recognize(sample).gesture == "push"


def test_asking_asynchronously_gives_the_same(database):
    recognizer = GestureRecognizer(database)
    sample = database.samples("circle_cw")[0]

    async def ask():
        return await recognizer.recognize_async(sample)

    assert asyncio.run(ask()).alternatives == recognizer.recognize(sample).alternatives


def test_threads_may_ask_at_once(database):
    recognizer = GestureRecognizer(database)
    samples = [database.samples(name)[0] for name in GESTURES] * 5
    with ThreadPoolExecutor(4) as pool:
        found = [result.gesture for result in pool.map(recognizer.recognize, samples)]
    assert found == list(GESTURES) * 5
    assert recognizer.get_metrics()["total_recognitions"] == 20


def test_an_empty_database_recognizes_nothing(empty, capsys):
    recognizer = GestureRecognizer(database=empty)
    result = recognizer.recognize(np.zeros((30, 6)))
    assert (result.gesture, result.confidence, result.is_outlier) == (None, 0.0, False)
    recognizer.feedback(True)
    recognizer.print_metrics()
    assert "Gesture recognizer" in capsys.readouterr().out


def test_what_is_taught_meanwhile_counts_at_once_and_the_cache_says_so(empty, tmp_path):
    recognizer = GestureRecognizer(empty)
    recorder = GestureRecorder(database=empty, session_dir=tmp_path / "sessions")
    assert recognizer.recognize(np.zeros((30, 6))).gesture is None
    taught(empty, "push", "twist", repetitions=3, recorder=recorder)
    results = [recognizer.recognize(empty.samples("twist")[0]) for _ in range(20)]
    assert {result.gesture for result in results} == {"twist"}
    assert [result.from_cache for result in results[:2]] == [False, True]
    assert (recognizer.cache.misses, recognizer.cache.hits) == (2, 19)
    assert recognizer.get_metrics()["cache_hit_rate"] == pytest.approx(19 / 21, abs=1e-3)


def test_what_was_read_lives_for_a_limited_time(database):
    time = Time()
    recognizer = GestureRecognizer(database, clock=time)
    sample = database.samples("push")[0]
    recognizer.recognize(sample)
    time.now_s = GestureRecognizer.CACHE_TTL_S - 1
    assert recognizer.recognize(sample).from_cache
    time.now_s += 2
    assert recognizer.recognize(sample).gesture == "push"
    assert (recognizer.cache.hits, recognizer.cache.misses) == (1, 2)


def test_without_caching_all_is_read_each_time(database):
    recognizer = GestureRecognizer(database, enable_caching=False)
    sample = database.samples("push")[0]
    assert [recognizer.recognize(sample).from_cache for _ in range(2)] == [False, False]


def feature_database(database):
    """Two gestures of the prototype that differ by the direction of rotation alone, and by one feature of its own."""
    generator = np.random.default_rng(0)
    for name, direction in (("left", (0, 0, 0.9)), ("right", (0, 0, -0.9))):
        for _ in range(5):
            noise = generator.normal(0, 0.05, 4)
            direction_now = [float(d + n) for d, n in zip(direction, noise, strict=False)]
            database.add_sample(
                name,
                {
                    "duration_s": 0.8 + float(noise[3]),
                    "gyro_direction": direction_now,
                    "acc_direction": [0.5 + float(noise[0]), 0.0, 0.0],
                    "swing": 2.0 + float(noise[1]),
                },
            )
    return database


LEFTWARD = {"duration_s": 0.8, "gyro_direction": [0.0, 0.0, 0.85], "acc_direction": [0.5, 0.0, 0.0], "swing": 2.0}


def test_gestures_known_by_features_alone_are_recognized(empty):
    recognizer = GestureRecognizer(feature_database(empty))
    result = recognizer.recognize(LEFTWARD)
    assert result.gesture == "left"
    assert not result.is_outlier
    assert recognizer.recognize(SensorFeatures.from_dict(LEFTWARD)).alternatives == result.alternatives
    far = recognizer.recognize(LEFTWARD | {"duration_s": 60.0, "swing": 500.0})
    assert far.is_outlier
    assert far.gesture is None


def test_weights_reach_the_decision(empty):
    recognizer = GestureRecognizer(feature_database(empty), confidence_threshold=0.0)
    sure = recognizer.recognize(LEFTWARD).alternatives
    recognizer.feature_weights["gyro_direction"] = 0.0
    blind = recognizer.recognize(LEFTWARD).alternatives
    assert dict(sure)["left"] > 0.95
    assert dict(blind)["left"] < 0.75
    recognizer.feature_weights["gyro_direction"] = 5.0
    assert dict(recognizer.recognize(LEFTWARD).alternatives)["left"] >= dict(sure)["left"]


def test_weights_tilt_what_is_known_by_motion_and_change_nothing_until_they_are_edited(database):
    sample = database.samples("push")[0]
    recognizer, other = GestureRecognizer(database), GestureRecognizer(database)
    other.feature_weights = default_weights()
    before = dict(recognizer.recognize(sample).alternatives)
    assert before == dict(other.recognize(sample).alternatives)
    assert "gyro_direction" in recognizer.feature_weights
    recognizer.feature_weights.update(dict.fromkeys(recognizer.feature_weights, 0.0))
    recognizer.feature_weights["gravity_direction"] = 50.0
    assert dict(recognizer.recognize(sample).alternatives) != before


def test_a_single_gesture_is_told_from_other_movements(empty, tmp_path):
    recorder = GestureRecorder(database=empty, session_dir=tmp_path / "sessions")
    taught(empty, "push", repetitions=5, recorder=recorder)
    recognizer = GestureRecognizer(empty, confidence_threshold=0.3)
    (times, values) = fresh("push")["push"]
    assert recognizer.recognize(readings(times, values)).gesture == "push"
    shaking = np.random.default_rng(1).normal([0, 0, 9.8, 0, 0, 0], [30, 30, 30, 12, 12, 12], (120, 6))
    assert recognizer.recognize(shaking).is_outlier


@pytest.mark.parametrize("repetitions", [1, 2])
def test_what_does_not_move_is_no_gesture_however_little_was_taught(empty, tmp_path, repetitions):
    recorder = GestureRecorder(database=empty, session_dir=tmp_path / "sessions")
    taught(empty, "push", "twist", repetitions=repetitions, recorder=recorder)
    recognizer = GestureRecognizer(empty)
    lying = np.random.default_rng(0).normal([0, 0, 9.81, 0, 0, 0], 0.02, (100, 6))
    for still in (lying, lying[:1], np.zeros((100, 6))):
        assert recognizer.recognize(still).is_outlier
    assert not recognizer.recognize(empty.samples("push")[0]).is_outlier


def test_a_pose_that_was_taught_is_recognized(empty):
    poses = {"face up": [0, 0, 9.81], "face down": [0, 0, -9.81], "upright": [0, 9.81, 0]}
    for i, (name, down) in enumerate(poses.items()):
        for seed in range(3):
            held = np.random.default_rng(10 * i + seed).normal([*down, 0, 0, 0], 0.03, (100, 6))
            empty.add_sample(name, GestureSample.of(held, CHANNELS, 100.0))
    held = np.random.default_rng(99).normal([0, 9.81, 0, 0, 0, 0], 0.03, (100, 6))
    assert GestureRecognizer(empty).recognize(held).alternatives[0][0] == "upright"


def test_a_sample_without_gyroscope_takes_it_from_no_other(database, tmp_path, caplog):
    before = GestureRecognizer(database)
    with GestureDatabase(tmp_path / "odd") as odd:
        for name in GESTURES:
            for sample in database.samples(name):
                odd.add_sample(name, sample)
        whole = database.samples("push")[0]
        odd.add_sample("push", GestureSample.of(np.asarray(whole.values)[:, :3], ACC, whole.rate_hz))
        for name in GESTURES:
            sample = database.samples(name)[0]
            assert GestureRecognizer(odd).recognize(sample).alternatives == before.recognize(sample).alternatives
    assert "left out" in caplog.text


def test_motion_and_features_alone_live_in_one_database(empty, tmp_path):
    recorder = GestureRecorder(database=empty, session_dir=tmp_path / "sessions")
    taught(feature_database(empty), "push", "twist", repetitions=3, recorder=recorder)
    recognizer = GestureRecognizer(empty)
    assert recognizer.recognize(empty.samples("twist")[0]).gesture == "twist"
    assert recognizer.recognize(LEFTWARD).gesture == "left"


def test_ordinary_movement_becomes_an_outlier(empty, tmp_path):
    recorder = GestureRecorder(database=empty, session_dir=tmp_path / "sessions")
    taught(empty, "push", "twist", repetitions=3, recorder=recorder)
    recorder.start_background()
    for _, times, values in takes("circle_cw", repetitions=4):
        for each in readings(times, values):
            recorder.add_sensor_reading(each)
    assert recorder.stop_background() > 1
    result = GestureRecognizer(empty).recognize(empty.samples("push")[0])
    assert result.alternatives[0][0] == "push"


def test_feedback_lowers_confidence_that_proves_wrong(database):
    recognizer = GestureRecognizer(database)
    sample = database.samples("push")[0]
    before = recognizer.recognize(sample).confidence
    for _ in range(12):
        recognizer.recognize(sample)
        recognizer.feedback(False)
    assert recognizer.recognize(sample).confidence < before
    assert recognizer.get_metrics()["feedback_accuracy"] == 0
    plain = GestureRecognizer(database, enable_calibration=False)
    for _ in range(12):
        plain.recognize(sample)
        plain.feedback(False)
    assert plain.recognize(sample).confidence == before


def test_feedback_knows_what_was_meant(database):
    recognizer = GestureRecognizer(database, confidence_threshold=1.0)
    recognizer.feedback(True)  # nothing was asked yet
    generator = np.random.default_rng(1)
    recognizer.recognize(generator.normal([0, 0, 9.8, 0, 0, 0], 30, (120, 6)).clip(-60, 60))
    recognizer.feedback(False)  # a gesture was missed, whichever it was
    assert recognizer.get_metrics()["feedback"] == 0
    recognizer.feedback(True)  # it was none, so the most probable one was wrong
    recognizer.recognize(database.samples("push")[0])
    recognizer.feedback(False, truth="push")
    assert (recognizer.get_metrics()["feedback"], recognizer.get_metrics()["feedback_accuracy"]) == (2, 0.5)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (np.zeros((10, 4)), ShapeError),
        (np.full((10, 6), np.nan), InputError),
        (np.full((10, 6), 1e300), InputError),
        ("text", InputError),
        (7, InputError),
        ([{"nothing": 1}], InputError),
        ([], InputError),
        ([[1.0, 2.0], [3.0]], InputError),
        (np.full((10, 6), "fast"), InputError),
    ],
)
def test_what_is_no_movement_is_an_error_of_ours(database, given, error):
    with pytest.raises(error):
        GestureRecognizer(database).recognize(given)


@pytest.mark.parametrize("rate_hz", [-5.0, np.nan, np.inf])
def test_a_rate_that_cannot_be_is_named(database, rate_hz):
    with pytest.raises(ConfigError, match="rate_hz"):
        GestureRecognizer(database).recognize(np.ones((30, 6)), rate_hz=rate_hz)


def test_a_channel_that_was_taught_must_be_there(database):
    with pytest.raises(ColumnError, match="gyr_x"):
        GestureRecognizer(database).recognize(np.ones((30, 3)), channels=ACC)


def test_a_threshold_outside_0_to_1_is_refused(empty):
    with pytest.raises(ConfigError):
        GestureRecognizer(empty, confidence_threshold=1.5)


def test_metrics_are_printed_and_ready_for_json(database, capsys):
    recognizer = GestureRecognizer(database)
    for _ in range(10):
        recognizer.recognize(database.samples("push")[0])
    recognizer.print_metrics()
    shown = capsys.readouterr().out
    assert "cache hit rate" in shown
    assert "90.0%" in shown
    assert "push 10" in shown
    assert json.loads(json.dumps(recognizer.get_metrics()))["recognized"] == 10


NUMBERS = st.floats(-100, 100)


SAMPLES = st.lists(st.fixed_dictionaries({"u": NUMBERS}, optional={"v": NUMBERS}), min_size=1, max_size=4)


@given(
    lessons=st.dictionaries(st.text("ab", min_size=1), SAMPLES, min_size=1, max_size=3),
    asked=st.dictionaries(st.sampled_from("uvw"), NUMBERS),
    weight=st.floats(0, 10),
)
def test_distances_are_never_negative_and_infinite_only_where_nothing_is_shared(lessons, asked, weight):
    matcher = FeatureMatcher({name: list(map(SensorFeatures.from_dict, each)) for name, each in lessons.items()})
    distances = matcher.distances(SensorFeatures.from_dict(asked), {"u": weight})
    assert (distances >= 0).all()
    for name, distance in zip(matcher.gestures, distances, strict=True):
        known = {key for each in lessons[name] for key in each if key != "u" or weight > 0}
        assert np.isinf(distance) == (not known & set(asked))
    assert np.isfinite(matcher.logits(SensorFeatures.from_dict(asked), {"u": weight})).all()
