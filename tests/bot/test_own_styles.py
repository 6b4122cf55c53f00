"""Styles of one's own: saved, renamed, deleted, mixed, chosen by chance, kept for the next photos."""

from __future__ import annotations

from bot.orders import Style, StyleKind
from bot.sandbox.person import Bubble, Person

from .stage import Stage, jpeg, results, said


async def painted(stage: Stage, person: Person, words: str) -> Bubble:
    """A result that was painted after these words."""
    before = len([bubble for bubble in await person.messages() if bubble.text.startswith("Painted")])
    await person.photo(jpeg("green"), caption=words)
    await stage.paints()
    return (await results(person, before + 1))[-1]


async def grid(person: Person) -> Bubble:
    """The list of styles for a photo that was just sent."""
    return await said(person, await person.photo(jpeg("gold")), "How shall I paint it?")


async def test_a_style_is_saved_renamed_used_and_deleted(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada:
        async with stage.bot():
            result = await painted(stage, ada, "rain on the sea")
            assert "Saved as “rain on the sea”" in (await ada.tap(result, "Save style")).text
            assert "Saved as “rain on the sea”" in (await ada.tap(result, "Save style")).text
            shown = await grid(ada)
            assert [label for label in shown.labels if label.startswith("★")] == ["★ rain on the sea"]
            await ada.tap(shown, "My styles…")
            shown = await ada.wait_for(lambda bubble: bubble.id == shown.id and "Rename" in bubble.labels)
            await ada.tap(shown, "Rename")
            question = await said(ada, shown, "How shall I call rain on the sea")
            assert question.labels == []
        async with stage.bot():  # what was asked is known after a restart
            named = await ada.text("Grey &  wet <3")
            again = await said(ada, named, "From now on it is called Grey & wet <3.")
            assert "How shall I paint it?" in again.text, "the photo that waited before waits again"
            await ada.tap(again, "★ Grey & wet <3")
            (job,) = await stage.paints()
            assert job.order.style == Style.sentence("rain on the sea")
            assert (await results(ada, 2))[-1].text.startswith("Painted after “rain on the sea”")

            shown = await grid(ada)
            await ada.tap(shown, "My styles…")
            shown = await ada.wait_for(lambda bubble: bubble.id == shown.id and "Delete" in bubble.labels)
            delete = next(key.data for row in shown.keyboard for key in row if key.label == "Delete")
            assert "no longer saved" in (await ada.tap(shown, "Delete")).text
            shown = await ada.wait_for(lambda bubble: bubble.id == shown.id and "Surprise me" in bubble.labels)
            assert not any(label.startswith("★") for label in shown.labels)
            assert "something earlier" in (await ada.tap(shown, data=delete, stale=True)).text


async def test_nobody_else_touches_a_saved_style(stage: Stage) -> None:
    address = stage.sandbox.address
    async with Person.at(address) as ada, Person.at(address, name="Bob") as bob, stage.bot():
        await ada.tap(await painted(stage, ada, "snow on slate"), "Save style")
        mine = await grid(ada)
        chosen = next(key.data for row in mine.keyboard for key in row if key.label.startswith("★"))
        await ada.tap(mine, "My styles…")
        mine = await ada.wait_for(lambda bubble: bubble.id == mine.id and "Delete" in bubble.labels)
        delete = next(key.data for row in mine.keyboard for key in row if key.label == "Delete")
        his = await grid(bob)
        assert "something earlier" in (await bob.tap(his, data=delete, stale=True)).text
        assert "something earlier" in (await bob.tap(his, data=chosen, stale=True)).text
        await ada.tap(mine, "★ snow on slate")
        (job,) = await stage.paints()
        assert job.order.user_id == ada.chat_id


async def test_a_mix_is_put_together_by_buttons(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada:
        async with stage.bot():
            await ada.tap(await painted(stage, ada, "stained glass"), "Save style")
            mixer = await grid(ada)
            await ada.tap(mixer, "Mix styles…")
            mixer = await ada.wait_for(lambda bubble: bubble.id == mixer.id and "Tap up to 3 styles" in bubble.text)
            presets = [label for label in mixer.labels if " · " in label]
            await ada.tap(mixer, "★ stained glass")
            await ada.tap(mixer, presets[0])
            mixer = await ada.wait_for(lambda bubble: "50 % + " in bubble.text)
            assert mixer.text.endswith(f"stained glass 50 % + {presets[0].split(' · ')[0]} 50 %")
            assert "✓ ★ stained glass" in mixer.labels
        async with stage.bot():  # half put together, it outlives a restart
            more = next(key for row in mixer.keyboard for key in row if key.label == "+ 10 %")
            await ada.tap(mixer, data=more.data)
            await ada.wait_for(lambda bubble: "stained glass 60 %" in bubble.text)
            await ada.tap(mixer, presets[1])
            await ada.wait_for(lambda bubble: "stained glass 40 %" in bubble.text)
            assert "A mix takes 3 styles" in (await ada.tap(mixer, presets[2])).text
            await ada.tap(mixer, "✓ " + presets[1])
            await ada.wait_for(lambda bubble: "stained glass 50 %" in bubble.text)
            await ada.tap(mixer, "Paint this mix")
            (job,) = await stage.paints()
            assert job.order.style.kind is StyleKind.MIX
            assert [share for _, share in job.order.style.parts] == [50, 50]
            assert job.order.style.parts[0][0] == Style.sentence("stained glass")
            result = (await results(ada, 2))[-1]
            assert result.text.startswith("Painted like stained glass 50 % + ")
            name = (await ada.tap(result, "Save style")).text
            assert "Saved as “stained glass + " in name
            await ada.tap(result, "Softer")
            (softer,) = await stage.paints()
            assert (softer.order.style, softer.order.strength) == (job.order.style, 0.8)


async def test_a_random_style_is_one_of_the_list(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        chosen = set()
        for _ in range(4):
            await ada.tap(await grid(ada), "Surprise me")
            (job,) = await stage.paints()
            assert job.order.style.kind is StyleKind.PRESET
            chosen.add(job.order.style.text)
        assert len(chosen) > 1


async def test_a_style_is_kept_for_the_next_photos(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        result = await painted(stage, ada, "rain on the sea")
        await ada.tap(result, "Keep style")
        kept = await said(ada, result, "next 10 photos like this")
        for _ in range(2):
            await ada.photo(jpeg("gold"))
            (job,) = await stage.paints()
            assert job.order.style == Style.sentence("rain on the sea")
        await ada.photo(jpeg("gold"), caption="snow")
        (job,) = await stage.paints()
        assert job.order.style == Style.sentence("snow"), "words under a photo count more"
        await ada.album([jpeg("red"), jpeg("white"), jpeg("black")])
        album = await stage.paints(3)
        assert {job.order.style.text for job in album} == {"rain on the sea"}
        await ada.tap(kept, "Ask me again")
        await ada.wait_for(lambda bubble: bubble.id == kept.id and "ask you again" in bubble.text)
        await grid(ada)


async def test_keeping_ends_after_the_last_photo_and_with_cancel(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        result = await painted(stage, ada, "rain on the sea")
        await ada.tap(result, "Keep style")
        await said(ada, result, "next 10 photos")
        sent = await ada.album([jpeg("red")] * 10)
        await stage.paints(10)
        await said(ada, sent[-1], "That was the last photo in rain on the sea")
        await grid(ada)
        await ada.tap(result, "Keep style")
        await said(ada, await ada.text("/cancel"), "forgotten")
        await grid(ada)
