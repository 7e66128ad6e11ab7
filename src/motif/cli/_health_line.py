"""One line at the bottom of a terminal, kept up to date; whatever else is printed stands above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.live import Live

__all__ = ["HealthLine"]


class HealthLine:
    """A line on stderr that `show` writes anew in its place; `clear` it before anything else is printed."""

    def __init__(self) -> None:
        self._live: Live | None = None

    def show(self, text: str) -> None:
        """Write the line where it stood, or below what was printed last."""
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        if self._live is not None:
            return self._live.update(Text(text), refresh=True)
        self._live = Live(
            Text(text),
            console=Console(stderr=True, highlight=False),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start(refresh=True)

    def clear(self) -> None:
        """Take the line away until it is shown again."""
        live, self._live = self._live, None
        if live is not None:
            live.stop()
