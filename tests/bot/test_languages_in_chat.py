"""Each person is spoken to in their language: that of their app, or the one that they chose."""

from __future__ import annotations

import httpx

from bot.sandbox.person import Person

from .stage import Stage, jpeg, results, said


async def introduced(stage: Stage, person: Person) -> tuple[str, str]:
    """What stands in the person's empty chat, and what the menu says of /help."""
    async with httpx.AsyncClient(base_url=stage.sandbox.address, verify=False) as client:
        chat = (await client.get(f"/person/chats/{person.chat_id}")).json()
    return chat["description"], {each["command"]: each["description"] for each in chat["commands"]}["help"]


async def test_the_app_says_the_language_until_one_is_chosen(stage: Stage) -> None:
    address = stage.sandbox.address
    async with Person.at(address, language="ru-RU") as ada, Person.at(address, "Bob", language="fr") as bob:
        async with stage.bot():
            description, help_command = await introduced(stage, ada)
            assert description.startswith("Я перерисовываю фотографии.")
            assert help_command == "Что мне можно прислать"
            description, help_command = await introduced(stage, bob)
            assert description.startswith("I repaint photos.")
            assert help_command == "What you can send me"
            await said(bob, await bob.start(), "Hi! I repaint photos.")
            await said(ada, await ada.start(), "напиши под ним пару слов по-английски")

            settings = await said(ada, await ada.text("/settings"), "Как рисовать для тебя")
            assert {"● Язык моего приложения", "English", "Русский", "Español", "Deutsch"} < set(settings.labels)
            await ada.tap(settings, "Deutsch")
            settings = await ada.wait_for(lambda bubble: "● Deutsch" in bubble.labels)
            assert settings.text.startswith("Wie du deine Bilder magst")

        async with stage.bot(progress="messages"):
            sent = await ada.photo(jpeg("green"), caption="rain")
            job = await stage.claimed()
            assert job.order.language == "de"
            await said(ada, sent, "Du bist als Nächstes dran…")
            await stage.painted(job)
            (result,) = await results(ada, 1)
            assert result.text == "Gemalt nach „rain“"
            assert {"Anderer Stil", "Höchste Qualität", "− Sanfter", "+ Stärker", "Als Datei"} < set(result.labels)

            sent = await ada.photo(jpeg("gold"), caption="sand")
            job = await stage.claimed()
            await stage.queue.fail(job.id, "picture-unreadable")
            await said(ada, sent, "Ich konnte das Bild nicht lesen")

            await ada.tap(settings, "Sprache meiner App")
            await said(ada, await ada.text("ein stürmisches Meer bei Nacht"), "пока я читаю только по-английски")
            answer = await ada.tap(settings, data="v0:an older version's", stale=True)
            assert answer.text.startswith("Эта кнопка осталась от чего-то прежнего.")
