"""HTTP push against a real server on this machine: what a phone sends, what a stranger sends."""

import asyncio
import logging
from contextlib import suppress

import httpx
import pytest
from tests.sources.phones import START_NS, Phone, body, received, sample

from motif.errors import ConfigError, SourceError
from motif.sources import HTTPLimits, ManualClock, SensorLoggerHTTP, SourceState
from motif.sources._http_server import lan_address


def served(test, **settings):
    """Run `test(source, client)` with an open source."""

    async def run():
        async with SensorLoggerHTTP(**{"port": 0} | settings) as source, httpx.AsyncClient(timeout=20) as client:
            await test(source, client)

    asyncio.run(run())


async def begin(source, content, length):
    """Send the beginning of a message by hand; return what reads the answer, and the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", source.port)
    path = source.url.partition(str(source.port))[2]
    writer.write(f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {length}\r\n\r\n".encode() + content)
    await writer.drain()
    return reader, writer


async def until(condition):
    """Let the server work until something is so."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0)


def test_what_a_phone_pushes_arrives_whole_in_order_and_once():
    async def test(source, client):
        phone = Phone(samples=50)
        messages = [phone.message() for _ in range(20)]
        for index in (0, 2, 1, 1, 4, 3, *range(5, 20), 7):
            answer = await client.post(source.url, content=messages[index])
            assert (answer.status_code, answer.text) == (200, "taken")
        metrics = source.metrics()
        assert (metrics["messages"], metrics["messages.duplicate"], metrics["messages.lost"]) == (22, 2, 0)
        readings = [r for r in await received(source) if r.channels[0] == "gyr_x"]
        times = [t for r in readings for t in r.time_ns.tolist()]
        assert times == [START_NS + 10_000_000 * i for i in range(1000)]

    served(test)


def test_a_person_who_opens_the_link_is_told_what_to_do_and_how_it_is():
    async def test(source, client):
        page = await client.get(source.url)
        assert page.status_code == 200
        assert "HTTP Push" in page.text
        assert source.url in page.text
        assert "no message yet" in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        head = await client.head(source.url)
        assert (head.status_code, head.content) == (200, b"")

    served(test)


def test_what_is_wrong_is_said_in_the_answer_and_never_with_a_5xx():
    async def test(source, client):
        base = f"http://127.0.0.1:{source.port}"
        asked = [
            (await client.post(f"{base}/ingest/wrong-secret-wrong", content=Phone().message()), 404, "not known here"),
            (await client.get(f"{base}/ingest/{'x' * 5000}"), 404, "not known here"),
            (await client.get(f"{base}/ingest/%ff%00%0a"), 404, "not known here"),
            (await client.get(base), 404, "not known here"),
            (await client.get(f"{source.url}/more"), 404, "not known here"),
            (await client.put(source.url, content=b"x"), 405, "POST"),
            (await client.request("OPTIONS", source.url), 405, "POST"),
            (await client.post(source.url, content=b"hello"), 499, "is not JSON"),
            (await client.post(source.url), 499, "is not JSON"),
            (await client.post(source.url, content=b"[1]"), 499, "choose Data Streaming"),
            (await client.post(source.url, content=b"x", headers={"content-encoding": "gzip"}), 415, "compression"),
            (await client.post(source.url, content=b"x", headers={"host": "evil.example"}), 421, "evil.example"),
            (await client.get(source.url, headers={"host": "evil.example:80"}), 421, "evil.example"),
            (await client.get(source.url, headers={"host": "[::2]:80"}), 421, "::2"),
            (
                await client.post(source.url, content=b"x", headers={"origin": "http://evil.example"}),
                403,
                "other sites",
            ),
            (await client.post(source.url, content=b"x", headers={"origin": "null"}), 403, "other sites"),
        ]
        for answer, status, text in asked:
            assert answer.status_code == status
            assert text in answer.text
        own = await client.post(source.url, content=body(), headers={"origin": f"http://localhost:{source.port}"})
        assert own.status_code == 200
        assert source.metrics()["http.refused"] == len(asked)

    served(test)


