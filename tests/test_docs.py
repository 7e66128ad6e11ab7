"""The docs run: each Python block of a page, one after the other, in a folder of its own."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from motif import errors

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"])
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LONG = {"compare", "convert", "personalize"}
"""Pages whose commands and functions other tests go through as well."""
WITH_CODE = [
    pytest.param(page, marks=pytest.mark.slow if page.stem in LONG else (), id=page.stem)
    for page in PAGES
    if BLOCK.search(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("page", WITH_CODE)
def test_the_examples_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        exec(compile(block, str(page), "exec"), names)


SHELL = re.compile(r"^```shell\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_the_commands_of_the_tutorial_on_hands_run_as_they_stand(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("scripts", "config"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    page = (ROOT / "docs/tutorial-hands.md").read_text(encoding="utf-8")
    exec(BLOCK.findall(page)[0], {})
    for line in "".join(SHELL.findall(page)).splitlines():
        program, *arguments = shlex.split(line)
        command = [sys.executable, *([] if program == "python" else ["-m", program]), *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, (line, done.stderr)


def test_the_figures_of_the_tutorial_on_hands_were_measured():
    page = (ROOT / "docs/tutorial-hands.md").read_text(encoding="utf-8")

    def rows(suite, start):
        tables = json.loads((ROOT / f"benchmarks/results/{suite}.json").read_text(encoding="utf-8"))["tables"]
        return next(table for name, table in tables.items() if name.startswith(start))

    network, nearest, linear, *_ = rows("hands", "Hand landmarks")
    by_block = network["macro-F1 by fold"]
    assert f"{network['macro-F1']:.3f} ({by_block} by block), ECE {network['ECE']:.3f}" in page
    assert f"nearest neighbour {nearest['macro-F1']:.3f}, logistic regression {linear['macro-F1']:.3f}" in page
    targets = {row["target"]: row for row in rows("convert", "The TCN")}
    for name in ("onnx-int8", "tflite-int8"):
        assert f"{targets[name]['macro-F1']:.3f}, in {targets[name]['kB']:.0f} kB" in page
    assert f"{targets['onnx']['macro-F1']:.3f} in {targets['onnx']['kB']:,.0f} kB before" in page


def test_every_error_has_a_section():
    sections = set(re.findall(r"^## `(.+)`$", (ROOT / "docs/errors.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert sections == {getattr(errors, name).code for name in errors.__all__}


def test_every_extra_is_said_to_be_for_something():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    page = (ROOT / "docs/install.md").read_text(encoding="utf-8")
    assert set(extras) == set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`\w+`.*?) \|", page, re.MULTILINE))))


def test_every_page_can_be_found_from_the_navigation():
    named = re.findall(r"[\w-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert {page.name for page in (ROOT / "docs").glob("*.md")} <= set(named)


def test_every_link_between_pages_leads_somewhere():
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+\.(?:md|png|svg|json))\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_nothing_names_a_path_of_one_machine():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert re.findall(r"(?<![\w.])/(?:work|tmp|root|home)/\w+", text) == []


def test_the_page_of_figures_is_what_was_measured():
    from benchmarks.page import PAGE, page

    assert PAGE.read_text(encoding="utf-8") == page()
