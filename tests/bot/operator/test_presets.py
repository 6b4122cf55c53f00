"""Presets from the chat: everybody sees what the operator adds, hides, renames, moves and deletes, at once."""

from __future__ import annotations

import re

from bot.sandbox.person import Bubble, Person
from bot.store.presets import order_presets
from bot.store.tuning import store_progress
from stylize import all_presets
from tests.bot.operator.conftest import Stage, jpeg

NAME = re.compile(r"irises-[0-9a-f]{8}\.jpg")


async def styles(person: Person) -> list[str]:
    """The labels of the first page of presets."""
    sent = await person.text("/styles")
    grid = await person.wait_for(lambda bubble: bubble.from_bot and bubble.kind == "photo", after=sent.id)
    return grid.labels


async def added(stage: Stage) -> Bubble:
    """The page of a new preset."""
    panel = await stage.panel()
    await stage.tap(panel, "Presets", "19 of 19 are shown")
    await stage.tap(panel, "Add a preset", "Send me the painting")
    await stage.says("Irises", "That is no picture")
    sent = await stage.boss.document(b"no picture", "painting.jpg")
    await stage.boss.wait_for(lambda bubble: "damaged" in bubble.text or "kind of file" in bubble.text, after=sent.id)
    sent = await stage.boss.photo(jpeg("purple", 600))
    await stage.boss.wait_for(lambda bubble: "title and artist" in bubble.text, after=sent.id)
    await stage.says("Irises by Vincent van Gogh", "with a dot between them")
    await stage.says(f"{'very ' * 10}long · X", "too long for a button")
    return await stage.says("Irises  ·  Vincent van Gogh", "Added. People can choose it at once")


async def test_a_preset_from_the_chat_is_offered_at_once_and_after_a_restart(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address, name="Ada") as ada:
        async with stage.bot():
            page = await added(stage)
            assert "number 20 of the list" in page.text
            page = await stage.tap(page, "↑ Up", "number 19 of the list")
            files = [file for file in (stage.folder / "presets").iterdir() if not file.name.startswith("sheet")]
            assert [bool(NAME.fullmatch(file.name)) for file in files] == [True]
        async with stage.store.writing() as session:
            await store_progress(session, files[0].stem, 1.0)
            await order_presets(session, [files[0].stem, *(preset.name for preset in all_presets())])
        async with stage.bot():
            await stage.boss.wait_for(lambda bubble: "Irises is finished" in bubble.text)
            assert (await styles(ada))[0] == "Irises · van Gogh"
            await stage.tap(page, "Rename", "the new title")
            page = await stage.says("Blue Irises", "Blue Irises")
            assert (await styles(ada))[0] == "Blue Irises · van Gogh"
            await stage.tap(page, "Hide", "hidden")
            grid = await styles(ada)
            assert grid[0] == "The Starry Night · van Gogh"
            await stage.tap(page, "Show", "number 1 of the list")
            sent = await ada.photo(jpeg("red"))
            question = await ada.wait_for(lambda bubble: "How shall I paint it?" in bubble.text, after=sent.id)
            await ada.tap(question, "Blue Irises")
            await ada.wait_for(lambda bubble: "You are next" in bubble.text)
            await stage.tap(page, "Delete…", "Shall I delete Blue Irises?")
            await stage.tap(page, "Yes, delete it", "Deleted.")
            assert (await styles(ada))[0] == "The Starry Night · van Gogh"
            (job,) = await stage.queue.waiting()
            kept = stage.folder / "presets" / f"{job.job.order.style.text}.jpg"
            assert kept.is_file(), "the picture that was ordered is still painted by it"
        await stage.queue.cancel_person(ada.chat_id)
        async with stage.bot():  # the sweep at the start
            await ada.wait_until(lambda _: not kept.exists())
            old = await ada.tap(question, "Blue Irises")
            assert "I no longer have that painting" in old.text


async def test_shipped_presets_can_be_hidden_but_not_deleted(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address, name="Ada") as ada, stage.bot():
        grid = await ada.text("/styles")
        grid = await ada.wait_for(lambda bubble: "paintings I know" in bubble.text, after=grid.id)
        panel = await stage.panel()
        await stage.tap(panel, "Presets", "19 of 19")
        page = await stage.tap(panel, "The Scream", "Edvard Munch")
        assert not any("Delete" in label for label in page.labels)
        await stage.tap(panel, "Hide", "hidden")
        assert "The Scream · Munch" not in await styles(ada)
        assert "I no longer have that painting" in (await ada.tap(grid, "The Scream")).text
