"""Moved to `motif.learning`; kept while code moves over."""

from motif.learning._backend import arrays, keras, seeded

__all__ = ["arrays", "keras", "seeded"]
