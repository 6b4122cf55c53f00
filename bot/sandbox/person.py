"""A person in a chat of the sandbox, for tests: sends, taps, waits for what the bot does.

async with Person.at(sandbox.address, name="Ada") as ada:
    await ada.photo(jpeg, caption="like stained glass")
    result = await ada.wait_for(lambda bubble: bubble.from_bot and bubble.kind == "photo", timeout=30)
    picture = await ada.download(result)
    await ada.tap(result, "Stronger")

async with Person.in_group(sandbox.address, "Ada", "Bob") as (ada, bob):
    photo = await ada.photo(jpeg)
    await bob.text("/style a stormy sea", photo)
"""

import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import httpx

Json = Mapping[str, object]


@dataclass(frozen=True)
class Key:
    """An inline button."""

    label: str
    data: str | None
    url: str | None


@dataclass(frozen=True)
class Shown:
    """The file in a bubble. size in bytes, width and height in pixels (0 where unknown)."""

    file_id: str
    unique_id: str
    name: str | None
    mime: str
    size: int
    width: int
    height: int


@dataclass(frozen=True)
class Bubble:
    """A message as the person sees it. text: its text or caption. kind: text, photo, document, sticker, ..."""

    id: int
    from_bot: bool
    kind: str
    text: str
    date: int
    edited: int | None
    media: Shown | None
    keyboard: tuple[tuple[Key, ...], ...]
    album: str | None
    reply_to: int | None
    reactions: tuple[str, ...]
    entities: tuple[Json, ...]
    seen: bool
    thread: int | None

    @property
    def labels(self) -> list[str]:
        """The labels of its buttons, row after row."""
        return [key.label for row in self.keyboard for key in row]


@dataclass(frozen=True)
class Answer:
    """What the bot answered to a tap (answerCallbackQuery); answered is False if it didn't within the time."""

    answered: bool
    text: str
    show_alert: bool
    url: str


class Refused(Exception):  # noqa: N818
    """The sandbox would not let the person do that; says why."""


