"""`Decks`: which of them play, and which device drives which."""

from __future__ import annotations

from collections.abc import Mapping

from motif.errors import ConfigError

__all__ = ["Decks"]


class Decks:
    """Decks by name; each is driven by one device."""

    def __init__(self, devices: Mapping[str, str | None]) -> None:
        self._devices = dict(devices)
        self._playing: set[str] = set()

    def is_playing(self, deck: str) -> bool:
        """Whether a deck plays, as far as we were told."""
        self._check(deck)
        return deck in self._playing

    def set_playing(self, deck: str, playing: bool) -> None:
        """Say whether a deck plays; whoever knows should, as a mixer's own feedback.

        Raises
        ------
        ConfigError
            There is no such deck.
        """
        self._check(deck)
        (self._playing.add if playing else self._playing.discard)(deck)

    def device_of(self, deck: str) -> str | None:
        """Return the device of a deck; None where none has acted on it yet."""
        self._check(deck)
        return self._devices[deck]

    def claim(self, deck: str, device: str) -> bool:
        """Return whether a device may act on a deck; a deck without a device becomes its."""
        if self.device_of(deck) is None:
            self._devices[deck] = device
        return self._devices[deck] == device

    def release(self, deck: str) -> None:
        """Let the next device have a deck."""
        self._check(deck)
        self._devices[deck] = None

    def _check(self, deck: str) -> None:
        if deck not in self._devices:
            raise ConfigError(f"there is no deck {deck!r}; want {', '.join(self._devices) or 'one in the action map'}")
