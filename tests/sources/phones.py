"""Phones that speak as the Sensor Logger app does, as far as its documents say."""

import asyncio
import json
from dataclasses import dataclass, field

import numpy as np

START_NS = 1_698_501_144_401_773_123
"""Not a multiple of 256: a float would round it."""


def sample(name, time_ns, **values):
    return {"name": name, "time": time_ns, "values": values}


def body(number=1, *samples, device="phone-1", session="session-1"):
    return json.dumps(
        {"messageId": number, "sessionId": session, "deviceId": device, "payload": list(samples)}
    ).encode()


@dataclass
class Phone:
    """Turns and lies about; every value says when it was taken and of which device, so that a mix-up shows."""

    device: str = "phone-1"
    session: str = "session-1"
    rate_hz: float = 100.0
    samples: int = 100
    """In each message, of each sensor."""
    sensors: tuple[str, ...] = ("accelerometer", "gyroscope")
    start_ns: int = START_NS
    sent: int = field(default=0, init=False)

    def message(self) -> bytes:
        """Return the next message."""
        step_ns = round(1e9 / self.rate_hz)
        first = self.sent * self.samples
        payload = []
        for index in range(first, first + self.samples):
            time_ns = self.start_ns + index * step_ns
            angle = index / 50
            for name in self.sensors:
                if name == "gravity":
                    values = {"x": 0.0, "y": 0.0, "z": 9.80665}
                else:
                    values = {"x": float(np.sin(angle)), "y": float(np.cos(angle)), "z": index * 1e-6}
                payload.append({"name": name, "time": time_ns, "values": values, "accuracy": 3})
        self.sent += 1
        said = {"messageId": self.sent, "sessionId": self.session, "deviceId": self.device, "payload": payload}
        return json.dumps(said).encode()


class Line:
    """One phone's connection, kept open: a request at a time, and almost no cost of its own."""

    def __init__(self, url):
        _, _, host, path = url.split("/", 3)
        self._host, self._path = host, path
        self._reader = self._writer = None

    async def post(self, content):
        """Return the status of the answer."""
        if self._writer is None:
            name, port = self._host.split(":")
            self._reader, self._writer = await asyncio.open_connection(name, int(port))
        head = f"POST /{self._path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Length: {len(content)}\r\n\r\n"
        self._writer.write(head.encode() + content)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        await self._reader.readexactly(int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        return int(answer[9:12])

    def close(self):
        if self._writer is not None:
            self._writer.close()


async def received(source):
    """Close the source and return all it had."""
    await source.close()
    return [readings async for readings in source]
