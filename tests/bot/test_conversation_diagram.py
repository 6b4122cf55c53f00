"""Every arrow of the conversation's diagram is walked in the chat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import select

from bot.sandbox.person import Bubble, Person
from bot.store.models import ConversationRow

from .diagrams import edges_of
from .stage import Stage, jpeg, results, said

Edge = tuple[str, str, str]
AT_ONCE = 6  # people: with all 26, a slow machine answers the last ones after more than the ten seconds they wait


@dataclass
class Walker:
    """A person on their way through the diagram."""

    stage: Stage
    person: Person

    async def state(self) -> str:
        """Where the conversation stands in the database."""
        async with self.stage.store.reading() as session:
            rows = await session.scalars(select(ConversationRow))
            states = {json.loads(row.key)[0]: row.state for row in rows}
        return states.get(self.person.chat_id, "idle")

    async def comes_to(self, state: str) -> None:
        """Waits until the conversation stands there."""
        async with asyncio.timeout(10):
            while await self.state() != state:
                await asyncio.sleep(0.05)

    async def enter(self, state: str) -> None:
        """Brings the conversation from idle to this state."""
        match state:
            case "style":
                await self.grid()
            case "photo":
                await said(self.person, await self.person.text("a quiet forest"), "Now send me the photo")
            case "name":
                await self.rename()
        await self.comes_to(state)

    async def grid(self) -> Bubble:
        """The list of styles for a photo."""
        return await said(self.person, await self.person.photo(jpeg("gold")), "How shall I paint it?")

    async def newest(self, words: str) -> Bubble:
        """The newest message of the bot with these words."""
        return await self.person.wait_for(lambda bubble: bubble.from_bot and words in bubble.text)

    async def result(self) -> Bubble:
        """A result, painted after words."""
        before = len([one for one in await self.person.messages() if one.text.startswith("Painted")])
        await self.person.photo(jpeg("green"), caption="rain on the sea")
        return (await results(self.person, before + 1))[-1]

    async def rename(self) -> None:
        """Saves a style and asks for another name."""
        await self.person.tap(await self.result(), "Save style")
        await self.person.text("/styles")
        await self.rename_in(await self.newest("These are the paintings"))

    async def rename_in(self, grid: Bubble) -> None:
        """Taps Rename under My styles."""
        await self.person.tap(grid, "My styles…")
        await self.person.wait_for(lambda bubble: bubble.id == grid.id and "Rename" in bubble.labels)
        await self.person.tap(grid, "Rename")
        await self.newest("How shall I call")

    async def painted(self, count: int = 1) -> None:
        """Waits until all jobs of this person are painted, and for so many of them."""
        await results(self.person, count)

    async def leave(self) -> None:
        """Everything of this person is deleted."""
        question = await said(self.person, await self.person.text("/delete_me"), "Shall I delete everything")
        await self.person.tap(question, "Yes, delete all")


def preset_of(grid: Bubble) -> str:
    """The first preset's label."""
    return next(label for label in grid.labels if " · " in label)


async def kept(walker: Walker) -> None:
    await walker.person.tap(await walker.result(), "Keep style")
    await walker.newest("next 10 photos")
    await walker.person.photo(jpeg("red"))
    await walker.painted(2)


async def another(walker: Walker) -> None:
    await walker.person.tap(await walker.result(), "Another style")


async def style_first(walker: Walker) -> None:
    await walker.person.text("/styles")
    grid = await walker.newest("These are the paintings")
    await walker.person.tap(grid, preset_of(grid))


async def from_the_list(walker: Walker) -> None:
    grid = await walker.newest("How shall I paint it?")
    await walker.person.tap(grid, "Surprise me")
    await walker.painted()


async def last_photo(walker: Walker) -> None:
    await walker.result()
    asked = await said(walker.person, await walker.person.text("snow"), "Now send me the photo")
    await walker.comes_to("photo")
    await walker.person.tap(asked, "Paint my last photo so")
    await walker.painted(2)


async def rename_beside_a_photo(walker: Walker) -> None:
    await walker.person.tap(await walker.result(), "Save style")
    await walker.rename_in(await walker.grid())


async def name_beside_a_photo(walker: Walker) -> None:
    await walker.person.text("/cancel")
    await walker.comes_to("idle")
    await walker.rename_in(await walker.grid())
    await walker.comes_to("name")
    await walker.person.text("Wet")


