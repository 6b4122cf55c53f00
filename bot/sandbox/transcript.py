"""The protocol of what both sides did, for tests and for people who look for a bot's fault."""

from collections import deque
from dataclasses import asdict, dataclass, field

_LENGTH = 5000


@dataclass(frozen=True)
class Entry:
    """who: person, bot or sandbox. what: the Bot API method or the person's act. ok: False where it was refused."""

    at: float
    who: str
    what: str
    chat: int | None = None
    message: int | None = None
    ok: bool = True
    detail: dict[str, object] = field(default_factory=dict)


class Transcript:
    """The last 5,000 entries."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_LENGTH)

    def add(self, entry: Entry) -> None:
        """Appends an entry."""
        self._entries.append(entry)

    def entries(self, chat: int | None = None) -> list[dict[str, object]]:
        """As JSON objects, oldest first; of one chat or of all."""
        return [asdict(entry) for entry in self._entries if chat is None or entry.chat == chat]
