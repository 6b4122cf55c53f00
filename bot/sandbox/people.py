"""What people do in their chats: the other side of the bot."""

import asyncio
import secrets
from dataclasses import dataclass

from bot.sandbox import samples, shapes
from bot.sandbox.chats import QUERY_SECONDS, Chats, Query
from bot.sandbox.entities import Formatted, units
from bot.sandbox.methods.sending import next_album
from bot.sandbox.photos import person_photo
from bot.sandbox.records import Button, Chat, Media, MediaKind, Message, Place, Someone
from bot.sandbox.refusals import Refusal
from bot.sandbox.wire import Upload

MAX_TEXT = 4096
MAX_CAPTION = 1024


class Impossible(Exception):  # noqa: N818 - the person can't do this; not a fault of ours
    """Something that a person's app would not let them do. code: HTTP status."""

    def __init__(self, reason: str, code: int = 400) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """What a tap led to. answered: whether the bot called answerCallbackQuery in time."""

    answered: bool
    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass(frozen=True)
class Spot:
    """Where a message stands. reply_to: the message that it answers. sender: a member of a group, None for the chat's
    first person. thread: a topic, None for General, or for that of the message that it answers. anonymous: written as
    the group."""

    reply_to: int | None = None
    sender: int | None = None
    thread: int | None = None
    anonymous: bool = False


NOWHERE = Spot()


