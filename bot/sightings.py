"""Which messages the bot knows of, to find one whose number it was not told."""

from __future__ import annotations

from collections import deque

REMEMBERED = 5000
SUPERGROUPS = -(10**12)  # chats below have such a number
SHARED = 0  # the name of the counter of all other chats


class Sightings:
    """The numbers of the latest messages of all chats.

    Telegram counts the messages of all private chats and small groups of a bot with one counter, as it does for people.
    So what was sent after another message was seen, in whichever of them, has a higher number. Each supergroup has a
    counter of its own.
    """

    def __init__(self) -> None:
        self._newest: dict[int, int] = {}
        self._seen: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)

    def begin_at(self, message_id: int) -> None:
        """This is the newest that an earlier run knew of, supergroups aside."""
        self._newest[SHARED] = message_id

    def newest(self, chat_id: int) -> int:
        """The highest number that is known of this chat's counter, 0 where none is."""
        return self._newest.get(counter_of(chat_id), 0)

    def note(self, chat_id: int, message_id: int) -> None:
        """There is such a message."""
        counter = counter_of(chat_id)
        self._newest[counter] = max(self._newest.get(counter, 0), message_id)
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


def counter_of(chat_id: int) -> int:
    """What counts the messages of this chat."""
    return chat_id if chat_id < SUPERGROUPS else SHARED
