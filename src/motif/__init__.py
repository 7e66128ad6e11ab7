"""motif turns motion into named events.

Each folder is a room with one door; `docs/architecture.md` is the map. Importing `motif` loads nothing heavy:
import the room you need, such as `motif.recordings` or `motif.networks`.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]
