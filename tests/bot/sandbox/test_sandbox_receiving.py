"""How updates reach a bot: long polling, webhook, files, taps."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx
import pytest
from telegram import Bot, BotCommand, BotCommandScopeChat, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict

from bot.sandbox import Sandbox
from bot.sandbox.person import Person, Refused

Jpeg = Callable[..., bytes]
KEYBOARD = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Stronger", callback_data="v1:s"), InlineKeyboardButton("Softer", callback_data="v1:t")]]
)


async def updates(bot: Bot, offset: int | None = None, timeout: int = 2) -> list[Update]:
    """getUpdates as a list."""
    return list(await bot.get_updates(offset=offset, timeout=timeout))


async def test_offset_confirms(bot: Bot, ada: Person) -> None:
    for text in ("one", "two", "three"):
        await ada.text(text)
    first = await updates(bot)
    assert [update.message.text for update in first if update.message] == ["one", "two", "three"]
    assert [update.update_id for update in first] == list(range(first[0].update_id, first[0].update_id + 3))
    assert [update.update_id for update in await updates(bot)] == [update.update_id for update in first]
    rest = await updates(bot, first[0].update_id + 1)
    assert [update.message.text for update in rest if update.message] == ["two", "three"]
    assert [bubble.seen for bubble in await ada.messages()] == [True, False, False]
    last = await updates(bot, -1)
    assert [update.message.text for update in last if update.message] == ["three"]
    assert await updates(bot, last[0].update_id + 1, timeout=0) == []


async def test_a_long_poll_ends_with_the_first_update(bot: Bot, ada: Person) -> None:
    poll = asyncio.create_task(updates(bot, timeout=20))
    await asyncio.sleep(0.2)
    began = time.monotonic()
    await ada.start()
    got = await poll
    assert time.monotonic() - began < 2
    message = got[0].message
    assert message is not None
    assert message.parse_entities() == {message.entities[0]: "/start"}
    assert message.from_user is not None
    assert message.from_user.language_code == "en"


async def test_allowed_updates(bot: Bot, ada: Person) -> None:
    await bot.get_updates(allowed_updates=["message"], timeout=0)
    sent = await ada.text("first")
    await ada.edit(sent, "second")
    got = await updates(bot)
    assert [update.edited_message for update in got] == [None]
    await bot.get_updates(offset=got[-1].update_id + 1, allowed_updates=[], timeout=0)
    await ada.edit(sent, "third")
    edited = (await updates(bot))[-1].edited_message
    assert edited is not None
    assert (edited.text, edited.message_id) == ("third", sent.id)
    assert edited.edit_date is not None


async def test_two_pollers_conflict(sandbox: Sandbox, bot: Bot, ptb: Callable[..., Bot], ada: Person) -> None:
    older = asyncio.create_task(updates(bot, timeout=20))
    await asyncio.sleep(0.2)
    async with ptb(sandbox) as other:
        newer = asyncio.create_task(updates(other, timeout=20))
        with pytest.raises(
            Conflict, match="terminated by other getUpdates request; make sure that only one bot instance"
        ):
            await older
        await ada.text("hello")
        assert len(await newer) == 1


async def test_polling_with_a_webhook_conflicts(bot: Bot) -> None:
    await bot.set_webhook("http://127.0.0.1:9/hook")
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active; use deleteWebhook"):
        await updates(bot)
    await bot.delete_webhook()
    assert await updates(bot, timeout=0) == []


@dataclass
class Hook:
    """A web server that gets updates. statuses: what it answers, then 200."""

    url: str = ""
    got: list[tuple[str | None, dict[str, object]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    reply: bytes = b""

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["Hook"]:
        """Serves on a free port."""
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        async with server:
            yield self

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = await reader.readexactly(int(headers["content-length"]))
        parsed = httpx.Response(200, content=body).json()
        self.got.append((headers.get("x-telegram-bot-api-secret-token"), parsed))
        status = self.statuses.pop(0) if self.statuses else 200
        reply = f"HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {len(self.reply)}\r\n"
        writer.write(reply.encode() + b"Connection: close\r\n\r\n" + self.reply)
        await writer.drain()
        writer.close()


async def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Until the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_webhook_gets_the_secret_and_is_tried_again(bot: Bot, ada: Person) -> None:
    async with Hook(statuses=[500, 302]).serve() as hook:
        assert await bot.set_webhook(hook.url, secret_token="open-sesame_1")
        sent = await ada.text("hello")
        await wait_until(lambda: len(hook.got) == 3)
        assert [secret for secret, _ in hook.got] == ["open-sesame_1"] * 3
        assert len({body["update_id"] for _, body in hook.got}) == 1
        await ada.wait_for(lambda bubble: bubble.id == sent.id and bubble.seen)
        info = await bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == (hook.url, 0)
        assert info.last_error_message == "Wrong response from the webhook: 302 Status"


async def test_a_webhook_keeps_a_chats_order_and_may_answer_with_a_call(bot: Bot, ada: Person) -> None:
    reply = b'{"method": "sendMessage", "chat_id": %d, "text": "from the hook"}' % ada.chat_id
    async with Hook(statuses=[500], reply=reply).serve() as hook:
        await bot.set_webhook(hook.url)
        for text in ("one", "two"):
            await ada.text(text)
        await wait_until(lambda: len(hook.got) == 3)
        texts = [body["message"]["text"] for _, body in hook.got]  # type: ignore[index]
        assert texts == ["one", "one", "two"]
        assert {secret for secret, _ in hook.got} == {None}
        await ada.wait_for(lambda bubble: bubble.from_bot and bubble.text == "from the hook")


async def test_a_bad_secret_is_refused(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Secret token contains unallowed characters"):
        await bot.set_webhook("http://127.0.0.1:9/", secret_token="no spaces")


async def test_a_bot_downloads_what_a_person_sent(bot: Bot, ada: Person, jpeg: Jpeg) -> None:
    await ada.photo(jpeg(3000, 2000, orientation=6), caption="a hat")
    original = jpeg(3000, 2000)
    await ada.document(original, "hat.jpg")
    photo, document = [update.message for update in await updates(bot)]
    assert photo is not None
    assert document is not None
    assert photo.caption == "a hat"
    assert [(size.width, size.height) for size in photo.photo][-1] == (853, 1280)
    small = await (await bot.get_file(photo.photo[0])).download_as_bytearray()
    assert len(small) == photo.photo[0].file_size
    assert document.document is not None
    assert bytes(await (await bot.get_file(document.document)).download_as_bytearray()) == original
    assert document.document.file_name == "hat.jpg"
    assert document.document.mime_type == "image/jpeg"


async def test_a_file_over_20_mib_is_too_big(bot: Bot, ada: Person) -> None:
    await ada.document(bytes(20 * 2**20), "fits.bin")
    await ada.document(bytes(20 * 2**20 + 1), "large.bin")
    fits, large = [update.effective_message for update in await updates(bot)]
    assert fits is not None
    assert large is not None
    await bot.get_file(fits.document)  # type: ignore[arg-type]
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(large.document)  # type: ignore[arg-type]


async def test_a_download_link_ends(token: str) -> None:
    now = time.time()
    sandbox = Sandbox(token, port=0, clock=lambda: now)
    await sandbox.start()
    try:
        async with Person.at(sandbox.address) as ada, httpx.AsyncClient(base_url=sandbox.address) as client:
            sent = await ada.document(b"abc", "a.txt")
            assert sent.media is not None
            found = await client.get(f"/bot{token}/getFile", params={"file_id": sent.media.file_id})
            path = f"/file/bot{token}/{found.json()['result']['file_path']}"
            assert (await client.get(path)).content == b"abc"
            assert (await client.get(path.replace(token, "1:x"))).status_code == 401
            assert (await client.get(f"/file/bot{token}/../sandbox.sqlite")).status_code == 404
            now += 3601
            assert (await client.get(path)).status_code == 404
    finally:
        await sandbox.stop()


async def test_a_tap_is_answered_once(bot: Bot, ada: Person) -> None:
    await ada.start()
    sent = await bot.send_message(ada.chat_id, "How?", reply_markup=KEYBOARD)
    await updates(bot, -1)
    tap = asyncio.create_task(ada.tap(sent.message_id, "Stronger"))
    query = None
    while query is None:
        query = (await updates(bot))[-1].callback_query
    assert query.data == "v1:s"
    assert query.message is not None
    assert query.message.message_id == sent.message_id
    await bot.answer_callback_query(query.id, "On it", show_alert=True)
    answer = await tap
    assert (answer.answered, answer.text, answer.show_alert) == (True, "On it", True)
    with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
        await bot.answer_callback_query(query.id)


async def test_taps_that_lead_nowhere(bot: Bot, ada: Person) -> None:
    await ada.start()
    sent = await bot.send_message(ada.chat_id, "How?", reply_markup=KEYBOARD)
    assert not (await ada.tap(sent.message_id, data="v1:s", wait=0.1)).answered
    with pytest.raises(Refused, match="it has: 'Stronger', 'Softer'"):
        await ada.tap(sent.message_id, "Faster")
    await bot.delete_message(ada.chat_id, sent.message_id)
    await ada.tap(sent.message_id, data="v0:old", stale=True, wait=0)
    query = (await updates(bot))[-1].callback_query
    assert query is not None
    assert query.data == "v0:old"
    assert query.message is not None
    assert not query.message.is_accessible


async def test_an_answer_can_come_too_late(token: str, ptb: Callable[..., Bot]) -> None:
    now = time.time()
    sandbox = Sandbox(token, port=0, clock=lambda: now)
    await sandbox.start()
    try:
        async with ptb(sandbox) as bot, Person.at(sandbox.address) as ada:
            await ada.start()
            sent = await bot.send_message(ada.chat_id, "How?", reply_markup=KEYBOARD)
            await ada.tap(sent.message_id, "Softer", wait=0)
            query = (await updates(bot))[-1].callback_query
            assert query is not None
            now += 60
            with pytest.raises(BadRequest, match="Query is too old"):
                await query.answer()
    finally:
        await sandbox.stop()


async def test_blocking_tells_the_bot(bot: Bot, ada: Person) -> None:
    await ada.start()
    await ada.block()
    change = (await updates(bot))[-1].my_chat_member
    assert change is not None
    assert (change.old_chat_member.status, change.new_chat_member.status) == ("member", "kicked")
    with pytest.raises(Refused, match="unblock it first"):
        await ada.text("hello?")


async def test_an_album_may_come_late_and_in_any_order(bot: Bot, ada: Person, jpeg: Jpeg) -> None:
    pictures = [jpeg(100 + index, 100) for index in range(3)]
    parts = await ada.album(pictures, caption="mix these", caption_on=1, delay=0.05, order=[2, 0, 1])
    got = [update.message for update in await updates(bot)]
    assert [message.photo[-1].width for message in got if message] == [102, 100, 101]
    assert len({message.media_group_id for message in got if message}) == 1
    assert [message.caption for message in got if message] == [None, None, "mix these"]
    ids = [part.id for part in parts]
    assert ids == sorted(ids)


async def test_stickers_and_the_like(bot: Bot, ada: Person) -> None:
    await ada.sticker()
    await ada.animation()
    await ada.voice()
    await ada.location()
    await ada.file("video", b"....ftypmp42", "film.mp4")
    sticker, animation, voice, place, video = [update.message for update in await updates(bot)]
    assert sticker is not None
    assert sticker.sticker is not None
    assert animation is not None
    assert animation.animation is not None
    assert animation.document is not None
    assert voice is not None
    assert voice.voice is not None
    assert voice.voice.mime_type == "audio/ogg"
    assert place is not None
    assert place.location is not None
    assert video is not None
    assert video.video is not None
    assert video.video.mime_type == "video/mp4"


async def test_commands_of_scope_and_language(sandbox: Sandbox, bot: Bot, ada: Person) -> None:
    async def seen(person: Person) -> list[str]:
        async with httpx.AsyncClient(base_url=sandbox.address) as client:
            chat = (await client.get(f"/person/chats/{person.chat_id}")).json()
        return [command["description"] for command in chat["commands"]]

    await bot.set_my_commands([BotCommand("start", "Begin")])
    await bot.set_my_commands([BotCommand("start", "Beginnen")], language_code="nl")
    async with Person.at(sandbox.address, language="nl") as piet:
        assert (await seen(ada), await seen(piet)) == (["Begin"], ["Beginnen"])
        await bot.set_my_commands([BotCommand("start", "Hoi Piet")], scope=BotCommandScopeChat(piet.chat_id))
        assert await seen(piet) == ["Hoi Piet"]
    assert [command.description for command in await bot.get_my_commands()] == ["Begin"]
    await bot.delete_my_commands()
    assert await seen(ada) == []
    await bot.set_my_description("Repaints photos.")
    assert (await bot.get_my_description()).description == "Repaints photos."


async def test_a_draft_and_its_stop(sandbox: Sandbox, bot: Bot, ada: Person) -> None:
    await ada.start()
    assert await bot.send_message_draft(ada.chat_id, 7, "Painting")
    async with httpx.AsyncClient(base_url=sandbox.address) as client:
        await client.post(f"/person/chats/{ada.chat_id}/stop", json={"draft": 7})
    raw = (await updates(bot))[-1].api_kwargs
    assert raw["stopped_message_generation"]["draft_id"] == 7


async def test_a_group_with_privacy(sandbox: Sandbox, bot: Bot) -> None:
    async with httpx.AsyncClient(base_url=sandbox.address) as client:
        group = (await client.post("/person/chats", json={"title": "Painters", "people": ["Ada", "Bob"]})).json()
        path = f"/person/chats/{group['id']}"
        bob = group["people"][1]["id"]
        for text in ("just talking", "/style waves", "hello @atelier_sandbox_bot"):
            await client.post(f"{path}/text", json={"text": text, "sender": bob})
        sent = await bot.send_message(group["id"], "Which?")
        await client.post(f"{path}/text", json={"text": "That", "reply_to": sent.message_id})
        got = [update.message for update in await updates(bot)]
        texts = [(message.text, message.from_user.first_name) for message in got if message and message.from_user]
        assert texts == [("/style waves", "Bob"), ("hello @atelier_sandbox_bot", "Bob"), ("That", "Ada")]
        new = (await client.post(f"{path}/upgrade")).json()["id"]
        async with httpx.AsyncClient(base_url=sandbox.address) as raw:
            answer = await raw.post(f"/bot{bot.token}/sendMessage", json={"chat_id": group["id"], "text": "x"})
        assert answer.json()["parameters"] == {"migrate_to_chat_id": new}
        assert answer.json()["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
        moves = [update.message for update in (await updates(bot))[-2:]]
        assert [message.migrate_to_chat_id for message in moves if message] == [new, None]
        assert [message.migrate_from_chat_id for message in moves if message] == [None, group["id"]]


async def test_a_bot_hears_that_it_is_taken_into_a_group(sandbox: Sandbox, bot: Bot) -> None:
    async with Person.in_group(sandbox.address, "Ada") as (ada,):
        await ada.block()
        changes = [update.my_chat_member for update in await updates(bot)]
    told = [(each.old_chat_member.status, each.new_chat_member.status) for each in changes if each]
    assert told == [("left", "member"), ("member", "kicked")]


async def test_topics(sandbox: Sandbox, bot: Bot) -> None:
    async with Person.in_group(sandbox.address, "Ada", "Bob", forum=True) as (ada, bob):
        topic = await ada.topic("Holidays")
        await bob.text("/style in general")
        asked = await bob.within(thread=topic).text("/style here")
        await ada.text("/style there", asked)
        got = [update.message for update in await updates(bot) if update.message]
        assert got[0].forum_topic_created is not None
        assert [message.chat.is_forum for message in got] == [True] * 4
        assert [message.message_thread_id for message in got] == [topic.id, None, topic.id, topic.id]
        assert [message.is_topic_message for message in got] == [True, None, True, True]
        answered = [message.reply_to_message and message.reply_to_message.message_id for message in got]
        assert answered == [None, None, topic.id, asked.id]  # without a reply it answers what opened the topic

        assert not (await bot.send_message(ada.chat_id, "General")).is_topic_message
        sent = await bot.send_message(ada.chat_id, "Here", message_thread_id=topic.id)
        assert (sent.message_thread_id, sent.is_topic_message) == (topic.id, True)
        follows = await bot.send_message(ada.chat_id, "Here", reply_to_message_id=asked.id)
        assert follows.message_thread_id == topic.id
        assert [bubble.thread for bubble in await ada.messages() if bubble.from_bot] == [None, topic.id, topic.id]
        for wrong in (asked.id, 99_999):
            with pytest.raises(BadRequest, match="Message thread not found"):
                await bot.send_message(ada.chat_id, "x", message_thread_id=wrong)
            with pytest.raises(Refused, match="no such topic"):
                await ada.within(thread=replace(topic, id=wrong)).text("/style x")
    async with Person.in_group(sandbox.address, "Ada") as (ada,):
        with pytest.raises(Refused, match="no topics"):
            await ada.topic("Holidays")


async def test_whoever_writes_as_the_group(sandbox: Sandbox, bot: Bot) -> None:
    async with Person.in_group(sandbox.address, "Ada") as (ada,):
        await ada.within(anonymous=True).text("/style x")
        message = (await updates(bot))[-1].message
        assert message is not None
        assert message.from_user is not None
        assert message.sender_chat is not None
        assert (message.from_user.username, message.sender_chat.id) == ("GroupAnonymousBot", ada.chat_id)
