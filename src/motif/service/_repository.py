"""Bundles that may be loaded while a service runs: those of one folder, by name."""

from __future__ import annotations

from pathlib import Path

from motif.errors import BundleError, ConfigError, UnknownModelError
from motif.service._shelf import Model, Shelf

__all__ = ["Repository"]


class Repository:
    """A folder of bundles. Nothing outside of it can be loaded over the wire, whatever the name says."""

    def __init__(self, shelf: Shelf, folder: Path | None) -> None:
        self._shelf, self._folder = shelf, folder

    def names(self) -> tuple[str, ...]:
        """Return the names of the bundles there are; a hidden one is what a killed writer left."""
        if self._folder is None or not self._folder.is_dir():
            return ()
        return tuple(sorted(path.parent.name for path in self._folder.glob("[!.]*/manifest.json") if path.is_file()))

    def load(self, name: str) -> Model:
        """Load the bundle of this name; requests go to the old one until the new one has answered a window.

        Raises
        ------
        ConfigError
            The service has no folder of bundles.
        UnknownModelError
            There is no such bundle in it.
        BundleError
            It is damaged or refused; what was loaded before stays.
        """
        if self._folder is None:
            raise ConfigError("this service loads no models while it runs; start it with the setting bundles_dir")
        if name not in self.names():
            raise UnknownModelError(name, have=self.names())
        try:
            return self._shelf.load(self._folder / name, name)
        except OSError as error:
            raise BundleError(f"{name} cannot be read: {error.strerror or error}") from error
