"""What a service counts and times, for `/metrics`."""

from __future__ import annotations

from motif.optional import require

__all__ = ["Figures"]

_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)


class Figures:
    """Counters, gauges and a histogram of one service, in a registry of its own.

    Raises
    ------
    MissingExtraError
        prometheus-client is not installed.
    """

    def __init__(self) -> None:
        prometheus = require("prometheus_client", extra="service")
        self._latest = prometheus.generate_latest
        self._registry = prometheus.CollectorRegistry()
        here = {"registry": self._registry}
        self.requests = prometheus.Counter("motif_requests", "Inference requests answered", ["model", "status"], **here)
        self.windows = prometheus.Counter("motif_windows", "Windows recognized", ["model"], **here)
        self.seconds = prometheus.Histogram(
            "motif_inference_seconds", "From a request that is read to its reply", ["model"], buckets=_SECONDS, **here
        )
        self.refused = prometheus.Counter("motif_refused", "Callers turned away", ["code"], **here)
        self.streams = prometheus.Gauge("motif_streams", "Streams that are connected", **here)
        self.samples = prometheus.Counter("motif_stream_samples", "Samples that streams brought", **here)
        self.events = prometheus.Counter("motif_events", "Events told to streams", **here)
        self.skipped = prometheus.Counter(
            "motif_skipped_windows", "Windows of streams that were due and not judged, for want of time", **here
        )
        self.models = prometheus.Gauge("motif_models", "Models that are ready", **here)

    def text(self) -> bytes:
        """Return all of them in the text format of Prometheus."""
        return bytes(self._latest(self._registry))