def test_a_body_that_is_too_large_is_refused_whether_or_not_its_header_says_so():
    async def test(source, client):
        large = b"x" * (16 * 2**20)

        async def pieces():
            for start in range(0, len(large), 2**16):
                yield large[start : start + 2**16]

        for content in (large, pieces()):
            answer = await client.post(source.url, content=content)
            assert answer.status_code == 413
            assert "4 MB" in answer.text
        reader, writer = await begin(source, b"{", 10**18)
        assert (await reader.read()).startswith(b"HTTP/1.1 413")
        writer.close()
        assert (await client.post(source.url, content=body())).status_code == 200

    served(test)


def test_all_bodies_together_are_bounded_and_so_is_their_time():
    async def test(source, client):
        reader, writer = await begin(source, b"{" * 900, 1000)
        await until(lambda: source._server._app._account.bytes == 900)
        large = await client.post(source.url, content=b"{" * 1000)
        assert large.status_code == 429
        assert large.headers["retry-after"]
        assert (await reader.read()).startswith(b"HTTP/1.1 408")
        writer.close()
        assert source._server._app._account.bytes == 0

    limits = HTTPLimits(body_timeout_s=0.3, bytes_at_once=1500)
    served(test, limits=limits)


def test_only_so_many_requests_are_read_at_once():
    async def test(source, client):
        _, writer = await begin(source, b"{", 2)
        await until(lambda: source._server._app._n_open == 1)
        assert (await client.post(source.url, content=body())).status_code == 429
        writer.write(b"}")
        await until(lambda: source._server._app._n_open == 0)
        assert (await client.post(source.url, content=body())).status_code == 200
        writer.close()

    served(test, limits=HTTPLimits(requests_at_once=1))


def test_a_device_that_sends_too_often_is_asked_to_wait_and_so_is_one_that_guesses_links():
    async def test(source, client):
        statuses = [(await client.post(source.url, content=body(n))).status_code for n in range(12)]
        assert statuses == [200] * 10 + [429] * 2
        await source._clock.advance(1)
        assert (await client.post(source.url, content=body(12))).status_code == 200
        wrong = f"http://127.0.0.1:{source.port}/ingest/guess"
        statuses = [(await client.get(wrong)).status_code for _ in range(7)]
        assert statuses == [404] * 5 + [429] * 2
        assert (await client.get(source.url)).status_code == 429
        await source._clock.advance(1)
        assert (await client.get(source.url)).status_code == 200

    served(test, clock=ManualClock(), limits=HTTPLimits(messages_per_s=2, guesses_per_s=1))


def test_a_sender_that_goes_away_and_one_that_never_speaks_leave_nothing_behind():
    async def test(source, client):
        _, writer = await begin(source, b"{", 100)
        writer.close()
        await writer.wait_closed()
        await until(lambda: source.metrics().get("http.gone"))
        silent, silent_writer = await asyncio.open_connection("127.0.0.1", source.port)
        assert await silent.read() == b""
        silent_writer.close()
        nonsense, nonsense_writer = await asyncio.open_connection("127.0.0.1", source.port)
        nonsense_writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 HTTP\r\n\r\n")
        assert (await nonsense.read()).startswith(b"HTTP/1.1 400")
        nonsense_writer.close()
        path = source.url.partition(str(source.port))[2]
        bare, bare_writer = await asyncio.open_connection("127.0.0.1", source.port)
        bare_writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        assert (await bare.read()).startswith(b"HTTP/1.1 421")
        bare_writer.close()

    served(test, limits=HTTPLimits(body_timeout_s=0.2))


def test_a_head_without_an_end_is_cut_off():
    async def test(source, client):
        reader, writer = await asyncio.open_connection("127.0.0.1", source.port)
        writer.write(b"GET / HTTP/1.1\r\n")
        with suppress(ConnectionError):
            for _ in range(100):
                writer.write(b"x: " + b"y" * 10_000 + b"\r\n")
                await writer.drain()
        with suppress(ConnectionError):
            assert (await reader.read()).startswith(b"HTTP/1.1 400")
        writer.close()
        assert (await client.get(source.url)).status_code == 200

    served(test)


