"""An MQTT broker in a process of its own, which can be killed: python -m tests.sources.broker PORT WS_PORT."""

import asyncio
import contextlib
import logging
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class BrokerProcess:
    """Start, kill and start again, on the same ports."""

    def __init__(self, **files):
        self.port, self.websocket_port = free_port(), free_port()
        self._files = files
        self._process = None

    def start(self):
        command = [sys.executable, "-m", "tests.sources.broker", str(self.port), str(self.websocket_port)]
        command += [f"{name}={path}" for name, path in self._files.items()]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._process.stdout.readline() == b"ready\n"
        return self

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None


@contextlib.contextmanager
def broker(**files):
    """A broker that is gone afterwards; `passwords` and `certificate` are files."""
    process = BrokerProcess(**files).start()
    try:
        yield process
    finally:
        process.kill()


async def serve(port, websocket_port, passwords=None, certificate=None):
    from amqtt.broker import Broker

    logging.disable()
    anonymous = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    by_file = {"amqtt.plugins.authentication.FileAuthPlugin": {"password_file": passwords}}
    tls = {"ssl": True, "certfile": certificate, "keyfile": certificate} if certificate else {}
    served = Broker(
        {
            "listeners": {
                "default": {"type": "tcp", "bind": f"127.0.0.1:{port}", **tls},
                "ws": {"type": "ws", "bind": f"127.0.0.1:{websocket_port}"},
            },
            "plugins": by_file if passwords else anonymous,
        }
    )
    await served.start()
    print("ready", flush=True)  # noqa: T201
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), **dict(said.split("=", 1) for said in sys.argv[3:])))
