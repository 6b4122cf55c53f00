"""Records as the Bot API's JSON objects (core.telegram.org/bots/api#available-types)."""

from bot.sandbox.files import Files
from bot.sandbox.records import Button, Chat, Entity, Keyboard, Media, Message, Someone, StoredFile

Json = dict[str, object]

_ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}


def given(**fields: object) -> Json:
    """An object without the fields that are None."""
    return {name: value for name, value in fields.items() if value is not None}


def user(person: Someone) -> Json:
    """User."""
    return given(
        id=person.id,
        is_bot=False,
        first_name=person.name,
        username=person.username,
        language_code=person.language,
    )


def chat(record: Chat) -> Json:
    """Chat."""
    if record.kind == "private":
        person = record.people[0]
        return given(id=record.id, type="private", first_name=person.name, username=person.username)
    return {"id": record.id, "type": record.kind, "title": record.title} | given(is_forum=record.forum or None)


def entity(record: Entity) -> Json:
    """MessageEntity."""
    return given(
        type=record.type,
        offset=record.offset,
        length=record.length,
        url=record.url,
        language=record.language,
        custom_emoji_id=record.custom_emoji_id,
    )


def button(record: Button) -> Json:
    """InlineKeyboardButton."""
    return {"text": record.text} | given(callback_data=record.data, url=record.url) | record.rest


def keyboard(record: Keyboard) -> Json:
    """InlineKeyboardMarkup."""
    return {"inline_keyboard": [[button(one) for one in row] for row in record]}


def file(record: StoredFile) -> Json:
    """The fields that every file object has."""
    return {"file_id": record.id, "file_unique_id": record.unique_id, "file_size": record.size}


def photo_size(record: StoredFile) -> Json:
    """PhotoSize."""
    return file(record) | {"width": record.width, "height": record.height}


def media(record: Media, files: Files) -> Json:
    """The message fields that carry a media: {"photo": [...]}, {"document": {...}}, ..."""
    if record.kind == "photo":
        return {"photo": [photo_size(files.get(size)) for size in record.sizes]}
    main = files.get(record.file)
    body = file(main)
    if record.thumbnail is not None:
        body["thumbnail"] = photo_size(files.get(record.thumbnail))
    if record.kind != "sticker":
        body |= given(mime_type=main.mime)
    if record.kind in {"document", "animation", "video", "audio"}:
        body |= given(file_name=record.name)
    if record.kind in {"animation", "video"}:
        body |= {"width": record.width, "height": record.height, "duration": record.duration}
    elif record.kind in {"audio", "voice"}:
        body |= {"duration": record.duration}
    elif record.kind == "video_note":
        body |= {"length": record.width or 240, "duration": record.duration}
    elif record.kind == "sticker":
        body |= {"type": "regular", "width": record.width or 512, "height": record.height or 512}
        body |= {"is_animated": False, "is_video": main.mime == "video/webm"} | given(emoji=record.emoji)
    if record.kind == "animation":  # for old clients Telegram sends it as a document, too
        plain = {name: body[name] for name in body if name not in {"width", "height", "duration"}}
        return {"animation": body, "document": plain}
    return {record.kind: body}


def message(record: Message, home: Chat, me: Json, files: Files, answered: Message | None = None) -> Json:
    """Message. answered: the message that it replies to."""
    sender = next((user(person) for person in home.people if person.id == record.sender), me)
    body: Json = {"message_id": record.id, "from": sender, "chat": chat(home), "date": record.date}
    if record.anonymous:
        body |= {"from": _ANONYMOUS, "sender_chat": chat(home)}
    body |= given(edit_date=record.edited, media_group_id=record.album) | record.service
    body |= given(message_thread_id=record.thread, is_topic_message=record.thread is not None or None)
    if answered is not None and not answered.deleted:
        body["reply_to_message"] = message(answered, home, me, files)
    marks = [entity(one) for one in record.entities] or None
    if record.media is not None:
        body |= media(record.media, files)
        body |= given(caption=record.text or None, caption_entities=marks if record.text else None)
        body |= given(has_media_spoiler=True if record.spoiler else None)
    elif record.place is not None:
        body["location"] = {"latitude": record.place.latitude, "longitude": record.place.longitude}
    elif record.text:
        body |= given(text=record.text, entities=marks)
    if record.keyboard:
        body["reply_markup"] = keyboard(record.keyboard)
    return body
