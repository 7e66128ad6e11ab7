"""The video analyzer, against a server on loopback that speaks the API."""

import asyncio
import base64
import io
import json
import logging

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.sources.drawn_hands import Camera, frames, scene
from tests.sources.served_phones import serving

from motif.errors import ConfigError, DtypeError, ShapeError, SourceError
from motif.sources import Backoff, Frame, GeminiVideoAnalyzer, ManualClock, VideoState, frame_quality
from motif.sources._camera_frames import frames_from
from motif.sources._gemini_answer import guesses_of
from motif.sources._gemini_client import trouble_of
from motif.sources._video_rate import FrameRate
from motif.telemetry import log_to

KEY = "AIza-a-secret-of-tests-0123456789"
SEEN = [{"gesture": "swipe_left", "confidence": 0.8, "first_frame": 1, "last_frame": 2}]


def spoken(text):
    return JSONResponse(
        {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}]}
    )


def saying(*seen):
    return spoken(json.dumps({"gestures": list(seen)}))


def refusing(status, headers=None, **more):
    body = {"error": {"code": status, "message": f"no, {KEY}", "status": "NO", **more}}
    return JSONResponse(body, status_code=status, headers=headers)


class Service:
    """A model's address: keeps what it was asked, and answers as the script says."""

    def __init__(self, *answers):
        self.answers = list(answers) or [saying()]
        self.asked = []
        self.arrived = asyncio.Event()

    async def generate(self, request):
        self.asked.append({"path": request.url.path, "headers": request.headers, "body": await request.json()})
        self.arrived.set()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request) if callable(answer) and not isinstance(answer, JSONResponse) else answer

    def at(self):
        return serving(Starlette(routes=[Route("/{path:path}", self.generate, methods=["POST"])]))


def analyzer(url, camera, **settings):
    settings.setdefault("clock", ManualClock())
    settings.setdefault("backoff", Backoff(first_s=2, cap_s=60, jitter=0))
    return GeminiVideoAnalyzer(KEY, camera, base_url=url, **settings)


@pytest.fixture(autouse=True)
def _no_key_of_the_machine(monkeypatch):
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_frames_go_out_in_batches_and_guesses_come_back_with_their_times():
    async def run():
        service = Service(saying(*SEEN), saying())
        heard = []
        async with service.at() as url:
            film = frames(40, rate_hz=10, picture=scene(1280, 720))
            eye = analyzer(url, film, gestures=["swipe_left", "push"], batch_size=4, on_guess=heard.append)
            assert await eye.start() is VideoState.RUNNING
            assert await eye.wait() is VideoState.STOPPED
        first = service.asked[0]
        assert first["path"].endswith("/models/gemini-flash-latest:generateContent")
        assert first["headers"]["x-goog-api-key"] == KEY
        (content,) = first["body"]["contents"]
        *pictures, text = content["parts"]
        assert len(pictures) == 4
        for part in pictures:
            assert "image/jpeg" in part["inlineData"].values()
            data = base64.b64decode(part["inlineData"]["data"].replace("-", "+").replace("_", "/"))
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            assert image.shape == (288, 512, 3)
        assert "swipe_left, push" in text["text"]
        config = first["body"]["generationConfig"]
        assert config["responseMimeType"] == "application/json"
        assert config["responseJsonSchema"]["properties"]["gestures"]["type"] == "array"
        (guess,) = eye.guesses
        assert heard == [guess]
        assert (guess.gesture, guess.confidence) == ("swipe_left", 0.8)
        assert guess.end_ns - guess.start_ns == pytest.approx(0.5e9)  # it begins at 2 frames a second
        figures = eye.metrics()
        assert figures["frames_seen"] == 40
        assert figures["batches_answered"] == len(service.asked)
        assert figures["guesses"] == 1
        assert figures["last_quality"] == 1.0

    asyncio.run(run())


