"""What was measured while a run went on: one JSON object a line, in a file that only grows.

A line is there whole or not at all: what a kill or a full disk left of one is cut off before the next is written.
"""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from motif.errors import ConfigError, WriteError
from motif.files import claim, write_whole

__all__ = ["Line", "LineWriter", "Loss", "read_lines"]

SYNC_EVERY_S = 1.0
"""How often a line waits for the disk: a killed process loses none, a power cut at most those of the last second."""

N_CLAIMS, CLAIM_EVERY_S = 10, 0.02


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a run; what has other types is none of ours."""

    n: int
    """Its number, from 1."""
    time: float
    """Seconds since the epoch."""
    kind: str
    """`metrics` or `machine`."""
    step: int
    values: dict[str, float | Literal["NaN", "Infinity", "-Infinity"]]


_LINE = msgspec.json.Decoder(Line)


@dataclass(frozen=True, slots=True)
class Loss:
    """What is missing of the lines of a run."""

    torn_bytes: int = 0
    """Bytes of a last line that was not finished."""
    damaged: int = 0
    """Lines that are no line of ours."""
    missing: int = 0
    """Numbers that no line has."""

    def __bool__(self) -> bool:
        return self != Loss()

    def __str__(self) -> str:
        parts = (
            f"{self.torn_bytes} bytes of an unfinished line" * bool(self.torn_bytes),
            f"{self.damaged} damaged {'line' if self.damaged == 1 else 'lines'}" * bool(self.damaged),
            f"{self.missing} lines that were never written" * bool(self.missing),
        )
        return ", ".join(filter(None, parts)) or "nothing"


class LineWriter:
    """The only one who writes a file of lines; it goes on behind those that are there. Safe from threads.

    Raises
    ------
    ConfigError
        Another process writes it.
    WriteError
        The place cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        except OSError as error:
            raise WriteError(path, error) from error
        if not _claimed_soon(self._descriptor):
            os.close(self._descriptor)
            raise ConfigError(f"{path.parent} is being written by another process; choose another name for this run")
        self.before, self.loss = read_lines(path)
        self._size = path.stat().st_size - self.loss.torn_bytes
        self._n = self.before[-1].n if self.before else 0
        self._synced = time.monotonic()
        os.ftruncate(self._descriptor, self._size)

    def append(self, kind: str, step: int, values: dict[str, Any]) -> None:
        """Write a line.

        Raises
        ------
        WriteError
            The disk is full; the line is lost, its number stays empty, and the next may be written.
        """
        with self._lock:
            self._n += 1
            line = {"n": self._n, "time": time.time(), "kind": kind, "step": step, "values": values}
            piece = (json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n").encode()
            try:
                os.lseek(self._descriptor, self._size, os.SEEK_SET)
                write_whole(self._descriptor, piece)
                self._sync()
            except OSError as error:
                with suppress(OSError):  # where even this fails, the next line goes over what stands there
                    os.ftruncate(self._descriptor, self._size)
                raise WriteError(self._path, error) from error
            self._size += len(piece)

    def close(self) -> None:
        """Wait until the disk has every line, and give the file up."""
        with self._lock:
            try:
                os.fsync(self._descriptor)
            except OSError as error:
                raise WriteError(self._path, error) from error
            finally:
                os.close(self._descriptor)

    def _sync(self) -> None:
        if time.monotonic() - self._synced >= SYNC_EVERY_S:
            os.fsync(self._descriptor)
            self._synced = time.monotonic()


def read_lines(path: Path) -> tuple[list[Line], Loss]:
    """Return the lines of a run, and what is missing; a file that is not there has none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return [], Loss()
    whole, _, torn = content.rpartition(b"\n")
    lines, damaged = [], 0
    for piece in whole.split(b"\n") if whole else []:
        try:
            lines.append(_LINE.decode(piece))
        except (msgspec.DecodeError, ValueError, RecursionError):
            damaged += 1
    highest = max((line.n for line in lines), default=0)
    return lines, Loss(len(torn), damaged, max(0, highest - len(lines) - damaged))


def _claimed_soon(descriptor: int) -> bool:
    """Claim the file; whoever only looks whether it is written holds it for a moment, and is waited for."""
    for _ in range(N_CLAIMS):
        if claim(descriptor):
            return True
        time.sleep(CLAIM_EVERY_S)
    return False
