from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motif.bundles import load
from motif.recordings import Dataset
from motif.service import Service


def asked(windows: np.ndarray, **more: Any) -> dict[str, Any]:
    tensor = {"name": "windows", "shape": list(windows.shape), "datatype": "FP32", "data": windows.ravel().tolist()}
    return {"inputs": [tensor], **more}


def test_it_is_alive_and_ready_once_its_models_have_answered(client: httpx.Client) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["models"]["taps"]["warm_up_ms"] > 0
    assert client.get("/v2/health/live").status_code == client.get("/v2/health/ready").status_code == 200


def test_a_service_without_models_is_alive_and_not_ready() -> None:
    from motif.service import ServiceSettings, Shelf, running

    with running(Service(Shelf(), ServiceSettings(port=0))) as port:
        base = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{base}/healthz", trust_env=False).status_code == 200
        assert httpx.get(f"{base}/readyz", trust_env=False).status_code == 503


def test_a_window_gets_over_the_wire_what_the_bundle_says_of_it(
    client: httpx.Client, bundle: Path, gestures: Dataset
) -> None:
    windows = gestures.X[:3, :, 0]
    reply = client.post("/v2/models/taps/infer", json=asked(windows, id="seven")).json()
    recognizer = load(bundle)
    outputs = {output["name"]: output for output in reply["outputs"]}
    assert reply["id"] == "seven"
    assert reply["model_version"] == recognizer.manifest.content_hash[:12]
    assert outputs["probabilities"]["shape"] == [3, 4]
    np.testing.assert_allclose(
        np.reshape(outputs["probabilities"]["data"], (3, 4)), recognizer.predict_proba(windows), atol=1e-6
    )
    assert outputs["label"]["data"] == [recognizer.recognize(window).label for window in windows]
    assert outputs["is_outlier"]["data"] == [recognizer.recognize(window).is_outlier for window in windows]


def test_many_windows_are_answered_as_each_would_be_alone(client: httpx.Client, gestures: Dataset) -> None:
    windows = gestures.X[:20, :, 0]
    together = client.post("/v2/models/taps/infer", json=asked(windows)).json()["outputs"][0]["data"]
    alone = [client.post("/v2/models/taps/infer", json=asked(w[None])).json()["outputs"][0]["data"] for w in windows]
    assert together == [value for each in alone for value in each]


def test_an_unmodified_triton_client_gets_predictions(port: int, bundle: Path, gestures: Dataset) -> None:
    triton = pytest.importorskip("tritonclient.http")
    windows = gestures.X[:2, :, 0]
    client = triton.InferenceServerClient(f"127.0.0.1:{port}")
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("taps")
    assert client.get_model_metadata("taps")["inputs"][0]["shape"] == [-1, 6, 100]
    for binary in (True, False):
        tensor = triton.InferInput("windows", windows.shape, "FP32")
        tensor.set_data_from_numpy(windows, binary_data=binary)
        wanted = [triton.InferRequestedOutput(name, binary_data=binary) for name in ("probabilities", "label")]
        reply = client.infer("taps", [tensor], outputs=wanted)
        np.testing.assert_allclose(reply.as_numpy("probabilities"), load(bundle).predict_proba(windows), atol=1e-6)
    assert client.infer("taps", [tensor]).as_numpy("label").tolist()[0] in [
        name.encode() for name in load(bundle).classes_
    ]
    client.close()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"inputs": []}, "one tensor"),
        ({"inputs": [3]}, "no JSON object"),
        ({"inputs": [{"shape": [1, 6, 99], "datatype": "FP32", "data": []}]}, "shape"),
        ({"inputs": [{"shape": [0, 6, 100], "datatype": "FP32", "data": []}]}, "above 0"),
        ({"inputs": [{"shape": [1, 6, 100], "datatype": "BYTES", "data": []}]}, "datatype"),
        ({"inputs": [{"shape": [1, 6, 100], "datatype": [], "data": []}]}, "datatype"),
        ({"inputs": [{"shape": [1, 6, 100], "datatype": "FP32", "data": [1, 2]}]}, "600"),
        ({"inputs": [{"shape": [1, 6, 100], "datatype": "FP32"}]}, "data"),
        ({"inputs": [{"shape": [1, 6, 100], "datatype": "FP32", "data": [[1], [2, 3]]}]}, "differ in length"),
        ({"inputs": [{"shape": [1, 6, 100], "datatype": "FP32", "data": ["x"] * 600}]}, "no number"),
        ({"inputs": [{"shape": [1, 6, 100], "datatype": "FP32", "data": [1e300] * 600}]}, "infinite"),
        ({"inputs": [{"shape": [99999, 6, 100], "datatype": "FP32", "data": []}]}, "4096"),
    ],
)
def test_a_request_that_cannot_be_used_is_told_why(client: httpx.Client, change: dict[str, Any], says: str) -> None:
    reply = client.post("/v2/models/taps/infer", json=change)
    assert reply.status_code == 400
    assert says in reply.json()["error"]
    assert reply.json()["code"] in {"input", "shape", "not-finite", "dtype"}