def test_quick_answers_raise_the_frame_rate_and_slow_ones_lower_it():
    async def run():
        clock = ManualClock()

        async def slow(request):
            await clock.advance(4.0)
            return saying()

        async with Service(saying()).at() as url:
            quick = analyzer(url, frames(120), clock=clock)
            await quick.start()
            await quick.wait()
            assert quick.metrics()["rate_hz"] == 10.0
        async with Service(slow).at() as url:
            late = analyzer(url, frames(120), clock=clock)
            await late.start()
            await late.wait()
            assert late.metrics()["rate_hz"] == 1.0
            assert late.metrics()["latency_s"] == pytest.approx(4.0)
        assert quick.metrics()["frames_kept"] > late.metrics()["frames_kept"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("refusal", "waits_s"),
    [
        (refusing(429, {"Retry-After": "7"}), 7.0),
        (refusing(503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), 2.0),
        (refusing(429, details=[{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}]), 34.5),
        (refusing(500), 2.0),
    ],
)
def test_what_is_refused_for_now_is_sent_again_when_the_service_asks_for_it(refusal, waits_s):
    async def run():
        clock = ManualClock()
        service = Service(refusal, saying(*SEEN))
        async with service.at() as url:
            eye = analyzer(url, frames(4, rate_hz=1), clock=clock)
            await eye.start()
            await clock.until_asleep()
            assert eye.state is VideoState.RETRYING
            assert f"trying again in {waits_s:.1f} s" in eye.message
            await clock.advance(waits_s - 0.01)
            assert len(service.asked) == 1
            await clock.advance(0.02)
            await eye.wait()
        assert eye.state is VideoState.STOPPED
        assert len(eye.guesses) == 1
        assert eye.metrics()["retries"] == 1

    asyncio.run(run())


def test_a_batch_is_given_up_after_so_many_attempts_and_the_next_one_is_sent():
    async def run():
        clock = ManualClock()
        service = Service(refusing(503), refusing(503), saying(*SEEN))
        async with service.at() as url:
            eye = analyzer(url, frames(8, rate_hz=1), clock=clock, max_attempts=2)
            await eye.start()
            for wait_s in (2, 4):
                await clock.until_asleep()
                await clock.advance(wait_s)
            await eye.wait()
        assert eye.metrics()["batches_lost"] == 1
        assert eye.metrics()["batches_answered"] == 1

    asyncio.run(run())


def test_a_service_that_is_not_there_is_an_ordinary_state():
    async def run():
        async with Service().at() as url:
            pass
        clock = ManualClock()
        eye = analyzer(url, frames(4, rate_hz=1), clock=clock)
        await eye.start()
        await clock.until_asleep()
        assert eye.state is VideoState.RETRYING
        assert "no connection" in eye.message
        await eye.stop()
        assert eye.state is VideoState.STOPPED

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "says"), [(401, "key was refused"), (403, "may not"), (404, "no such model"), (400, "refused")]
)
def test_what_is_refused_for_good_ends_it_with_a_reason(status, says):
    async def run():
        service = Service(refusing(status))
        async with service.at() as url:
            eye = analyzer(url, frames(40))
            await eye.start()
            assert await eye.wait() is VideoState.ERROR
        assert says in eye.message
        assert len(service.asked) == 1

    asyncio.run(run())


def test_the_key_is_in_no_message_log_line_or_text(caplog):
    async def run():
        clock = ManualClock()
        service = Service(refusing(503), refusing(400))
        async with service.at() as url:
            eye = analyzer(url, frames(12, rate_hz=1), clock=clock)
            texts.extend([repr(eye), eye.disclosure])
            await eye.start()
            await clock.until_asleep()
            texts.append(eye.message)
            await clock.advance(2)
            await eye.wait()
            texts.extend([eye.message, repr(eye), repr(eye.metrics())])

    texts, lines = [], io.StringIO()
    with caplog.at_level(logging.DEBUG), log_to(terminal=lines, level="debug"):
        asyncio.run(run())
    assert KEY not in lines.getvalue() + "".join(texts) + "".join(str(record.__dict__) for record in caplog.records)
    assert "video analysis starts" in lines.getvalue()


def test_nothing_is_opened_read_or_sent_before_it_is_started():
    def watched():
        raise AssertionError("somebody looked")
        yield

    async def run():
        service = Service()
        async with service.at() as url:
            eye = analyzer(url, watched())
            assert (eye.state.value, eye.message) == ("stopped", "not started; nothing is sent")
            assert "at most 512 px wide" in eye.disclosure
            assert url in eye.disclosure
            await eye.stop()
        assert service.asked == []

    asyncio.run(run())