def test_connections_beyond_the_limit_are_closed():
    async def test(source, client):
        assert (await client.get(source.url)).status_code == 200
        _, first_writer = await asyncio.open_connection("127.0.0.1", source.port)
        second, second_writer = await asyncio.open_connection("127.0.0.1", source.port)
        assert await second.read() == b""
        first_writer.close()
        second_writer.close()

    served(test, limits=HTTPLimits(connections=2))


def test_a_link_is_for_one_device_and_more_links_for_more():
    async def test(source, client):
        message = body(1, sample("gyroscope", START_NS, x=1, y=2, z=3), device="left")
        other = body(1, sample("gyroscope", START_NS, x=1, y=2, z=3), device="right")
        assert (await client.post(source.url, content=body(0, device="someone's test button"))).status_code == 200
        assert (await client.post(source.url, content=message)).status_code == 200
        taken = await client.post(source.url, content=other)
        assert taken.status_code == 499
        assert "another phone" in taken.text
        link = source.pair("right hand")
        assert link.url not in repr(link)
        assert (await client.post(link.url, content=other)).status_code == 200
        source.revoke(link)
        assert (await client.post(link.url, content=other)).status_code == 403
        late = source.pair("late", expires_s=60)
        early = source.pair("early", expires_s=60)
        forever = source.pair("any time", expires_s=None)
        assert (await client.post(early.url, content=other)).status_code == 200
        await source._clock.advance(61)
        expired = await client.get(late.url)
        assert (expired.status_code, "expired" in expired.text) == (403, True)
        assert (await client.post(early.url, content=other)).status_code == 200, "it was used in time"
        assert (await client.get(forever.url)).status_code == 200
        source.revoke()
        assert (await client.post(source.url, content=message)).status_code == 403
        with pytest.raises(ConfigError, match="there is no link 'nobody'"):
            source.revoke("nobody")

    served(test, clock=ManualClock())


def test_what_holds_no_sample_takes_no_link_and_who_is_refused_is_told_on_both_sides():
    async def test(source, client):
        for nothing in (sample("test", 1), sample("gyroscope", -5, x=1, y=2, z=3), sample("gyroscope", 5, x="fast")):
            assert (await client.post(source.url, content=body(1, nothing, device="a stranger"))).status_code == 200
        moving = sample("gyroscope", START_NS, x=1, y=2, z=3)
        assert (await client.post(source.url, content=body(1, moving, device="mine"))).status_code == 200
        assert (await client.post(source.url, content=body(2, device="a test button"))).status_code == 200
        assert "devices" not in source.health().message
        assert (await client.post(source.url, content=body(1, moving, device="another"))).status_code == 499
        assert "another phone sends by this link and is refused" in source.health().message
        await source._clock.advance(5)
        assert source.health().message.startswith("stopped 5 s ago: another phone sends by this link")
        await source._clock.advance(6)
        assert "is the app in the background" in source.health().message

    served(test, clock=ManualClock())


def test_the_link_is_never_in_the_logs(caplog):
    async def test(source, client):
        with caplog.at_level(logging.DEBUG):
            await client.get(source.url)
            await client.post(source.url, content=b"?")
            source.pair("label")
        ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
        secret = source.url.rpartition("/")[2]
        assert not [record for record in ours if secret in record.getMessage()]

    served(test)


def test_a_taken_port_is_an_error_that_says_what_to_do_and_a_phone_stays_paired():
    async def test(source, client):
        other = SensorLoggerHTTP(port=source.port)
        with pytest.raises(SourceError, match=r"cannot listen on 127\.0\.0\.1 port .* choose another port"):
            await other.open()
        assert other.state is SourceState.ERROR
        assert "choose another port" in other.health().message
        url = source.url
        await source.close()
        await source.open()
        assert source.url == url
        await source.close()
        again = SensorLoggerHTTP(port=source.port, secret=url.rpartition("/")[2])
        assert again.url == url
        async with again:
            assert (await client.post(url, content=body())).status_code == 200

    served(test)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"port": -1}, "port=-1"),
        ({"port": 70000}, "port=70000"),
        ({"secret": "short"}, "can be guessed"),
        ({"secret": "with a space in it, and long"}, "can be guessed"),
        ({"n_devices": 0}, "n_devices=0"),
        ({"platform": "symbian"}, "platform="),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong, match):
    with pytest.raises(ConfigError, match=match):
        SensorLoggerHTTP(**wrong)
    with pytest.raises(ConfigError, match="body_bytes=0"):
        HTTPLimits(body_bytes=0)


