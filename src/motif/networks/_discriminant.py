"""Moved to `motif.learning`; kept while code moves over."""

from motif.learning._discriminant import (
    Discriminant,
    Moments,
    fit_discriminant,
    set_weights,
    shrinkage_of,
    with_discriminant,
)

__all__ = ["Discriminant", "Moments", "fit_discriminant", "set_weights", "shrinkage_of", "with_discriminant"]
