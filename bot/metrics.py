"""What is counted, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """All counters of one bot, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.updates = Counter("atelier_updates", "Updates received from Telegram", registry=self.registry)
        self.handling_seconds = Histogram(
            "atelier_handling_seconds",
            "Seconds to handle one update, waiting for its chat's turn excluded",
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
            registry=self.registry,
        )
        self.finished = Counter(
            "atelier_jobs_finished",
            "Jobs that ended, by outcome and style",
            ["outcome", "style"],
            registry=self.registry,
        )
        self.painting_seconds = Histogram(
            "atelier_painting_seconds",
            "Seconds of painting per job",
            buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300),
            registry=self.registry,
        )
        self.peak_memory = Gauge("atelier_peak_memory_bytes", "Peak memory of the last job", registry=self.registry)
        self.waiting = Gauge("atelier_jobs_waiting", "Jobs queued or being painted", registry=self.registry)
        self.runner_restarts = Counter(
            "atelier_runner_restarts", "Times that a painting process had to be started again", registry=self.registry
        )
        self.deliveries = Counter("atelier_deliveries", "Sendings of results", ["outcome"], registry=self.registry)
        self.flood_waits = Counter("atelier_flood_waits", "Answers 429 from Telegram", registry=self.registry)
        self.errors = Counter("atelier_errors", "Unexpected errors in handlers", registry=self.registry)
