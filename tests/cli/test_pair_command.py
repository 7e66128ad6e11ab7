import json
import re
import subprocess
import sys

import httpx
import pytest
from typer.testing import CliRunner

from motif.cli._app import app
from motif.cli._pair import qr_code
from motif.cli._sources import open_source

MESSAGE = {
    "messageId": 1,
    "sessionId": "s",
    "deviceId": "my phone",
    "payload": [
        {"name": "gyroscope", "time": 1698501144401773000 + i, "values": {"x": 1, "y": 2, "z": 3}} for i in (0, 1)
    ],
}


def pairing(*options):
    return subprocess.Popen(
        [sys.executable, "-m", "motif", "pair", "--host", "127.0.0.1", "--port", "0", "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def link_of(process):
    said = ""
    while not (found := re.search(r"http://127\.0\.0\.1:\d+/ingest/\S+", said)):
        line = process.stderr.readline()
        assert line, said
        said += line
    return found[0], said


def test_pairing_shows_a_link_and_a_code_and_ends_with_the_first_message(tmp_path):
    with pairing("--seconds", "60") as process:
        url, said = link_of(process)
        assert "█" in said or "▄" in said
        assert httpx.post(url, json=MESSAGE).status_code == 200
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    assert json.loads(stdout) == {"url": url, "device": "my phone"}
    assert "my phone sends gyr_x gyr_y gyr_z" in stderr
    assert "this link ends here; with --token-file FILE" in stderr


def test_the_code_is_dark_on_light_whatever_colours_the_terminal_has(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with pairing("--seconds", "0.5") as process:
        said = process.communicate(timeout=60)[1]
    assert re.search(r"\x1b\[97;40m█+", said)


def test_a_kept_secret_gives_the_same_link_again(tmp_path):
    secrets = []
    for _ in range(2):
        with pairing("--seconds", "0.5", "--token-file", str(tmp_path / "token")) as process:
            secrets.append(link_of(process)[0].rpartition("/")[2])
            process.communicate(timeout=60)
        assert process.returncode == 4
    assert secrets[0] == secrets[1] == (tmp_path / "token").read_text().strip()
    assert (tmp_path / "token").stat().st_mode & 0o077 == 0


def test_with_a_kept_secret_the_next_command_is_told(tmp_path):
    token = tmp_path / "phone.token"
    with pairing("--seconds", "60", "--token-file", str(token)) as process:
        url, _ = link_of(process)
        assert httpx.post(url, json=MESSAGE).status_code == 200
        stderr = process.communicate(timeout=60)[1]
    source = re.search(r"motif teach NAME -s '(.+)'", stderr)[1]
    assert open_source(source).url == url


def test_when_nothing_comes_it_says_what_to_look_at():
    result = CliRunner().invoke(app, ["pair", "--host", "127.0.0.1", "--port", "0", "--seconds", "0.2", "--json"])
    assert result.exit_code == 4
    assert json.loads(result.stdout)["device"] is None
    assert "nothing came: no message yet: does the phone reach http://127.0.0.1:" in result.stderr


def test_a_code_for_the_terminal_is_square_and_its_size_grows_with_the_link():
    small, large = qr_code("http://10.0.0.1"), qr_code("http://10.0.0.1/" + "x" * 60)
    assert len(small.splitlines()) < len(large.splitlines())


@pytest.mark.parametrize("path", ["folder/that/is/not/token"])
def test_a_secret_that_cannot_be_kept_is_said(tmp_path, path):
    result = CliRunner().invoke(app, ["pair", "--token-file", str(tmp_path / path)])
    assert result.exit_code == 4
    assert "was not written" in result.stderr
