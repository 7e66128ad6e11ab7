"""For each type of action: a world where it works, and what it does there. Used by the contract test."""

import asyncio
import json
import os
import socket
import subprocess
import threading
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from motif.live import Event
from motif.live.actions import MemoryPort, MidiAction

EVENT = Event(
    gesture="swipe",
    device="phone",
    start_ns=1_700_000_000_000_000_000,
    end_ns=1_700_000_000_500_000_000,
    decided_ns=1_700_000_000_650_000_000,
    confidence=0.93,
)


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Heard:
    """What a server was told; wait for it, from a coroutine, without sleeping."""

    def __init__(self):
        self.all = []
        self._loop = asyncio.get_running_loop()
        self._more = asyncio.Event()

    def add(self, what):
        self._loop.call_soon_threadsafe(self._add, what)

    def _add(self, what):
        self.all.append(what)
        self._more.set()

    async def until(self, n):
        async with asyncio.timeout(20):
            while len(self.all) < n:
                self._more.clear()
                await self._more.wait()
        return self.all


@asynccontextmanager
async def osc_world():
    from pythonosc.dispatcher import Dispatcher
    from pythonosc.osc_server import ThreadingOSCUDPServer

    heard = Heard()
    dispatcher = Dispatcher()
    dispatcher.set_default_handler(lambda address, *arguments: heard.add((address, *arguments)))
    with ThreadingOSCUDPServer(("127.0.0.1", 0), dispatcher) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield {"port": server.server_address[1]}, heard
        finally:
            server.shutdown()
            thread.join()


@asynccontextmanager
async def web_world(answers=(200,)):
    """A server that gives one answer after the other, and the last one from then on."""
    heard, left = Heard(), list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.send_header("Content-Length", "0")
            if status in (301, 302, 307):
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            heard.add((self.path, self.headers, json.loads(body)))

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield {"url": f"http://127.0.0.1:{server.server_address[1]}/hook"}, heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@asynccontextmanager
async def broker(port):
    from amqtt.broker import Broker

    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    running = Broker(config)
    await running.start()
    try:
        yield running
    finally:
        await running.shutdown()


@asynccontextmanager
async def listening(port, *topics):
    """Collect (topic, text) of what is published, retained or not."""
    import aiomqtt

    heard, ready = Heard(), asyncio.Event()

    async def listen():
        async with aiomqtt.Client("127.0.0.1", port) as client:
            for topic in topics:
                await client.subscribe(topic)
            ready.set()
            async for message in client.messages:
                heard.add((str(message.topic), message.payload.decode()))

    task = asyncio.create_task(listen())
    await ready.wait()
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def mqtt_world():
    port = free_port()
    async with broker(port), listening(port, "motif/motif/gesture") as heard:
        yield {"port": port}, heard


@asynccontextmanager
async def log_world(folder):
    path = folder / "events.jsonl"

    class Lines:
        async def until(self, n):
            lines = path.read_text(encoding="utf-8").splitlines()
            assert len(lines) >= n
            return [json.loads(line) for line in lines]

    yield {"path": path}, Lines()


@asynccontextmanager
async def midi_world():
    port = MemoryPort()

    class Sent:
        async def until(self, n):
            assert len(port.messages) >= n
            return port.messages

    yield {}, Sent(), lambda settings, clock: MidiAction(settings, clock=clock, port=lambda name, virtual: port)


@asynccontextmanager
async def x_server():
    """An X server without a screen; yields its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "320x240x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as numbers:
            yield f":{(await asyncio.to_thread(numbers.readline)).strip()}"
    finally:
        server.terminate()
        server.wait()


class XWindow:
    """A window with a title that has the focus and takes note of its keys."""

    def __init__(self, display, title):
        from Xlib import X
        from Xlib.display import Display

        self._x, self.display = X, Display(display)
        self.pressed, self.released = [], []
        screen = self.display.screen()
        self.window = screen.root.create_window(
            0, 0, 100, 100, 0, screen.root_depth, event_mask=X.KeyPressMask | X.KeyReleaseMask | X.StructureNotifyMask
        )
        self.window.set_wm_name(title)
        self.window.set_wm_class(title.lower(), title)
        self.window.map()
        self._wait_for(X.MapNotify)
        self.focus()

    def focus(self):
        self.window.set_input_focus(self._x.RevertToParent, self._x.CurrentTime)
        self.display.sync()

    def keys(self, n):
        """Return the keys that were pressed and let go so far, `n` of them."""
        while len(self.released) < n:
            event = self.display.next_event()
            if event.type in (self._x.KeyPress, self._x.KeyRelease):
                keys = self.pressed if event.type == self._x.KeyPress else self.released
                keys.append(self.display.keycode_to_keysym(event.detail, 0))
        return self.pressed

    def n_waiting(self):
        """Return how many keys were pressed or let go since."""
        self.display.sync()
        events = [self.display.next_event() for _ in range(self.display.pending_events())]
        return sum(event.type in (self._x.KeyPress, self._x.KeyRelease) for event in events)

    def _wait_for(self, kind):
        while (event := self.display.next_event()).type != kind:
            pass
        return event

    async def until(self, n):
        return await asyncio.to_thread(self.keys, n)

    def close(self):
        self.display.close()
