"""The Bot API's methods, by name in small letters."""

from collections.abc import Awaitable, Callable

from bot.sandbox.chats import Chats
from bot.sandbox.methods import editing, profile, receiving, sending
from bot.sandbox.methods.receiving import Described
from bot.sandbox.refusals import Refusal
from bot.sandbox.wire import Call

Method = Callable[[Chats, Call], Awaitable[object]]

_BY_NAME: dict[str, Method] = {**sending.METHODS, **editing.METHODS, **receiving.METHODS, **profile.METHODS}
METHODS: dict[str, Method] = {name.lower(): method for name, method in _BY_NAME.items()}
NAMES = {name.lower(): name for name in _BY_NAME}


async def perform(chats: Chats, call: Call) -> dict[str, object]:
    """Runs the method and wraps its result in the Bot API's envelope. Raises Refusal."""
    method = METHODS.get(call.method.lower())
    if method is None:
        raise Refusal(404, "Not Found: method not found")
    result = await method(chats, call)
    if isinstance(result, Described):
        return {"ok": True, "result": result.result, "description": result.description}
    return {"ok": True, "result": result}
