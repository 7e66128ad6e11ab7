"""Parts of pages in `docs/` that are made from the code: what stands between two marks."""


def with_part(path, begin, end, part):
    """Return the text of a page with another part between its marks."""
    before, _, rest = path.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{part}\n\n{end}{after}"
