"""Hands before a camera: without a camera and without MediaPipe, and with it where it is installed."""

import asyncio
import importlib.util
import os
import sys
import types
import zipfile

import cv2
import numpy as np
import pytest
from tests.sources.drawn_hands import Camera, frames, left_hand, scene

from motif.errors import ConfigError, FormatError, MissingExtraError, MissingFileError, ShapeError
from motif.recordings import simulate_hand
from motif.signals import hand_present
from motif.sources import (
    HAND_CHANNELS,
    Backoff,
    CameraSource,
    Frame,
    HandFinder,
    ManualClock,
    SeenHand,
    SourceState,
    mediapipe_hands,
    pack_hand_model,
)

POINTS = np.column_stack([np.linspace(0.2, 0.4, 21), np.linspace(0.3, 0.9, 21), np.linspace(0, -0.1, 21)])


class Finder:
    """Finds what a list says, one for each image; the last one for all that follow."""

    def __init__(self, *hands):
        self.hands = list(hands)
        self.asked = []
        self.closed = False

    def find(self, image, time_ns):
        self.asked.append((image.shape, time_ns))
        return self.hands.pop(0) if len(self.hands) > 1 else self.hands[0]

    def close(self):
        self.closed = True


def seen(side="right", score=0.9):
    return SeenHand(POINTS, side, score)


async def everything(source):
    async with source:
        return [readings async for readings in source]


def test_every_frame_is_a_sample_in_the_layout_of_the_data_sets():
    found = asyncio.run(everything(CameraSource(frames(5), finder=Finder(seen()), speed=None)))
    assert tuple(HAND_CHANNELS) == tuple(simulate_hand(1, 1, random_state=0).channels)
    assert all(r.channels == HAND_CHANNELS and r.n_samples == 1 for r in found)
    np.testing.assert_array_equal([r.time_ns[0] for r in found], [f.time_ns for f in frames(5)])
    landmarks = found[0].values[0].reshape(21, 4)
    np.testing.assert_array_equal(landmarks[:, :3], POINTS)
    np.testing.assert_array_equal(landmarks[:, 3], 0)
    assert found[0].quality == pytest.approx(0.9)


def test_no_hand_is_zeros_which_the_signals_take_for_none():
    found = asyncio.run(everything(CameraSource(frames(4), finder=Finder(seen(), None, None, seen()), speed=None)))
    windows = np.concatenate([r.values for r in found])[None]
    np.testing.assert_array_equal(np.ravel(hand_present(windows.astype(np.float32))), [True, False, False, True])
    assert [r.quality for r in found] == [0.9, 0.0, 0.0, 0.9]


def test_a_left_hand_becomes_a_right_one_unless_it_is_asked_not_to():
    mirrored, plain = (
        asyncio.run(everything(CameraSource(frames(1), finder=Finder(seen("left")), speed=None, mirror_left=mirror)))
        for mirror in (True, False)
    )
    np.testing.assert_allclose(mirrored[0].values[0].reshape(21, 4)[:, 0], 1 - POINTS[:, 0])
    np.testing.assert_array_equal(plain[0].values[0].reshape(21, 4)[:, 0], POINTS[:, 0])


def test_one_frame_that_takes_it_for_the_other_hand_does_not_turn_it_around():
    hands = [seen("left"), seen("left"), seen("right", 0.6), seen("left")]
    found = asyncio.run(everything(CameraSource(frames(4), finder=Finder(*hands), speed=None)))
    assert len({r.values[0, 0] for r in found}) == 1
    later = [Frame(0, scene()), Frame(5 * 10**9, scene())]
    other = asyncio.run(everything(CameraSource(later, finder=Finder(seen("left"), seen("right", 0.5)), speed=None)))
    assert other[0].values[0, 0] != other[1].values[0, 0]


