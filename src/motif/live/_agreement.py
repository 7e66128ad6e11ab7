"""When windows agree: dwell before a gesture is told, hysteresis after it, and a pause between two."""

from __future__ import annotations

from dataclasses import dataclass

from motif.live._config import Agreement

__all__ = ["AgreementFilter", "Judged", "ToldByWindows"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A window and what was said of it."""

    label: str | None
    """None for what is no gesture."""
    confidence: float
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class ToldByWindows:
    """A gesture that windows agreed on: it stands where the surest of them stands."""

    label: str
    start_ns: int
    end_ns: int
    decided_ns: int
    confidence: float
    """Mean over the windows that agreed."""
    outlier_score: float | None = None


class AgreementFilter:
    """Judged windows in, gestures out."""

    def __init__(self, agreement: Agreement) -> None:
        self._wish = agreement
        self._run: list[Judged] = []
        self._held: str | None = None
        self._n_other = 0
        self._quiet_until_ns: int | None = None

    def step(self, window: Judged) -> ToldByWindows | None:
        """Take the next window; return the gesture that it completes, if it does."""
        self._release(window.label)
        if window.label is None or window.label == self._held or (self._run and self._run[0].label != window.label):
            self._run = []
        if window.label is None or window.label == self._held:
            return None
        self._run.append(window)
        if len(self._run) < self._wish.n_windows or self._is_quiet(window.end_ns):
            self._run = self._run[-self._wish.n_windows :]
            return None
        return self._tell(window.label, window.end_ns)

    def interrupt(self) -> None:
        """Forget what was under way: there is a gap."""
        self._run = []
        self._held = None
        self._n_other = 0

    def _release(self, label: str | None) -> None:
        self._n_other = 0 if label == self._held else self._n_other + 1
        if self._n_other >= self._wish.n_release:
            self._held = None

    def _is_quiet(self, now_ns: int) -> bool:
        if self._quiet_until_ns is None:
            return False
        refractory_ns = round(self._wish.refractory_s * 1e9)
        return self._quiet_until_ns - refractory_ns <= now_ns < self._quiet_until_ns  # not after a clock set back

    def _tell(self, label: str, now_ns: int) -> ToldByWindows:
        surest = max(self._run, key=lambda window: window.confidence)
        confidence = sum(window.confidence for window in self._run) / len(self._run)
        self._run, self._held, self._n_other = [], label, 0
        self._quiet_until_ns = now_ns + round(self._wish.refractory_s * 1e9)
        return ToldByWindows(label, surest.start_ns, surest.end_ns, now_ns, confidence)
