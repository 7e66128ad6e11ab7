"""Whoever is told that it is ready is answered, whatever is loaded and unloaded meanwhile."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motif.service import ServiceSettings, open_service, running

WINDOW = {"name": "windows", "shape": [1, 6, 100], "datatype": "FP32", "data": np.zeros(600).tolist()}
ASKERS = 3


@pytest.fixture(scope="module")
def shelf_port(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A service that may load a good bundle and a damaged one."""
    folder = tmp_path_factory.mktemp("shelf")
    shutil.copytree(bundle, folder / "taps")
    shutil.copytree(bundle, folder / "damaged")
    (folder / "damaged" / "model.safetensors").write_bytes(b"not this")
    with running(open_service([folder / "taps"], ServiceSettings(port=0, bundles_dir=folder))) as port:
        yield port


class Asker:
    """Asks whether the model is ready, and if so for a prediction, again and again beside whoever loads and unloads."""

    def __init__(self, port: int) -> None:
        self.began_unloading = self.done_unloading = 0
        self.n_answered = 0
        self.broken: list[Any] = []
        self._base = f"http://127.0.0.1:{port}/v2/models/taps"
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(ASKERS)]

    def __enter__(self) -> Asker:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with httpx.Client(trust_env=False) as client:
            while not self._over.is_set():
                before = self.done_unloading
                ready = client.get(f"{self._base}/ready")
                if ready.status_code != 200:
                    continue
                answer = client.post(f"{self._base}/infer", json={"inputs": [WINDOW]})
                was_unloaded = self.began_unloading > before
                if answer.status_code == 200:
                    self.n_answered += 1
                elif not (answer.status_code == 404 and was_unloaded):
                    self.broken.append((answer.status_code, answer.text))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["load", "load", "damaged", "unload"]), min_size=1, max_size=12))
def test_what_says_that_it_is_ready_answers_until_it_is_unloaded(shelf_port: int, steps: list[str]) -> None:
    repository = f"http://127.0.0.1:{shelf_port}/v2/repository/models"
    with Asker(shelf_port) as asker, httpx.Client(trust_env=False) as client:
        is_there = client.post(f"{repository}/taps/load").status_code == 200
        for step in steps:
            if step == "unload":
                asker.began_unloading += 1
                assert client.post(f"{repository}/taps/unload").status_code == (200 if is_there else 404)
                asker.done_unloading += 1
                is_there = False
            elif step == "load":
                assert client.post(f"{repository}/taps/load").status_code == 200
                is_there = True
            else:
                assert client.post(f"{repository}/damaged/load").status_code == 409
            ready = client.get(f"http://127.0.0.1:{shelf_port}/readyz")
            assert ready.status_code == (200 if is_there else 503)
        client.post(f"{repository}/taps/load")
        before = asker.n_answered
        while asker.n_answered == before and not asker.broken:  # they really asked
            assert client.get(f"http://127.0.0.1:{shelf_port}/readyz").status_code == 200
    assert asker.broken == []