def test_frames_with_times_come_at_their_pace():
    async def run():
        clock = ManualClock()
        async with CameraSource(frames(31, rate_hz=30), finder=Finder(seen()), clock=clock) as source:
            ticking = asyncio.create_task(_tick(clock))
            assert len([readings async for readings in source]) == 31
            ticking.cancel()
            passed_s = (clock.time_ns() - 1_700_000_000_000_000_000) / 1e9
            assert passed_s == pytest.approx(1.0, abs=0.1)

    async def _tick(clock):
        while True:
            await clock.until_asleep()
            await clock.advance(1 / 60)

    asyncio.run(run())


def test_a_camera_that_is_not_there_is_waited_for_and_one_that_is_unplugged_too():
    async def run():
        clock, camera, finder = ManualClock(), Camera(frames(3), missing=2), Finder(seen())
        source = CameraSource(camera, finder=finder, clock=clock, backoff=Backoff(first_s=1, cap_s=2, jitter=0))
        async with source:
            await clock.until_asleep()
            assert source.state is SourceState.RECONNECTING
            assert source.health().message == "no camera of the test: is it plugged in?; trying again in 1.0 s"
            await clock.advance(1)
            await clock.until_asleep()
            await clock.advance(2)
            camera.show(3)
            arriving = aiter(source)
            for _ in range(3):
                assert (await anext(arriving)).n_samples == 1
            assert source.state is SourceState.CONNECTED
            assert "hand" in source.health().rate_hz
            camera.unplug()
            await clock.until_asleep()
            assert "gives no more frames; was it unplugged?" in source.health().message
        assert camera.opened == 1
        assert camera.closed
        assert not finder.closed  # it is the caller's

    asyncio.run(run())


def test_without_a_hand_the_health_line_asks_for_one():
    async def run():
        source = CameraSource(frames(3), finder=Finder(None), speed=None)
        async with source:
            arriving = aiter(source)
            for _ in range(2):
                await anext(arriving)
            assert "no hand seen yet: is it in the picture" in source.health().message or source.state == "stopped"
            assert source._remarks() == ["no hand seen yet: is it in the picture, and lit?"]

    asyncio.run(run())


def test_a_video_file_is_read_with_its_own_rate(tmp_path):
    path = tmp_path / "hand.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25.0, (320, 240))
    if not writer.isOpened():
        pytest.skip("this OpenCV writes no video")
    for _ in range(10):
        writer.write(scene())
    writer.release()
    finder = Finder(seen())
    found = asyncio.run(everything(CameraSource(path, finder=finder, speed=None)))
    assert len(found) == 10
    np.testing.assert_allclose(np.diff([r.time_ns[0] for r in found]), 4e7)
    assert {shape for shape, _ in finder.asked} == {(240, 320, 3)}