def test_an_output_that_is_not_there_and_a_body_that_is_no_json_are_told(client: httpx.Client) -> None:
    window = np.zeros((1, 6, 100), np.float32)
    for name in ("logits", ["logits"], {}, None):
        wrong = client.post("/v2/models/taps/infer", json=asked(window, outputs=[{"name": name}]))
        assert (wrong.status_code, "probabilities" in wrong.json()["error"]) == (400, True)
    for content in (b"", b"{", b"[" * 100_000, b'{"inputs": [{"shape": [1, 6, 100], "data": [NaN]}]}', b"\xff"):
        assert client.post("/v2/models/taps/infer", content=content).status_code == 400
    bad = client.post("/v2/models/taps/infer", content=b"{}", headers={"Inference-Header-Content-Length": "-1"})
    assert bad.status_code == 400
    assert "is '-1'; want a whole number" in bad.json()["error"]


def test_what_there_is_not_is_said_with_a_code(client: httpx.Client) -> None:
    for reply, status, code in ((client.get("/v3"), 404, "not-found"), (client.put("/healthz"), 405, "method")):
        assert (reply.status_code, reply.json()["code"]) == (status, code)


def test_a_model_that_is_not_loaded_is_not_found_and_those_there_are_named(client: httpx.Client) -> None:
    for path in ("/v2/models/nods", "/v2/models/taps/versions/000000000000", "/v2/models/nods/ready"):
        reply = client.get(path)
        assert reply.status_code == 404
        assert reply.json()["code"] == "unknown-model"
        assert "taps" in reply.json()["error"]


KEYS = st.sampled_from(["inputs", "outputs", "shape", "datatype", "data", "parameters", "id", "name"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON)
def test_no_body_whatever_makes_the_service_fail(client: httpx.Client, body: Any) -> None:
    content = json.dumps(body)
    for path in ("/v2/models/taps/infer", "/v2/models/%00/infer"):
        assert client.post(path, content=content).status_code in {400, 404}


def test_figures_are_counted_for_prometheus(client: httpx.Client, gestures: Dataset) -> None:
    def counted() -> float:
        lines = client.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith('motif_windows_total{model="taps"}'))

    before = counted()
    client.post("/v2/models/taps/infer", json=asked(gestures.X[:2, :, 0]))
    assert counted() == before + 2


def test_a_model_is_loaded_exchanged_and_unloaded_while_it_runs(
    client: httpx.Client, service: Service, bundle: Path
) -> None:
    assert client.post("/v2/repository/models/missing/load").status_code == 404
    assert client.post("/v2/repository/models/..%2Fpasswd/load").status_code == 404
    (bundle.parent / "broken").mkdir(exist_ok=True)
    (bundle.parent / "broken" / "manifest.json").write_text("{}")
    assert client.post("/v2/repository/models/broken/load").status_code == 409
    loaded = client.post("/v2/repository/models/taps/load")
    assert loaded.json()["version"] in service.shelf.versions("taps")
    assert {model["name"] for model in client.post("/v2/repository/index").json()} == {"taps"}
    service.shelf.load(bundle, "spare")
    assert client.get("/v2/models/spare/ready").json()["ready"] is True
    assert client.post("/v2/repository/models/spare/unload").status_code == 200
    assert client.get("/v2/models/spare").status_code == 404
    assert client.post("/v2/repository/models/spare/unload").status_code == 404
