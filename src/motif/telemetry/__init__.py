"""What happened, how often and how long it took.

`logger` gives structured events, `log_to` says where they go (a library never decides that), `run_context` ties events
to one run, `counters` and `timings` live in one registry, and `commit` says which state of the code it was.
"""

from motif.telemetry._commit import Commit, commit
from motif.telemetry._events import log_to, logger, run_context
from motif.telemetry._registry import REGISTRY, Registry, Timing

__all__ = ["REGISTRY", "Commit", "Registry", "Timing", "commit", "log_to", "logger", "run_context"]
