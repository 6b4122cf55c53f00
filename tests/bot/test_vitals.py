"""/healthz, /readyz and /metrics over HTTP, of the whole bot but without a painter."""

from __future__ import annotations

import asyncio
import math
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import telegram
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from bot import loops, request, vitals
from bot.app import SWEEP_EVERY, Bot
from bot.jobs import painter as painting
from bot.jobs.bounds import Bounds
from bot.jobs.forecast import Forecast
from bot.jobs.inputs import Inputs
from bot.jobs.painter import Painter
from bot.jobs.previews import Previews
from bot.jobs.queue import Painted
from bot.jobs.sql_queue import SqlQueue
from bot.metrics import Metrics
from bot.sandbox import Sandbox
from bot.sandbox.person import Person
from bot.settings import Settings
from bot.store import Store
from bot.store.updates import store_update

from .stage import jpeg

TOKEN = "4242:sandbox-token"
HEALTHY = dict.fromkeys(("loop", "database", "work", "engine", "telegram"), "ok")


class Later:
    """A clock that has gone on."""

    def __init__(self, moment: float) -> None:
        self.monotonic = lambda: moment


@dataclass
class Watched:
    """A running bot, and what its health port says."""

    client: httpx.AsyncClient
    sandbox: Sandbox
    store: Store
    queue: SqlQueue
    folder: Path

    async def checks(self, path: str = "/healthz") -> tuple[int, dict[str, str]]:
        """Status and parts."""
        answer = await self.client.get(path)
        return answer.status_code, answer.json()

    async def figures(self) -> dict[tuple[str, ...], float]:
        """Every sample by its name and the values of its labels."""
        page = (await self.client.get("/metrics")).text
        families = text_string_to_metric_families(page)
        return {(one.name, *map(str, one.labels.values())): one.value for family in families for one in family.samples}

    async def shows(self, name: str, *labels: str, value: float) -> None:
        """Waits until a figure has this value."""
        async with asyncio.timeout(10):
            while (await self.figures()).get((f"atelier_{name}", *labels)) != value:
                await asyncio.sleep(0.02)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def watched(store: Store, tmp_path: Path) -> AsyncIterator[Watched]:
    """The bot, its health port open; the test paints."""
    (tmp_path / "results").mkdir()
    sandbox, port = Sandbox(TOKEN, port=0), free_port()
    await sandbox.start()
    settings = Settings(_env_file=None, data_dir=tmp_path, device=(), health_port=port)
    bot = Bot(settings, TOKEN, sandbox.address, store)
    async with bot.running(), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield Watched(client, sandbox, store, SqlQueue(store, metrics=bot.metrics), tmp_path)
    await sandbox.stop()


async def test_a_job_can_be_followed_from_the_order_to_the_delivery(watched: Watched) -> None:
    assert await watched.checks() == (200, HEALTHY)
    assert await watched.checks("/readyz") == (200, HEALTHY)
    async with Person.at(watched.sandbox.address) as ada:
        await ada.photo(jpeg("green"), caption="rain on the sea")
        await watched.shows("jobs", "quick", "queued", value=1)
        await asyncio.sleep(0.2)
        figures = await watched.figures()
        assert figures["atelier_jobs_waiting",] == 1
        assert figures["atelier_oldest_job_seconds",] > 0.1
        assert figures["atelier_jobs_ordered_total", "quick"] == 1
        assert figures["atelier_poll_age_seconds",] < 30

        job = await watched.queue.claim("w", 600)
        assert job is not None
        await watched.queue.begin(job.id, "w")
        figures = await watched.figures()
        assert figures["atelier_jobs", "quick", "painting"] == 1
        assert figures["atelier_wait_seconds_count", "quick"] == 1
        assert 0.1 < figures["atelier_wait_seconds_sum", "quick"] < 10
        assert figures["atelier_wait_seconds_count", "finest"] == 0

        await ada.fault("sendPhoto", "reset")
        (watched.folder / "results" / f"{job.id}.jpg").write_bytes(jpeg("green"))
        await watched.queue.complete(job.id, "w", Painted(f"{job.id}.jpg", 64, 48, 64, 64))
        await watched.shows("deliveries_total", "unknown", value=1)
        await watched.shows("deliveries_waiting", value=0)
        figures = await watched.figures()
        assert figures["atelier_sending_failures_total", "NetworkError"] == 1
        assert figures["atelier_jobs_waiting",] == figures["atelier_oldest_job_seconds",] == 0
        assert figures["atelier_updates_total",] == figures["atelier_handling_seconds_count",] == 1


