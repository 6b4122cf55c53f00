"""Word for everybody who waits."""

from __future__ import annotations

import asyncio

from bot.jobs.news import News


async def test_everybody_hears_and_nobody_takes_it_from_another() -> None:
    news = News()
    waiting = [asyncio.create_task(news.next.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    news.tell()
    async with asyncio.timeout(1):
        await asyncio.gather(*waiting)


async def test_what_happens_between_looking_and_waiting_is_not_missed() -> None:
    news = News()
    following = news.next
    news.tell()
    async with asyncio.timeout(1):
        await following.wait()
    assert not news.next.is_set()
