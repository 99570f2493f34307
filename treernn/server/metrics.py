"""What Prometheus can ask for; counts and times only, never texts."""

from __future__ import annotations

from treernn.optional import require

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_TEXTS = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The metrics of one server, in a registry of their own.

    Attributes:
        requests: by route and status.
        seconds: from the head of a request to the end of its answer, by route.
        texts: that have an answer, by outcome: ``scored`` or ``failed``.
        batch_texts: texts that were scored together.
        deaths: of workers.
        queue, workers: texts that wait, and workers that are ready; functions tell them.
    """

    def __init__(self) -> None:
        client = require("prometheus_client", extra="server")
        self.registry = registry = client.CollectorRegistry()
        self.requests = client.Counter(
            "treernn_requests", "Requests answered.", ["route", "status"], registry=registry
        )
        self.seconds = client.Histogram(
            "treernn_request_seconds",
            "Time of a request, to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.texts = client.Counter(
            "treernn_texts", "Texts answered.", ["outcome"], registry=registry
        )
        self.batch_texts = client.Histogram(
            "treernn_batch_texts", "Texts scored together.", buckets=_TEXTS, registry=registry
        )
        self.deaths = client.Counter(
            "treernn_worker_deaths", "Workers that died.", registry=registry
        )
        self.queue = client.Gauge("treernn_queue_texts", "Texts that wait.", registry=registry)
        self.workers = client.Gauge(
            "treernn_workers_ready", "Workers with warm models.", registry=registry
        )
        client.ProcessCollector(registry=registry)

    def exposition(self) -> tuple[bytes, str]:
        """The metrics in Prometheus's text format, and its media type."""
        client = require("prometheus_client", extra="server")
        return client.generate_latest(self.registry), client.CONTENT_TYPE_LATEST
