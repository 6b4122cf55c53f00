"""Pushes updates to the bot's webhook: in order within a chat, chats side by side, again until it says 2xx."""

import asyncio
import json
import logging

import httpx

from bot.sandbox.chats import Chats
from bot.sandbox.methods import perform
from bot.sandbox.records import Hook, Update
from bot.sandbox.refusals import Refusal
from bot.sandbox.updates import update_json
from bot.sandbox.wire import Call

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
LONGEST_PAUSE = 60.0
ANSWER_SECONDS = 60.0


class Webhooks:
    """The delivering side. first_pause: seconds before the second try; it doubles up to a minute."""

    def __init__(self, chats: Chats, first_pause: float = 1.0) -> None:
        self._chats = chats
        self._first_pause = first_pause
        self._busy: set[int] = set()  # chats with a delivery on its way
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Delivers until cancelled."""
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
            try:
                while True:
                    await self._chats.updates.added.wait()
                    self._chats.updates.added.clear()
                    self._start(client)
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, client: httpx.AsyncClient) -> None:
        hook = self._chats.counters.hook
        if hook is None:
            return
        for update in self._chats.updates.pending():
            if len(self._busy) >= hook.max_connections:
                return
            if update.chat not in self._busy:
                self._busy.add(update.chat)
                task = asyncio.create_task(self._deliver(client, hook, update))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _deliver(self, client: httpx.AsyncClient, hook: Hook, update: Update) -> None:
        pause = self._first_pause
        try:
            while self._chats.counters.hook == hook:
                trouble = await self._push(client, hook, update)
                if trouble is None:
                    self._chats.updates.confirm(update)
                    return
                self._chats.hook_trouble = {
                    "last_error_date": int(self._chats.clock()),
                    "last_error_message": trouble,
                }
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            self._busy.discard(update.chat)
            self._chats.updates.added.set()

    async def _push(self, client: httpx.AsyncClient, hook: Hook, update: Update) -> str | None:
        """One try. Returns what went wrong, as getWebhookInfo words it, or None."""
        headers = {SECRET_HEADER: hook.secret} if hook.secret else {}
        try:
            answer = await client.post(hook.url, json=update_json(update), headers=headers)
        except httpx.TimeoutException:
            return "Read timeout expired"
        except httpx.HTTPError:
            return "Connection refused"
        if not answer.is_success:
            return f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
        await self._call_in_reply(answer)
        return None

    async def _call_in_reply(self, answer: httpx.Response) -> None:
        """A webhook may answer with a method call; its result is lost, as with Telegram."""
        try:
            body = json.loads(answer.content or b"null")
        except ValueError:
            return
        if isinstance(body, dict) and isinstance(body.get("method"), str):
            try:
                await perform(self._chats, Call(body["method"], body))
            except Refusal as refusal:
                log.warning("The webhook's reply was refused: %s", refusal.description)
