"""The state of the sandbox: who is there, what was said, and what the bot is to be told."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox import shapes
from bot.sandbox.events import Event, Events
from bot.sandbox.files import Files
from bot.sandbox.ledger import Ledger
from bot.sandbox.records import Chat, ChatKind, Counters, Message, Profile, Someone
from bot.sandbox.refusals import Refusal, bad_request, forbidden
from bot.sandbox.transcript import Entry, Transcript
from bot.sandbox.updates import Updates
from bot.sandbox.views import message_view

QUERY_SECONDS = 15.0  # how long a tap waits for its answer; after that "query is too old"
DELETE_SECONDS = 48 * 3600


@dataclass
class Query:
    """A tap that waits for answerCallbackQuery."""

    id: str
    chat: int
    at: float
    answer: "asyncio.Future[dict[str, object]]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Chats:
    """Everything that one bot's sandbox holds. folder: where files and the ledger live; kept: written to disk."""

    def __init__(self, token: str, folder: Path, kept: bool, clock: Callable[[], float] = time.time) -> None:
        self.token = token
        self.clock = clock
        self.ledger = Ledger(folder / "sandbox.sqlite" if kept else None)
        self.counters = next(self.ledger.all(Counters), Counters())
        self.profile = next(self.ledger.all(Profile), Profile())
        self.files = Files(folder / "files", self.ledger, self.counters, clock)
        self.events = Events()
        self.transcript = Transcript()
        self.updates = Updates(self.ledger, self.counters, self._confirmed)
        self.queries: dict[str, Query] = {}
        self.hook_trouble: shapes.Json = {}  # last_error_date and last_error_message of getWebhookInfo
        self._chats = {chat.id: chat for chat in self.ledger.all(Chat)}
        self._messages: dict[int, dict[int, Message]] = {chat: {} for chat in self._chats}
        for message in self.ledger.all(Message):
            self._messages[message.chat][message.id] = message

    @property
    def bot_id(self) -> int:
        """The number before the token's colon."""
        head = self.token.split(":")[0]
        return int(head) if head.isdecimal() else 1

    def me(self) -> shapes.Json:
        """The bot as a User."""
        name = self.profile.names.get("") or "Atelier"
        return {"id": self.bot_id, "is_bot": True, "first_name": name, "username": "atelier_sandbox_bot"}

    # chats

    def all(self) -> list[Chat]:
        """All chats, in the order of their creation."""
        return list(self._chats.values())

    def open(self, name: str, language: str | None, username: str | None = None) -> Chat:
        """A new person and the private chat with the bot."""
        number = self._next_id()
        return self._add(Chat(number, "private", name, [Someone(number, name, username, language)]))

    def gather(self, title: str, people: list[Someone], kind: ChatKind = "group", forum: bool = False) -> Chat:
        """A new group of the bot and the people. forum: with topics."""
        number = -self._next_id() - (10**12 if kind == "supergroup" else 0)
        return self._add(Chat(number, kind, title, people, started=True, forum=forum))

    def get(self, chat_id: int | str) -> Chat:
        """The chat with this id; refused as Telegram does where there is none."""
        try:
            return self._chats[int(chat_id)]
        except (KeyError, ValueError):
            raise bad_request("chat not found") from None

    def writable(self, chat_id: int | str) -> Chat:
        """The chat, if the bot may write there."""
        if chat_id == "":
            raise bad_request("chat_id is empty")
        chat = self.get(chat_id)
        if chat.migrated_to is not None:
            parameters = {"migrate_to_chat_id": chat.migrated_to}
            raise Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", parameters)
        if chat.deactivated:
            raise forbidden("user is deactivated")
        if chat.blocked:
            raise forbidden(
                "bot was blocked by the user" if chat.kind == "private" else "bot was kicked from the group chat"
            )
        if not chat.started:
            raise bad_request("chat not found")
        return chat

    def save_chat(self, chat: Chat) -> None:
        """Writes a changed chat and tells the pages."""
        self.ledger.put(chat.id, chat)
        self.events.tell(Event("chat", chat.id, {}))

    # messages

    def messages(self, chat_id: int) -> list[Message]:
        """The chat's messages, oldest first, without deleted ones."""
        return [message for message in self._messages[chat_id].values() if not message.deleted]

    def message(self, chat_id: int, message_id: int) -> Message | None:
        """The message, None where there is none or it was deleted."""
        message = self._messages.get(chat_id, {}).get(message_id)
        return None if message is None or message.deleted else message

    def ever(self, chat_id: int, message_id: int) -> Message | None:
        """The message, deleted or not."""
        return self._messages.get(chat_id, {}).get(message_id)

    def new(self, chat: Chat, sender: int) -> Message:
        """An empty message with the next number, not yet in the chat."""
        self.counters.message += 1
        self.ledger.put("counters", self.counters)
        return Message(self.counters.message, chat.id, sender, int(self.clock()))

    def post(self, message: Message) -> None:
        """Puts a new message into its chat."""
        self._messages[message.chat][message.id] = message
        self._tell("message", message)

    def changed(self, message: Message, edited: bool = True) -> None:
        """Writes a changed message. edited: whether people see that it was edited."""
        if edited:
            message.edited = int(self.clock())
        self._tell("edited", message)

    def delete(self, message: Message) -> None:
        """Takes the message out of the chat."""
        message.deleted = True
        self.ledger.put(f"{message.chat}/{message.id}", message)
        self.events.tell(Event("deleted", message.chat, {"id": message.id}))

    def shape(self, message: Message) -> shapes.Json:
        """The message as the bot reads it; in a topic, one that answers nothing answers what opened the topic."""
        number = message.reply_to or (message.thread if message.thread != message.id else None)
        answered = None if number is None else self.ever(message.chat, number)
        return shapes.message(message, self._chats[message.chat], self.me(), self.files, answered)

    def save_profile(self) -> None:
        """Writes what the bot set about itself and tells the pages."""
        self.ledger.put("profile", self.profile)
        self.events.tell(Event("commands", 0, {}))

    def note(self, who: str, what: str, chat: int | None = None, message: int | None = None, **detail: object) -> None:
        """Adds a line to the transcript."""
        self.transcript.add(Entry(self.clock(), who, what, chat, message, True, detail))

    def end_waits(self) -> None:
        """Lets go of pages and polls that wait."""
        self.events.close()
        self.updates.close()
        for query in self.queries.values():
            query.answer.cancel()

    def close(self) -> None:
        """Closes the ledger."""
        self.ledger.close()

    def _tell(self, kind: str, message: Message) -> None:
        self.ledger.put(f"{message.chat}/{message.id}", message)
        self.events.tell(Event(kind, message.chat, {"message": message_view(message, self.bot_id, self.files)}))

    def _confirmed(self, chat_id: int, message_id: int) -> None:
        message = self.message(chat_id, message_id)
        if message is not None and not message.seen:
            message.seen = True
            self.ledger.put(f"{chat_id}/{message_id}", message)
            self.events.tell(Event("seen", chat_id, {"id": message_id}))

    def _next_id(self) -> int:
        self.counters.chat += 1
        self.ledger.put("counters", self.counters)
        return self.counters.chat

    def _add(self, chat: Chat) -> Chat:
        self._chats[chat.id] = chat
        self._messages[chat.id] = {}
        self.save_chat(chat)
        return chat
