"""Moved to `motif.learning`; kept while code moves over."""

from motif.learning._holdout import held_out

__all__ = ["held_out"]
