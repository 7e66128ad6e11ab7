"""Thousands of wrong messages, wrong requests and huge bodies: no crash, no 5xx, memory flat."""

import asyncio
import gc
import random
import re
import resource
import tracemalloc

import pytest
from tests.faults.mutations import mutated
from tests.sources.phones import Phone

from motif.sources import HTTPLimits, SensorLoggerBridge, SensorLoggerHTTP, SourceState

MEGABYTE = 2**20
GENEROUS = HTTPLimits(messages_per_s=1e6, guesses_per_s=1e6)


async def answers(url, requests):
    """Send requests by hand, one after the other, on connections kept as long as they last; return their statuses."""
    port = int(re.search(r":(\d+)/", url)[1])
    statuses, reader, writer = [], None, None
    for request in requests:
        if writer is None or writer.is_closing():
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"content-length: (\d+)", head)[1]) if b"content-length" in head else 0
            await reader.readexactly(length)
            statuses.append(int(head[9:12]))
        except (asyncio.IncompleteReadError, ConnectionError):
            statuses.append(0)  # closed without an answer
        if statuses[-1] == 0 or b"connection: close" in head.lower():
            writer.close()
            writer = None
    if writer is not None:
        writer.close()
    return statuses


def post(url, body):
    path = "/" + url.split("/", 3)[3]
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("n_mutated", [25, pytest.param(100, marks=pytest.mark.slow)])  # of each of a hundred
def test_mutated_messages_neither_crash_nor_grow_and_the_good_ones_between_arrive(n_mutated):
    draw = random.Random(0)
    phone = Phone(samples=3, sensors=("accelerometer", "gravity", "gyroscope"), rate_hz=3)
    goods = [phone.message() for _ in range(100)]

    async def run():
        limits = {"limits": GENEROUS, "n_devices": 10_000, "capacity_samples": 5000}
        source = SensorLoggerHTTP(port=0, reorder_s=0, **limits)  # so that nothing waits
        async with SensorLoggerBridge(source, capacity_samples=5000) as bridge:
            seen = set()
            bridge.on_reading(lambda readings: seen.update(readings.time_ns.tolist()))
            slow = aiter(bridge)  # and never read
            memory, n_bytes = [], 0
            for start in range(0, 100, 10):
                batch = []
                for good in goods[start : start + 10]:
                    batch += [post(bridge.url, mutated(good, draw)) for _ in range(n_mutated)] + [
                        post(bridge.url, good)
                    ]
                n_bytes += sum(map(len, batch))
                statuses = await answers(bridge.url, batch)
                assert len(statuses) == 10 * (n_mutated + 1)
                assert set(statuses) <= {200, 499}
                assert set(statuses[n_mutated :: n_mutated + 1]) == {200}
                memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            assert bridge.state is SourceState.CONNECTED
            metrics = bridge.metrics()
            assert metrics["source.messages"] == 100 * (n_mutated + 1)
            assert metrics["source.messages.refused"] > 30 * n_mutated
            assert "source.http.faults" not in metrics
            assert bridge.health().message
            for number in range(300):
                assert phone.start_ns + round(1e9 / 3) * number in seen
            assert n_bytes > 5e5 * n_mutated
            assert memory[-1] - memory[2] < 10, memory  # MB, at the highest
            await slow.aclose()

    asyncio.run(run())


def test_wrong_requests_are_answered_below_500_or_not_at_all():
    draw = random.Random(1)

    async def run():
        async with SensorLoggerHTTP(port=0, limits=HTTPLimits(body_timeout_s=0.2, guesses_per_s=1e6)) as source:
            good = post(source.url, Phone(samples=1).message())
            head, _, content = good.partition(b"\r\n\r\n")
            requests = []
            for _ in range(300):
                wrong = bytearray(head)
                for _ in range(draw.randint(1, 3)):
                    wrong[draw.randrange(len(wrong))] = draw.randrange(256)
                requests.append(bytes(wrong) + b"\r\nConnection: close\r\n\r\n" + content)
            long = b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            headers = b"".join(b"x-%d: y\r\n" % i for i in range(20_000))
            requests += [long, head + b"\r\n" + headers + b"\r\n"]
            statuses = []
            for request in requests:  # each on a connection of its own, as none can be trusted to end
                statuses += await answers(source.url, [request])
            assert max(statuses) < 500
            assert len(statuses) == 302
            assert await answers(source.url, [good]) == [200]

    asyncio.run(run())


@pytest.mark.parametrize("how", ["whole", "in chunks"])
def test_huge_bodies_are_refused_without_being_kept(how):
    body = b"x" * (16 * MEGABYTE)

    async def run():
        async with SensorLoggerHTTP(port=0) as source:
            request = post(source.url, body)
            if how == "in chunks":
                head = request.partition(b"\r\n\r\n")[0].replace(
                    b"Content-Length: 16777216", b"Transfer-Encoding: chunked"
                )
                chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
                request = head + b"\r\n\r\n" + chunk * 256 + b"0\r\n\r\n"
            await answers(source.url, [request])
            gc.collect()
            tracemalloc.start()
            statuses = await answers(source.url, [request] * 5)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert statuses == [413] * 5
            assert source.metrics()["http.413"] == 6
            assert peak < 40 * MEGABYTE, "a body is 16 MB, and what sends it keeps it whole in its own buffer"

    asyncio.run(run())
