"""/settings and /history in the chat."""

from __future__ import annotations

from bot.sandbox.person import Person
from stylize import Colours

from .stage import Stage, jpeg, results, said


async def test_settings_count_for_new_photos_and_are_kept(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada:
        async with stage.bot():
            settings = await said(ada, await ada.text("/settings"), "How you like your pictures")
            assert {label for label in settings.labels if label.startswith("●")} == {
                "● Quick", "● Usual size", "● The style’s colours", "● As you sent it", "● Language of my app",
            }  # fmt: skip
            for label in ("Finest quality", "640 px", "Softer", "Keep my colours", "Always as file"):
                assert (await ada.tap(settings, label)).answered
            settings = await ada.wait_for(lambda bubble: "● Always as file" in bubble.labels)
            assert {"● Finest quality", "● 640 px", "Strength 80 %", "● Keep my colours"} < set(settings.labels)
        async with stage.bot():
            await ada.photo(jpeg("green"), caption="rain")
            (job,) = await stage.paints()
            wish = job.order
            assert (wish.finest, wish.size, wish.strength, wish.as_file) == (True, 640, 0.8, True)
            assert wish.colours is Colours.MATCHED
            (result,) = await results(ada, 1)
            assert result.kind == "document"
            await ada.tap(result, "Stronger")
            (job,) = await stage.paints()
            assert (job.order.strength, job.order.size) == (1.0, 640), "a variation starts from its result"


async def test_only_colours_are_never_painted_finely(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        settings = await said(ada, await ada.text("/settings"), "How you like your pictures")
        await ada.tap(settings, "Finest quality")
        await ada.tap(settings, "Only the colours")
        await ada.photo(jpeg("green"), caption="rain")
        (job,) = await stage.paints()
        assert (job.order.finest, job.order.colours) == (False, Colours.ONLY)


async def test_another_persons_settings_are_safe(stage: Stage) -> None:
    address = stage.sandbox.address
    async with Person.at(address) as ada, Person.at(address, name="Bob") as bob, stage.bot():
        settings = await said(ada, await ada.text("/settings"), "How you like your pictures")
        data = settings.keyboard[0][1].data
        own = await said(bob, await bob.text("/help"), "What you can send")
        assert "not yours" in (await bob.tap(own, data=data, stale=True)).text


async def test_history_sends_results_again_without_painting(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        await said(ada, await ada.text("/history"), "painted nothing for you yet")
        await ada.photo(jpeg("green"), caption="rain <3")
        await stage.paints()
        await ada.document(jpeg("gold"), "gold.jpg", caption="sand")
        await stage.paints()
        photo, document = await results(ada, 2)
        history = await said(ada, await ada.text("/history"), "the newest first")
        assert history.text.endswith("1. sand\n2. rain <3")
        assert history.labels == ["1", "2"]
        for file in (stage.folder / "results").iterdir():
            file.unlink()  # Telegram has them
        assert "on its way" in (await ada.tap(history, "2")).text
        assert "on its way" in (await ada.tap(history, "1")).text
        first, second = (await results(ada, 4))[2:]
        assert {first.kind, second.kind} == {"photo", "document"}
        assert {first.media and first.media.file_id, second.media and second.media.file_id} == {
            photo.media and photo.media.file_id,
            document.media and document.media.file_id,
        }
        assert first.labels == photo.labels
        assert await stage.queue.waiting() == []


async def test_a_result_that_telegram_refuses_to_send_again_is_told_of(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        await ada.photo(jpeg("green"), caption="rain")
        await stage.paints()
        await results(ada, 1)
        history = await said(ada, await ada.text("/history"), "the newest first")
        await ada.fault("sendPhoto", "400")
        await ada.tap(history, "1")
        await said(ada, history, "refused to take that picture again")
        await ada.tap(history, "1")
        assert len(await results(ada, 2)) == 2, "a refusal is not for ever"
