"""Callers that cost little themselves: what they send is made before, and answers are looked at, not read."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import socket
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


def run_lean(work: Coroutine[Any, Any, T]) -> T:
    """Run on uvloop, with nothing for the garbage collector to go through but what is made meanwhile."""
    import uvloop

    gc.collect()
    gc.freeze()
    try:
        return uvloop.run(work)
    finally:
        gc.unfreeze()


def post(port: int, path: str, content: bytes) -> bytes:
    """Return a request as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


class Asking(asyncio.Protocol):
    """One connection that asks again as soon as it was answered."""

    def __init__(self, message: bytes, requests: int) -> None:
        self.answers_s: list[float] = []
        self.done = asyncio.get_running_loop().create_future()
        self._message, self._left = message, requests
        self._answer = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().partition(b"content-length:")[2].split()[0]):
            return
        assert head.startswith(b"HTTP/1.1 200"), self._answer
        self.answers_s.append(time.perf_counter() - self._began)
        self._answer = b""
        self._left -= 1
        if self._left:
            self._ask()
        else:
            self._transport.close()
            self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError("closed before it had answered"))

    def _ask(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._message)


async def ask(port: int, message: bytes, clients: int, requests: int) -> list[float]:
    """Ask from connections that are kept open; return how long each answer took, in seconds."""
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Asking(message, requests), "127.0.0.1", port) for _ in range(clients)]
    await asyncio.gather(*(asking.done for _, asking in made))
    return [answer_s for _, asking in made for answer_s in asking.answers_s]


def frames(channels: list[str], n_frames: int) -> Iterator[bytes]:
    """Yield frames of ten samples of somebody who moves all the time, at 100 Hz."""
    rng = np.random.default_rng(0)
    motion = (rng.normal(0, 2, (100, len(channels))).cumsum(axis=0) / 3).round(3).tolist()
    named, rows = json.dumps(channels), [json.dumps(motion[first : first + 10]) for first in range(0, 100, 10)]
    for number in range(n_frames):
        begin_ns = 1_760_000_000_000_000_000 + number * 100_000_000
        times = ",".join(str(begin_ns + i * 10_000_000) for i in range(10))
        said = f'{{"seq":{number},"channels":{named},"time_ns":[{times}],"values":{rows[number % 10]}}}'
        yield said.encode()


async def stream(port: int, phones: int, seconds: float, first: int = 0) -> list[float]:
    """Send a frame each tenth of a second; a decision is made when the frame is acknowledged. Returns seconds.

    Phones begin when all are connected, each at a moment of its own within the first tenth.
    """
    from websockets.asyncio.client import connect

    loop = asyncio.get_running_loop()
    decided_s: list[float] = []
    connected = asyncio.Barrier(phones)
    offsets_s = np.random.default_rng(1).uniform(0.0, 0.1, phones).tolist()

    async def phone(index: int) -> None:
        where = f"ws://127.0.0.1:{port}/v1/stream?stream=p{first + index}"
        async with connect(where, proxy=None, compression=None) as socket:
            channels = json.loads(await socket.recv())["channels"]
            await connected.wait()
            begin = loop.time() + offsets_s[index]
            for number, frame in enumerate(frames(channels, int(seconds * 10))):
                await asyncio.sleep(max(0.0, begin + number * 0.1 - loop.time()))
                sent = time.perf_counter()
                await socket.send(frame, text=True)
                while b'"ack"' not in await socket.recv(decode=False):
                    pass
                decided_s.append(time.perf_counter() - sent)

    await asyncio.gather(*(phone(index) for index in range(phones)))
    return decided_s


async def flood(port: int, phones: int, seconds: float) -> tuple[list[tuple[float, float]], int]:
    """Send a frame each tenth of a second whatever comes back.

    Returns
    -------
    delays : list of (s, s)
        When each frame was sent, counted from the first, and how long it took until it was acknowledged.
    n_skipped : int
        Windows of which the service said that it did not judge them.
    """
    from websockets.asyncio.client import connect

    loop = asyncio.get_running_loop()
    delays: list[tuple[float, float]] = []
    n_skipped = 0
    connected = asyncio.Barrier(phones)

    async def phone(index: int) -> None:
        nonlocal n_skipped
        where = f"ws://127.0.0.1:{port}/v1/stream?stream=f{index}"
        async with connect(where, proxy=None, compression=None) as socket:
            channels = json.loads(await socket.recv())["channels"]
            await connected.wait()
            begin = loop.time() + index / phones / 10

            async def send() -> None:
                for number, frame in enumerate(frames(channels, int(seconds * 10))):
                    await asyncio.sleep(max(0.0, begin + number * 0.1 - loop.time()))
                    await socket.send(frame, text=True)

            sending = asyncio.create_task(send())
            number = 0
            while number < int(seconds * 10):
                said = json.loads(await socket.recv())
                if said["type"] == "ack":
                    delays.append((number * 0.1, loop.time() - begin - number * 0.1))
                    number += 1
                elif said["type"] == "skipped":
                    n_skipped += said["windows"]
            await sending

    await asyncio.gather(*(phone(index) for index in range(phones)))
    return delays, n_skipped


@contextmanager
def stalled(port: int, name: str, *, patience_s: float = 2.0) -> Iterator[None]:
    """A WebSocket client that asks until the service takes no more for so long, and never reads an answer."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.settimeout(patience_s)
        client.sendall(
            f"GET /v1/stream?stream={name} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        assert b" 101 " in client.recv(100)
        said = b'{"end":true,"seq":1}'
        frame = bytes([0x81, 0x80 | len(said), 0, 0, 0, 0]) + said  # masked with zeros
        with contextlib.suppress(TimeoutError):
            while True:
                client.sendall(frame * 100)
        yield
