"""Readings in, events and actions out: the engine without clocks, the runner around it."""
