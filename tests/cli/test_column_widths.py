from hypothesis import given
from hypothesis import strategies as st

from motif.cli._column_widths import column_widths

words = st.text("abc", min_size=1, max_size=20)
cells = st.lists(words, min_size=1, max_size=3).map(" ".join)


@given(table=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6), width=st.integers(20, 200))
def test_names_and_heads_stay_whole_within_the_width(table, width):
    found = column_widths(table, width)
    needed = [max(map(len, table[0])), *(max(map(len, column[0].split())) for column in table[1:])]
    around = 1 + 3 * len(table)
    if found is None:
        assert sum(needed) + around > width
    else:
        assert sum(found) + around <= width
        assert all(has >= need for has, need in zip(found, needed, strict=True))


@given(table=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6))
def test_where_there_is_room_every_cell_has_one_line(table):
    assert column_widths(table, 1000) == [max(map(len, column)) for column in table]
