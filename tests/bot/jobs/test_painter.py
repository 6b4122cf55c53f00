"""The painter with a real runner process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from telegram import Bot

from bot.jobs import painter as painting
from bot.jobs.bounds import Bounds
from bot.jobs.forecast import Forecast
from bot.jobs.inputs import Inputs
from bot.jobs.painter import Painter
from bot.jobs.previews import Previews
from bot.jobs.sql_queue import SqlQueue
from bot.metrics import Metrics
from bot.orders import Media, Order, Style
from bot.store import Store
from bot.store.forgetting import forget_person
from stylize import Picture, encode_picture

PHOTO, STYLE = Media("p", "photo", width=400, height=300), Media("s", "style", width=64, height=64)


def waves(media: Media, length: float) -> Picture:
    """A picture of that size."""
    y, x = np.mgrid[0 : media.height, 0 : media.width] / length
    channels = [np.sin(x + k) + np.cos(y * (1 + k / 4)) for k in range(3)]
    return Picture(((np.stack(channels, axis=2) + 2) * 63).astype(np.uint8))


async def until(there: Callable[[], object], seconds: float) -> None:
    """Waits for it."""
    async with asyncio.timeout(seconds):
        while not there():
            await asyncio.sleep(0.02)


async def test_a_cancel_or_a_deletion_frees_the_runner_without_waiting_for_the_next_beat(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, inputs, previews = SqlQueue(store), Inputs(Bot("4242:never-asked"), tmp_path / "inputs"), Previews()
    for media, wave in ((PHOTO, 30), (STYLE, 5)):  # fetched before
        inputs.path_of(media).write_bytes(encode_picture(waves(media, wave)))
    bounds = Bounds(max_side=2048, photo_side=1280, job_seconds=300)
    forecast, results = Forecast(bounds), tmp_path / "results"
    quick = Order(1, 1, PHOTO, Style.picture(STYLE))
    finest = replace(quick, finest=True)
    metrics = Metrics()
    painter = Painter(queue, inputs, results, metrics, forecast, previews, bounds, "cpu")
    painter.start()
    try:
        await until(lambda: forecast.of(finest).known, 60)
        monkeypatch.setattr(painting, "BEAT", 600.0)
        long = await queue.enqueue(finest, "long")
        await until(lambda: previews.of(long.job_id), 60)
        assert (results / f"{long.job_id}.preview.jpg").is_file()
        following = await queue.enqueue(quick, "following")
        assert await queue.cancel_job(long.job_id)
        await until(lambda: (results / f"{following.job_id}.jpg").is_file(), 60)
        assert not (results / f"{long.job_id}.jpg").exists()
        assert not list(results.glob("*.preview*"))

        forgotten = await queue.enqueue(finest, "of somebody who wants to be forgotten")
        await until(lambda: previews.of(forgotten.job_id), 60)
        async with store.writing() as session:
            await forget_person(session, 1, 4242, 1)
        queue.tell_of_cancel()
        of_another = await queue.enqueue(replace(quick, chat_id=2, user_id=2), "of another")
        await until(lambda: (results / f"{of_another.job_id}.jpg").is_file(), 60)
        assert not list(results.glob(f"{forgotten.job_id}.*"))
        await until(lambda: forecast.quick(quick), 10)
        assert metrics.registry.get_sample_value("atelier_runner_restarts_total") == 0
    finally:
        await painter.stop()


async def test_on_a_full_disk_the_job_waits_and_is_painted_once_there_is_room(store: Store, tmp_path: Path) -> None:
    queue, inputs, previews = SqlQueue(store), Inputs(Bot("4242:never-asked"), tmp_path / "inputs"), Previews()
    for media, wave in ((PHOTO, 30), (STYLE, 5)):
        inputs.path_of(media).write_bytes(encode_picture(waves(media, wave)))
    bounds, results = Bounds(max_side=2048, photo_side=1280, job_seconds=300), tmp_path / "results"
    painter = Painter(queue, inputs, results, Metrics(), Forecast(bounds), previews, bounds, "cpu")
    painter.start()
    try:
        enqueued = await queue.enqueue(Order(1, 1, PHOTO, Style.picture(STYLE)), "a")
        full = results / f"{enqueued.job_id}.part"
        full.symlink_to("/dev/full")
        await until(lambda: painter.held, 60)
        job = await queue.find(enqueued.job_id)
        assert job is not None
        assert (job.state, job.attempts, job.error) == ("queued", 0, ""), "not the picture's fault"
        full.unlink()
        await until(lambda: (results / f"{enqueued.job_id}.jpg").is_file(), 60)
        await until(lambda: not painter.held, 10)
    finally:
        await painter.stop()
