"""For the contract of sources: how each is made, and how something is sent to it.

A maker is an async context manager: it gets the source's class and a `ManualClock`, and yields the source, closed, with
a coroutine function that makes some samples arrive. Register it in `MAKERS` under the name of the entry point.
"""

from contextlib import asynccontextmanager

import aiomqtt
import httpx
import numpy as np
from tests.sources.broker import broker
from tests.sources.drawn_hands import Camera, frames
from tests.sources.phones import Phone
from tests.sources.served_phones import phyphox_phone, sensor_server

from motif.recordings import simulate_gesture_recordings
from motif.sources import SeenHand


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


@asynccontextmanager
async def replay(cls, clock):
    source = cls(simulate_gesture_recordings(1, 1, movements=["push"], random_state=0)[0], clock=clock, loop=True)

    async def send():
        await clock.until_asleep()
        await clock.advance(0.2)

    yield source, send


@asynccontextmanager
async def simulator(cls, clock):
    async def send():
        await clock.until_asleep()
        await clock.advance(0.2)

    yield cls(["push"], clock=clock), send


@asynccontextmanager
async def websocket(cls, clock):
    async with sensor_server() as phone:
        yield cls(phone.address, ["gyroscope"], clock=clock, capacity_samples=2000), phone.send


@asynccontextmanager
async def phyphox(cls, clock):
    async with phyphox_phone() as phone:

        async def send():
            await clock.until_asleep()  # it has seen what there was
            phone.record()
            await clock.advance(1.0)

        yield cls(phone.address, clock=clock, capacity_samples=2000), send


class OneHand:
    """Sees the same hand in every image."""

    def find(self, image, time_ns):
        return SeenHand(np.linspace([0.2, 0.2, 0.0], [0.8, 0.8, 0.1], 21), "right", 0.9)

    def close(self):
        pass


@asynccontextmanager
async def camera(cls, clock):
    shown = Camera(frames(20))

    async def send():
        shown.show()

    yield cls(shown, finder=OneHand(), clock=clock, capacity_samples=2000), send
    shown.show()


MAKERS = {
    "sensor-logger-http": http,
    "sensor-logger-mqtt": mqtt,
    "sensor-logger-bridge": bridge,
    "replay": replay,
    "simulator": simulator,
    "websocket": websocket,
    "phyphox": phyphox,
    "camera": camera,
}
