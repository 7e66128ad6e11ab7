"""The page of commands names each of them, and all that it takes, with the words of its help."""

from tests.cli.command_tables import PAGE, page, tables


def test_the_page_explains_every_command_and_all_that_it_takes():
    assert "### `motif gestures restore`" in tables()
    assert PAGE.read_text(encoding="utf-8") == page()
