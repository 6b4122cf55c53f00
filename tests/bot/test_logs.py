"""The log tells what happened, not who wrote what, and never the token."""

from __future__ import annotations

import ast
import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from PIL import Image

from bot.app import Bot
from bot.jobs.queue import Painted
from bot.jobs.sql_queue import SqlQueue
from bot.logs import Redactor, set_up_logs
from bot.sandbox import Sandbox
from bot.sandbox.person import Person
from bot.settings import Settings
from bot.store import Store

BOT = Path(__file__).parents[2] / "bot"
TOKEN = "4242424242:a-token-that-must-not-be-seen"
PRIVATE = ("must-not-be-seen", "my-secret-words", "Ada-Lovelace", "515151", "700600500")
SCRIPT = f"""
import asyncio, logging, structlog
from datetime import datetime, UTC
from structlog.contextvars import bound_contextvars
from sqlalchemy.exc import IntegrityError
from telegram import Chat, Message, Update, User
from telegram.error import BadRequest, Forbidden, NetworkError
from bot.logs import log_stray, set_up_logs
set_up_logs("DEBUG", FORM, ["{TOKEN}"])
message = Message(1, datetime.now(UTC), Chat(700600500, "private", first_name="Ada-Lovelace"), text="my-secret-words")
logging.getLogger("httpx").info("POST https://api.telegram.org/bot{TOKEN}/getMe")
library, log = logging.getLogger("library"), structlog.get_logger("ours")
library.warning("failed at %s", "https://api.telegram.org/bot{TOKEN}/getMe")
library.warning("can't handle %s", Update(1, message=message))
library.warning("can't handle %(what)s", {{"what": message, "else": KeyError("my-secret-words")}})
library.error(ValueError("my-secret-words"))
library.error("because of %s", KeyError("my-secret-words"))
log.info("painted", job=7, address="/bot{TOKEN}/x", update=Update(1, message=message), words=["my-secret-words"])
log.info("everybody", who=515151, chat_id=-100700600500, user=700600500)
log.warning("refused", problem=BadRequest("can't parse entities: unsupported start tag \\"my-secret-words\\" at 7"))
try:
    raise NetworkError("Bad Gateway")
except NetworkError:
    logging.getLogger("telegram.ext.Updater").exception("%s", "Exception happened while polling for updates.")
log.warning("blocked", problem=Forbidden("bot was blocked by the user 700600500."))


def caption(text):
    try:
        {{}}[text]
    except KeyError as error:
        error.add_note(text)
        try:
            raise ValueError(f"no style for {{text}} of 515151") from error
        except ValueError as second:
            raise IntegrityError("INSERT", {{}}, Exception(f"UNIQUE failed: jobs.origin\\nDETAIL: {{text}}"))


for tell in (log.exception, library.exception):
    try:
        caption("my-secret-words")
    except IntegrityError:
        with bound_contextvars(update=9, who=515151):
            tell("it failed")
try:
    raise ExceptionGroup("my-secret-words", [OSError(2, "no such file of 515151", "/x"), KeyError("my-secret-words")])
except ExceptionGroup as error:
    log.error("a group", who=515151, exc_info=error)


async def stray():
    asyncio.get_running_loop().set_exception_handler(log_stray)
    task = asyncio.create_task(die("my-secret-words"))
    await asyncio.sleep(0.01)


async def die(text):
    raise KeyError(text)

asyncio.run(stray())
"""


def log_of(form: str) -> str:
    """What the script writes."""
    script = SCRIPT.replace("FORM", repr(form))
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_private_gets_out(form: str) -> None:
    written = log_of(form)
    for event in (
        "painted",
        "failed at",
        "because of KeyError",
        "everybody",
        "it failed",
        "a group",
        "never retrieved",
    ):
        assert event in written
    assert written.count("IntegrityError: (builtins.Exception) UNIQUE failed: jobs.origin") == 2
    assert "Traceback (most recent call last)" in written
    assert written.count("ValueError") >= 3, "the causes are named"
    assert "BadRequest: can't parse entities: unsupported start tag" in written
    assert "Forbidden: bot was blocked by the user" in written
    assert "no such file" in written
    for private in PRIVATE:
        assert private not in written


def test_people_are_the_same_hash_everywhere_and_another_one_under_another_token() -> None:
    lines = [json.loads(line) for line in log_of("json").splitlines()]
    ada, chat = Redactor([TOKEN]).hashed(515151), Redactor([TOKEN]).hashed(700600500)
    assert len(ada) == 8
    assert ada != Redactor(["4242424242:another"]).hashed(515151)
    everybody = next(line for line in lines if line["event"] == "everybody")
    assert (everybody["who"], everybody["user"]) == (ada, chat)
    failed = [line for line in lines if line["event"] == "it failed"]
    assert [(line["update"], line["who"]) for line in failed] == [(9, ada), (9, ada)]
    assert all("my-secret" not in line["exception"] and 'exception"' not in line["event"] for line in failed)
    group = next(line for line in lines if line["event"] == "a group")
    assert f"no such file of {ada}" in group["exception"]
    assert next(line for line in lines if line["event"] == "blocked")["problem"].endswith(f"user {chat}.")


