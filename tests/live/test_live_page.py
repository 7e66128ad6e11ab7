"""The guide names every key with the words of the code."""

import re

from tests.live.key_tables import PAGE, page, tables

from motif.live import ActionMap


def test_the_guide_explains_every_key():
    assert "cooldown_beats" in tables()
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_map_of_the_guide_is_one():
    (text,) = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    found = ActionMap.from_yaml(text)
    assert found.gestures["push"][0].locked_while_playing