def test_stopping_cancels_a_request_that_is_under_way():
    async def run():
        cancelled = asyncio.Event()

        async def never(request):
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        service = Service(never)
        async with service.at() as url:
            async with analyzer(url, frames(40)) as eye:
                await service.arrived.wait()
                assert eye.state is VideoState.RUNNING
                assert await eye.start() is VideoState.RUNNING
            assert eye.state is VideoState.STOPPED
            assert eye._reader._thread is None

    asyncio.run(run())


def test_without_a_key_it_says_so_and_can_be_constructed_all_the_same(monkeypatch):
    async def run():
        eye = GeminiVideoAnalyzer()
        assert await eye.start() is VideoState.ERROR
        assert "GEMINI_API_KEY" in eye.message
        async with Service().at() as url:
            monkeypatch.setenv("GEMINI_API_KEY", KEY)
            eye = GeminiVideoAnalyzer(camera=frames(1), base_url=url)
            assert await eye.start() is VideoState.RUNNING
            await eye.wait()

    asyncio.run(run())


def test_without_a_camera_it_says_so():
    async def run():
        eye = GeminiVideoAnalyzer(KEY, 97)
        assert await eye.start() is VideoState.ERROR
        assert "no camera 97: is it plugged in" in eye.message
        eye = GeminiVideoAnalyzer(KEY, "nothing.mp4")
        assert await eye.start() is VideoState.ERROR
        assert "nothing.mp4 is not there" in eye.message

    asyncio.run(run())


def test_a_live_camera_drops_what_is_older_while_an_answer_is_awaited():
    async def run():
        answered = asyncio.Event()

        async def late(request):
            await answered.wait()
            return saying()

        camera, service = Camera(frames(1000, rate_hz=10)), Service(late, saying())
        async with service.at() as url:
            eye = analyzer(url, camera, batch_size=2)
            await eye.start()
            camera.show(200)
            await service.arrived.wait()
            while len(camera.left) > 800:
                await asyncio.sleep(0)
            answered.set()
            camera.unplug()
            assert await eye.wait() is VideoState.ERROR
            assert "no more frames" in eye.message
        figures = eye.metrics()
        assert figures["frames_dropped"] > 0
        assert figures["batches_sent"] * 2 + figures["frames_dropped"] == pytest.approx(figures["frames_kept"], abs=1)

    asyncio.run(run())


