"""From an experiment file to a device that answers, as documented, by processes that talk to nobody else."""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from tests.contracts.test_conv2d_commands import PACK, SMALL

from motif.bundles import load

CONV2D = Path(sys.executable).with_name("conv2d")
NOTES_SOCKETS = """
import os, sys

def note(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        said = arguments[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        said = arguments
    else:
        return
    with open(os.environ["NOTED_SOCKETS"], "a") as file:
        file.write(f"{said[0] if isinstance(said, tuple) else said}\\\\n")

sys.addaudithook(note)
"""
ASK_TRITON = """
import json, sys
import numpy as np
import tritonclient.http as triton

port, name, windows = sys.argv[1], sys.argv[2], np.load(sys.argv[3])
client = triton.InferenceServerClient(f"127.0.0.1:{port}")
assert client.is_server_ready() and client.is_model_ready(name)
tensor = triton.InferInput("windows", windows.shape, "FP32")
tensor.set_data_from_numpy(windows)
print(json.dumps(client.infer(name, [tensor]).as_numpy("probabilities").tolist()))
"""


class Workplace:
    """A folder, and processes that write down whom they talk to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.noted = folder, folder / "sockets.txt"
        (folder / "hook").mkdir()
        (folder / "hook" / "sitecustomize.py").write_text(NOTES_SOCKETS.replace("\\\\n", "\\n"))
        (folder / "conf" / "exp").mkdir(parents=True)
        (folder / "conf" / "exp" / "dogs.yaml").write_text(SMALL)
        path = os.pathsep.join([str(folder / "hook"), os.environ.get("PYTHONPATH", "")])
        self.environment = os.environ | {"PYTHONPATH": path, "NOTED_SOCKETS": str(self.noted)}

    def run(self, *command: object) -> str:
        said = subprocess.run(
            [*map(str, command)], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=1200
        )
        assert said.returncode == 0, said.stderr
        return said.stdout

    def conv2d(self, command: str) -> str:
        """Run a documented command; where the system lets us, where there is no network at all."""
        return self.run(*_without_network(), CONV2D, *command.split()[1:])

    @contextmanager
    def served(self, bundle: Path) -> Iterator[int]:
        command = [sys.executable, "-m", "motif", "serve", str(bundle), "--port", "0"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=self.environment) as process:
            assert process.stderr is not None
            said = next(line for line in process.stderr if line.startswith("serving"))
            yield int(said.rpartition(":")[2])
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) in (0, -signal.SIGTERM)

    def talked_to(self) -> set[str]:
        return set(self.noted.read_text().split())


@pytest.mark.slow
def test_from_an_experiment_to_predictions_on_a_device_without_a_word_to_anybody_else(tmp_path: Path) -> None:
    pytest.importorskip("tritonclient.http")
    work = Workplace(tmp_path)
    work.conv2d("conv2d train --config conf/exp/dogs.yaml")
    work.conv2d("conv2d eval --config conf/exp/dogs.yaml --split test")
    hash_ = work.conv2d(PACK).split()[-1]
    (tmp_path / "loose.yaml").write_text("{min_accuracy: 0.0, max_ece: 1.0}")  # it was taught for one epoch
    work.conv2d(f"conv2d pack verify {hash_[:8]} --target onnx --gates loose.yaml")
    device = tmp_path / "device" / hash_
    shutil.copytree(tmp_path / "artifacts" / hash_, device)

    recognizer = load(device)
    windows = np.random.default_rng(0).normal(0, 3, (3, *recognizer.config.window.shape)).astype(np.float32)
    np.save(tmp_path / "windows.npy", windows)
    with work.served(device) as port:
        health = httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
        assert health.json() == {"live": True, "status": "ok"}
        [name] = httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).json()["models"]
        said = json.loads(work.run(sys.executable, "-c", ASK_TRITON, port, name, tmp_path / "windows.npy"))
    np.testing.assert_allclose(said, recognizer.predict_proba(windows), atol=1e-6)

    talked_to = work.talked_to()
    assert "127.0.0.1" in talked_to, "the client's own connection was not noted, so others were not either"
    assert {where for where in talked_to if not _is_this_machine(where)} == set()


def _without_network() -> list[str]:
    """Return what a command is run with to be in a network of its own, without so much as loopback."""
    alone = ["unshare", "--map-root-user", "--net"]
    can = shutil.which("unshare") is not None and subprocess.run([*alone, "true"], capture_output=True).returncode == 0
    return alone if can else []


def _is_this_machine(where: str) -> bool:
    """Whether an address is loopback, the name of it, or a socket in the file system."""
    if where in ("localhost", "None") or where.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(where).is_loopback
    except ValueError:
        return False
