"""What is counted, for Prometheus. docs/operating.md explains every name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.orders import METHODS

HANDLING = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)  # seconds, as all below
WAITING = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)
PAINTING = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300)
BATCHES = (1, 2, 4, 8, 16)  # jobs


class Metrics:
    """All figures of one bot, in a registry of their own.

    Counters and histograms are told what happens. Gauges that say how things stand now are set by `Vitals` when
    somebody asks.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.updates = self._counter("updates", "Updates received from Telegram")
        self.handling_seconds = self._histogram(
            "handling_seconds",
            "Seconds to handle one update, waiting for its turn or for Telegram's limits excluded",
            HANDLING,
        )
        self.turn_seconds = self._histogram("turn_seconds", "Seconds that an update waited for its turn", HANDLING)
        self.held_seconds = self._histogram(
            "held_seconds", "Seconds for which the answers to an update were held back by Telegram's limits", HANDLING
        )
        self.inbox_waiting = self._gauge("inbox_waiting", "Updates received and not handled")
        self.inbox_age = self._gauge("inbox_age_seconds", "Seconds since the oldest of them was received")
        self.poll_age = self._gauge("poll_age_seconds", "Seconds since getUpdates was last answered; NaN: not polling")

        self.jobs = self._gauge("jobs", "Jobs that have not ended", "state", "method")
        self.waiting = self._gauge("jobs_waiting", "Jobs queued or being painted")
        self.oldest_job = self._gauge("oldest_job_seconds", "Seconds since the oldest queued job was ordered")
        self.ordered = self._counter("jobs_ordered", "Jobs that were taken", "method")
        self.finished = self._counter("jobs_finished", "Jobs that ended, by outcome", "outcome", "style", "method")
        self.failures = self._counter("job_failures", "Jobs that failed, by error", "error")
        self.wait_seconds = self._histogram(
            "wait_seconds", "Seconds from the order to the start of painting", WAITING, "method"
        )
        self.painting_seconds = self._histogram("painting_seconds", "Seconds of painting per job", PAINTING, "method")
        self.batch_size = self._histogram("batch_size", "Jobs that were painted together", BATCHES)
        self.peak_memory = self._gauge("peak_memory_bytes", "Peak memory of the last job")
        self.runner_restarts = self._counter("runner_restarts", "Times that a painting process had to be started again")
        self.runner_age = self._gauge("runner_age_seconds", "Seconds since the painting process was heard", "runner")

        self.deliveries = self._counter("deliveries", "Sendings of results", "outcome")
        self.deliveries_waiting = self._gauge("deliveries_waiting", "Results to be sent")
        self.sending_failures = self._counter("sending_failures", "Sendings that failed, by problem", "problem")
        self.flood_waits = self._counter("flood_waits", "Answers 429 from Telegram")
        self.errors = self._counter("errors", "Unexpected errors in handlers")
        for method in METHODS:  # known from the start, so that a rate can be taken of the first one
            for family in (self.ordered, self.wait_seconds, self.painting_seconds):
                family.labels(method)

    @contextmanager
    def counting_failures(self) -> Iterator[None]:
        """Around a sending: counts by which problem it failed."""
        try:
            yield
        except Exception as error:
            self.sending_failures.labels(type(error).__name__).inc()
            raise

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"atelier_{name}", meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"atelier_{name}", meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"atelier_{name}", meaning, labels, buckets=buckets, registry=self.registry)
