"""What was looked at in a target of a bundle, for people and for scripts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from motif.bundles.targets._gates import Gates

__all__ = ["Check", "Verdict"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    passed: bool | None
    """None where it cannot be told on this machine; the note says why."""
    note: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was looked at."""

    bundle: str
    content_hash: str
    target: str
    checks: tuple[Check, ...]
    gates: Gates
    """What had to be reached."""
    gates_of: str
    """Whose gates these are."""

    @property
    def passed(self) -> bool:
        """Whether nothing that could be told failed."""
        return all(check.passed is not False for check in self.checks)

    @property
    def exit_code(self) -> int:
        """0 where it passed, 1 where not."""
        return 0 if self.passed else 1

    def to_dict(self) -> dict[str, Any]:
        """Return everything by name, JSON-ready."""
        return {
            "bundle": self.bundle,
            "content_hash": self.content_hash,
            "target": self.target,
            "passed": self.passed,
            "checks": [asdict(check) for check in self.checks],
            "gates": self.gates.model_dump(),
            "gates_of": self.gates_of,
        }
