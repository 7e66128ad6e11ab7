"""How many frames a second are worth sending: as many as the other side answers in time."""

from __future__ import annotations

from motif.checks import require_count
from motif.errors import ConfigError

__all__ = ["FrameRate"]

_SMOOTHING = 0.3
"""Weight of the newest latency where it is shorter than those before; a longer one counts at once."""
_MARGIN = 1.25
"""Room left, so that an answer that takes a little longer is no queue."""


class FrameRate:
    """A frame rate that follows the measured latency of answers, between two limits.

    While one batch is on its way the next one is filled. So frames neither pile up nor are waited for when a batch
    takes a little longer to fill than to be answered: rate = frames a batch / (1.25 × latency). A longer latency counts
    at once, a shorter one gradually, and a failure halves the rate.

    Parameters
    ----------
    batch_size : int
        Frames sent together.
    lowest_hz, highest_hz : float
        Limits of the rate.

    Raises
    ------
    ConfigError
        The limits are not above 0 and in order, or the batch size is no count.

    Examples
    --------
    >>> rate = FrameRate(batch_size=4)
    >>> rate.answered(0.8)
    >>> rate.hz
    4.0
    """

    def __init__(self, batch_size: int = 4, *, lowest_hz: float = 1.0, highest_hz: float = 10.0) -> None:
        require_count("batch_size", batch_size)
        if not 0 < lowest_hz <= highest_hz < float("inf"):
            raise ConfigError(f"lowest_hz={lowest_hz} and highest_hz={highest_hz} are no limits; give 0 < low ≤ high")
        self._batch_size = batch_size
        self._lowest_hz, self._highest_hz = lowest_hz, highest_hz
        self.latency_s: float | None = None
        """Smoothed time from sending to answer; None before the first."""
        self.hz = min(highest_hz, max(lowest_hz, 2.0))
        """Frames a second to take now; begins at 2."""

    def answered(self, latency_s: float) -> None:
        """Take the time one batch took."""
        before = self.latency_s
        if before is None or latency_s > before:
            self.latency_s = max(latency_s, 1e-6)
        else:
            self.latency_s = before + _SMOOTHING * (latency_s - before)
        self._set(self._batch_size / (_MARGIN * self.latency_s))

    def failed(self) -> None:
        """Take that one was refused, or never came."""
        self._set(self.hz / 2)

    def _set(self, hz: float) -> None:
        self.hz = min(self._highest_hz, max(self._lowest_hz, hz))
