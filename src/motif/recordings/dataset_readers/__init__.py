"""How labelled motion lies on disk: a module for each layout, and the list of those that are built in."""

from motif.recordings.dataset_readers import (
    _arduino,
    _dsads,
    _handflow,
    _landmark_tree,
    _own,
    _packed,
    _recordings,
    _sp_sw_har,
    _takes,
    _uea,
    _uhh,
)
from motif.recordings.dataset_readers._layout import Layout

__all__ = ["BUILT_IN", "Layout"]

BUILT_IN: tuple[Layout, ...] = (
    _own.LAYOUT,
    _handflow.LAYOUT,
    *_dsads.LAYOUTS,
    _sp_sw_har.LAYOUT,
    _uhh.LAYOUT,
    _packed.LAYOUT,
    _landmark_tree.LAYOUT,
    _uea.LAYOUT,
    _arduino.LAYOUT,
    _recordings.LAYOUT,
    _takes.LAYOUT,
)
"""Tried in this order; the first that recognizes a path reads it."""
