"""What happened, how often and how long it took; and reading that back.

`logger` gives structured events, `log_to` says where they go (a library never decides that), `run_context` ties events
to one run, `counters` and `timings` live in one registry, and `commit` says which state of the code it was.
`ExperimentLog` carries settings and seeds along. `summarize_log`, `find_errors`, `grep_log` and `compare_logs` read
logs of any size.
"""

from motif.telemetry._commit import Commit, commit
from motif.telemetry._events import log_to, logger, run_context
from motif.telemetry._experiment_log import ExperimentLog, config_hash
from motif.telemetry._json import json_ready
from motif.telemetry._log_compare import compare_logs, write_csv
from motif.telemetry._log_search import LoggedError, find_errors, grep_log
from motif.telemetry._log_summary import LogSummary, summarize_log
from motif.telemetry._registry import REGISTRY, Registry, Timing

__all__ = [
    "REGISTRY",
    "Commit",
    "ExperimentLog",
    "LogSummary",
    "LoggedError",
    "Registry",
    "Timing",
    "commit",
    "compare_logs",
    "config_hash",
    "find_errors",
    "grep_log",
    "json_ready",
    "log_to",
    "logger",
    "run_context",
    "summarize_log",
    "write_csv",
]
