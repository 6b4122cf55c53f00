"""Every thing that a person can do in the chat, against the real bot."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.sandbox.person import Bubble, Person

from .conftest import Running, answer_after, is_result, last_id, result_after
from .pictures import assert_repainted, colour_distance, encoded, jpeg, opened, painting, photo, stripes
from .processes import frozen, runner_pid


async def grid_of(person: Person, number: int = 0) -> Bubble:
    """Sends a photo and gives the grid of presets that answers it."""
    sent = await person.photo(jpeg(photo(400, number)))
    return await answer_after(person, sent, "How shall I paint it?")


async def test_greeting_shows_in_one_picture_what_the_bot_does(ada: Person) -> None:
    sent = await ada.text("/start")
    greeting = await answer_after(ada, sent, "I repaint photos")
    assert greeting.kind == "photo"
    assert greeting.media is not None
    assert greeting.media.width >= 400


async def test_help(ada: Person) -> None:
    sent = await ada.text("/help")
    assert "as a file" in (await answer_after(ada, sent, "What you can send")).text


async def test_photo_then_second_photo_as_style(ada: Person) -> None:
    before, style = photo(480), painting()
    await ada.photo(jpeg(before))
    await answer_after(ada, 0, "How shall I paint it?")
    sent = await ada.photo(jpeg(style))
    result = await result_after(ada, sent)
    assert result.kind == "photo"
    assert result.text == "Painted like your picture"
    after = assert_repainted(before, await ada.download(result))
    assert colour_distance(after, style) < 0.8 * colour_distance(before, style)


async def test_a_style_that_would_hide_the_photo_says_that_it_was_laid_on_gently(ada: Person) -> None:
    sent = await ada.album([jpeg(photo(320)), jpeg(stripes())])
    result = await result_after(ada, sent[-1])
    assert result.text.split("\n") == [
        "Painted like your picture",
        "This style would have hidden your photo, so I laid it on more gently.",
    ]


async def test_photo_with_a_sentence_is_painted_at_once(ada: Person) -> None:
    before = photo(480, 1)
    sent = await ada.photo(jpeg(before), caption="a <stormy> sea & a dark night")
    result = await result_after(ada, sent)
    first, second = result.text.split("\n")
    assert first == "Painted after “a <stormy> sea & a dark night”"
    assert second.startswith("I looked at: ")
    assert {"storm", "sea"} < set(second.removeprefix("I looked at: ").split(", "))
    assert result.reply_to == sent.id
    assert_repainted(before, await ada.download(result))


async def test_photo_then_sentences_until_one_can_be_painted(ada: Person, running: Running) -> None:
    before = photo(480, 2)
    sent = await ada.photo(jpeg(before), caption="un bosque de otoño con niebla")
    grid = await answer_after(ada, sent, "Say it in English")
    assert "I kept your photo" in grid.text
    assert [label for label in grid.labels if " · " in label]
    for words, answer in (
        ("rain " * 100, "That is 499 characters, and I read 300 at most"),
        ("you are an idiot", "rather not paint words that hurt"),
        ("🌊🌊", "I need a few words"),
    ):
        sent = await ada.text(words)
        said = await answer_after(ada, sent, answer)
        assert "I still have your photo" in said.text
    assert "otoño" not in running.bot.output
    assert "idiot" not in running.bot.output
    sent = await ada.text("bright stained glass")
    result = await result_after(ada, sent)
    assert "“bright stained glass”" in result.text
    assert_repainted(before, await ada.download(result))


async def test_sentences_that_mean_different_things_give_different_pictures(ada: Person) -> None:
    painted = []
    for sentence in ("a burning sunset over the desert", "deep blue ice under the sea"):
        sent = await ada.photo(jpeg(photo(320, 3)), caption=sentence)
        painted.append(opened(await ada.download(await result_after(ada, sent))))
    assert colour_distance(*painted) > 8


async def test_photo_then_preset_by_button(ada: Person) -> None:
    before = photo(400, 4)
    sent = await ada.photo(jpeg(before))
    grid = await answer_after(ada, sent, "How shall I paint it?")
    assert grid.kind == "photo", "the preview sheet shows all presets"
    label = next(label for label in grid.labels if " · " in label)
    answer = await ada.tap(grid, label)
    assert answer.answered
    result = await result_after(ada, grid)
    title, artist = label.split(" · ")
    assert title in result.text
    assert artist in result.text
    assert_repainted(before, await ada.download(result))


async def test_the_grid_has_pages_with_at_least_16_presets(ada: Person) -> None:
    grid = await grid_of(ada)
    presets: set[str] = set()
    while not presets.issuperset(shown := {label for label in grid.labels if " · " in label}):
        presets |= shown
        await ada.tap(grid, "›")
        number = grid.id
        await asyncio.sleep(0.2)
        grid = next(bubble for bubble in await ada.messages() if bubble.id == number)
    assert len(presets) >= 16
    assert all(len(label.split(" · ")) == 2 for label in presets)


async def test_another_preset_from_the_same_grid_paints_the_same_photo_again(ada: Person) -> None:
    grid = await grid_of(ada, 1)
    first, second = [label for label in grid.labels if " · " in label][:2]
    await ada.tap(grid, first)
    result = await result_after(ada, grid)
    await ada.tap(grid, second)
    again = await result_after(ada, result)
    assert second.split(" · ")[0] in again.text
    assert again.reply_to == result.reply_to


async def test_album_of_two_the_second_is_the_style(ada: Person) -> None:
    before, style = photo(400, 5), painting(400)
    sent = await ada.album([jpeg(before), jpeg(style)], delay=0.3)
    result = await result_after(ada, sent[-1])
    assert result.text == "Painted like your picture"
    after = assert_repainted(before, await ada.download(result))
    assert colour_distance(after, style) < colour_distance(before, style)


async def test_album_with_words_comes_back_as_an_album(ada: Person) -> None:
    before = [photo(320, number) for number in (6, 7, 9)]
    sent = await ada.album([jpeg(one) for one in before], caption="sand dunes", order=[2, 0, 1])
    done = await answer_after(ada, sent[-1], "That was your album", timeout=30)
    album = [bubble for bubble in await ada.messages() if bubble.album and sent[-1].id < bubble.id < done.id]
    assert len(album) == 3
    assert [bubble.text.startswith("Painted after “sand dunes”") for bubble in album] == [True, False, False]
    for one, painted in zip(before, album, strict=True):
        assert_repainted(one, await ada.download(painted))


async def test_a_mix_has_something_of_both_its_styles(ada: Person) -> None:
    before = photo(400, 5)
    grid = await grid_of(ada, 5)
    await ada.tap(grid, "Mix styles…")
    mixer = await ada.wait_for(lambda bubble: bubble.id == grid.id and "Tap up to" in bubble.text)
    for label in [label for label in mixer.labels if " · " in label][:2]:
        await ada.tap(mixer, label)
    await ada.wait_for(lambda bubble: bubble.id == grid.id and " 50 % + " in bubble.text)
    await ada.tap(grid, "Paint this mix")
    result = await result_after(ada, grid)
    assert result.text.startswith("Painted like ")
    assert_repainted(before, await ada.download(result))


@pytest.mark.parametrize(
    ("form", "name"),
    [("JPEG", "Summer 2026.JPG"), ("PNG", "shot.png"), ("WEBP", "pic.webp"), ("HEIF", "IMG_1.HEIC")],
)
async def test_photo_as_a_file_comes_back_as_a_file_in_full_size(ada: Person, form: str, name: str) -> None:
    before = photo(1500 if form == "JPEG" else 500, 8)
    sent = await ada.document(encoded(before, form), name, caption="green and gold mosaic")
    result = await result_after(ada, sent)
    assert result.kind == "document"
    assert result.media is not None
    assert result.media.name is not None
    assert result.media.name.endswith("-green-and-gold-mosaic.jpg")
    assert_repainted(before, await ada.download(result))


@pytest.mark.parametrize("kind", ["animation", "video", "video_note", "sticker"])
async def test_moving_things_get_a_friendly_not_yet_and_keep_the_conversation(ada: Person, kind: str) -> None:
    await grid_of(ada)
    sample = bytes(2000) if kind.startswith("video") else None  # the sandbox has samples of the others
    sent = await ada.file(kind, sample, "clip.mp4")
    answer = await answer_after(ada, sent, "yet")
    assert "still have your photo" in answer.text
    text = await ada.text("autumn leaves")
    await result_after(ada, text)


async def test_buttons_under_a_result_work_on_the_same_photo(ada: Person) -> None:
    before = photo(400, 9)
    sent = await ada.photo(jpeg(before), caption="red and violet swirls")
    result = await result_after(ada, sent)
    first = opened(await ada.download(result))

    await ada.tap(result, "Softer")
    soft = await result_after(ada, result)
    assert "strength 80 %" in soft.text
    softer = assert_size(before, await ada.download(soft))
    assert difference(before, softer) < difference(before, first)

    await ada.tap(result, "Stronger")
    strong = await result_after(ada, soft)
    assert "strength 125 %" in strong.text

    await ada.tap(result, "Broader strokes")
    broad = await result_after(ada, strong)
    assert "broad strokes" in broad.text
    assert difference(first, assert_size(before, await ada.download(broad))) > 1

    await ada.tap(result, "Colours…")
    await ada.wait_for(lambda bubble: bubble.id == result.id and "● The style’s colours" in bubble.labels)
    await ada.tap(result, "Back")
    await ada.wait_for(lambda bubble: bubble.id == result.id and "Colours…" in bubble.labels)
    await ada.tap(result, "Colours…")
    await ada.wait_for(lambda bubble: bubble.id == result.id and "● The style’s colours" in bubble.labels)
    assert "already" in (await ada.tap(result, "The style’s colours")).text
    await ada.tap(result, "Colours…")
    await ada.wait_for(lambda bubble: bubble.id == result.id and "Keep my colours" in bubble.labels)
    await ada.tap(result, "Keep my colours")
    coloured = await result_after(ada, broad)
    assert "in your colours" in coloured.text
    assert colour_distance(before, opened(await ada.download(coloured))) < colour_distance(before, first)

    await ada.tap(result, "As file")
    file = await result_after(ada, coloured)
    assert file.kind == "document"
    assert file.text == result.text
    assert "on its way" in (await ada.tap(soft, "As file")).text
    await result_after(ada, file)

    await ada.tap(result, "Another style")
    grid = await answer_after(ada, file, "The same photo again")
    words = await ada.text("a calm white winter")
    again = await result_after(ada, words)
    assert again.reply_to == sent.id
    assert grid.id < again.id


async def test_the_file_of_a_result_that_is_in_full_size_is_not_sent_twice(ada: Person) -> None:
    sent = await ada.photo(jpeg(photo(320, 10)), caption="blue tiles")
    result = await result_after(ada, sent)
    await ada.tap(result, "As file")
    file = await result_after(ada, result)
    answer = await ada.tap(result, "As file")
    assert "already have it" in answer.text
    await asyncio.sleep(0.5)
    assert await last_id(ada) == file.id


async def test_softer_has_an_end(ada: Person) -> None:
    sent = await ada.photo(jpeg(photo(200, 11)), caption="rain")
    result = await result_after(ada, sent)
    for _ in range(4):
        await ada.tap(result, "Softer")
        result = await result_after(ada, result)
    assert not [label for label in result.labels if "Softer" in label]


async def test_a_double_tap_paints_once(ada: Person) -> None:
    sent = await ada.photo(jpeg(photo(480, 12)), caption="warm candlelight")
    result = await result_after(ada, sent)
    await asyncio.gather(*(ada.tap(result, "Stronger") for _ in range(3)))
    await result_after(ada, result)
    await asyncio.sleep(1.5)
    assert len([bubble for bubble in await ada.messages() if is_result(bubble)]) == 2


async def test_styles_before_the_photo(ada: Person) -> None:
    sent = await ada.text("/styles")
    grid = await answer_after(ada, sent, "Tap one, then send me your photo")
    label = next(label for label in grid.labels if " · " in label)
    await ada.tap(grid, label)
    await answer_after(ada, grid, "Now send me your photo")
    before = photo(400, 13)
    picture = await ada.photo(jpeg(before))
    result = await result_after(ada, picture)
    assert label.split(" · ")[0] in result.text
    assert_repainted(before, await ada.download(result))


async def test_words_before_the_photo_are_kept_for_it(ada: Person) -> None:
    sent = await ada.text("медь и дым")
    assert "still" not in (await answer_after(ada, sent, "Say it in English")).text
    sent = await ada.text("copper and smoke")
    await answer_after(ada, sent, "I keep “copper and smoke” as the style")
    sent = await ada.text("кобальт")
    assert "I still have your style" in (await answer_after(ada, sent, "Say it in English")).text
    picture = await ada.photo(jpeg(photo(320, 14)), caption="кобальт")
    assert "the style that you chose before" in (await answer_after(ada, picture, "Say it in English")).text
    result = await result_after(ada, picture)
    assert "“copper and smoke”" in result.text
    later = await ada.text("silver moonlight")
    offer = await answer_after(ada, later, "I keep")
    await ada.tap(offer, "Paint my last photo so")
    again = await result_after(ada, offer)
    assert "“silver moonlight”" in again.text
    assert again.reply_to == picture.id


async def test_cancel_forgets_the_photo_and_stops_painting(ada: Person, running: Running) -> None:
    await grid_of(ada)
    sent = await ada.text("/cancel")
    await answer_after(ada, sent, "forgotten")
    with frozen(runner_pid(running.bot)):
        await ada.document(jpeg(photo(2048, 1)), "big.jpg")
        await ada.photo(jpeg(painting()))
        await ada.wait_for_draft("Painting", timeout=20)
        stopped = await ada.text("/cancel")
        await answer_after(ada, stopped, "Stopped")
    await asyncio.sleep(1.5)
    assert await ada.drafts() == []
    assert not any(is_result(bubble) for bubble in await ada.messages())
    nothing = await ada.text("/cancel")
    await answer_after(ada, nothing, "nothing to stop")


@pytest.mark.parametrize("what", ["voice", "location", "pdf", "command", "smile"])
async def test_unexpected_things_get_one_sentence_and_change_nothing(ada: Person, what: str) -> None:
    await grid_of(ada)
    match what:
        case "voice":
            sent = await ada.voice()
        case "location":
            sent = await ada.location()
        case "pdf":
            sent = await ada.document(b"%PDF-1.4 nothing", "letter.pdf")
        case "command":
            sent = await ada.text("/paint")
        case _:
            sent = await ada.text("🙂")
    answer = await ada.wait_for(lambda bubble: bubble.from_bot, after=sent.id)
    await asyncio.sleep(0.7)
    assert await last_id(ada) == answer.id
    text = await ada.text("autumn leaves")
    await result_after(ada, text)


async def test_edits_start_nothing(ada: Person) -> None:
    sent = await ada.photo(jpeg(photo(240)), caption="rain")
    result = await result_after(ada, sent)
    for words in ("snow", "hail"):
        await ada.edit(sent, words)
        await answer_after(ada, result, "edited messages")
    await asyncio.sleep(1)
    assert len([bubble for bubble in await ada.messages() if is_result(bubble)]) == 1


async def test_old_buttons_get_one_sentence_and_change_nothing(ada: Person, running: Running) -> None:
    old = await grid_of(ada)
    await answer_after(ada, await ada.text("/cancel"), "forgotten")
    new = await grid_of(ada, 1)
    label = next(label for label in old.labels if " · " in label)
    assert "something earlier" in (await ada.tap(old, label)).text
    assert "something earlier" in (await ada.tap(new, data="v0:ancient", stale=True)).text
    sent = await ada.text("snow on slate")
    result = await result_after(ada, sent)
    stronger = next(key.data for row in result.keyboard for key in row if "Stronger" in key.label)
    async with Person.at(running.address, name="Bob") as bob:
        greeting = await bob.text("/start")
        message = await answer_after(bob, greeting, "I repaint")
        assert "something earlier" in (await bob.tap(message, data=stronger, stale=True)).text
        await asyncio.sleep(1)
        assert not any(is_result(bubble) for bubble in await bob.messages())
    assert len([bubble for bubble in await ada.messages() if is_result(bubble)]) == 1


async def test_a_damaged_picture_gets_a_helpful_sentence(ada: Person) -> None:
    sent = await ada.document(jpeg(photo(400))[:4000], "broken.jpg", caption="rain")
    await answer_after(ada, sent, "damaged", timeout=20)


async def test_too_large_a_file_is_refused_before_it_is_fetched(ada: Person) -> None:
    sent = await ada.document(b"\xff\xd8" + bytes(21 * 2**20), "huge.jpg")
    await answer_after(ada, sent, "20 MB")


async def test_command_under_a_photo(ada: Person) -> None:
    sent = await ada.photo(jpeg(photo(240)), caption="/start")
    await answer_after(ada, sent, "can’t read commands under a photo")
    text = await ada.text("old paper")
    await result_after(ada, text)


async def test_status_shows_place_and_progress_and_others_are_answered_meanwhile(ada: Person, running: Running) -> None:
    big = jpeg(photo(2048, 2))
    seen: set[str] = set()
    async with Person.at(running.address, name="Bob") as bob:
        with frozen(runner_pid(running.bot)):
            for number in range(3):
                await ada.document(big, f"{number}.jpg", caption=f"green hills number {number}")
            await ada.wait_for_draft("Painting", timeout=20)
            await ada.wait_for_draft("place 2")
        waits = []
        while len([bubble for bubble in await ada.messages() if is_result(bubble)]) < 3:
            started = time.monotonic()
            sent = await bob.text("/help")
            await answer_after(bob, sent, "What you can send")
            waits.append(time.monotonic() - started)
            seen |= {draft.text for draft in await ada.drafts()}
            await asyncio.sleep(0.3)
    assert any("Painting" in text and "%" in text for text in seen), seen
    assert sorted(waits)[len(waits) // 2] < 1.0
    assert await ada.drafts() == []


async def test_too_many_orders_of_one_person_are_refused_kindly(ada: Person, running: Running) -> None:
    picture = jpeg(photo(200, 3))
    with frozen(runner_pid(running.bot)):
        for number in range(6):
            await ada.photo(picture, caption=f"dunes number {number}")
        await answer_after(ada, 0, "pictures of yours are still waiting")
        sent = await ada.text("/cancel")
        await answer_after(ada, sent, "Stopped all")


def assert_size(before: object, data: bytes) -> object:
    """The picture, after checking its size."""
    picture = opened(data)
    assert picture.size == before.size  # type: ignore[attr-defined]
    return picture


def difference(one: object, other: object) -> float:
    """Mean absolute difference of two pictures."""
    import numpy as np

    return float(np.abs(np.asarray(one, dtype=float) - np.asarray(other, dtype=float)).mean())
