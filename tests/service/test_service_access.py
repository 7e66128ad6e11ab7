"""Who may do what: every route by every caller, over HTTP and WebSocket, in one table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from motif.errors import ConfigError, MissingFileError
from motif.service import Role, ServiceSettings, load_settings, open_service, running

KEYS = {"anyone": None, "wrong": "guess", "infer": "a-key", "admin": "an-admin-key"}
OPEN = {"anyone": True, "wrong": True, "infer": True, "admin": True}
FOR_INFER = {"anyone": 401, "wrong": 401, "infer": True, "admin": True}
FOR_ADMIN = {"anyone": 401, "wrong": 401, "infer": 403, "admin": True}
TABLE = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/v2/health/live"): OPEN,
    ("GET", "/v2/health/ready"): OPEN,
    ("GET", "/metrics"): FOR_INFER,
    ("GET", "/openapi.json"): FOR_INFER,
    ("GET", "/v2"): FOR_INFER,
    ("GET", "/v2/models/{model}"): FOR_INFER,
    ("GET", "/v2/models/{model}/versions/{version}"): FOR_INFER,
    ("GET", "/v2/models/{model}/ready"): FOR_INFER,
    ("GET", "/v2/models/{model}/versions/{version}/ready"): FOR_INFER,
    ("POST", "/v2/models/{model}/infer"): FOR_INFER,
    ("POST", "/v2/models/{model}/versions/{version}/infer"): FOR_INFER,
    ("POST", "/v2/repository/index"): FOR_ADMIN,
    ("POST", "/v2/repository/models/{model}/load"): FOR_ADMIN,
    ("POST", "/v2/repository/models/{model}/unload"): FOR_ADMIN,
    ("WS", "/v1/stream"): FOR_INFER,
}


@pytest.fixture(scope="module")
def locked(bundle: Path) -> Iterator[int]:
    hashes = {name: hashlib.sha256(str(key).encode()).hexdigest() for name, key in KEYS.items()}
    settings = ServiceSettings(
        port=0,
        key_sha256=hashes["infer"],
        admin_key_sha256=hashes["admin"],
        body_bytes=50_000,
        origins=("https://a.example",),
    )
    with running(open_service([bundle], settings)) as port:
        yield port


def headers(caller: str) -> dict[str, str]:
    return {} if KEYS[caller] is None else {"Authorization": f"Bearer {KEYS[caller]}"}


def test_the_table_holds_every_route(bundle: Path) -> None:
    service = open_service([bundle], ServiceSettings())
    routes = {(method, path) for path, ways in service.api.openapi()["paths"].items() for method in ways}
    assert {(method.upper(), path) for method, path in routes} == set(TABLE) - {
        ("GET", "/openapi.json"),
        ("WS", "/v1/stream"),
    }


@pytest.mark.parametrize("caller", KEYS)
@pytest.mark.parametrize(("method", "path"), [route for route in TABLE if route[0] != "WS"])
def test_each_caller_gets_in_where_the_table_says(locked: int, method: str, path: str, caller: str) -> None:
    asked = path.format(model="nobody", version="0")
    reply = httpx.request(method, f"http://127.0.0.1:{locked}{asked}", headers=headers(caller), trust_env=False)
    allowed = TABLE[method, path][caller]
    if allowed is True:
        assert reply.status_code not in {401, 403, 421}
    else:
        assert reply.status_code == allowed
        assert reply.json()["code"] in {"key", "role"}


@pytest.mark.parametrize("caller", KEYS)
def test_streams_open_where_the_table_says(locked: int, caller: str) -> None:
    where = f"ws://127.0.0.1:{locked}/v1/stream?stream=s"
    if TABLE["WS", "/v1/stream"][caller] is True:
        with connect(where, additional_headers=headers(caller), proxy=None) as stream:
            assert "ready" in str(stream.recv(timeout=30))
    else:
        with pytest.raises(InvalidStatus, match="403"):
            connect(where, additional_headers=headers(caller), proxy=None)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::2]", ""])
def test_names_that_are_not_ours_are_refused_over_http_and_websocket(locked: int, host: str) -> None:
    given = headers("admin") | {"Host": host}
    assert httpx.get(f"http://127.0.0.1:{locked}/healthz", headers=given, trust_env=False).status_code in {400, 421}
    with pytest.raises(Exception, match=r"403|400"):
        connect(f"ws://127.0.0.1:{locked}/v1/stream?stream=s", additional_headers=given, proxy=None)


@pytest.mark.parametrize(
    ("origin", "status"), [("https://evil.example", 403), ("null", 403), ("https://a.example", 200), (None, 200)]
)
def test_pages_of_other_sites_may_not_call(locked: int, origin: str | None, status: int) -> None:
    given = headers("infer") | ({} if origin is None else {"Origin": origin})
    assert httpx.get(f"http://127.0.0.1:{locked}/v2", headers=given, trust_env=False).status_code == status
    if status == 403:
        with pytest.raises(InvalidStatus, match="403"):
            connect(f"ws://127.0.0.1:{locked}/v1/stream?stream=s", additional_headers=given, proxy=None)


def test_a_body_that_is_too_large_is_refused_whatever_its_header_says(locked: int) -> None:
    where, given = f"http://127.0.0.1:{locked}/v2/models/taps/infer", headers("infer")
    assert httpx.post(where, content=b"x" * 60_000, headers=given, trust_env=False).status_code == 413
    chunks = (b"x" * 10_000 for _ in range(10))
    assert httpx.post(where, content=chunks, headers=given, trust_env=False).status_code == 413
    zipped = given | {"Content-Encoding": "gzip"}
    assert httpx.post(where, content=b"x", headers=zipped, trust_env=False).status_code == 415


def test_a_caller_that_asks_too_often_is_told_to_wait(bundle: Path) -> None:
    with running(open_service([bundle], ServiceSettings(port=0, requests_per_s=0.5))) as port:
        found = [httpx.get(f"http://127.0.0.1:{port}/v2", trust_env=False).status_code for _ in range(6)]
    assert found[0] == 200
    assert found[-1] == 429


def test_without_a_key_a_service_is_for_this_machine_alone() -> None:
    with pytest.raises(ConfigError, match="new-key"):
        load_settings(environment={"MOTIF_SERVICE_HOST": "0.0.0.0"})
    assert load_settings(environment={}).role_of(None) is Role.ADMIN


@pytest.mark.parametrize(
    ("host", "name", "known"),
    [
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "192.168.1.5", False),
        ("::1", "::1", True),
        ("localhost", "127.0.0.1", True),
        ("0.0.0.0", "192.168.1.5", True),
        ("0.0.0.0", "edge-device", True),
        ("0.0.0.0", "evil.example", False),
        ("192.168.1.5", "localhost", False),
    ],
)
def test_a_service_answers_to_its_own_names_alone(host: str, name: str, known: bool) -> None:
    assert ServiceSettings(host=host, hosts=("Edge-Device",), key_sha256="0" * 64).is_called(name) is known


def test_settings_come_from_a_file_then_the_environment_then_options(tmp_path: Path) -> None:
    path = tmp_path / "service.yaml"
    path.write_text("port: 1\nbody_bytes: 5\nhosts: [a]\n")
    environment = {"MOTIF_SERVICE_PORT": "2", "MOTIF_SERVICE_HOSTS": "b, c", "MOTIF_SERVICE_MQTT": "d", "OTHER": "x"}
    found = load_settings(path, environment=environment, port=3, mqtt=None)
    assert (found.port, found.body_bytes, found.hosts, found.mqtt) == (3, 5, ("b", "c"), "d")
    with pytest.raises(ConfigError, match="line 1"):
        path.write_text("prot: 1\n")
        load_settings(path, environment={})
    with pytest.raises(ConfigError, match="port"):
        load_settings(environment={"MOTIF_SERVICE_PORT": "high"})
    with pytest.raises(ConfigError, match="want 1 to 65535"):
        load_settings(environment={"MOTIF_SERVICE_MQTT": "broker:65536"})
    with pytest.raises(ConfigError, match="colour"):
        load_settings(environment={"MOTIF_SERVICE_COLOUR": "red"})
    with pytest.raises(MissingFileError):
        load_settings(tmp_path / "none.yaml")
