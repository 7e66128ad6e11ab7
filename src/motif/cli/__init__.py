"""The commands `motif`, `conv2d` and `conv2d-logs`: a module per command, each a few lines around public functions."""

from motif.cli._app import main
from motif.cli._commands import exit_code
from motif.cli._conv2d import main as conv2d_main
from motif.cli._logs import main as logs_main

__all__ = ["conv2d_main", "exit_code", "logs_main", "main"]
