"""The command `motif`: a module per command, each a few lines around public functions."""

from motif.cli._app import main

__all__ = ["main"]
