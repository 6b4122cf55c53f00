"""reply_markup, checked."""

from bot.sandbox.records import Button, Keyboard
from bot.sandbox.refusals import bad_request
from bot.sandbox.wire import Call

MAX_DATA = 64
MAX_ROW = 8
MAX_BUTTONS = 100
_ACTIONS: tuple[str, ...] = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
)
_ACTIONS += ("switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay")
_OTHER_MARKUPS = frozenset({"keyboard", "remove_keyboard", "force_reply"})


def read_keyboard(call: Call) -> Keyboard | None:
    """The inline keyboard of a call, None without one. Other kinds of markup are accepted and not shown."""
    markup = call.json("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if markup and not _OTHER_MARKUPS & markup.keys():
            raise bad_request("can't parse reply keyboard markup JSON object")
        return None
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be of type Array of Array')
    keyboard = [[_button(one) for one in row] for row in rows if row]
    if any(len(row) > MAX_ROW for row in keyboard) or sum(map(len, keyboard)) > MAX_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return keyboard or None


def _button(item: object) -> Button:
    if not isinstance(item, dict):
        raise bad_request("can't parse inline keyboard button: expected an Object")
    text = item.get("text")
    if not isinstance(text, str):
        raise bad_request('can\'t parse inline keyboard button: field "text" must be of type String')
    if not text.strip():
        raise bad_request("can't parse inline keyboard button: button text must be non-empty")
    if not any(item.get(action) is not None for action in _ACTIONS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data, url = item.get("callback_data"), item.get("url")
    if data is not None and not (isinstance(data, str) and 1 <= len(data.encode()) <= MAX_DATA):
        raise bad_request("BUTTON_DATA_INVALID")
    if url is not None and not str(url).startswith(("http://", "https://", "tg://", "mailto:", "tel:")):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: wrong HTTP URL")
    rest = {name: value for name, value in item.items() if name not in {"text", "callback_data", "url"}}
    return Button(text, data, None if url is None else str(url), rest)
