"""For the contract of sources: how each is made, and how something is sent to it.

A maker is an async context manager: it gets the source's class and a `ManualClock`, and yields the source, closed, with
a coroutine function that makes some samples arrive. Register it in `MAKERS` under the name of the entry point.
"""

from contextlib import asynccontextmanager

import aiomqtt
import httpx
from tests.sources.broker import broker
from tests.sources.phones import Phone


@asynccontextmanager
async def http(cls, clock):
    source = cls(port=0, clock=clock, capacity_samples=2000)
    phone = Phone(sensors=("gyroscope",))
    async with httpx.AsyncClient() as client:

        async def send():
            assert (await client.post(source.url, content=phone.message())).status_code == 200

        yield source, send


@asynccontextmanager
async def mqtt(cls, clock):
    phone = Phone(sensors=("gyroscope",))
    with broker() as served:
        source = cls(port=served.port, clock=clock, capacity_samples=2000)

        async def send():
            async with aiomqtt.Client("127.0.0.1", served.port) as client:
                await client.subscribe("motif/status")
                while (await anext(client.messages)).payload != b"online":  # it listens from then on
                    pass
                await client.publish("sensor-logger", phone.message(), qos=0)

        yield source, send


@asynccontextmanager
async def bridge(cls, clock):
    source = cls(port=0, clock=clock, capacity_samples=2000)
    phone = Phone(sensors=("gyroscope",))
    async with httpx.AsyncClient() as client:

        async def send():
            assert (await client.post(source.url, content=phone.message())).status_code == 200

        yield source, send


MAKERS = {"sensor-logger-http": http, "sensor-logger-mqtt": mqtt, "sensor-logger-bridge": bridge}
