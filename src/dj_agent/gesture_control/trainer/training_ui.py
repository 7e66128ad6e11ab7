"""`TrainingUI` is `motif.terminal.TrainingUI`."""

from motif.terminal import TrainingUI

__all__ = ["TrainingUI"]