async def words_that_say_nothing(walker: Walker) -> None:
    await said(walker.person, await walker.person.photo(jpeg("red"), caption="!!!"), "How shall I paint it?")


async def sends(walker: Walker, count: int = 0, **what: str) -> None:
    sent = await walker.person.photo(jpeg("red"), **what)
    if count:
        await walker.person.wait_for(lambda bubble: bubble.from_bot and bubble.media is not None, after=sent.id)


async def says(walker: Walker, words: str, count: int = 0) -> None:
    sent = await walker.person.text(words)
    await walker.person.wait_for(lambda bubble: bubble.from_bot, after=sent.id)
    if count:
        await walker.painted(count)


async def album(walker: Walker, pictures: int, **what: str) -> None:
    sent = await walker.person.album([jpeg(colour) for colour in ("red", "white", "black")[:pictures]], **what)
    await walker.person.wait_for(lambda bubble: bubble.from_bot, after=sent[-1].id)


WALKS: dict[Edge, Callable[[Walker], Awaitable[None]]] = {
    ("idle", "style", "photo (or its file)"): lambda w: w.enter("style"),
    ("idle", "idle", "photo or album with words ➜ jobs"): lambda w: sends(w, 1, caption="rain"),
    ("idle", "idle", "album of two without words ➜ job"): lambda w: album(w, 2),
    ("idle", "idle", "photo or album while a style is kept ➜ jobs"): kept,
    ("idle", "photo", "words"): lambda w: w.enter("photo"),
    ("idle", "photo", "a style from /styles"): style_first,
    ("idle", "style", "photo with words that can't be painted"): words_that_say_nothing,
    ("idle", "style", "album of three or more without words"): lambda w: album(w, 3),
    ("idle", "style", "“Another style” under a result"): another,
    ("style", "idle", "words ➜ jobs"): lambda w: says(w, "rain", 1),
    ("style", "idle", "second picture ➜ jobs"): lambda w: sends(w, 1),
    ("style", "idle", "preset, own, random or mixed style ➜ jobs"): from_the_list,
    ("style", "idle", "photo with words ➜ job"): lambda w: sends(w, 1, caption="rain"),
    ("style", "idle", "/cancel"): lambda w: says(w, "/cancel"),
    ("style", "idle", "/delete_me and Yes"): lambda w: w.leave(),
    ("photo", "idle", "photo or album ➜ jobs"): lambda w: sends(w, 1),
    ("photo", "idle", "“Paint my last photo so” ➜ job"): last_photo,
    ("photo", "photo", "other words"): lambda w: says(w, "snow on slate"),
    ("photo", "idle", "/cancel"): lambda w: says(w, "/cancel"),
    ("photo", "idle", "/delete_me and Yes"): lambda w: w.leave(),
    ("idle", "name", "Rename under My styles"): lambda w: w.enter("name"),
    ("style", "name", "Rename under My styles"): rename_beside_a_photo,
    ("name", "idle", "the name"): lambda w: says(w, "Wet"),
    ("name", "style", "the name, where a photo waited"): name_beside_a_photo,
    ("name", "style", "photo"): lambda w: sends(w),
    ("name", "idle", "/cancel"): lambda w: says(w, "/cancel"),
}


async def walk(stage: Stage, edge: Edge, turn: asyncio.Semaphore) -> None:
    """One person goes from the first state to the second as the label says, when it is their turn."""
    source, target, _ = edge
    async with turn, Person.at(stage.sandbox.address) as person:
        walker = Walker(stage, person)
        if source != "idle":
            await walker.enter(source)
        await WALKS[edge](walker)
        await walker.comes_to(target)
        await asyncio.sleep(0.1)
        assert await walker.state() == target


async def test_every_arrow_can_be_walked_and_no_other_is_drawn(stage: Stage) -> None:
    edges = edges_of("What a person can do")
    assert len(edges) == len(set(edges))
    assert set(edges) == set(WALKS)
    turn = asyncio.Semaphore(AT_ONCE)
    async with stage.bot():
        painting = asyncio.create_task(stage.paints_all())
        async with asyncio.TaskGroup() as group:
            for edge in edges:
                group.create_task(walk(stage, edge, turn), name=" ".join(edge))
        painting.cancel()
