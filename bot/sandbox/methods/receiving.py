"""How a bot gets to know things: updates, webhook, files, chats, answers to taps."""

import re
from dataclasses import dataclass

from bot.sandbox import shapes
from bot.sandbox.chats import QUERY_SECONDS, Chats
from bot.sandbox.records import Hook
from bot.sandbox.refusals import QUERY_TOO_OLD, bad_request
from bot.sandbox.updates import update_json
from bot.sandbox.wire import Call

MAX_ANSWER = 200


@dataclass(frozen=True)
class Described:
    """A result that comes with a description, as setWebhook's does."""

    result: object
    description: str


async def get_me(chats: Chats, call: Call) -> object:
    """getMe."""
    return chats.me() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _allow(chats: Chats, call: Call) -> None:
    kinds = call.json("allowed_updates", "allowed updates")
    if kinds is None:
        return
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise bad_request("can't parse allowed updates")
    chats.updates.allow(kinds)


async def get_updates(chats: Chats, call: Call) -> object:
    """getUpdates."""
    _allow(chats, call)
    timeout = call.number("timeout") or 0.0
    updates = await chats.updates.fetch(call.integer("offset"), call.integer("limit", 100), timeout)
    return [update_json(update) for update in updates]


async def set_webhook(chats: Chats, call: Call) -> object:
    """setWebhook. Plain http and any port are allowed, as with a local Bot API server."""
    url = call.text("url").strip()
    if not url:
        return await delete_webhook(chats, call)
    if not re.match(r"https?://[^\s/]+", url):
        raise bad_request("bad webhook: invalid webhook URL specified")
    secret = call.text("secret_token")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    _allow(chats, call)
    if call.flag("drop_pending_updates"):
        chats.updates.drop_all()
    hook = Hook(url, secret, min(max(call.integer("max_connections", 40), 1), 100))
    same = chats.counters.hook == hook
    chats.counters.hook = hook
    chats.ledger.put("counters", chats.counters)
    chats.updates.end_poll_for_webhook()
    chats.updates.added.set()
    return Described(True, "Webhook is already set" if same else "Webhook was set")


async def delete_webhook(chats: Chats, call: Call) -> object:
    """deleteWebhook."""
    had = chats.counters.hook is not None
    chats.counters.hook = None
    chats.ledger.put("counters", chats.counters)
    if call.flag("drop_pending_updates"):
        chats.updates.drop_all()
    return Described(True, "Webhook was deleted" if had else "Webhook is already deleted")


async def get_webhook_info(chats: Chats, call: Call) -> object:
    """getWebhookInfo."""
    hook = chats.counters.hook
    info: shapes.Json = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(chats.updates.pending()),
    }
    if hook is not None:
        info |= {"max_connections": hook.max_connections} | chats.hook_trouble
    if chats.counters.allowed_updates:
        info["allowed_updates"] = chats.counters.allowed_updates
    return info


async def get_file(chats: Chats, call: Call) -> object:
    """getFile: opens the download link."""
    file_id = call.text("file_id")
    if not file_id:
        raise bad_request("file_id is not specified")
    file = chats.files.link(file_id)
    return shapes.file(file) | {"file_path": file.path}


async def get_chat(chats: Chats, call: Call) -> object:
    """getChat."""
    chat = chats.get(call.text("chat_id"))
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return shapes.chat(chat) | {
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


async def get_chat_member(chats: Chats, call: Call) -> object:
    """getChatMember."""
    chat = chats.get(call.text("chat_id"))
    number = call.integer("user_id")
    if number == chats.bot_id:
        return {"status": "left" if chat.blocked else "member", "user": chats.me()}
    for person in chat.people:
        if person.id == number:
            return {"status": "member", "user": shapes.user(person)}
    raise bad_request("user not found")


async def get_chat_member_count(chats: Chats, call: Call) -> object:
    """getChatMemberCount."""
    return len(chats.get(call.text("chat_id")).people) + 1


async def answer_callback_query(chats: Chats, call: Call) -> object:
    """answerCallbackQuery: once, and before the person's app gave up."""
    text = call.text("text")
    if len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query = chats.queries.pop(call.text("callback_query_id"), None)
    if query is None or chats.clock() - query.at > QUERY_SECONDS:
        raise bad_request(QUERY_TOO_OLD)
    answer: shapes.Json = {"text": text, "show_alert": call.flag("show_alert"), "url": call.text("url")}
    if not query.answer.done():
        query.answer.set_result(answer)
    return True


async def say_true(chats: Chats, call: Call) -> object:
    """logOut, close and the like: nothing to do here."""
    return True


METHODS = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "getFile": get_file,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatMemberCount": get_chat_member_count,
    "answerCallbackQuery": answer_callback_query,
    "logOut": say_true,
    "close": say_true,
}
