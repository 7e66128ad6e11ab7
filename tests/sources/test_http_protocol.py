"""What both parsers of requests are held to: nobody keeps a connection by half a request."""

import asyncio
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec

import pytest
import uvicorn

from motif.sources import _http_protocol, bounded_protocol

GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


async def answer(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(params=["httptools", "h11"])
def parser(request, monkeypatch):
    has = {"httptools": find_spec("httptools") if request.param == "httptools" else None}
    monkeypatch.setattr(_http_protocol, "find_spec", lambda name: has.get(name, find_spec(name)))
    assert any(request.param in kind.__module__ for kind in bounded_protocol().__mro__)
    return request.param


@asynccontextmanager
async def serving(**bounds):
    config = uvicorn.Config(answer, port=0, http=bounded_protocol(**bounds), lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    opened = []

    async def connect():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        opened.append(writer)
        return reader, writer

    try:
        async with asyncio.timeout(30):
            yield connect
    finally:
        for writer in opened:
            writer.close()
        server.should_exit = server.force_exit = True
        await task


async def asked(reader, writer):
    writer.write(GET)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    assert await reader.readexactly(2) == b"ok"


@pytest.mark.parametrize("half", [b"G", b"\r\n", GET[:-2]])
def test_half_a_head_on_a_kept_connection_is_not_waited_for_and_those_that_rest_are_kept(parser, half):
    async def run():
        async with serving(silent_s=0.2) as connect:
            resting = await connect()
            await asked(*resting)
            reader, writer = await connect()
            await asked(reader, writer)
            writer.write(half)
            assert b"200" not in await reader.read()
            await asked(*resting)

    asyncio.run(run())


def test_a_head_in_two_parts_is_answered_time_and_again(parser):
    async def run():
        async with serving(silent_s=20.0) as connect:
            reader, writer = await connect()
            for at in (1, 5, 20):
                writer.write(GET[:at])
                await writer.drain()
                writer.write(GET[at:])
                assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")

    asyncio.run(run())


def test_connections_beyond_the_limit_and_heads_without_an_end_are_closed(parser):
    async def run():
        async with serving(connections=2) as connect:
            first, second, third = [await connect() for _ in range(3)]
            assert await third[0].read() == b""
            await asked(*first)
            with suppress(ConnectionError):
                second[1].write(b"GET / HTTP/1.1\r\n")
                for _ in range(60):
                    second[1].write(b"x: " + b"y" * 10_000 + b"\r\n")
                    await second[1].drain()
            with suppress(ConnectionError):
                assert (await second[0].read()).startswith(b"HTTP/1.1 400")
            await asked(*first)

    asyncio.run(run())