class People:
    """Acts of people in the chats."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats

    def say(self, chat: Chat, text: str, spot: Spot = NOWHERE) -> Message:
        """Sends a text."""
        words = self._words(text, MAX_TEXT)
        if not words.text:
            raise Impossible("The text is empty.")
        message = self._new(chat, words, spot)
        return self._send(chat, message)

    async def media(
        self, chat: Chat, kind: MediaKind, upload: Upload | None, caption: str = "", spot: Spot = NOWHERE
    ) -> Message:
        """Sends a photo, file, sticker, ...; without an upload a sample of the kind."""
        words = self._words(caption, MAX_CAPTION)
        stored = await self._store(kind, upload or _sample(kind))
        message = self._new(chat, words, spot)
        message.media = stored
        return self._send(chat, message)

    async def album(self, chat: Chat, kind: MediaKind, uploads: list[Upload], caption: str = "", caption_on: int = 0,
                    delay: float = 0.0, order: list[int] | None = None, spot: Spot = NOWHERE,
                    ) -> list[Message]:  # fmt: skip
        """Sends several at once. The bot hears of the parts `delay` seconds apart, in `order` (of their indices)."""
        if not 2 <= len(uploads) <= 10:
            raise Impossible("An album has 2 to 10 parts.")
        words = self._words(caption, MAX_CAPTION)
        stored = [await self._store(kind, upload) for upload in uploads]
        album = next_album(self._chats)
        messages = []
        for index, media in enumerate(stored):
            message = self._new(chat, words if index == caption_on else Formatted("", []), spot)
            message.media, message.album = media, album
            messages.append(message)
            self._chats.post(message)
        chosen = order if order is not None else list(range(len(messages)))
        if sorted(chosen) != list(range(len(messages))):
            raise Impossible("`order` must name every part once.")
        for step, index in enumerate(chosen):
            if step and delay:
                await asyncio.sleep(delay)
            self._report(chat, messages[index])
        return messages

    def place(self, chat: Chat, latitude: float, longitude: float, spot: Spot = NOWHERE) -> Message:
        """Sends a location."""
        message = self._new(chat, Formatted("", []), spot)
        message.place = Place(latitude, longitude)
        return self._send(chat, message)

    def edit(self, chat: Chat, number: int, text: str) -> Message:
        """Changes the text or caption of one of the person's own messages."""
        message = self._chats.message(chat.id, number)
        if message is None or message.sender == self._chats.bot_id:
            raise Impossible("There is no such message of yours.", 404)
        words = self._words(text, MAX_CAPTION if message.media else MAX_TEXT)
        if not words.text and message.media is None:
            raise Impossible("The text is empty.")
        message.text, message.entities = words.text, words.entities
        self._chats.changed(message)
        self._chats.note("person", "edit", chat.id, message.id)
        if self._bot_may_see(chat, message):
            self._chats.updates.add("edited_message", self._chats.shape(message), chat.id)
        return message

    async def tap(self, chat: Chat, number: int, button: Button | None, data: str | None, wait: float,
                  sender: int | None = None) -> Answer:  # fmt: skip
        """Taps a button, or, with `data` alone, one that an older state of the keyboard had. Waits for the answer."""
        if button is not None and button.data is None:
            return Answer(False, url=button.url or "")
        person = self._member(chat, sender)
        now = self._chats.clock()
        for old in [query for query in self._chats.queries.values() if now - query.at > QUERY_SECONDS]:
            del self._chats.queries[old.id]
        query = Query(str(secrets.randbits(62)), chat.id, now)
        self._chats.queries[query.id] = query
        shown = self._chats.message(chat.id, number)
        gone: shapes.Json = {"chat": shapes.chat(chat), "message_id": number, "date": 0}
        body: shapes.Json = {
            "id": query.id,
            "from": shapes.user(person),
            "message": gone if shown is None else self._chats.shape(shown),
            "chat_instance": str(-chat.id * 7_919),
            "data": data if button is None else button.data,
        }
        self._chats.note("person", "tap", chat.id, number, data=body["data"])
        self._chats.updates.add("callback_query", body, chat.id)
        try:
            answer = await asyncio.wait_for(asyncio.shield(query.answer), wait)
        except TimeoutError:
            return Answer(False)
        return Answer(True, str(answer["text"]), bool(answer["show_alert"]), str(answer["url"]))

    def button(self, chat: Chat, number: int, label: str | None, data: str | None) -> Button:
        """The message's button with this data or label (whole, or a part that only one label has)."""
        message = self._chats.message(chat.id, number)
        buttons = [one for row in (message.keyboard if message else None) or [] for one in row]
        if data is not None:
            found = [one for one in buttons if one.data == data]
        else:
            found = [one for one in buttons if one.text == label] or [
                one for one in buttons if (label or "") in one.text
            ]
        if len(found) != 1:
            labels = ", ".join(repr(one.text) for one in buttons) or "none"
            raise Impossible(f"There is not one such button on message {number}; it has: {labels}.", 404)
        return found[0]

    def block(self, chat: Chat, blocked: bool) -> None:
        """Blocks or unblocks the bot (in a group: removes it or takes it back)."""
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        self._chats.save_chat(chat)
        self._chats.note("person", "block" if blocked else "unblock", chat.id)
        self._report_membership(chat, *(("member", "kicked") if blocked else ("kicked", "member")))

    def gather(self, title: str, people: list[Someone], forum: bool = False) -> Chat:
        """Makes a group of the people and takes the bot in; one with topics is a supergroup."""
        chat = self._chats.gather(title, people, "supergroup" if forum else "group", forum)
        self._report_membership(chat, "left", "member")
        return chat

    def open_topic(self, chat: Chat, title: str, sender: int | None = None) -> Message:
        """Opens a topic in a group that has them."""
        if not chat.forum:
            raise Impossible("This group has no topics.")
        message = self._new(chat, Formatted("", []), Spot(sender=sender))
        message.thread, message.service = message.id, {"forum_topic_created": {"name": title, "icon_color": 7322096}}
        self._chats.post(message)
        self._chats.updates.add("message", self._chats.shape(message), chat.id, message.id)
        return message

    def stop_draft(self, chat: Chat, draft: int) -> None:
        """Presses Stop on a message draft (Bot API 10.3)."""
        body: shapes.Json = {"chat": shapes.chat(chat), "draft_id": draft}
        self._chats.updates.add("stopped_message_generation", body, chat.id)

    def upgrade(self, chat: Chat) -> Chat:
        """Turns a group into a supergroup; the old id is dead from now on."""
        if chat.kind != "group":
            raise Impossible("Only a group can be upgraded.")
        new = self._chats.gather(chat.title, chat.people, "supergroup")
        chat.migrated_to = new.id
        self._chats.save_chat(chat)
        for home, service in ((chat, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": chat.id})):
            message = self._new(home, Formatted("", []), NOWHERE, upgraded=True)
            message.service = dict(service)
            self._chats.post(message)
            self._chats.updates.add("message", self._chats.shape(message), home.id, message.id)
        return new

    def _report_membership(self, chat: Chat, before: str, after: str) -> None:
        body: shapes.Json = {"chat": shapes.chat(chat), "from": shapes.user(chat.people[0])}
        body |= {"date": int(self._chats.clock())}
        body |= {"old_chat_member": self._membership(before), "new_chat_member": self._membership(after)}
        self._chats.updates.add("my_chat_member", body, chat.id)

    def _membership(self, status: str) -> shapes.Json:
        return {"user": self._chats.me(), "status": status} | ({"until_date": 0} if status == "kicked" else {})

    @staticmethod
    def _member(chat: Chat, sender: int | None) -> Someone:
        for person in chat.people:
            if sender is None or person.id == sender:
                return person
        raise Impossible("This person is not in the chat.", 404)

    def _new(self, chat: Chat, words: Formatted, spot: Spot, upgraded: bool = False) -> Message:
        if chat.blocked:
            raise Impossible("The bot is blocked in this chat; unblock it first.")
        if chat.migrated_to is not None and not upgraded:
            raise Impossible("This group has become a supergroup; write there.")
        answered = None if spot.reply_to is None else self._chats.message(chat.id, spot.reply_to)
        if spot.reply_to is not None and answered is None:
            raise Impossible("The message to reply to is not there.", 404)
        opening = None if spot.thread is None else self._chats.message(chat.id, spot.thread)
        if spot.thread is not None and (opening is None or opening.thread != opening.id):
            raise Impossible("There is no such topic.", 404)
        message = self._chats.new(chat, self._member(chat, spot.sender).id)
        message.text, message.entities, message.reply_to = words.text, words.entities, spot.reply_to
        message.thread = spot.thread if answered is None else answered.thread
        message.anonymous = spot.anonymous
        return message

    def _send(self, chat: Chat, message: Message) -> Message:
        self._chats.post(message)
        self._report(chat, message)
        return message

    def _report(self, chat: Chat, message: Message) -> None:
        if not chat.started:
            chat.started = True
            self._chats.save_chat(chat)
        self._chats.note("person", "send", chat.id, message.id)
        if self._bot_may_see(chat, message):
            self._chats.updates.add("message", self._chats.shape(message), chat.id, message.id)

    def _bot_may_see(self, chat: Chat, message: Message) -> bool:
        """Privacy mode: in groups a bot sees commands, replies to it and mentions of it alone."""
        if chat.kind == "private":
            return True
        name = str(self._chats.me()["username"]).lower()
        answered = None if message.reply_to is None else self._chats.ever(chat.id, message.reply_to)
        to_bot = answered is not None and answered.sender == self._chats.bot_id
        return to_bot or message.text.startswith("/") or f"@{name}" in message.text.lower()

    @staticmethod
    def _words(text: str, limit: int) -> Formatted:
        words = Formatted.trimmed(text, [])
        if units(words.text) > limit:
            raise Impossible(f"The text is too long: {units(words.text)} characters of {limit}.")
        return words

    async def _store(self, kind: MediaKind, upload: Upload) -> Media:
        if not upload.data:
            raise Impossible("The file is empty.")
        if kind != "photo":
            media = await self._chats.files.add(kind, upload.data, upload.name, upload.mime)
            return self._chats.files.change(media, 2, 0, 0) if kind in {"voice", "animation", "video"} else media
        try:
            levels = await asyncio.to_thread(person_photo, upload.data)
        except Refusal as refusal:
            if "DIMENSIONS" in refusal.description:
                raise Impossible("This picture is too large or too narrow for a photo; send it as a file.") from None
            raise Impossible("This file can't be read as a photo; send it as a file.") from None
        return await self._chats.files.add_photo(levels)


def _sample(kind: MediaKind) -> Upload:
    if kind == "sticker":
        return Upload("sticker.webp", "image/webp", samples.sticker())
    if kind == "animation":
        return Upload("ball.gif", "image/gif", samples.animation())
    if kind == "voice":
        return Upload("voice.ogg", "audio/ogg", samples.voice())
    raise Impossible("A file is missing.")


def group_people(chats: Chats, names: list[str], language: str | None) -> list[Someone]:
    """New people for a group."""
    return [chats.open(name, language).people[0] for name in names]
