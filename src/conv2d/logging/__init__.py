"""Structured logs: `conv2d.logging.structured`."""
