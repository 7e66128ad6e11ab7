"""A bundle of taught gestures, and a service that answers from it on a free port of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from motif.recordings import Dataset, simulate_gestures
from motif.service import Service, ServiceSettings, open_service, running
from motif.templates import TemplateClassifier


@pytest.fixture(scope="session")
def gestures() -> Dataset:
    return simulate_gestures(n_people=2, random_state=1)


@pytest.fixture(scope="session")
def bundle(gestures: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = np.flatnonzero(np.isin(gestures.labels, sorted(set(gestures.labels))[:4]))[:24]
    classifier = TemplateClassifier().fit(gestures.X[kept, :, 0], gestures.labels[kept])
    window = {"rate_hz": gestures.rate_hz, "channels": gestures.channels}
    return classifier.save(tmp_path_factory.mktemp("bundles") / "taps", name="taps", window=window)


@pytest.fixture(scope="session")
def service(bundle: Path) -> Service:
    patient = ServiceSettings(port=0, bundles_dir=bundle.parent, late_s=60.0)  # whatever else this machine does
    return open_service([bundle], patient)


@pytest.fixture(scope="session")
def port(service: Service) -> Iterator[int]:
    with running(service) as taken:
        yield taken


@pytest.fixture
def client(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as opened:
        yield opened
