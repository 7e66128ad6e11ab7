"""What NumPy must not be given as it came."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from motif.errors import InputError
from motif.service import Service
from motif.service._frames import read_frame
from motif.service._json import are_numbers
from motif.service._protocol import read_request

TEXTS = ["1" * 100_000, *[""] * 99]


def as_request(service: Service) -> None:
    tensor = {"name": "windows", "shape": [1, 6, 100], "datatype": "FP32", "data": TEXTS}
    read_request(json.dumps({"inputs": [tensor]}).encode(), service.shelf.only, json_bytes=None, most_windows=1)


def as_frame(service: Service) -> None:
    read_frame(json.dumps({"channels": ["acc_x"], "time_ns": TEXTS, "values": [[0.0]] * len(TEXTS)}), "phone")


@pytest.mark.parametrize("read", [as_request, as_frame])
def test_texts_in_place_of_numbers_are_refused_before_each_is_given_the_room_of_the_longest(
    service: Service, read: Callable[[Service], None]
) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="no number"):
            read(service)
        assert tracemalloc.get_traced_memory()[1] < 20 * sum(map(len, TEXTS))
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (1, True),
        ([], True),
        ([1, 2.5], True),
        ([[1], [[2], []]], False),
        ([[[1.0]], [[2]]], True),
        ([1, [2]], False),
        ([1, None], False),
        ([True], False),
        (["1"], False),
        ([{"a": 1}], False),
        ("1", False),
    ],
)
def test_numbers_are_told_from_what_only_looks_like_them(said: Any, expected: bool) -> None:
    assert are_numbers(said) is expected


def test_lists_nested_beyond_all_sense_are_looked_through() -> None:
    assert are_numbers(json.loads("[" * 900 + "1" + "]" * 900))
