"""/admin: for operators only, numbers, limits, rest; all of it after a restart too."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select

from bot.jobs.queue import Painted
from bot.jobs.sql_queue import SqlQueue
from bot.sandbox.person import Person
from bot.settings import Settings, SettingsError, load_settings
from bot.store.models import User
from tests.bot.operator.conftest import Stage, jpeg


async def test_nobody_else_learns_that_it_exists(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address, name="Ada") as ada, stage.bot():
        panel = await stage.panel()
        for command in ("/admin", "/nonsense"):
            sent = await ada.text(command)
            answer = await ada.wait_for(lambda bubble: bubble.from_bot, after=sent.id)
            assert (answer.text, answer.labels) == ("I don’t know that command. /help shows what I can do.", [])
        forged = await ada.photo(jpeg("red"))
        question = await ada.wait_for(lambda bubble: "How shall I paint it?" in bubble.text, after=forged.id)
        assert "something earlier" in (await ada.tap(question, data="op1:home:rest:", stale=True)).text
        assert "Maintenance is on" not in (await stage.tap(panel, "Refresh", "Overview")).text


async def test_the_overview_counts_and_names_nobody(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address, name="Adabella") as ada, stage.bot():
        await stage.order(ada, "red", "a secret wish")
        job = await stage.queue.claim("w", 30)
        assert job is not None
        assert await stage.queue.begin(job.id, "w")
        (stage.folder / "results" / "1.jpg").write_bytes(jpeg("blue"))
        assert await stage.queue.complete(job.id, "w", Painted("1.jpg", 64, 48, 64, 64))
        await ada.wait_for(lambda bubble: bubble.text.startswith("Painted after"))
        await stage.order(ada, "green", "another wish")
        failed = await stage.queue.claim("w", 30)
        assert failed is not None
        await stage.queue.fail(failed.id, "too-slow")
        await stage.order(ada, "white", "a third wish")
        panel = await stage.panel()
        for words in (
            "Queue: 1 waiting, 0 being painted",
            "Last hour: 1 delivered",
            "(median)",
            "Failed in the last day: too-slow 1",
            "People: 1; active in a day 1, in a week 1",
            "Disk: inputs",
        ):
            assert words in panel.text
        assert not any(word in panel.text for word in ("wish", "Adabella", str(ada.chat_id)))


async def test_limits_hold_at_once_and_after_a_restart(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address, name="Ada") as ada:
        async with stage.bot() as bot:
            panel = await stage.panel()
            await stage.tap(panel, "Limits", "A change holds from the next picture on")
            await stage.tap(panel, "Waiting, per person: 2", "Waiting, per person: 2")
            await stage.tap(panel, "1", "Waiting, per person: 1")
            await stage.order(ada, "red", "rain on the sea")
            await stage.order(ada, "green", "rain on the sea", "One picture of yours is still waiting")
            await stage.tap(panel, "‹ Back", "A change holds")
            await stage.tap(panel, "Photos, px: 1280", "Photos, px: 1280")
            await stage.tap(panel, "960", "Photos, px: 960")
            assert bot.bounds.photo_side == 960
        async with stage.bot() as bot:
            assert (bot.bounds.photo_side, bot.bounds.queue_per_user, bot.bounds.max_side) == (960, 1, 2048)
            back = await stage.tap(panel, "Back to the settings (1280)", "Photos, px: 1280")
            assert not any("settings" in label for label in back.labels)
            assert bot.bounds.photo_side == 1280


async def test_while_it_rests_orders_are_taken_and_wait(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address, name="Ada") as ada:
        async with stage.bot():
            panel = await stage.panel()
            on = await stage.tap(panel, "Maintenance on", "Maintenance is on")
            assert "Maintenance off" in on.labels
            await stage.order(ada, "red", "rain on the sea", "I am being looked after")
        async with stage.bot() as bot:
            queue = SqlQueue(stage.store, bot.bounds)
            assert await queue.claim("w", 30) is None
            await stage.tap(panel, "Maintenance off", "Queue: 1 waiting")
            await ada.wait_for(lambda bubble: "You are next" in bubble.text)
            assert await queue.claim("w", 30) is not None


async def test_the_menu_of_an_operator_has_the_command(stage: Stage) -> None:
    async with stage.bot():
        await stage.panel()
        async with stage.store.reading() as session:
            assert await session.scalar(select(User.id)) is None, "looking at numbers makes nobody a user"
    async with Person.at(stage.sandbox.address, name="Ada") as ada, httpx.AsyncClient() as client:
        for person, has in ((stage.boss, True), (ada, False)):
            chat = (await client.get(f"{stage.sandbox.address}/person/chats/{person.chat_id}")).json()
            assert ("admin" in [command["command"] for command in chat["commands"]]) == has


def test_operators_are_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATORS", "12, 34,")
    assert Settings(_env_file=None).operators == {12, 34}
    monkeypatch.setenv("OPERATORS", "@ada")
    with pytest.raises(SettingsError, match=r"OPERATORS: must be Telegram's numbers"):
        load_settings()
