"""What the sandbox remembers: people, chats, messages, files. Plain records; chats.py holds and changes them."""

from dataclasses import dataclass, field
from typing import Literal

ChatKind = Literal["private", "group", "supergroup"]
MediaKind = Literal["photo", "document", "animation", "video", "audio", "voice", "video_note", "sticker"]


@dataclass(frozen=True)
class Someone:
    """A person (never the bot). language: None as with clients that send no language_code."""

    id: int
    name: str
    username: str | None = None
    language: str | None = "en"


@dataclass
class Chat:
    """A conversation with the bot. In a private chat its id is the person's."""

    id: int
    kind: ChatKind
    title: str
    people: list[Someone]
    started: bool = False  # a bot can't write to someone who never wrote to it
    blocked: bool = False  # in a group: the bot was kicked
    deactivated: bool = False
    migrated_to: int | None = None
    forum: bool = False  # it has topics


@dataclass(frozen=True)
class Entity:
    """A range of a text, in UTF-16 code units as everywhere in Telegram."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None
    custom_emoji_id: str | None = None


@dataclass(frozen=True)
class Button:
    """An inline button. rest: its further fields (style, web_app, copy_text, ...), handed on as they came."""

    text: str
    data: str | None = None
    url: str | None = None
    rest: dict[str, object] = field(default_factory=dict)


Keyboard = list[list[Button]]


@dataclass(frozen=True)
class StoredFile:
    """One stored file. path: below the files folder, also the file_path that getFile gives out."""

    id: str
    unique_id: str
    kind: str
    path: str
    size: int
    mime: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Media:
    """What a message shows. file: the main file's id; sizes: a photo's ids from small to large, the main one last."""

    kind: MediaKind
    file: str
    sizes: list[str] = field(default_factory=list)
    thumbnail: str | None = None
    name: str | None = None
    duration: int = 0
    width: int = 0
    height: int = 0
    emoji: str | None = None


@dataclass(frozen=True)
class Place:
    """A location, in degrees."""

    latitude: float
    longitude: float


@dataclass
class Message:
    """One message. text is its caption if it has media. Times are Unix seconds."""

    id: int
    chat: int
    sender: int
    date: int
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    media: Media | None = None
    place: Place | None = None
    album: str | None = None
    reply_to: int | None = None
    keyboard: Keyboard | None = None
    edited: int | None = None
    reactions: list[str] = field(default_factory=list)
    spoiler: bool = False
    seen: bool = False
    deleted: bool = False
    service: dict[str, object] = field(default_factory=dict)
    thread: int | None = None  # the topic: the number of the message that opened it; none: General
    anonymous: bool = False  # of an administrator who writes as the group


@dataclass(frozen=True)
class Update:
    """Something that happened and that the bot is to be told. about: the message, if it is one."""

    id: int
    kind: str
    body: dict[str, object]
    chat: int
    about: int | None = None


@dataclass(frozen=True)
class Hook:
    """Where updates are pushed to, as setWebhook said."""

    url: str
    secret: str = ""
    max_connections: int = 40


@dataclass
class Profile:
    """What the bot set about itself. Keys of commands are scope and language, of texts the language."""

    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)


@dataclass
class Counters:
    """The numbers given out last, and the settings that outlive a restart."""

    chat: int = 1000
    message: int = 0
    update: int = 700_000_000
    file: int = 0
    album: int = 0
    allowed_updates: list[str] = field(default_factory=list)
    hook: Hook | None = None