async def test_failures_are_counted_by_their_error_and_cancels_once(watched: Watched) -> None:
    async with Person.at(watched.sandbox.address) as ada:
        for caption in ("rain", "snow"):
            await ada.photo(jpeg("green"), caption=caption)
        await watched.shows("jobs_waiting", value=2)
        first = await watched.queue.claim("w", 600)
        assert first is not None
        for _ in range(2):  # the second one comes too late
            await watched.queue.fail(first.id, "picture-too_large")
        await ada.text("/cancel")
        await watched.shows("jobs_finished_total", "quick", "cancelled", "sentence", value=1)
        figures = await watched.figures()
        assert figures["atelier_job_failures_total", "picture-too_large"] == 1
        assert figures["atelier_jobs_finished_total", "quick", "failed", "sentence"] == 1


async def test_an_update_that_is_not_handled_grows_old(watched: Watched) -> None:
    async with watched.store.writing() as session:
        await store_update(session, 4242, 7, "{}")
        await store_update(session, 4243, 8, "{}")  # of another bot that used this database
    await asyncio.sleep(0.3)
    figures = await watched.figures()
    assert figures["atelier_inbox_waiting",] == 1
    assert 0.3 <= figures["atelier_inbox_age_seconds",] < 5


async def test_a_database_that_takes_no_writes_is_unhealthy_and_its_figures_unknown(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "PATIENCE", 0.3)
    async with watched.store.writing() as session:
        await session.execute(text("SELECT 1"))  # holds the only place of a writer
        status, parts = await watched.checks()
        assert (status, parts["database"], parts["work"]) == (503, "not ok", "ok")
        assert (await watched.figures())["atelier_jobs_waiting",] == 0  # reading waits for nobody
    async with asyncio.timeout(10):
        while await watched.checks() != (200, HEALTHY):
            await asyncio.sleep(0.05)
    async with watched.store.writing() as session:
        assert await session.scalar(text("SELECT count(*) FROM inbox")) == 0
        await session.execute(text("ALTER TABLE inbox RENAME TO lost"))
    assert math.isnan((await watched.figures())["atelier_jobs_waiting",])
    async with watched.store.writing() as session:
        await session.execute(text("ALTER TABLE lost RENAME TO inbox"))
    assert (await watched.figures())["atelier_jobs_waiting",] == 0


async def test_silence_of_telegram_is_unhealthy(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Person.at(watched.sandbox.address) as ada:
        await ada.text("/help")
        await watched.shows("updates_total", value=1)
        moment = time.monotonic() + vitals.SILENCE
        monkeypatch.setattr(request, "time", Later(moment))
        status, parts = await watched.checks()
        assert (status, parts["telegram"], parts["database"]) == (503, "not ok", "ok")
        assert (await watched.figures())["atelier_poll_age_seconds",] > vitals.SILENCE - 1
        await ada.text("/help")  # is fetched: Telegram answers again
        await watched.shows("updates_total", value=2)
        assert (await watched.checks())[0] == 200


async def test_a_round_that_never_ends_is_unhealthy(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await watched.checks())[1]["work"] == "ok"
    monkeypatch.setattr(loops, "time", Later(time.monotonic() + SWEEP_EVERY + loops.STUCK + 1))
    assert not loops.Loop("not started", asyncio.Event().wait, 0.0).alive  # type: ignore[arg-type]
    assert await watched.checks() == (503, HEALTHY | {"work": "not ok"})


async def test_a_runner_that_is_not_heard_is_unhealthy(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds, metrics = Bounds(max_side=2048, photo_side=1280, job_seconds=300), Metrics()
    inputs, forecast = Inputs(telegram.Bot(TOKEN), tmp_path / "inputs"), Forecast(bounds)
    painter = Painter(SqlQueue(store), inputs, tmp_path / "results", metrics, forecast, Previews(), bounds, "cpu")
    looked_at = vitals.Vitals(store, 4242, metrics, (), [painter], lambda: False, None)
    assert (await looked_at.healthy())["engine"]
    monkeypatch.setattr(painting, "time", Later(time.monotonic() + vitals.SILENCE))
    assert not (await looked_at.healthy())["engine"]
    assert not (await looked_at.ready())["runner-cpu"]
    await looked_at.refresh()
    assert metrics.registry.get_sample_value("atelier_runner_age_seconds", {"runner": "runner-cpu"}) > vitals.SILENCE


async def test_a_429_is_counted(watched: Watched) -> None:
    async with Person.at(watched.sandbox.address) as ada:
        await ada.fault("sendMessage", "429")
        await ada.text("/help")
        await watched.shows("flood_waits_total", value=1)


def test_every_figure_has_its_line_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs/operating.md").read_text(encoding="utf-8")
    for family in Metrics().registry.collect():
        assert f"`{family.name}" in page
