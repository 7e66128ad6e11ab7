"""A message that comes at once is answered at once, and as one that comes in pieces."""

import asyncio

import pytest
from tests.sources.phones import START_NS, body, sample

from motif.sources import HTTPLimits, SensorLoggerHTTP
from motif.sources._http_app import IngestApp


def post(source, content, *, more=""):
    path = source.url.partition(str(source.port))[2]
    return f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{more}content-length: {len(content)}\r\n\r\n".encode() + content


async def answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"date:")]
    length = next(int(line.rpartition(b" ")[2]) for line in lines if line.startswith(b"content-length"))
    return lines, await reader.readexactly(length)


def served(test, **settings):
    async def run():
        async with asyncio.timeout(20), SensorLoggerHTTP(port=0, **settings) as source:
            reader, writer = await asyncio.open_connection("127.0.0.1", source.port)
            await test(source, reader, writer)
            writer.close()

    asyncio.run(run())


@pytest.fixture
def prompted(monkeypatch):
    """Bodies of requests that were answered there and then."""
    bodies = []

    def counted(self, scope, content, take=IngestApp.answer_whole):
        bodies.append(content)
        return take(self, scope, content)

    monkeypatch.setattr(IngestApp, "answer_whole", counted)
    return bodies


@pytest.mark.parametrize("content", [body(1, sample("gyroscope", START_NS, x=1, y=2, z=3)), b"[]", b'{"payload": 1}'])
def test_whole_or_in_pieces_the_answer_is_the_same(prompted, content):
    async def test(source, reader, writer):
        writer.write(post(source, content))
        at_once = await answer(reader)
        assert prompted == [content]
        request = post(source, content)
        writer.write(request[:-1])
        await asyncio.sleep(0)
        while not source._server._app._n_open:
            await asyncio.sleep(0)
        writer.write(request[-1:])
        assert await answer(reader) == at_once
        assert prompted == [content]

    served(test)


def test_what_is_sent_before_the_answer_came_is_answered_in_its_order(prompted):
    async def test(source, reader, writer):
        writer.write(post(source, body()) + post(source, b"[]") + post(source, body(2)))
        assert [(await answer(reader))[0][0][:12] for _ in range(3)] == [
            b"HTTP/1.1 200",
            b"HTTP/1.1 499",
            b"HTTP/1.1 200",
        ]
        writer.write(post(source, body(3)))
        assert (await answer(reader))[1] == b"taken"
        assert prompted[0] == body()

    served(test)


@pytest.mark.parametrize("more", ["connection: close\r\n", "content-encoding: gzip\r\n"])
def test_a_connection_that_is_to_end_ends_behind_the_answer(more):
    async def test(source, reader, writer):
        writer.write(post(source, body(), more=more))
        lines, _ = await answer(reader)
        assert b"connection: close" in lines
        assert await reader.read() == b""

    served(test)


def test_a_body_without_a_length_is_held_to_the_limits_too(prompted):
    async def test(source, reader, writer):
        path = source.url.partition(str(source.port))[2]
        head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n".encode()
        writer.write(head + b"64\r\n%b\r\n0\r\n\r\n" % (b"x" * 100))
        lines, _ = await answer(reader)
        assert lines[0].startswith(b"HTTP/1.1 413")
        assert prompted == [b"x" * 100]

    served(test, limits=HTTPLimits(body_bytes=99))
