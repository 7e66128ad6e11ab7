"""Moved to `motif.learning`; kept while code moves over."""

from motif.learning._weights import fit_weights, scale_for_a_new_group

__all__ = ["fit_weights", "scale_for_a_new_group"]
