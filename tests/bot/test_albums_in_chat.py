"""Albums: one style for all their pictures, and they come back as an album."""

from __future__ import annotations

import asyncio

from bot.orders import Style, StyleKind
from bot.sandbox.person import Bubble, Person

from .stage import Stage, jpeg, said

COLOURS = ("red", "white", "black")


async def album_of(person: Person, number: int, after: Bubble) -> list[Bubble]:
    """The album that the bot sent after this message, once it is whole."""

    def parts(bubbles: list[Bubble]) -> list[Bubble]:
        return [one for one in bubbles if one.from_bot and one.album is not None and one.id > after.id]

    return parts(await person.wait_until(lambda bubbles: len(parts(bubbles)) == number))


async def test_words_under_an_album_are_its_style(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        sent = await ada.album([jpeg(colour) for colour in COLOURS], caption="rain on the sea", caption_on=1)
        jobs = await stage.paints(3)
        assert {job.order.style for job in jobs} == {Style.sentence("rain on the sea")}
        assert len({job.order.content.unique_id for job in jobs}) == 3
        album = await album_of(ada, 3, sent[-1])
        assert len({part.album for part in album}) == 1
        assert [part.text.startswith("Painted after “rain on the sea”") for part in album] == [True, False, False]
        assert {part.reply_to for part in album} == {sent[0].id}
        buttons = await said(ada, album[-1], "That was your album")
        assert not any("next" in bubble.text for bubble in await ada.messages()), "the status message is gone"

        await ada.tap(buttons, "Softer")
        softer = await stage.paints(3)
        assert {job.order.strength for job in softer} == {0.8}
        assert [job.order.content for job in softer] == [job.order.content for job in jobs]
        await album_of(ada, 3, buttons)

        await ada.tap(buttons, "Another style")
        grid = await said(ada, buttons, "The same photo again")
        await ada.tap(grid, next(label for label in grid.labels if " · " in label))
        assert {job.order.style.kind for job in await stage.paints(3)} == {StyleKind.PRESET}


async def test_an_album_without_words_waits_for_its_style(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        sent = await ada.album([jpeg(colour) for colour in COLOURS])
        await said(ada, sent[-1], "In which style shall I paint all of it?")
        await ada.text("snow on slate")
        assert {job.order.style.text for job in await stage.paints(3)} == {"snow on slate"}
        await album_of(ada, 3, sent[-1])


async def test_a_style_that_was_chosen_before_is_that_of_the_album(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        await said(ada, await ada.text("a quiet forest"), "Now send me the photo")
        sent = await ada.album([jpeg(colour) for colour in COLOURS[:2]], as_files=True)
        assert {job.order.style.text for job in await stage.paints(2)} == {"a quiet forest"}
        assert {part.kind for part in await album_of(ada, 2, sent[-1])} == {"document"}


async def test_a_picture_that_fails_does_not_hold_up_its_album(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada:
        async with stage.bot():
            sent = await ada.album([jpeg(colour) for colour in COLOURS], caption="rain")
            await stage.paints(1)
            job = await stage.queue.claim("w", 600)
            assert job is not None
            await stage.queue.begin(job.id, "w")
            await stage.queue.fail(job.id, "picture-unreadable")
            await said(ada, sent[-1], "could not read that picture")
        async with stage.bot():
            assert not [bubble for bubble in await ada.messages() if bubble.from_bot and bubble.media], "not whole yet"
            await stage.paints(1)
            await album_of(ada, 2, sent[-1])


async def test_an_album_whose_answer_was_lost_is_asked_about_once(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        await ada.fault("sendMediaGroup", "reset")
        sent = await ada.album([jpeg(colour) for colour in COLOURS], caption="rain")
        await stage.paints(3)
        question = await said(ada, sent[-1], "Is it missing?")
        await asyncio.sleep(0.5)
        assert len([bubble for bubble in await ada.messages() if "Is it missing?" in bubble.text]) == 1
        await ada.tap(question, "Send it again")
        await album_of(ada, 3, sent[-1])