class Person:
    """One person in a chat with the bot: the private one (`Person.at`) or a group (`Person.in_group`)."""

    def __init__(
        self, client: httpx.AsyncClient, chat_id: int, id: int, thread: int | None = None, anonymous: bool = False
    ) -> None:
        self._client = client
        self.chat_id = chat_id
        self.id = id
        self._thread = thread
        self._anonymous = anonymous

    @classmethod
    @asynccontextmanager
    async def at(
        cls, address: str, name: str = "Ada", language: str | None = "en", chat_id: int | None = None
    ) -> AsyncIterator["Person"]:
        """Opens a new chat at the sandbox's address, or goes on with the chat `chat_id`."""
        # The sandbox speaks plain http; loading certificates would take most of the time.
        async with httpx.AsyncClient(base_url=address, timeout=120, verify=False) as client:
            if chat_id is None:
                chat = await _asked(client, "POST", "/person/chats", json={"name": name, "language_code": language})
                chat_id = _whole(cast(Json, chat)["id"])
            yield cls(client, chat_id, chat_id)

    @classmethod
    @asynccontextmanager
    async def in_group(
        cls, address: str, *names: str, title: str = "Painters", forum: bool = False, language: str | None = "en"
    ) -> AsyncIterator[list["Person"]]:
        """Makes a group of new people and takes the bot in. forum: it has topics."""
        async with httpx.AsyncClient(base_url=address, timeout=120, verify=False) as client:
            body = {"title": title, "people": names, "forum": forum, "language_code": language}
            chat = cast(Json, await _asked(client, "POST", "/person/chats", json=body))
            people = cast(list[Json], chat["people"])
            yield [cls(client, _whole(chat["id"]), _whole(one["id"])) for one in people]

    def within(self, chat_id: int | None = None, thread: Bubble | None = None, anonymous: bool = False) -> "Person":
        """The same person in another chat of theirs, in a topic (by the message that opened it), or as the group."""
        chat = self.chat_id if chat_id is None else chat_id
        return Person(self._client, chat, self.id, None if thread is None else thread.id, anonymous)

    async def topic(self, title: str) -> Bubble:
        """Opens a topic."""
        return await self._sent("topic", json={"title": title})

    async def commands(self) -> list[str]:
        """The commands in the menu of the chat."""
        chat = cast(Json, await _asked(self._client, "GET", f"/person/chats/{self.chat_id}"))
        return [str(one["command"]) for one in cast(list[Json], chat["commands"])]

    async def upgrade(self) -> int:
        """Turns the group into a supergroup; its new id."""
        return _whole(cast(Json, await self._ask("POST", "upgrade"))["id"])

    async def text(self, text: str, reply_to: Bubble | None = None) -> Bubble:
        """Sends a text, a command for example."""
        return await self._sent("text", json={"text": text} | self._spot(reply_to))

    async def start(self, parameter: str = "") -> Bubble:
        """Presses START; with the parameter of a deep link."""
        return await self.text(f"/start {parameter}".strip())

    async def photo(self, data: bytes, caption: str = "", reply_to: Bubble | None = None) -> Bubble:
        """Sends a photo; the sandbox re-encodes it, long side up to 1280 px."""
        return await self.file("photo", data, "photo.jpg", caption, reply_to)

    async def document(self, data: bytes, name: str, caption: str = "", reply_to: Bubble | None = None) -> Bubble:
        """Sends a file as it is."""
        return await self.file("document", data, name, caption, reply_to)

    async def file(
        self, kind: str, data: bytes | None, name: str = "file", caption: str = "", reply_to: Bubble | None = None
    ) -> Bubble:
        """Sends any kind: animation, video, audio, voice, video_note, sticker; data=None: a sample of the sandbox."""
        fields = {"caption": caption} | {key: str(value) for key, value in self._spot(reply_to).items()}
        files = None if data is None else {"file": (name, data)}
        return await self._sent(kind, data=fields, files=files)

    async def sticker(self) -> Bubble:
        """Sends a sticker."""
        return await self.file("sticker", None)

    async def animation(self) -> Bubble:
        """Sends a GIF."""
        return await self.file("animation", None)

    async def voice(self) -> Bubble:
        """Sends a voice message."""
        return await self.file("voice", None)

    async def location(self, latitude: float = 52.37, longitude: float = 4.89) -> Bubble:
        """Sends a place, in degrees."""
        return await self._sent("location", json={"latitude": latitude, "longitude": longitude} | self._spot())

    async def album(
        self,
        pictures: Sequence[bytes],
        caption: str = "",
        caption_on: int = 0,
        delay: float = 0.0,
        order: Sequence[int] | None = None,
        as_files: bool = False,
    ) -> list[Bubble]:
        """Sends 2 to 10 pictures at once. The bot hears of them `delay` seconds apart, in `order` (of indices)."""
        files = [(f"file{index}", (f"picture{index}.jpg", data)) for index, data in enumerate(pictures)]
        fields = {"caption": caption, "caption_on": str(caption_on), "delay": str(delay)}
        fields |= {"as_files": "true" if as_files else ""} | ({"order": json.dumps(list(order))} if order else {})
        fields |= {key: str(value) for key, value in self._spot().items()}
        parts = await self._ask("POST", "album", data=fields, files=files)
        return [_bubble(part) for part in cast(list[Json], parts)]

    async def edit(self, bubble: Bubble, text: str) -> Bubble:
        """Changes the text or caption of an own message."""
        return await self._sent("edit", json={"message_id": bubble.id, "text": text})

    async def tap(
        self, bubble: Bubble | int, label: str | None = None, data: str | None = None, stale: bool = False,
        wait: float = 10.0,
    ) -> Answer:  # fmt: skip
        """Taps the button with this label (or a part of it) or data. stale: data that the keyboard no longer has."""
        number = bubble if isinstance(bubble, int) else bubble.id
        body = {"message_id": number, "label": label, "data": data, "stale": stale, "wait": wait} | self._spot()
        answer = cast(Json, await self._ask("POST", "tap", json=body))
        return Answer(bool(answer["answered"]), str(answer["text"]), bool(answer["show_alert"]), str(answer["url"]))

    async def block(self, blocked: bool = True) -> None:
        """Blocks or unblocks the bot."""
        await self._ask("POST", "block", json={"blocked": blocked})

    async def messages(self) -> list[Bubble]:
        """What is in the chat now, oldest first."""
        return (await self._news(None, 0))[1]

    async def wait_for(self, predicate: Callable[[Bubble], bool], timeout: float = 10.0, after: int = 0) -> Bubble:
        """The newest message with an id above `after` for which the predicate holds, as soon as there is one.

        Raises TimeoutError, with what is in the chat, after `timeout` seconds.
        """
        end = time.monotonic() + timeout
        version, bubbles = await self._news(None, 0)
        while True:
            for bubble in reversed(bubbles):
                if bubble.id > after and predicate(bubble):
                    return bubble
            left = end - time.monotonic()
            if left <= 0:
                said = "\n".join(_line(bubble) for bubble in bubbles)
                raise TimeoutError(f"Not within {timeout:g} seconds. In the chat:\n{said}")
            version, bubbles = await self._news(version, left)

    async def wait_until(self, predicate: Callable[[list[Bubble]], bool], timeout: float = 10.0) -> list[Bubble]:
        """The whole chat, as soon as the predicate holds for it. Raises TimeoutError."""
        end = time.monotonic() + timeout
        version, bubbles = await self._news(None, 0)
        while not predicate(bubbles):
            left = end - time.monotonic()
            if left <= 0:
                said = "\n".join(_line(bubble) for bubble in bubbles)
                raise TimeoutError(f"Not within {timeout:g} seconds. In the chat:\n{said}")
            version, bubbles = await self._news(version, left)
        return bubbles

    async def download(self, bubble: Bubble) -> bytes:
        """The bytes of the file in a message (of a photo: its largest size)."""
        if bubble.media is None:
            raise Refused(f"Message {bubble.id} has no file.")
        answer = await self._client.get(f"/person/files/{bubble.media.file_id}")
        answer.raise_for_status()
        return answer.content

    async def transcript(self) -> list[Json]:
        """What was done in this chat: entries with who, what, message, detail."""
        entries = await _asked(self._client, "GET", "/person/transcript", params={"chat": str(self.chat_id)})
        return cast(list[Json], entries)

    async def fault(
        self, method: str, kind: str, count: int = 1, skip: int = 0, seconds: float = 30.0, retry_after: int = 1
    ) -> None:
        """Schedules a trouble for the bot's calls; kinds: see bot.sandbox.faults.Fault."""
        body = {"method": method, "kind": kind, "count": count, "skip": skip}
        body |= {"seconds": seconds, "retry_after": retry_after}
        await _asked(self._client, "POST", "/person/faults", json=body)

    async def flood(self, on: bool = True, **limits: float) -> None:
        """Switches the flood control on or off; limits: the fields of bot.sandbox.flood.Limits."""
        await _asked(self._client, "POST", "/person/flood", json={"on": on, **limits})

    def _spot(self, reply_to: Bubble | None = None) -> dict[str, object]:
        spot = {"reply_to": reply_to.id if reply_to else None, "sender": self.id, "thread": self._thread}
        spot |= {"anonymous": 1} if self._anonymous else {}
        return {name: number for name, number in spot.items() if number is not None}

    async def _news(self, version: int | None, wait: float) -> tuple[int, list[Bubble]]:
        params = {} if version is None else {"newer_than": str(version), "wait": f"{min(wait, 20):.2f}"}
        body = cast(Json, await self._ask("GET", "messages", params=params))
        return _whole(body["version"]), [_bubble(one) for one in cast(list[Json], body["messages"])]

    async def _sent(self, act: str, **request: object) -> Bubble:
        return _bubble(cast(Json, await self._ask("POST", act, **request)))

    async def _ask(self, verb: str, act: str, **request: object) -> object:
        return await _asked(self._client, verb, f"/person/chats/{self.chat_id}/{act}", **request)


