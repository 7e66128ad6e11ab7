"""How labelled motion lies on disk: a module for each layout, and the list of those that are built in."""

from motif.recordings.dataset_readers import _dsads, _handflow, _own
from motif.recordings.dataset_readers._layout import Layout

__all__ = ["BUILT_IN", "Layout"]

BUILT_IN: tuple[Layout, ...] = (_own.LAYOUT, _handflow.LAYOUT, *_dsads.LAYOUTS)
"""Tried in this order; the first that recognizes a path reads it."""
