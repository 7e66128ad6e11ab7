"""Moved to `motif.learning`; kept while code moves over."""

from motif.learning._labels import class_weights, encoded

__all__ = ["class_weights", "encoded"]
