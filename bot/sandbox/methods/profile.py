"""What a bot says about itself: commands, name, descriptions, menu button."""

import json
import re
from collections.abc import Awaitable, Callable

from bot.sandbox.chats import Chats
from bot.sandbox.records import Chat, Profile
from bot.sandbox.refusals import bad_request
from bot.sandbox.wire import Call

MAX_COMMANDS = 100
_SCOPES: tuple[str, ...] = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat")
_SCOPES += ("chat_administrators", "chat_member")


def _key(call: Call) -> str:
    scope = call.json("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    parts = [str(scope[name]) for name in ("type", "chat_id", "user_id") if name in scope]
    return scope_key(":".join(parts), call.text("language_code"))


def scope_key(scope: str, language: str) -> str:
    """Where Profile.commands keeps the commands of a scope and language."""
    return json.dumps([scope, language])


def commands_for(profile: Profile, chat: Chat) -> list[dict[str, str]]:
    """The commands that a person sees in a chat: the closest scope first, their language before no language."""
    language = (chat.people[0].language or "")[:2]
    every = "all_private_chats" if chat.kind == "private" else "all_group_chats"
    for scope in (f"chat:{chat.id}", every, "default"):
        for tongue in (language, ""):
            if found := profile.commands.get(scope_key(scope, tongue)):
                return found
    return []


async def set_my_commands(chats: Chats, call: Call) -> object:
    """setMyCommands."""
    items = call.json("commands", "commands")
    if not isinstance(items, list):
        raise bad_request("expected an Array of BotCommand")
    if len(items) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    chats.profile.commands[_key(call)] = [_command(item) for item in items]
    chats.save_profile()
    return True


def _command(item: object) -> dict[str, str]:
    if not isinstance(item, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(item.get("command", "")).removeprefix("/")
    description = str(item.get("description", "")).strip()
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


async def get_my_commands(chats: Chats, call: Call) -> object:
    """getMyCommands: those of exactly this scope and language."""
    return chats.profile.commands.get(_key(call), [])


async def delete_my_commands(chats: Chats, call: Call) -> object:
    """deleteMyCommands."""
    chats.profile.commands.pop(_key(call), None)
    chats.save_profile()
    return True


def _setter(attribute: str, name: str, limit: int) -> Callable[[Chats, Call], Awaitable[object]]:
    async def set_text(chats: Chats, call: Call) -> object:
        text = call.text(name).strip()
        if len(text) > limit:
            raise bad_request(f"{name.replace('_', ' ')} is too long")
        texts: dict[str, str] = getattr(chats.profile, attribute)
        texts[call.text("language_code")] = text
        chats.save_profile()
        return True

    return set_text


def _getter(attribute: str, name: str) -> Callable[[Chats, Call], Awaitable[object]]:
    async def get_text(chats: Chats, call: Call) -> object:
        texts: dict[str, str] = getattr(chats.profile, attribute)
        text = texts.get(call.text("language_code")) or texts.get("", "")
        return {name: text or (str(chats.me()["first_name"]) if name == "name" else "")}

    return get_text


async def set_menu_button(chats: Chats, call: Call) -> object:
    """setChatMenuButton: the page always shows the commands."""
    return True


async def get_menu_button(chats: Chats, call: Call) -> object:
    """getChatMenuButton."""
    return {"type": "commands"}


METHODS = {
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _setter("names", "name", 64),
    "getMyName": _getter("names", "name"),
    "setMyDescription": _setter("descriptions", "description", 512),
    "getMyDescription": _getter("descriptions", "description"),
    "setMyShortDescription": _setter("short_descriptions", "short_description", 120),
    "getMyShortDescription": _getter("short_descriptions", "short_description"),
    "setChatMenuButton": set_menu_button,
    "getChatMenuButton": get_menu_button,
}
