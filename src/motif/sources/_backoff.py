"""How long to wait before trying again: longer each time, never the same for everybody, and never too long."""

from __future__ import annotations

import random

from motif.errors import ConfigError

__all__ = ["Backoff"]


class Backoff:
    """Exponential waits with jitter and a cap.

    Parameters
    ----------
    first_s, cap_s : s
        The wait after the first failure, and the longest one.
    factor : float
        By how much each wait is longer than the one before.
    jitter : float
        Share of a wait that is drawn anew, 0 to 1: peers that lost the same broker do not return in one moment.
    random_state : int, optional
        Makes the draws repeatable.

    Raises
    ------
    ConfigError
        A number out of its range.

    Examples
    --------
    >>> backoff = Backoff(first_s=1, cap_s=5, jitter=0)
    >>> [backoff.next_s() for _ in range(4)]
    [1.0, 2.0, 4.0, 5.0]
    """

    def __init__(
        self,
        *,
        first_s: float = 0.5,
        cap_s: float = 30.0,
        factor: float = 2.0,
        jitter: float = 0.5,
        random_state: int | None = None,
    ) -> None:
        if not (0 < first_s <= cap_s and factor >= 1 and 0 <= jitter <= 1):
            raise ConfigError(
                f"first_s={first_s}, cap_s={cap_s}, factor={factor}, jitter={jitter} cannot be; "
                "want 0 < first_s ≤ cap_s, factor ≥ 1, jitter of 0 to 1"
            )
        self._first_s, self._cap_s, self._factor, self._jitter = first_s, cap_s, factor, jitter
        self._random = random.Random(random_state)
        self._wait_s = first_s

    def next_s(self) -> float:
        """Return how long to wait now; the next wait is longer."""
        wait_s = self._wait_s
        self._wait_s = min(self._cap_s, wait_s * self._factor)
        return float(wait_s * (1 - self._jitter * self._random.random()))

    def reset(self) -> None:
        """Begin again with the shortest wait: it worked."""
        self._wait_s = self._first_s
