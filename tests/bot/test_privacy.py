"""/privacy and /delete_me in the chat, with the whole bot but no painter."""

from __future__ import annotations

import asyncio
import json
import re
import time

from bot.sandbox.person import Person
from bot.taps import Act, Tap

from .stage import Stage, jpeg, said


async def test_everything_goes_while_one_picture_is_sent_and_another_painted(stage: Stage) -> None:
    address = stage.sandbox.address
    async with Person.at(address, name="Ada") as ada, Person.at(address, name="Bob") as bob, stage.bot():
        await ada.photo(jpeg("green"), caption="rain on the sea")
        assert await stage.painted(await stage.claimed())
        result = await ada.wait_for(lambda bubble: bubble.text.startswith("Painted after"))
        await bob.photo(jpeg("yellow"), caption="a quiet forest")
        bobs = await stage.claimed()

        await ada.photo(jpeg("gold"), caption="sand dunes")
        painting = await stage.claimed()
        await ada.photo(jpeg("white"), caption="snow on slate")
        sending = await stage.claimed()
        await ada.photo(jpeg("black"))
        question = await said(ada, await ada.text("/delete_me"), "Shall I delete everything")
        assert question.labels == ["Yes, delete all", "Keep"]
        await ada.fault("sendPhoto", "slow", seconds=0.6)
        assert await stage.painted(sending)
        await stage.sends(sending)
        assert (await ada.tap(question, "Yes, delete all")).answered
        done = await ada.wait_for(lambda bubble: bubble.id == question.id and "Done." in bubble.text)
        assert done.labels == []
        before = await ada.messages()
        assert any("snow" in bubble.text for bubble in before if bubble.from_bot), "it was on its way"
        assert not any("next" in bubble.text or "Painting" in bubble.text for bubble in before)
        deleted = time.time()
        assert not any(bubble.reactions for bubble in before)
        assert stage.files() == [stage.input(bobs).name]
        assert await stage.people() == {bob.chat_id}
        assert not await stage.queue.beat(painting.id, "w", 0.5, 600)
        assert not await stage.painted(painting)

        assert "something earlier" in (await ada.tap(result, "Softer")).text
        yes = Tap(Act.DELETE_ALL, ada.chat_id).encode()
        assert (await ada.tap(question, data=yes, stale=True)).answered
        assert (
            "not yours" in (await bob.tap(await said(bob, await bob.text("/help"), "What"), data=yes, stale=True)).text
        )
        await asyncio.sleep(0.5)
        # One that was shown just before stays for half a minute: a bot can't take a draft away.
        assert all(draft.at < deleted for draft in await ada.drafts())
        assert [bubble.text for bubble in await ada.messages()] == [bubble.text for bubble in before]
        assert await stage.queue.beat(bobs.id, "w", 0.5, 600)


async def test_it_asks_first_and_the_answer_works_after_a_restart(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address, name="Ada") as ada:
        async with stage.bot():
            privacy = await said(ada, await ada.text("/privacy"), "What I keep about you")
            assert "for 36 hours" in privacy.text
            assert "/delete_me" in privacy.text
            await said(ada, await ada.text("/export"), "nothing written down")
            await said(ada, await ada.photo(jpeg("green")), "How shall I paint it?")
            export = await said(ada, await ada.text("/export"), "All that I have written down")
            assert export.media is not None
            assert re.fullmatch(r"my-data-in-atelier-\d{4}-\d\d-\d\d\.json", export.media.name)
            assert json.loads(await ada.download(export))["chosen"][0]["chat_id"] == ada.chat_id
            kept = await said(ada, await ada.text("/delete_me"), "Shall I delete everything")
            assert (await ada.tap(kept, "Keep")).answered
            kept = await ada.wait_for(lambda bubble: bubble.id == kept.id and "stays as it is" in bubble.text)
            assert kept.labels == []
            assert await stage.people() == {ada.chat_id}
            question = await said(ada, await ada.text("/delete_me"), "Shall I delete everything")
        async with stage.bot():
            assert (await ada.tap(question, "Yes, delete all")).answered
            await ada.wait_for(lambda bubble: bubble.id == question.id and "Done." in bubble.text)
            assert await stage.people() == set()
            words = await ada.text("a stormy sea")
            await said(ada, words, "Now send me the photo")  # the photo of before no longer waits for them
