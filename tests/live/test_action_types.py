"""The types of actions there are, ours and those of other packages."""

import pytest

from motif.errors import ConfigError
from motif.live.actions import LogAction, MqttSettings, WebhookSettings, action_type, known_actions


def test_a_type_nobody_knows_lists_those_there_are():
    with pytest.raises(ConfigError, match="'smoke' is not known; want keys, log, midi, mqtt, osc, webhook"):
        action_type("smoke")


def test_a_package_can_bring_an_action_and_a_broken_one_is_named(tmp_path, monkeypatch):
    (tmp_path / "smoke.py").write_text("from motif.live.actions import LogAction as SmokeAction\n")
    info = tmp_path / "smoke-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: smoke\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[motif.actions]\nsmoke = smoke:SmokeAction\nfog = smoke:FogAction\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert action_type("smoke") is LogAction
    assert {"smoke", "fog"} < set(known_actions())
    with pytest.raises(ConfigError, match=r"'fog' \(smoke:FogAction\) cannot be loaded"):
        action_type("fog")


def test_secrets_are_not_shown():
    shown = repr(MqttSettings(password="s3cret")) + repr(WebhookSettings(url="http://a", headers={"Key": "s3cret"}))
    assert "s3cret" not in shown