def test_a_file_that_is_no_video_is_said_when_it_is_opened(tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    for name, error in (("text.mp4", FormatError), ("nothing.mp4", MissingFileError)):
        source = CameraSource(tmp_path / name, finder=Finder(None))
        with pytest.raises(error, match=name):
            asyncio.run(everything(source))
        assert source.state is SourceState.ERROR


def test_what_is_no_image_and_no_camera_is_said():
    async def run():
        source = CameraSource([np.zeros((3, 3), np.uint8)], finder=Finder(None), speed=None)
        async with source:
            assert [r async for r in source] == []
            assert source.state is SourceState.ERROR
            assert "(height, width, 3)" in source.health().message

    asyncio.run(run())
    for wrong in ({"camera": -1}, {"camera": 1.5}, {"speed": 0}):
        with pytest.raises(ConfigError):
            CameraSource(**{"finder": Finder(None), **wrong})
    assert issubclass(ShapeError, ValueError)


def test_images_without_a_time_are_taken_now():
    clock = ManualClock()
    found = asyncio.run(everything(CameraSource([scene()] * 2, finder=Finder(seen()), clock=clock)))
    assert [int(r.time_ns[0]) for r in found] == [clock.time_ns()] * 2


# MediaPipe


def fake_wheel(path, **parts):
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in parts.items():
            wheel.writestr(name, content)
    return path


def test_a_model_is_packed_from_an_old_wheel_and_from_nothing_else(tmp_path):
    wheel = fake_wheel(
        tmp_path / "old.whl",
        **{
            "mediapipe/modules/palm_detection/palm_detection_full.tflite": b"palm",
            "mediapipe/modules/hand_landmark/hand_landmark_full.tflite": b"hand",
        },
    )
    task = pack_hand_model(wheel, tmp_path / "hand_landmarker.task")
    with zipfile.ZipFile(task) as packed:
        assert {n: packed.read(n) for n in packed.namelist()} == {
            "hand_detector.tflite": b"palm",
            "hand_landmarks_detector.tflite": b"hand",
        }
    with pytest.raises(FormatError, match="holds no hand models"):
        pack_hand_model(fake_wheel(tmp_path / "new.whl", readme=b""), tmp_path / "other.task")
    (tmp_path / "text.whl").write_text("no zip")
    with pytest.raises(FormatError):
        pack_hand_model(tmp_path / "text.whl", tmp_path / "other.task")
    with pytest.raises(MissingFileError):
        pack_hand_model(tmp_path / "nothing.whl")
    assert not (tmp_path / "other.task").exists()


def test_a_missing_model_says_where_to_get_it(monkeypatch, tmp_path):
    monkeypatch.delenv("MOTIF_HAND_MODEL", raising=False)
    monkeypatch.setitem(sys.modules, "mediapipe", types.ModuleType("mediapipe"))  # a new one: no models inside
    with pytest.raises(MissingFileError, match="pack_hand_model; then pass model_path, or set MOTIF_HAND_MODEL"):
        mediapipe_hands()
    monkeypatch.setenv("MOTIF_HAND_MODEL", str(tmp_path / "mine.task"))
    with pytest.raises(MissingFileError, match=r"mine\.task is not there"):
        mediapipe_hands()


@pytest.mark.skipif(importlib.util.find_spec("mediapipe") is not None, reason="MediaPipe is installed")
def test_without_mediapipe_opening_says_what_to_install():
    source = CameraSource(frames(1))
    with pytest.raises(MissingExtraError, match="'mediapipe', which is not installed"):
        asyncio.run(everything(source))
    assert source.state is SourceState.ERROR


@pytest.fixture
def real_finder():
    mediapipe = pytest.importorskip("mediapipe")
    if not hasattr(mediapipe, "solutions") and "MOTIF_HAND_MODEL" not in os.environ:
        pytest.skip("no hand model; see docs/sources.md")
    finder = mediapipe_hands()
    yield finder
    finder.close()


def test_mediapipe_sees_a_drawn_hand_whose_it_is_and_how_it_moves(real_finder):
    assert isinstance(real_finder, HandFinder)
    start_ns = 1_700_000_000_000_000_000
    film = [Frame(start_ns + i * 33_000_000, left_hand(shift_px=4.0 * i)) for i in range(20)]
    film.append(Frame(start_ns + 20 * 33_000_000, np.full((480, 640, 3), 128, np.uint8)))
    found = asyncio.run(everything(CameraSource(film, finder=real_finder, speed=None, mirror_left=False)))
    hands = np.concatenate([r.values for r in found])[:20].reshape(-1, 21, 4)
    assert all(r.quality > 0.8 for r in found[:20])
    assert found[20].quality == 0.0
    wrist, fingertips = hands[:, 0], hands[:, [8, 12, 16, 20]]
    assert np.all(fingertips[..., 1] < wrist[:, None, 1])  # the fingers point up
    assert hands[0, 4, 0] < hands[0, 20, 0]  # the thumb is on the image's left
    moved = hands[-1, :, 0] - hands[2, :, 0]
    np.testing.assert_allclose(moved, 4.0 * 17 / 640, atol=0.03)
    assert real_finder.find(left_hand(), start_ns + 30 * 33_000_000).side == "left"


def test_mediapipe_refuses_a_file_that_is_no_model(real_finder, tmp_path):
    (tmp_path / "text.task").write_text("no model")
    if hasattr(sys.modules["mediapipe"], "solutions"):
        pytest.skip("the old one needs no file")
    with pytest.raises(FormatError, match="cannot read it as a hand model"):
        mediapipe_hands(tmp_path / "text.task")


class Landmark:
    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z


def new_mediapipe(monkeypatch, sees):
    """Put in place what the Tasks of a new MediaPipe offer, as far as we use it; the real ones are tried above."""

    class Landmarker:
        def __init__(self):
            self.stamps_ms = []

        @classmethod
        def create_from_options(cls, options):
            if not zipfile.is_zipfile(options.base_options.model_asset_path):
                raise RuntimeError("Unable to open zip archive.")
            made.append(cls())
            return made[-1]

        def detect_for_video(self, image, stamp_ms):
            self.stamps_ms.append(stamp_ms)
            hand = [Landmark(*point) for point in POINTS]
            side = types.SimpleNamespace(category_name=sees, score=0.7)
            found = bool(sees)
            return types.SimpleNamespace(hand_landmarks=[hand] * found, handedness=[[side]] * found)

        def close(self):
            self.closed = True

    made, options = [], lambda **given: types.SimpleNamespace(**given)
    vision = types.SimpleNamespace(
        HandLandmarker=Landmarker, HandLandmarkerOptions=options, RunningMode=types.SimpleNamespace(VIDEO="video")
    )
    mediapipe = types.ModuleType("mediapipe")
    mediapipe.Image, mediapipe.ImageFormat = options, types.SimpleNamespace(SRGB="srgb")
    tasks = types.ModuleType("mediapipe.tasks.python")
    tasks.vision, tasks.BaseOptions = vision, options
    for name, module in (("", mediapipe), (".tasks", types.ModuleType("mediapipe.tasks")), (".tasks.python", tasks)):
        monkeypatch.setitem(sys.modules, f"mediapipe{name}", module)
    return made


def test_the_new_api_is_given_times_that_go_up_and_its_side_is_kept(monkeypatch, tmp_path):
    made = new_mediapipe(monkeypatch, "Left")
    model = fake_wheel(tmp_path / "hand.task", part=b"")
    source = CameraSource([Frame(t, scene()) for t in (5_000_000, 5_000_001, 4_000_000)], model_path=model, speed=None)
    found = asyncio.run(everything(source))
    assert made[0].stamps_ms == [5, 6, 7]
    assert made[0].closed
    np.testing.assert_allclose(found[0].values[0].reshape(21, 4)[:, 0], 1 - POINTS[:, 0])
    assert found[0].quality == pytest.approx(0.7)
    (tmp_path / "text.task").write_text("no model")
    with pytest.raises(FormatError, match="cannot read it as a hand model"):
        mediapipe_hands(tmp_path / "text.task")
    new_mediapipe(monkeypatch, "")
    assert mediapipe_hands(model).find(scene(), 0) is None


@pytest.mark.parametrize(("label", "side"), [("Right", "left"), ("Left", "right"), ("", None)])
def test_the_old_api_calls_a_left_hand_right(monkeypatch, label, side):
    class Hands:
        def __init__(self, max_num_hands):
            assert max_num_hands == 1

        def process(self, image):
            assert image[0, 0].tolist() == [3, 2, 1]  # red, green, blue
            classified = types.SimpleNamespace(classification=[types.SimpleNamespace(label=label, score=0.8)])
            hand = types.SimpleNamespace(landmark=[Landmark(*point) for point in POINTS])
            return types.SimpleNamespace(
                multi_hand_landmarks=[hand] if label else None, multi_handedness=[classified] if label else None
            )

        def close(self):
            self.closed = True

    monkeypatch.delenv("MOTIF_HAND_MODEL", raising=False)
    mediapipe = types.ModuleType("mediapipe")
    mediapipe.solutions = types.SimpleNamespace(hands=types.SimpleNamespace(Hands=Hands))
    monkeypatch.setitem(sys.modules, "mediapipe", mediapipe)
    finder = mediapipe_hands()
    hand = finder.find(np.full((4, 4, 3), (1, 2, 3), np.uint8), 0)
    finder.close()
    assert (hand.side if hand else None) == side
    if hand:
        np.testing.assert_array_equal(hand.points, POINTS)
