"""MQTT against a real broker in a process of its own, which is killed and comes back."""

import asyncio
import contextlib
import gc
import subprocess
import sys
from contextlib import asynccontextmanager

import aiomqtt
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from tests.sources.broker import ROOT, broker
from tests.sources.phones import Phone

from motif.errors import ConfigError, MissingFileError
from motif.sources import Backoff, ManualClock, SensorLoggerMQTT, SourceState


@asynccontextmanager
async def listening(served, **settings):
    """A client that has seen somebody say `online`, and can publish."""
    async with asyncio.timeout(20), aiomqtt.Client("127.0.0.1", served.port, **settings) as client:
        await client.subscribe("motif/status")
        await said(client, b"online")
        yield client


async def said(client, word):
    while (await anext(client.messages)).payload != word:
        pass


@pytest.fixture(scope="module")
def served():
    with broker() as process:
        yield process


@pytest.mark.parametrize("transport", ["tcp", "websockets"])
def test_what_a_phone_publishes_arrives_over_tcp_and_websockets(served, transport):
    async def run():
        port = served.port if transport == "tcp" else served.websocket_port
        source = SensorLoggerMQTT(port=port, transport=transport, reorder_s=0)
        async with source:
            arriving = aiter(source)
            async with listening(served) as client:
                assert source.state is SourceState.CONNECTED
                assert "does the phone publish to topic 'sensor-logger'" in source.health().message
                phone = Phone()
                for payload in (b"\xff", b"", b"[" * 1000, phone.message(), b"x" * 5_000_000):
                    await client.publish("sensor-logger", payload)
                readings = await anext(arriving)
                assert (readings.n_samples, readings.channels[0]) == (100, "linear_acc_x")
                await client.publish("sensor-logger", phone.message())
                while source.metrics().get("messages.too large", 0) < 1 or source.health().received < 400:
                    await anext(arriving)
                assert source.metrics()["messages.refused"] == 3
                await source.close()
                await said(client, b"offline")

    asyncio.run(run())


def test_a_broker_that_is_killed_and_comes_back_is_survived_and_told():
    async def run(served):
        clock = ManualClock()
        backoff = Backoff(first_s=1, cap_s=8, jitter=0)
        source = SensorLoggerMQTT(port=served.port, clock=clock, backoff=backoff, reorder_s=0)
        async with source:
            arriving, phone = aiter(source), Phone()
            async with listening(served) as client:
                await client.publish("sensor-logger", phone.message())
                assert (await anext(arriving)).n_samples == 100
                with pytest.raises(aiomqtt.MqttError):
                    served.kill()
                    await anext(client.messages)
            await clock.until_asleep()
            assert source.state is SourceState.RECONNECTING
            assert "trying again in 1.0 s" in source.health().message
            await clock.advance(1)
            await clock.until_asleep()
            assert source.health().message == f"127.0.0.1:{served.port} refuses the connection; trying again in 2.0 s"
            served.start()
            await clock.advance(2)
            async with listening(served) as client:
                assert source.state is SourceState.CONNECTED
                phone.message()  # lost while the broker was out
                await client.publish("sensor-logger", phone.message())
                while (await anext(arriving)).time_ns[0] != phone.start_ns + 2_000_000_000:
                    pass
                assert "messages lost: 33%" in source.health().message

    with broker() as served:
        asyncio.run(run(served))


def test_a_bridge_that_is_killed_is_said_to_be_offline_by_the_broker(served):
    code = f"""
import asyncio
from motif.sources import SensorLoggerMQTT
async def run():
    async with SensorLoggerMQTT(port={served.port}, status_topic="motif/killed"):
        await asyncio.Event().wait()
asyncio.run(run())
"""

    async def run():
        async with asyncio.timeout(30), aiomqtt.Client("127.0.0.1", served.port) as client:
            await client.subscribe("motif/killed")
            process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
            try:
                await said(client, b"online")
            finally:
                process.kill()
                process.wait()
            await said(client, b"offline")

    asyncio.run(run())


def test_a_broker_that_falls_silent_does_not_hold_up_who_leaves():
    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError):
            await reader.read(1000)  # CONNECT
            writer.write(b"\x20\x02\x00\x00")
            asked = await reader.read(1000)  # SUBSCRIBE, with its number
            writer.write(b"\x90\x03" + asked[2:4] + b"\x00")
            while await reader.read(1000):
                pass
        writer.close()

    async def run():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(20), SensorLoggerMQTT(port=port, timeout_s=0.2) as source:
            while source.state is not SourceState.CONNECTED:
                await asyncio.sleep(0)
        assert source.state is SourceState.STOPPED
        server.close()

    asyncio.run(run())


def test_user_and_password_are_used_and_a_wrong_one_is_told(tmp_path):
    file = tmp_path / "passwords"
    file.write_text(f"phone:{PasswordHash((Argon2Hasher(),)).hash('right')}\n")

    async def run(served):
        good = SensorLoggerMQTT(port=served.port, username="phone", password="right")
        async with good, listening(served, username="phone", password="right"):
            assert good.state is SourceState.CONNECTED
        clock = ManualClock()
        bad = SensorLoggerMQTT(port=served.port, username="phone", password="wrong", clock=clock, reorder_s=0)
        async with bad:
            await clock.until_asleep()
            assert bad.state is SourceState.RECONNECTING
            assert f"127.0.0.1:{served.port} cannot be used: Not authorized; trying again" in bad.health().message

    with broker(passwords=file) as served:
        asyncio.run(run(served))


@pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")  # paho leaves a socket that was refused to the GC
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_encryption_checks_who_the_broker_is(tmp_path):
    pair, certificate = tmp_path / "pair.pem", tmp_path / "cert.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*make.split(), "-keyout", pair, "-out", certificate], check=True, capture_output=True)
    pair.write_bytes(pair.read_bytes() + certificate.read_bytes())

    async def run(served):
        source = SensorLoggerMQTT(port=served.port, tls=True, ca_file=certificate)
        async with source:
            arriving = aiter(source)
            known = aiomqtt.TLSParameters(ca_certs=str(certificate))
            async with listening(served, tls_params=known) as client:
                await client.publish("sensor-logger", Phone().message())
                assert (await anext(arriving)).n_samples == 100
        clock = ManualClock()
        async with SensorLoggerMQTT(port=served.port, tls=True, clock=clock, reorder_s=0) as stranger:
            await clock.until_asleep()
            assert stranger.state is SourceState.RECONNECTING
            assert "certificate verify failed" in stranger.health().message

    with broker(certificate=pair) as served:
        asyncio.run(run(served))
    gc.collect()


def test_ports_follow_from_transport_and_encryption():
    ways = [("tcp", False), ("tcp", True), ("websockets", False), ("websockets", True)]
    assert [SensorLoggerMQTT(transport=how, tls=tls).port for how, tls in ways] == [1883, 8883, 8000, 8884]


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"transport": "carrier pigeon"}, "transport="),
        ({"topic": ""}, "topic is empty"),
        ({"path": "mqtt"}, "path="),
        ({"port": 0}, "port=0"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong, match):
    with pytest.raises(ConfigError, match=match):
        SensorLoggerMQTT(**wrong)


def test_a_certificate_that_is_not_there_is_an_error():
    async def run():
        with pytest.raises(MissingFileError, match="certificate"):
            await SensorLoggerMQTT(tls=True, ca_file="nowhere.pem").open()

    asyncio.run(run())
