"""Webhooks: what is posted, tried again, refused, and told to nobody."""

import asyncio
import contextlib

import pytest
from pydantic import ValidationError
from tests.live import action_samples as samples
from tests.live.action_samples import EVENT

from motif.errors import ActionError
from motif.live.actions import WebhookAction, WebhookMessage, WebhookSettings
from motif.sources import ManualClock, SystemClock


class HurriedClock(SystemClock):
    """Takes note of each wait and does not wait."""

    def __init__(self):
        super().__init__()
        self.waits = []

    async def sleep(self, seconds):
        self.waits.append(seconds)


def post(answers, **settings):
    """Return what a server got, the waits between, and the error."""

    async def run():
        clock = HurriedClock()
        async with samples.web_world(answers) as (where, heard):
            action = WebhookAction(WebhookSettings(**where, **settings), clock=clock)
            await action.open()
            message = WebhookMessage(fields={"who": "$device", "n": [1, "$gesture"]})
            (error,) = await asyncio.gather(action.perform(EVENT, message), return_exceptions=True)
            await action.close()
            return heard.all, clock.waits, error

    return asyncio.run(run())


def test_a_webhook_gets_the_event_and_what_the_map_adds():
    got, waits, error = post([200], headers={"X-Room": "stage"})
    assert error is None
    assert waits == []
    ((path, headers, body),) = got
    assert path == "/hook"
    assert headers["X-Room"] == "stage"
    assert body == EVENT.to_dict() | {"who": "phone", "n": [1, "swipe"]}


def test_a_webhook_is_tried_again_with_longer_waits():
    got, waits, error = post([503, 429, 200], retries=2)
    assert error is None
    assert (len(got), waits) == (3, [0.25, 0.5])


@pytest.mark.parametrize(
    ("answers", "settings", "message", "n_tries"),
    [
        ([500], {"retries": 1}, "it answered 500", 2),
        ([404], {}, "it answered 404", 1),
        ([307], {}, "redirects to http://127.0.0.1:9/elsewhere, which is not followed", 1),
    ],
)
def test_what_a_webhook_does_not_take_is_said(answers, settings, message, n_tries):
    got, _, error = post(answers, **settings)
    assert isinstance(error, ActionError)
    assert message in str(error)
    assert len(got) == n_tries


@pytest.mark.parametrize(("is_silent", "patience_s"), [(True, 0.05), (False, 60.0)])
def test_an_answer_without_an_end_is_left_and_the_post_counts(monkeypatch, is_silent, patience_s):
    monkeypatch.setattr("motif.live.actions._webhook._ANSWER_S", patience_s)

    async def serve(reader, writer):
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while not is_silent:
                writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
                await writer.drain()
            await reader.read()

    async def run():
        async with asyncio.timeout(20), await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            action = WebhookAction(WebhookSettings(url=url, retries=0), clock=ManualClock())
            await action.open()
            await action.perform(EVENT, WebhookMessage())
            await action.close()

    asyncio.run(run())


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\n"])
def test_a_server_that_is_slow_to_answer_gets_a_gesture_once(answer):
    n_posts, over, gone = [], asyncio.Event(), asyncio.Event()

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        n_posts.append(1)
        writer.write(answer)
        with contextlib.suppress(ConnectionError):
            while answer and not over.is_set():  # header after header, each in time
                writer.write(b"X-Still: here\r\n")
                await writer.drain()
                await asyncio.sleep(0.02)
        await over.wait()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        gone.set()

    async def run():
        async with asyncio.timeout(20), await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            action = WebhookAction(WebhookSettings(url=url, timeout_s=0.1, retries=3), clock=HurriedClock())
            await action.open()
            with pytest.raises(ActionError, match="it was sent, and no answer came; raise `timeout_s`"):
                await action.perform(EVENT, WebhookMessage())
            await action.close()
            over.set()
            await gone.wait()

    asyncio.run(run())
    assert len(n_posts) == 1


def test_what_is_a_key_in_a_webhooks_url_is_told_to_nobody():
    url = f"http://user:s3cret@127.0.0.1:{samples.free_port()}/T000/s3cret?token=s3cret"

    async def run():
        action = WebhookAction(WebhookSettings(url=url, retries=0), clock=ManualClock())
        await action.open()
        with pytest.raises(ActionError) as told:
            await action.perform(EVENT, WebhookMessage())
        await action.close()
        return f"{told.value} {action.describe(WebhookMessage())} {WebhookSettings(url=url)!r}"

    told = asyncio.run(run())
    assert "127.0.0.1" in told
    assert "s3cret" not in told


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://", "http://["])
def test_a_webhook_wants_the_url_of_a_server(url):
    with pytest.raises(ValidationError, match=r"http://|Invalid"):
        WebhookSettings(url=url)


def test_a_server_that_is_not_there_is_said():
    async def run():
        url = f"http://127.0.0.1:{samples.free_port()}/"
        action = WebhookAction(WebhookSettings(url=url, retries=0), clock=ManualClock())
        await action.open()
        with pytest.raises(ActionError, match="it refuses the connection; is the server running"):
            await action.perform(EVENT, WebhookMessage())
        await action.close()

    asyncio.run(run())