async def _asked(client: httpx.AsyncClient, verb: str, path: str, **request: object) -> object:
    answer = await client.request(verb, path, **request)  # type: ignore[arg-type]
    body: object = answer.json()
    if answer.is_error:
        raise Refused(str(body.get("error", body)) if isinstance(body, dict) else str(body))
    return body


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def _bubble(view: Json) -> Bubble:
    media = cast(Json | None, view["media"])
    rows = cast(list[list[Json]], view["keyboard"])
    return Bubble(
        id=_whole(view["id"]),
        from_bot=bool(view["from_bot"]),
        kind=str(view["kind"]),
        text=str(view["text"]),
        date=_whole(view["date"]),
        edited=cast(int | None, view["edited"]),
        media=None if media is None else _shown(media),
        keyboard=tuple(tuple(_key(one) for one in row) for row in rows),
        album=cast(str | None, view["album"]),
        reply_to=cast(int | None, view["reply_to"]),
        reactions=tuple(cast(list[str], view["reactions"])),
        entities=tuple(cast(list[Json], view["entities"])),
        seen=bool(view["seen"]),
        thread=cast(int | None, view["thread"]),
    )


def _shown(media: Json) -> Shown:
    return Shown(
        str(media["file_id"]),
        str(media["unique_id"]),
        cast(str | None, media["name"]),
        str(media["mime"]),
        _whole(media["size"]),
        _whole(media["width"]),
        _whole(media["height"]),
    )


def _key(button: Json) -> Key:
    return Key(str(button["text"]), cast(str | None, button.get("callback_data")), cast(str | None, button.get("url")))


def _line(bubble: Bubble) -> str:
    who = "bot" if bubble.from_bot else "me"
    return f"  {bubble.id} {who} [{bubble.kind}] {bubble.text!r} {bubble.labels or ''}"
