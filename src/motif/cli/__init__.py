"""The command `motif`: a module per command, each a few lines around public functions."""

from motif.cli._app import main
from motif.cli._logs import main as logs_main

__all__ = ["logs_main", "main"]
