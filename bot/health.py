"""/healthz, /readyz and /metrics, for whoever watches over the bot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import tornado.httpserver
import tornado.web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

Check = Callable[[], Awaitable[dict[str, bool]]]
Refresh = Callable[[], Awaitable[None]]


class HealthServer:
    """A small server. healthz: does it live; readyz: can it paint; metrics: for Prometheus.

    A check gives names and whether each is well; the answer is 200 where all are, else 503. `refresh` is awaited before
    the metrics are told.
    """

    def __init__(self, healthy: Check, ready: Check, refresh: Refresh, registry: CollectorRegistry) -> None:
        self._application = tornado.web.Application(
            [
                ("/healthz", _Checked, {"check": healthy}),
                ("/readyz", _Checked, {"check": ready}),
                ("/metrics", _Metrics, {"refresh": refresh, "registry": registry}),
            ],
            log_function=lambda _: None,
        )
        self._server: tornado.httpserver.HTTPServer | None = None

    def start(self, host: str, port: int) -> None:
        """Listens. Raises OSError where the port is taken."""
        self._server = self._application.listen(port, host)

    async def stop(self) -> None:
        """Stops listening."""
        if self._server is not None:
            self._server.stop()
            await self._server.close_all_connections()


class _Checked(tornado.web.RequestHandler):
    def initialize(self, check: Check) -> None:
        self._check = check

    async def get(self) -> None:
        try:
            parts = await self._check()
        except Exception:  # a check that fails is an answer too
            parts = {"check": False}
        self.set_status(200 if all(parts.values()) else 503)
        self.write({name: "ok" if well else "not ok" for name, well in parts.items()})


class _Metrics(tornado.web.RequestHandler):
    def initialize(self, refresh: Refresh, registry: CollectorRegistry) -> None:
        self._refresh = refresh
        self._registry = registry

    async def get(self) -> None:
        await self._refresh()
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.write(generate_latest(self._registry))
