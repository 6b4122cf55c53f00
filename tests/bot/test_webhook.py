"""What calls us at the webhook's address: Telegram alone, and only what can be an update."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from telegram import Bot

from bot.inbox import Inbox
from bot.metrics import Metrics
from bot.store import Store
from bot.store.updates import undone_updates
from bot.webhook import LARGEST, SECRET_HEADER, Webhook

SECRET = "only-for-these-tests"
UPDATE = {
    "update_id": 7,
    "message": {"message_id": 1, "date": 0, "chat": {"id": 5, "type": "private"}, "text": "my-secret-words"},
}


@pytest.fixture
async def caller(store: Store, unused_tcp_port: int) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the door of a webhook."""
    webhook = Webhook(Inbox(store, 4242, Metrics()), Bot("4242:never-asked"), "/hook", SECRET)
    webhook.start("127.0.0.1", unused_tcp_port)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}") as client:
        yield client
    await webhook.stop()
    assert not webhook.alive


async def stored(store: Store) -> list[int]:
    """The numbers of the updates that were taken."""
    async with store.reading() as session:
        return [update.update_id for update in await undone_updates(session, 4242)]


async def test_an_update_is_stored_before_it_is_confirmed_and_once(caller: httpx.AsyncClient, store: Store) -> None:
    for _ in range(2):
        answer = await caller.post("/hook", json=UPDATE, headers={SECRET_HEADER: SECRET})
        assert answer.status_code == 200
        assert await stored(store) == [7]


@pytest.mark.parametrize("given", ["", "only-for-these-tests-", "Only-for-these-tests", "ünlesbar"])
async def test_without_the_secret_nothing_is_read(caller: httpx.AsyncClient, store: Store, given: str) -> None:
    answer = await caller.post("/hook", json=UPDATE, headers={SECRET_HEADER.encode(): given.encode()})
    assert answer.status_code == 403
    assert (await caller.post("/hook", json=UPDATE)).status_code == 403
    assert await stored(store) == []


@pytest.mark.parametrize("body", [b"", b"my-secret-words", b"[]", b"{}", b"\xff", b'{"update_id": "x", "message": 3}'])
async def test_what_is_no_update_is_refused_and_not_told(
    caller: httpx.AsyncClient, store: Store, body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await caller.post("/hook", content=body, headers={SECRET_HEADER: SECRET})
    assert answer.status_code == 400
    assert await stored(store) == []
    assert "my-secret-words" not in "".join(capsys.readouterr()) + answer.text


async def test_a_body_that_is_too_large_is_not_taken(caller: httpx.AsyncClient, store: Store) -> None:
    large = json.dumps(UPDATE | {"padding": "x" * LARGEST}).encode()
    try:
        answer = await caller.post("/hook", content=large, headers={SECRET_HEADER: SECRET})
        assert answer.status_code >= 400
    except httpx.TransportError:
        pass  # the connection is closed before all of it is read
    assert await stored(store) == []


async def test_other_addresses_and_methods_lead_nowhere(caller: httpx.AsyncClient) -> None:
    assert (await caller.get("/hook", headers={SECRET_HEADER: SECRET})).status_code == 405
    assert (await caller.post("/", json=UPDATE, headers={SECRET_HEADER: SECRET})).status_code == 404
