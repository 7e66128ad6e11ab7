"""Which sign a device gives to acceleration and gravity: told, checked on a table, or seen from its units."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Literal

from motif.errors import ConfigError, FormatError
from motif.files import write_bytes

__all__ = ["DeviceSigns", "Platform"]

Platform = Literal["android", "ios", "standardised"]

_N_DEVICES = 4096
_SIGN_OF = {"android": 1, "ios": -1, "standardised": 1}
_RANK = ("nothing: assumed", "its units", "the caller", "the check on a table")


class DeviceSigns:
    """Remembers the sign of each device; what is known better is not overruled by what is known worse.

    Of more than 4096 devices those known worst are forgotten, the longest silent first.

    Parameters
    ----------
    platform : {"android", "ios", "standardised"}, optional
        What all devices are; "standardised" says that "Standardise Units & Frames" is on.
    path : path, optional
        A JSON file in which checked signs outlive the process.

    Raises
    ------
    ConfigError
        `platform` is none of these.
    FormatError
        `path` holds something else.
    """

    def __init__(self, platform: Platform | None = None, path: str | Path | None = None) -> None:
        if platform is not None and platform not in _SIGN_OF:
            raise ConfigError(f"platform={platform!r} is unknown; want 'android', 'ios' or 'standardised'")
        self._path = Path(path) if path is not None else None
        self._signs: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._default = (1, 0) if platform is None else (_SIGN_OF[platform], _RANK.index("the caller"))
        for device, sign in _read(self._path).items():
            self._signs[device] = (sign, _RANK.index("the check on a table"))

    def sign(self, device: str) -> int:
        """Return what acceleration and gravity of a device have to be multiplied by: 1 or -1."""
        if device in self._signs:
            self._signs.move_to_end(device)
        return self._signs.get(device, self._default)[0]

    def known_from(self, device: str) -> str:
        """Return how the sign is known: `nothing: assumed`, `its units`, `the caller`, `the check on a table`."""
        return _RANK[self._signs.get(device, self._default)[1]]

    def seen(self, device: str, sign: int) -> None:
        """Take what the units of a device say."""
        self._learn(device, sign, _RANK.index("its units"))

    def checked(self, device: str, sign: int) -> None:
        """Take the result of a check on a table, and keep it in the file if there is one.

        Raises
        ------
        WriteError
            The file cannot be written.
        """
        rank = _RANK.index("the check on a table")
        self._learn(device, sign, rank)
        if self._path is not None:
            known = {name: value for name, (value, how) in self._signs.items() if how == rank}
            write_bytes(self._path, json.dumps(known, ensure_ascii=False, indent=1).encode())

    def _learn(self, device: str, sign: int, rank: int) -> None:
        if rank >= self._signs.get(device, self._default)[1]:
            self._signs[device] = (sign, rank)
            self._signs.move_to_end(device)
            if len(self._signs) > _N_DEVICES:
                worst = min(how for _, how in self._signs.values())
                del self._signs[next(name for name, (_, how) in self._signs.items() if how == worst)]


def _read(path: Path | None) -> dict[str, int]:
    if path is None or not path.exists():
        return {}
    try:
        known = json.loads(path.read_bytes())
        if isinstance(known, dict) and all(type(sign) is int and sign in (1, -1) for sign in known.values()):
            return known
    except (ValueError, RecursionError):
        pass
    raise FormatError(path, "does not hold the signs of devices", hint="delete it, and check the devices again")
