"""Messages that went wrong in all the ways a program, a network or a stranger can think of."""

import copy
import json
import random

ODD = [
    None, True, False, 0, -1, 1, 2**53 + 1, 2**63, -(2**63), 10**400, 0.5, -0.0, 1e308, -1e308, 5e-324,
    float("nan"), float("inf"), float("-inf"), "", "x", "NaN", "1e999", "\x00", "é\u202e😀", "x" * 5000, "1" * 5000,
    [], {}, [[]], {"x": {}}, [1, 2, 3], {"": ""}, {"x": "y", "time": []},
]  # fmt: skip
"""What a value can be replaced with."""


def mutated(message: bytes, draw: random.Random) -> bytes:
    """Return a message that is wrong somewhere, in its structure or in its bytes."""
    if draw.random() < 0.5:
        return _bytes(message, draw)
    said = json.loads(message)
    for _ in range(draw.randint(1, 4)):
        _structure(said, draw)
    return json.dumps(said).encode("utf-8", "surrogatepass")


def _structure(said, draw):
    """Replace, remove, repeat or nest something, anywhere."""
    where = said
    while True:
        keys = list(where) if isinstance(where, dict) else list(range(len(where)))
        if not keys:
            return
        key = draw.choice(keys)
        if isinstance(where[key], dict | list) and where[key] and draw.random() < 0.8:
            where = where[key]
            continue
        break
    how = draw.random()
    if how < 0.6:
        where[key] = copy.deepcopy(draw.choice(ODD))
    elif how < 0.8:
        del where[key]
    elif isinstance(where, list):
        where.extend([where[key]] * draw.randint(1, 20))
    else:
        where[str(draw.choice(ODD))[:50]] = copy.deepcopy(draw.choice(ODD))


def _bytes(message, draw):
    how = draw.randrange(8)
    at = draw.randrange(len(message))
    if how == 0:
        return message[:at]
    if how == 1:
        return message[at:]
    if how == 2:
        return message[:at] + draw.randbytes(draw.randint(1, 50)) + message[at:]
    if how == 3:
        return message[:at] + message[min(len(message), at + draw.randint(1, 200)) :]
    if how == 4:
        depth = draw.choice([10, 150, 250, 5000, 100_000])
        return draw.choice([b"[" * depth + b"]" * depth, b'{"payload":' * depth + b"1" + b"}" * depth, b"[" * depth])
    if how == 5:
        wrong = bytearray(message)
        for _ in range(draw.randint(1, 30)):
            wrong[draw.randrange(len(wrong))] = draw.randrange(256)
        return bytes(wrong)
    if how == 6:
        return message.replace(
            b'"x": ', draw.choice([b'"x": NaN, "y": ', b'"x": -Infinity, ', b'"x": 1e999, ', b'"x" ']), 3
        )
    return draw.choice([b"", b"null", b"\xef\xbb\xbf" + message, message + message, message.decode().encode("utf-16")])
