"""The bot's own pictures; once sent, Telegram has them under a file_id."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from telegram import InputFile, Message


@dataclass
class Pictures:
    """The bot's own pictures; once sent, Telegram has them under a file_id."""

    sheet: Path
    greeting: Path

    def __post_init__(self) -> None:
        self._ids: dict[Path, str] = {}

    def greet_with(self, path: Path) -> None:
        """From now on this is the greeting's picture; the file may be another one than before."""
        self.greeting = path
        self._ids.pop(path, None)

    def ready(self, path: Path) -> str | InputFile | None:
        """What to send for this picture; None where it is missing."""
        if path in self._ids:
            return self._ids[path]
        return InputFile(path.read_bytes(), filename=path.name) if path.is_file() else None

    def remember(self, path: Path, message: Message) -> None:
        """Keeps the file_id of a picture that was sent."""
        if message.photo:
            self._ids[path] = message.photo[-1].file_id
