"""Which messages the bot knows of, to find one whose number it was not told."""

from __future__ import annotations

from collections import deque

REMEMBERED = 5000


class Sightings:
    """The numbers of the latest messages of all chats.

    Telegram counts the messages of all private chats of a bot with one counter, as it does for people. So what was sent
    after another message was seen, in whatever chat, has a higher number.
    """

    def __init__(self) -> None:
        self.newest = 0
        self._seen: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)

    def note(self, chat_id: int, message_id: int) -> None:
        """There is such a message."""
        self.newest = max(self.newest, message_id)
        self._seen.append((chat_id, message_id))

    def note_answer(self, answer: object) -> None:
        """Takes in what Telegram answered to a call, if that was a message."""
        match answer:
            case {"message_id": int(message_id), "chat": {"id": int(chat_id)}}:
                self.note(chat_id, message_id)
            case [*several]:
                for each in several:
                    self.note_answer(each)

    def known(self, chat_id: int) -> set[int]:
        """The messages of this chat among them."""
        return {message for chat, message in self._seen if chat == chat_id}
