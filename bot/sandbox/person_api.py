"""/person/...: what the chat page and the tests do on the people's side, as HTTP with JSON.

POST chats {name, language_code, username} | {title, people: [names], forum}    a new private chat or group -> chat
GET  chats                                   GET chats/{id}              chats; one with commands and description
GET  chats/{id}/messages ?newer_than&wait    -> {version, messages}; waits for news if newer_than is given
POST chats/{id}/text {text, reply_to}        in a group all acts take a `sender`, a `thread` and `anonymous`, too
POST chats/{id}/photo|document|animation|video|audio|voice|video_note|sticker    multipart: file, caption, reply_to
POST chats/{id}/album    multipart: several files, caption, caption_on, delay, order, as_files
POST chats/{id}/location {latitude, longitude}      POST chats/{id}/edit {message_id, text}
POST chats/{id}/tap {message_id, label | data, stale, wait} -> {answered, text, show_alert, url}
POST chats/{id}/block {blocked}   POST chats/{id}/deactivate   POST chats/{id}/upgrade   POST chats/{id}/stop {draft}
POST chats/{id}/topic {title}    opens a topic -> the message that did, whose number is the topic's
GET  files/{file_id} ?download               GET events                  Server-Sent Events
GET|POST|DELETE faults {method, kind, count, skip, seconds, retry_after}
GET|POST flood {on, chat_rate, chat_burst, ...}   GET transcript ?chat
Errors: {"error": "a sentence"} with 400 or 404.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, fields
from typing import cast, get_args
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox.chats import Chats
from bot.sandbox.faults import KINDS, Fault, FaultKind, Faults
from bot.sandbox.flood import Flood, Limits
from bot.sandbox.methods.profile import commands_for
from bot.sandbox.people import Impossible, People, Spot, group_people
from bot.sandbox.records import Chat, MediaKind
from bot.sandbox.refusals import Refusal
from bot.sandbox.shapes import Json
from bot.sandbox.views import chat_view, message_view
from bot.sandbox.wire import Call, read_call

PULSE = 15.0  # seconds between signs of life on an idle event stream
LONGEST_WAIT = 60.0
_SHOWN_INLINE = ("image/", "video/", "audio/")  # anything else, HTML above all, is only ever downloaded
_SEALED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox allow-downloads; default-src 'none'",
}

Handler = Callable[[Request], Awaitable[Response]]
Act = Callable[[Chat, Call], Awaitable[object]]


class PersonApi:
    """The routes below /person."""

    def __init__(self, chats: Chats, faults: Faults, flood: Flood) -> None:
        self._chats = chats
        self._people = People(chats)
        self._faults = faults
        self._flood = flood

    def routes(self) -> list[Route]:
        """All routes."""
        acts: dict[str, Act] = {"text": self._text, "album": self._album, "location": self._location}
        acts |= {"edit": self._edit, "tap": self._tap, "block": self._block, "deactivate": self._deactivate}
        acts |= {"upgrade": self._upgrade, "stop": self._stop, "topic": self._topic}
        acts |= {kind: self._media(kind) for kind in get_args(MediaKind)}
        routes = [
            Route("/person/chats", _guarded(self._open), methods=["POST"]),
            Route("/person/chats", _guarded(self._list), methods=["GET"]),
            Route("/person/chats/{chat}", _guarded(self._detail), methods=["GET"]),
            Route("/person/chats/{chat}/messages", _guarded(self._messages), methods=["GET"]),
            Route("/person/files/{file}", _guarded(self._file), methods=["GET"]),
            Route("/person/events", _guarded(self._events), methods=["GET"]),
            Route("/person/faults", _guarded(self._fault), methods=["GET", "POST", "DELETE"]),
            Route("/person/flood", _guarded(self._switch_flood), methods=["GET", "POST"]),
            Route("/person/transcript", _guarded(self._transcript), methods=["GET"]),
        ]
        routes += [
            Route(f"/person/chats/{{chat}}/{name}", self._acting(act), methods=["POST"]) for name, act in acts.items()
        ]
        return routes

    def _acting(self, act: Act) -> Handler:
        async def handle(request: Request) -> Response:
            chat = self._chats.get(request.path_params["chat"])
            return JSONResponse(await act(chat, await read_call("", request)))

        return _guarded(handle)

    # chats

    async def _open(self, request: Request) -> Response:
        call = await read_call("", request)
        language = call.text("language_code") or None
        if title := call.text("title"):
            names = call.json("people") or ["Ada"]
            people = group_people(self._chats, [str(name) for name in cast(list[object], names)], language)
            chat = self._people.gather(title[:128], people, call.flag("forum"))
        else:
            name = call.text("name").strip()[:64]
            if not name:
                raise Impossible("A name is needed.")
            chat = self._chats.open(name, language, call.text("username") or None)
        return JSONResponse(self._view(chat), 201)

    async def _list(self, request: Request) -> Response:
        return JSONResponse([self._view(chat) for chat in self._chats.all()])

    async def _detail(self, request: Request) -> Response:
        chat = self._chats.get(request.path_params["chat"])
        profile = self._chats.profile
        language = (chat.people[0].language or "")[:2]
        return JSONResponse(
            self._view(chat)
            | {
                "bot": profile.names.get(language) or str(self._chats.me()["first_name"]),
                "description": profile.descriptions.get(language) or profile.descriptions.get("", ""),
                "commands": commands_for(profile, chat),
            }
        )

    def _view(self, chat: Chat) -> Json:
        messages = self._chats.messages(chat.id)
        return chat_view(chat, messages[-1] if messages else None, self._chats.bot_id)

    async def _messages(self, request: Request) -> Response:
        chat = self._chats.get(request.path_params["chat"])
        query = Call("", dict(request.query_params))
        if "newer_than" in query.params:
            wait = min(query.number("wait") or 0.0, LONGEST_WAIT)
            await self._chats.events.newer_than(query.integer("newer_than"), wait)
        views = [self._shown(message.id, chat) for message in self._chats.messages(chat.id)]
        return JSONResponse({"version": self._chats.events.version, "messages": views})

    def _shown(self, number: int, chat: Chat) -> Json:
        message = self._chats.ever(chat.id, number)
        assert message is not None
        return message_view(message, self._chats.bot_id, self._chats.files)

    # acts

    async def _text(self, chat: Chat, call: Call) -> object:
        return self._shown(self._people.say(chat, call.text("text"), _spot(call)).id, chat)

    def _media(self, kind: MediaKind) -> Act:
        async def act(chat: Chat, call: Call) -> object:
            upload = next(iter(call.uploads.values()), None)
            sent = await self._people.media(chat, kind, upload, call.text("caption"), _spot(call))
            return self._shown(sent.id, chat)

        return act

    async def _album(self, chat: Chat, call: Call) -> object:
        order = call.json("order")
        sent = await self._people.album(
            chat,
            "document" if call.flag("as_files") else "photo",
            list(call.uploads.values()),
            call.text("caption"),
            call.integer("caption_on"),
            call.number("delay") or 0.0,
            [int(str(index)) for index in order] if isinstance(order, list) else None,
            _spot(call),
        )
        return [self._shown(message.id, chat) for message in sent]

    async def _location(self, chat: Chat, call: Call) -> object:
        latitude, longitude = call.number("latitude"), call.number("longitude")
        sent = self._people.place(
            chat, 52.37 if latitude is None else latitude, 4.89 if longitude is None else longitude, _spot(call)
        )
        return self._shown(sent.id, chat)

    async def _edit(self, chat: Chat, call: Call) -> object:
        text = call.text("text") or call.text("caption")
        return self._shown(self._people.edit(chat, call.integer("message_id"), text).id, chat)

    async def _tap(self, chat: Chat, call: Call) -> object:
        number = call.integer("message_id")
        label, data = call.text("label") or None, call.text("data") or None
        if label is None and data is None:
            raise Impossible("A tap needs the button's label or data.")
        wait = call.number("wait")
        stale = call.flag("stale") and data is not None
        button = None if stale else self._people.button(chat, number, label, data)
        wait = min(10.0 if wait is None else wait, LONGEST_WAIT)
        return asdict(await self._people.tap(chat, number, button, data, wait, _spot(call).sender))

    async def _block(self, chat: Chat, call: Call) -> object:
        self._people.block(chat, call.flag("blocked") or "blocked" not in call.params)
        return self._view(chat)

    async def _deactivate(self, chat: Chat, call: Call) -> object:
        chat.deactivated = True
        self._chats.save_chat(chat)
        return self._view(chat)

    async def _upgrade(self, chat: Chat, call: Call) -> object:
        return self._view(self._people.upgrade(chat))

    async def _topic(self, chat: Chat, call: Call) -> object:
        opened = self._people.open_topic(chat, call.text("title") or "Topic", _spot(call).sender)
        return self._shown(opened.id, chat)

    async def _stop(self, chat: Chat, call: Call) -> object:
        self._people.stop_draft(chat, call.integer("draft"))
        return {}

    # everything else

    async def _file(self, request: Request) -> Response:
        file = self._chats.files.get(request.path_params["file"])
        media = self._chats.files.known(file.id)
        name = (media.name if media else None) or file.path.rsplit("/", 1)[-1]
        inline = (
            file.mime.startswith(_SHOWN_INLINE) and "download" not in request.query_params and "svg" not in file.mime
        )
        place = "inline" if inline else "attachment"
        headers = _SEALED | {"Content-Disposition": f"{place}; filename*=UTF-8''{quote(name)}"}
        headers |= {"Cache-Control": "private, max-age=31536000, immutable"}
        return FileResponse(self._chats.files.where(file), media_type=file.mime, headers=headers)

    async def _events(self, request: Request) -> Response:
        async def stream() -> AsyncIterator[str]:
            yield "retry: 1000\n\n"
            async for event in self._chats.events.follow(PULSE):
                body = None if event is None else {"kind": event.kind, "chat": event.chat} | event.body
                yield ": still here\n\n" if body is None else f"data: {json.dumps(body)}\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _fault(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            call = await read_call("", request)
            kind = call.text("kind")
            if kind not in KINDS:
                raise Impossible(f"A fault's kind is one of {', '.join(KINDS)}.")
            seconds = call.number("seconds")
            self._faults.schedule(
                Fault(
                    (call.text("method") or "*").lower(),
                    cast(FaultKind, kind),
                    max(call.integer("count", 1), 1),
                    call.integer("skip"),
                    30.0 if seconds is None else seconds,
                    call.integer("retry_after", 1),
                )
            )
        return JSONResponse([asdict(fault) for fault in self._faults.waiting()])

    async def _switch_flood(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse(asdict(self._flood.limits) if self._flood.limits else {})
        call = await read_call("", request)
        given = {one.name: call.number(one.name) for one in fields(Limits)}
        plain = asdict(Limits()) | {name: value for name, value in given.items() if value is not None}
        self._flood.switch(Limits(**plain) if call.flag("on") else None)
        return JSONResponse(asdict(self._flood.limits) if self._flood.limits else {})

    async def _transcript(self, request: Request) -> Response:
        chat = request.query_params.get("chat")
        return JSONResponse(self._chats.transcript.entries(int(chat) if chat else None))


def _spot(call: Call) -> Spot:
    reply_to, sender, thread = (call.integer(name) or None for name in ("reply_to", "sender", "thread"))
    return Spot(reply_to, sender, thread, call.flag("anonymous"))


def _guarded(handler: Handler) -> Handler:
    """Answers errors as JSON, and nothing at all to other web sites that the person has open."""

    async def handle(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return JSONResponse({"error": "This is not for other sites."}, 403)
        try:
            return await handler(request)
        except Impossible as reason:
            return JSONResponse({"error": str(reason)}, reason.code)
        except Refusal as refusal:
            code = 404 if "not found" in refusal.description or "file_id" in refusal.description else refusal.code
            return JSONResponse({"error": refusal.description}, code)
        except asyncio.CancelledError:  # the sandbox stops
            return JSONResponse({"error": "The sandbox is stopping."}, 503)

    return handle