def test_other_addresses_are_listened_on_only_when_asked():
    assert SensorLoggerHTTP().url.startswith("http://127.0.0.1:")
    assert "this machine alone" in SensorLoggerHTTP().hints.never
    address = lan_address()
    assert SensorLoggerHTTP(host="lan").url.startswith(f"http://{address}:")
    assert SensorLoggerHTTP(host="0.0.0.0").url.startswith(f"http://{address}:")
    assert SensorLoggerHTTP(host="::1").url.startswith("http://[::1]:")

    async def run():
        source = SensorLoggerHTTP(host="203.0.113.1", port=0)
        with pytest.raises(SourceError, match=r"cannot listen on 203\.0\.113\.1"):
            await source.open()

    asyncio.run(run())


def test_messages_that_wait_for_earlier_ones_are_not_taken_for_a_fault():
    async def test(source, client):
        moving = [sample("gyroscope", START_NS + i * 10_000_000, x=1, y=0, z=0) for i in range(20)]
        await client.post(source.url, content=body(500, *moving))  # recording since long before we listened
        assert "without samples" not in source.health().message
        await source._clock.advance(1)
        assert "gyr 20 Hz" in source.health().message
        await source._clock.advance(20)
        await client.post(source.url, content=body(700, *moving))  # 200 messages were lost on the way
        assert source.health().message.startswith("stopped 20 s ago")
        await source._clock.advance(1)
        assert "0 Hz:" not in source.health().message

    served(test, clock=ManualClock())


def test_of_a_phone_that_left_it_is_not_said_for_ever_that_its_sensor_is_all_zeros():
    async def test(source, client):
        zeros = [sample("gyroscope", START_NS + i, x=0, y=0, z=0) for i in range(20)]
        await client.post(source.url, content=body(1, *zeros, device="guest"))
        assert "gyr is all zeros" in source.health().message
        await source._clock.advance(11)
        moving = [sample("gyroscope", START_NS + i * 50_000_000, x=1, y=i, z=0) for i in range(20)]
        await client.post(source.url, content=body(1, *moving, device="host"))
        assert "all zeros" not in source.health().message

    served(test, clock=ManualClock(), n_devices=2)


def test_the_health_line_names_what_is_missing_lost_or_switched_off():
    async def test(source, client):
        clock = source._clock

        async def lines(number, *samples):
            await client.post(source.url, content=body(number, *samples))
            await clock.advance(1)
            return source.health().message

        def moving(name, number, n=20):
            return [sample(name, START_NS + (number * n + i) * 50_000_000, x=i + 1, y=0, z=0) for i in range(n)]

        assert "does the phone reach http://127.0.0.1" in source.health().message
        assert "messages come without samples" in await lines(1)
        line = await lines(2, *moving("accelerometer", 2))
        assert "gyroscope missing: switch it on in the app" in line
        assert "gravity missing" in line
        assert "accelerometer missing" not in line
        zeros = [sample("gyroscope", START_NS + i, x=0, y=0, z=0) for i in range(20)]
        assert "gyr is all zeros: is the permission off?" in await lines(3, *moving("gravity", 3), *zeros)
        line = await lines(5, *moving("gyroscope", 5), *moving("accelerometer", 5))
        assert "all zeros" not in line
        assert "messages lost: 20%" in line
        await clock.advance(11)
        assert source.health().message.startswith("stopped 12 s ago: is the app in the background")

    served(test, clock=ManualClock())


def test_a_fault_of_ours_is_logged_and_not_a_5xx(caplog):
    async def test(source, client):
        source._streams = None
        answer = await client.post(source.url, content=body(1, sample("gyroscope", 1, x=0, y=0, z=1)))
        assert (answer.status_code, "see its log" in answer.text) == (499, True)
        assert source.metrics()["http.faults"] == 1
        assert any("message not taken" in record.getMessage() for record in caplog.records)

    served(test)