def test_an_outage_of_telegram_is_a_line_for_each_try_without_a_traceback() -> None:
    lines = [json.loads(line) for line in log_of("json").splitlines()]
    (line,) = [line for line in lines if line["logger"] == "telegram.ext.Updater"]
    assert (line["event"], line["level"]) == ("Telegram does not answer; asking for updates again", "warning")
    assert "exception" not in line


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log of this process, in JSON."""
    root, log = logging.getLogger(), io.StringIO()
    before = root.handlers, root.level
    monkeypatch.setattr(sys, "stderr", log)
    set_up_logs("DEBUG", "json", [TOKEN])
    yield log
    root.handlers, root.level = before
    structlog.reset_defaults()


async def test_each_step_of_a_job_is_one_line_that_names_it_and_its_person_by_a_hash(
    store: Store, tmp_path: Path, written: io.StringIO
) -> None:
    (tmp_path / "results").mkdir()
    sandbox = Sandbox(TOKEN, port=0)
    await sandbox.start()
    bot = Bot(Settings(_env_file=None, data_dir=tmp_path, device=()), TOKEN, sandbox.address, store)
    queue = SqlQueue(store, metrics=bot.metrics)
    async with Person.at(sandbox.address, name="Ada-Lovelace") as ada, bot.running():
        for caption in ("rain of my-secret-words", "snow of my-secret-words", "fog of my-secret-words"):
            await ada.photo(jpeg(), caption=caption)
        async with asyncio.timeout(10):
            while len(await ada.drafts()) < 3:
                await asyncio.sleep(0.02)
        one, two = await queue.claim("w", 600), await queue.claim("w", 600)
        assert one is not None
        assert two is not None
        (tmp_path / "results" / "1.jpg").write_bytes(jpeg())
        await queue.complete(one.id, "w", Painted("1.jpg", 64, 48, 64, 64))
        await queue.fail(two.id, "picture-unreadable")
        await ada.wait_for(lambda bubble: bubble.text.startswith("Painted after"))
        await ada.text("/cancel")
        await ada.wait_for(lambda bubble: bubble.text.startswith("Stopped"))
    await sandbox.stop()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    steps = {(line["job"], line["event"]) for line in lines if "job" in line}
    assert {(job, "taken") for job in (1, 2, 3)} | {(1, "sent"), (2, "failed"), (3, "cancelled")} <= steps
    assert len([line for line in lines if line["event"] in ("taken", "sent", "failed", "cancelled")]) == 6
    who = Redactor([TOKEN]).hashed(ada.chat_id)
    assert {line["who"] for line in lines if "who" in line} == {who}
    taken = [line for line in lines if line["event"] == "taken"]
    assert [(line["job"], line["place"], line["update"]) for line in taken] == [
        (number, number, 700000000 + number) for number in (1, 2, 3)
    ]
    assert [line["error"] for line in lines if line["event"] == "failed"] == ["picture-unreadable"]
    for private in (*PRIVATE, "rain", "snow", f" {ada.chat_id}", f":{ada.chat_id}"):
        assert private not in written.getvalue()


def jpeg() -> bytes:
    """A small picture."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(file, "JPEG")
    return file.getvalue()


FIELDS = {
    "again", "arrived", "as_file", "attempts", "code", "detail", "device", "endpoint", "error", "exc_info",
    "files", "found", "held", "job", "jobs", "loop", "method", "nothing_sent", "pid", "place", "preset",
    "problem", "seconds", "size", "status", "style", "task", "traceback", "tries", "update", "updates", "waited",
    "what", "who",
}  # fmt: skip
"""Every field of a line; look twice before you add one: it must never hold what people wrote."""


def test_every_line_is_a_fixed_text_with_known_fields() -> None:
    files = [file for file in BOT.rglob("*.py") if "sandbox" not in file.parts]
    calls = [
        node
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")
    ]
    assert len(calls) > 20
    for call in calls:
        text = call.args[0]
        assert isinstance(text, ast.Constant) or ast.unparse(text) in ("job.state", "HOLDING[code]"), ast.unparse(call)
        assert {keyword.arg for keyword in call.keywords} <= FIELDS, ast.unparse(call)
        assert "str(" not in ast.unparse(call) or "context" in ast.unparse(call), "give the exception itself"