def test_poor_frames_stay_here_and_are_counted_by_their_reason():
    picture = scene()
    dark, glaring = (picture // 30), np.full_like(picture, 254)
    blurred = cv2.GaussianBlur(picture, (0, 0), 9)

    async def run():
        service = Service()
        film = [Frame(i * 10**9, image) for i, image in enumerate([picture, dark, blurred, glaring, picture])]
        async with service.at() as url:
            eye = analyzer(url, film)
            await eye.start()
            await eye.wait()
        figures = eye.metrics()
        assert figures["frames_kept"] == 2
        assert figures["frames_seen"] == 5
        assert sum(figures.get(f"frames_{reason}", 0) for reason in ("dark", "blurred", "glaring")) == 3
        assert len(service.asked[0]["body"]["contents"][0]["parts"]) == 3

    asyncio.run(run())


@pytest.mark.parametrize("answer", ["", "{", "[]", '{"gestures": 3}', '{"gestures": [{"gesture": "x"}]}', "[" * 5000])
def test_an_answer_that_is_not_what_was_asked_for_is_counted_and_nothing_else(answer):
    async def run():
        async with Service(spoken(answer), saying(*SEEN)).at() as url:
            eye = analyzer(url, frames(8, rate_hz=1))
            await eye.start()
            assert await eye.wait() is VideoState.STOPPED
        assert eye.metrics()["unusable_answers"] == 1
        assert len(eye.guesses) == 1

    asyncio.run(run())


def test_an_image_that_is_none_ends_it_with_a_reason():
    async def run():
        async with Service().at() as url:
            eye = analyzer(url, [np.zeros((3, 3))])
            await eye.start()
            assert await eye.wait() is VideoState.ERROR
        assert "(height, width, 3)" in eye.message

    asyncio.run(run())


@given(st.text(max_size=40) | st.recursive(st.none() | st.floats() | st.text(max_size=9), st.lists).map(json.dumps))
def test_no_answer_whatever_it_says_is_an_error(answer):
    assert guesses_of(answer, [0, 1], ()) in (None, [])


def test_guesses_that_were_not_asked_for_are_left_out_and_frames_stay_in_the_batch():
    answer = json.dumps(
        {"gestures": [{"gesture": g, "confidence": 1, "first_frame": 9, "last_frame": 0} for g in "ab"]}
    )
    (guess,) = guesses_of(answer, [10, 20, 30], ["b"])
    assert (guess.gesture, guess.start_ns, guess.end_ns) == ("b", 10, 30)
    assert (
        guesses_of('{"gestures": [{"gesture": "b", "confidence": 7, "first_frame": 0, "last_frame": 0}]}', [1], ())
        is None
    )


def test_failures_of_other_kinds_are_told_apart():
    assert trouble_of(TimeoutError()).again
    assert trouble_of(ConnectionResetError(KEY)).text == "no connection (ConnectionResetError)"
    assert not trouble_of(ValueError(KEY)).again
    assert KEY not in trouble_of(ValueError(KEY)).text


def test_settings_that_cannot_be_are_said():
    for wrong in (
        {"least_quality": 2},
        {"jpeg_quality": 0},
        {"lowest_hz": 0},
        {"batch_size": 0},
        {"camera": -1},
        {"timeout_s": 0},
    ):
        with pytest.raises(ConfigError):
            GeminiVideoAnalyzer(KEY, **wrong)


# the rate of frames


@given(st.lists(st.none() | st.floats(0, 100), max_size=50), st.integers(1, 16))
def test_the_frame_rate_stays_within_its_limits(latencies, batch_size):
    rate = FrameRate(batch_size)
    for latency_s in latencies:
        rate.failed() if latency_s is None else rate.answered(latency_s)
        assert 1.0 <= rate.hz <= 10.0


@given(st.floats(0.05, 10.0))
def test_at_a_steady_latency_a_batch_takes_longer_to_fill_than_to_be_answered(latency_s):
    rate = FrameRate(4)
    for _ in range(50):
        rate.answered(latency_s)
    assert rate.hz == pytest.approx(min(10, max(1, 4 / (1.25 * latency_s))))


def test_a_slower_answer_counts_at_once_a_quicker_one_gradually_and_a_failure_halves():
    rate = FrameRate(4)
    rate.answered(0.5)
    rate.answered(2.0)
    assert rate.hz == pytest.approx(1.6)
    rate.answered(0.5)
    assert 1.6 < rate.hz < 2.5
    before = rate.hz
    rate.failed()
    assert rate.hz == max(1.0, before / 2)


# the quality of frames


def test_more_blur_is_less_sharp_and_more_or_less_light_is_worse():
    picture = scene()
    sharpness = [
        frame_quality(cv2.GaussianBlur(picture, (0, 0), s) if s else picture).sharpness for s in (0, 1, 2, 4, 8)
    ]
    assert sharpness == sorted(sharpness, reverse=True)
    assert frame_quality(picture).score == 1.0
    assert frame_quality(picture).reason == ""
    assert frame_quality(cv2.GaussianBlur(picture, (0, 0), 9)).reason == "blurred"
    assert frame_quality(picture // 30).reason in ("dark", "blurred")
    white = np.clip(picture.astype(int) // 8 + 230, 0, 255).astype(np.uint8)
    assert frame_quality(white).brightness_score < 0.5
    assert frame_quality(white).reason == "glaring"


def test_sharpness_does_not_depend_on_the_resolution():
    small = scene(320, 240)
    large = cv2.resize(small, (1280, 960), interpolation=cv2.INTER_NEAREST)
    assert frame_quality(large).sharpness == pytest.approx(frame_quality(small).sharpness, rel=0.05)


def test_what_is_no_image_is_refused():
    with pytest.raises(ShapeError):
        frame_quality(np.zeros((3, 3), np.uint8))
    with pytest.raises(DtypeError):
        frame_quality(np.zeros((3, 3, 3)))


def test_frames_come_from_cameras_files_and_programs():
    clock = ManualClock()
    assert frames_from(0, clock).live
    given_frames = frames_from([scene()], clock)
    assert frames_from(given_frames, clock) is given_frames
    with pytest.raises(SourceError, match="no camera 97"):
        frames_from(97, clock).open()
    with pytest.raises(ConfigError):
        frames_from(True, clock)
    with pytest.raises(ConfigError):
        frames_from(3.5, clock)
