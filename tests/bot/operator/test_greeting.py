"""The operator chooses the picture that /start shows."""

from __future__ import annotations

from bot.sandbox.person import Bubble, Person

from ..stage import jpeg
from .conftest import Stage


async def greeting(person: Person) -> Bubble:
    """What /start shows."""
    sent = await person.text("/start")
    return await person.wait_for(lambda bubble: bubble.from_bot and bubble.kind == "photo", after=sent.id)


def size(bubble: Bubble) -> tuple[int, int]:
    """Of the picture, in px."""
    assert bubble.media is not None
    return bubble.media.width, bubble.media.height


async def test_start_shows_the_operators_picture_until_it_is_taken_back(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address, name="Ada") as ada:
        async with stage.bot():
            shipped = size(await greeting(ada))
            panel = await stage.panel()
            await stage.tap(panel, "Greeting", "the picture that I came with")
            await stage.tap(panel, "Another picture", "Send me the picture")
            await stage.says("here it is", "That is no picture")
            for side in (600, 400):
                sent = await stage.boss.photo(jpeg("purple", side))
                page = await stage.boss.wait_for(lambda bubble: "shows your picture" in bubble.text, after=sent.id)
                assert size(await greeting(ada)) == (side, side * 3 // 4)
                await stage.tap(page, "Another picture", "Send me the picture")
        async with stage.bot():
            assert size(await greeting(ada)) == (400, 300)
            panel = await stage.panel()
            await stage.tap(panel, "Greeting", "shows your picture")
            await stage.tap(panel, "The shipped picture", "that I came with")
            assert size(await greeting(ada)) == shipped
