"""`Trainer` is `motif.networks.NetworkClassifier`: it stops early, keeps checkpoints, and is seeded."""

from motif.networks import NetworkClassifier as Trainer

__all__ = ["Trainer"]
