"""Records as the person sees them: what the chat page draws and what tests look at."""

from bot.sandbox.files import Files
from bot.sandbox.records import Chat, Media, Message
from bot.sandbox.shapes import Json, button, entity


def chat_view(chat: Chat, last: Message | None, bot_id: int) -> Json:
    """A line of the chat list."""
    return {
        "id": chat.id,
        "kind": chat.kind,
        "title": chat.title,
        "people": [{"id": one.id, "name": one.name, "language": one.language} for one in chat.people],
        "started": chat.started,
        "blocked": chat.blocked,
        "forum": chat.forum,
        "last": None if last is None else {"text": _summary(last), "date": last.date, "mine": last.sender != bot_id},
    }


def message_view(message: Message, bot_id: int, files: Files) -> Json:
    """A bubble. kind: text, location, service or the media's kind."""
    kind = message.media.kind if message.media else "location" if message.place else "text"
    return {
        "id": message.id,
        "chat": message.chat,
        "from_bot": message.sender == bot_id,
        "sender": message.sender,
        "date": message.date,
        "edited": message.edited,
        "kind": "service" if message.service else kind,
        "text": message.text,
        "entities": [entity(one) for one in message.entities],
        "media": None if message.media is None else _media_view(message.media, files),
        "place": None if message.place is None else [message.place.latitude, message.place.longitude],
        "album": message.album,
        "reply_to": message.reply_to,
        "thread": message.thread,
        "keyboard": [[button(one) for one in row] for row in message.keyboard or []],
        "reactions": message.reactions,
        "spoiler": message.spoiler,
        "seen": message.seen,
    }


def _media_view(media: Media, files: Files) -> Json:
    main = files.get(media.file)
    small = media.sizes[-2] if len(media.sizes) > 1 else media.thumbnail
    return {
        "file_id": media.file,
        "preview_id": small,
        "unique_id": main.unique_id,
        "name": media.name,
        "mime": main.mime,
        "size": main.size,
        "width": media.width or main.width,
        "height": media.height or main.height,
        "duration": media.duration,
    }


def _summary(message: Message) -> str:
    kind = message.media.kind if message.media else "location" if message.place else ""
    name = {"video_note": "Video message", "voice": "Voice message", "animation": "GIF"}.get(kind, kind.capitalize())
    return " · ".join(part for part in (name, message.text[:120]) if part)
