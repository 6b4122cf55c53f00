"""The protocol itself, without a client library: envelopes, verbs, body kinds, Telegram's own wording."""

import json
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from bot.sandbox import Sandbox
from bot.sandbox.person import Person

Jpeg = Callable[..., bytes]


@pytest.fixture
async def http(sandbox: Sandbox, token: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client at the bot's address."""
    async with httpx.AsyncClient(base_url=f"{sandbox.address}/bot{token}/", timeout=20) as client:
        yield client


async def test_envelopes(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    me = (await http.get("getMe")).json()
    assert me["ok"] is True
    assert me["result"]["is_bot"] is True
    assert me["result"]["id"] == 4242
    unknown = await http.post("paintPhoto")
    assert unknown.status_code == 404
    assert unknown.json() == {"ok": False, "error_code": 404, "description": "Not Found: method not found"}
    async with httpx.AsyncClient() as other:
        wrong = await other.get(f"{sandbox.address}/bot1:wrong/getMe")
    assert wrong.status_code == 401
    assert wrong.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


@pytest.mark.parametrize("name", ["sendMessage", "SENDMESSAGE", "sendmessage"])
@pytest.mark.parametrize("how", ["query", "json", "urlencoded", "multipart"])
async def test_parameters_come_any_way(http: httpx.AsyncClient, ada: Person, name: str, how: str) -> None:
    await ada.start()
    keyboard = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}
    fields = {"chat_id": str(ada.chat_id), "text": "Grüße & mehr", "reply_markup": json.dumps(keyboard)}
    if how == "query":
        answer = await http.get(name, params=fields)
    elif how == "json":
        answer = await http.post(name, json={"chat_id": ada.chat_id, "text": "Grüße & mehr", "reply_markup": keyboard})
    elif how == "urlencoded":
        answer = await http.post(name, data=fields)
    else:
        answer = await http.put(name, files={key: (None, value) for key, value in fields.items()})
    assert answer.json()["result"]["text"] == "Grüße & mehr"
    assert answer.json()["result"]["reply_markup"] == keyboard
    assert (await ada.messages())[-1].labels == ["A"]


@pytest.mark.parametrize(
    ("method", "fields", "description"),
    [
        ("sendMessage", {"text": "x"}, "Bad Request: chat_id is empty"),
        ("sendMessage", {"chat_id": 5, "text": "x"}, "Bad Request: chat not found"),
        ("sendMessage", {"chat_id": 5}, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": 5, "text": "<b>", "parse_mode": "HTML"},
         'Bad Request: can\'t parse entities: Can\'t find end tag corresponding to start tag "b"'),
        ("sendMessage", {"chat_id": 5, "text": "a.", "parse_mode": "MarkdownV2"},
         "Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("sendMessage", {"chat_id": 5, "text": "a", "reply_markup": "{"},
         "Bad Request: can't parse reply keyboard markup JSON object"),
        ("sendMessage", {"chat_id": 5, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": "A"}]]}},
         "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ("sendMessage",
         {"chat_id": 5, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": "A", "callback_data": "x" * 65}]]}},
         "Bad Request: BUTTON_DATA_INVALID"),
        ("sendMediaGroup", {"chat_id": 5}, 'Bad Request: parameter "media" is required'),
        ("sendMediaGroup", {"chat_id": 5, "media": []}, "Bad Request: there are no messages to send"),
        ("editMessageText", {"chat_id": 5, "text": "x"}, "Bad Request: message identifier is not specified"),
        ("answerCallbackQuery", {"callback_query_id": "1"},
         "Bad Request: query is too old and response timeout expired or query ID is invalid"),
        ("getFile", {}, "Bad Request: file_id is not specified"),
        ("setWebhook", {"url": "nowhere"}, "Bad Request: bad webhook: invalid webhook URL specified"),
        ("setMyCommands", {"commands": [{"command": "Big", "description": "x"}]}, "Bad Request: BOT_COMMAND_INVALID"),
    ],
)  # fmt: skip
async def test_refusals_word_for_word(
    http: httpx.AsyncClient, method: str, fields: dict[str, object], description: str
) -> None:
    answer = await http.post(method, json=fields)
    assert answer.status_code == 400
    assert answer.json() == {"ok": False, "error_code": 400, "description": description}


async def test_attach_names(http: httpx.AsyncClient, ada: Person, jpeg: Jpeg) -> None:
    await ada.start()
    media = [{"type": "photo", "media": "attach://one", "caption": "1"}, {"type": "photo", "media": "attach://two"}]
    fields = {"chat_id": str(ada.chat_id), "media": json.dumps(media)}
    pictures = {"one": ("1.jpg", jpeg(320, 200)), "two": ("2.jpg", jpeg(100, 100))}
    answer = await http.post("sendMediaGroup", data=fields, files=pictures)
    widths = [message["photo"][-1]["width"] for message in answer.json()["result"]]
    assert widths == [320, 100]
    missing = await http.post("sendMediaGroup", data=fields, files={"one": pictures["one"]})
    assert missing.json()["description"] == "Bad Request: can't parse InputMedia: media not found"
    photo = await http.post(
        "sendPhoto", data={"chat_id": str(ada.chat_id), "photo": "attach://mine"}, files={"mine": ("a.jpg", jpeg())}
    )
    assert photo.json()["ok"] is True


async def test_too_large_an_upload(http: httpx.AsyncClient, ada: Person) -> None:
    await ada.start()
    answer = await http.post(
        "sendDocument", data={"chat_id": str(ada.chat_id)}, files={"document": ("big.bin", bytes(53 * 2**20))}
    )
    assert answer.status_code == 413
    assert answer.json()["description"] == "Request Entity Too Large"


async def test_other_sites_cant_use_the_persons_side(sandbox: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=sandbox.address) as client:
        evil = await client.post("/person/chats", json={"name": "Eve"}, headers={"Origin": "https://evil.example"})
        assert evil.status_code == 403
        own = await client.post("/person/chats", json={"name": "Ada"}, headers={"Origin": sandbox.address})
        assert own.status_code == 201


async def test_files_of_strangers_are_never_run(sandbox: Sandbox, ada: Person) -> None:
    sent = await ada.document(b"<script>alert(1)</script>", "page.html")
    assert sent.media is not None
    async with httpx.AsyncClient(base_url=sandbox.address) as client:
        answer = await client.get(f"/person/files/{sent.media.file_id}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
