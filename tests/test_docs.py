"""The docs run: each Python block of a page, one after the other, in a folder of its own."""

import re
from pathlib import Path

import pytest

from motif import errors

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"])
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
WITH_CODE = [page for page in PAGES if BLOCK.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        exec(compile(block, str(page), "exec"), names)


def test_every_error_has_a_section():
    sections = set(re.findall(r"^## `(.+)`$", (ROOT / "docs/errors.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert sections == {getattr(errors, name).code for name in errors.__all__}


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
