"""Phones that are asked for their sensors: SensorServer and phyphox, as their documents and sources describe them."""

import asyncio
import json
import math
import queue
import threading
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from websockets.asyncio.server import serve
from websockets.protocol import State
from websockets.sync.server import serve as serve_in_threads

BOOT_NS = 3_925_657_519_043_709  # above 2**51: a float would not keep it
BEGAN_S = 1_750_000_000.25


@asynccontextmanager
async def serving(app):
    """Serve an application on a free port of this machine; yields its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_config=None))
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await task


def message(stamp_ns=BOOT_NS, values=(0.3, -0.9, 10.0), **more):
    return json.dumps({"accuracy": 3, "timestamp": stamp_ns, "values": list(values), **more})


class SensorServer:
    """SensorServer, as its documents and its source describe it."""

    def __init__(self, *scripts):
        self.scripts = list(scripts)
        self.paths = []

    async def __aenter__(self):
        self.server = await serve(self.session, "127.0.0.1", 0)
        self.address = f"ws://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await self.server.wait_closed()

    async def session(self, connection):
        self.paths.append(connection.request.path)
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        await script(connection)


def sensor_config(source, stem):
    outputs = [{"x": f"{stem}X"}, {"y": f"{stem}Y"}, {"z": f"{stem}Z"}, {"abs": stem}, {"t": f"{stem}_time"}]
    return {"source": source, "outputs": outputs}


class PhyphoxPhone:
    """An experiment with growing buffers."""

    def __init__(self):
        self.buffers = {}
        self.inputs = []
        self.session = "abcdef"
        self.measuring = True
        self.timed = 0
        self.events = [{"event": "START", "experimentTime": 0.0, "systemTime": BEGAN_S}]
        self.status = 200
        self.asked = []
        self.answers = {}

    def sensor(self, source, stem):
        self.inputs.append(sensor_config(source, stem))
        for end in ("X", "Y", "Z", "", "_time"):
            self.buffers[stem + end] = []

    def record(self, stem, start_s, n, step_s=0.01):
        for i in range(n):
            t = start_s + i * step_s
            for end, value in (("_time", t), ("X", math.sin(t)), ("Y", math.cos(t)), ("Z", t), ("", 1.0)):
                self.buffers[stem + end].append(float(f"{value:.7e}"))

    def get(self, query):
        found = {}
        for name, wanted in query.items():
            if name not in self.buffers:
                continue
            threshold, _, reference = wanted.partition("|")
            if not wanted:
                values, mode = self.buffers[name][-1:] or [None], "single"
            else:
                above = float(threshold) + 10 ** math.floor(math.log10(abs(float(threshold)) / 1e7 or 1e-300))
                keep = self.buffers[reference or name]
                values, mode = [v for v, at in zip(self.buffers[name], keep, strict=False) if at > above], "partial"
            found[name] = {"size": 0, "updateMode": mode, "buffer": values}
        status = {
            "session": self.session,
            "measuring": self.measuring,
            "timedRun": bool(self.timed),
            "countDown": self.timed,
        }
        return {"buffer": found, "status": status}

    async def answer(self, request):
        path, query = request.url.path, dict(request.query_params)
        self.asked.append((path, query))
        if self.status != 200:
            return JSONResponse({"error": "no"}, status_code=self.status)
        if path in self.answers:
            return Response(self.answers[path], media_type="application/json")
        if path == "/config":
            return JSONResponse({"title": "Raw", "buffers": [], "inputs": self.inputs, "export": []})
        if path == "/get":
            return JSONResponse(self.get(query))
        if path == "/time":
            return (
                JSONResponse(self.events) if self.events is not None else JSONResponse({"error": ""}, status_code=404)
            )
        if path == "/control":
            self.measuring = True
            return JSONResponse({"result": True})
        return JSONResponse({}, status_code=404)

    def at(self):
        return serving(Starlette(routes=[Route("/{path:path}", self.answer)]))


class ThreadedSensorServer:
    """A phone in threads of its own, that leaves no task in the test's event loop."""

    def __init__(self):
        self.connected, self.stamps = queue.SimpleQueue(), iter(range(BOOT_NS, BOOT_NS + 10**12, 10_000_000))

    def session(self, connection):
        self.connected.put(connection)
        for _ in connection:
            pass

    async def send(self):
        """Send a sample to who connected last, or will connect."""
        connection = await asyncio.to_thread(self.connected.get)
        while connection.state is not State.OPEN or not self.connected.empty():
            connection = await asyncio.to_thread(self.connected.get)
        await asyncio.to_thread(connection.send, message(next(self.stamps)))
        self.connected.put(connection)


@asynccontextmanager
async def sensor_server():
    """Yield a phone that sends a sample whenever `send` is called."""
    phone = ThreadedSensorServer()
    with serve_in_threads(phone.session, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        phone.address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        yield phone


@asynccontextmanager
async def phyphox_phone():
    """Yield a phone whose gyroscope records another second whenever `record` is called."""
    phone = PhyphoxPhone()
    phone.sensor("gyroscope", "gyr")
    phone.record("gyr", 0.0, 10)
    async with phone.at() as address:
        recorded, phone.address, done = phone.record, address, iter(range(1, 100))
        phone.record = lambda: recorded("gyr", float(next(done)), 100)
        yield phone
