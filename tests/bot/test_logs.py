"""The log tells what happened, not who wrote what, and never the token."""

from __future__ import annotations

import subprocess
import sys

import pytest

TOKEN = "4242424242:a-token-that-must-not-be-seen"
SCRIPT = f"""
import logging, structlog
from datetime import datetime, UTC
from telegram import Chat, Message, Update, User
from bot.logs import set_up_logs
set_up_logs("DEBUG", FORM, ["{TOKEN}"])
message = Message(1, datetime.now(UTC), Chat(1, "private", first_name="Ada-Lovelace"), text="my-secret-words")
logging.getLogger("httpx").info("POST https://api.telegram.org/bot{TOKEN}/getMe")
logging.getLogger("library").warning("failed at %s", "https://api.telegram.org/bot{TOKEN}/getMe")
logging.getLogger("library").warning("can't handle %s", Update(1, message=message))
log = structlog.get_logger("ours")
log.info("painted", job=7, address="/bot{TOKEN}/x", update=Update(1, message=message))
try:
    raise RuntimeError("https://api.telegram.org/file/bot{TOKEN}/photo.jpg")
except RuntimeError:
    log.exception("it failed")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_private_gets_out(form: str) -> None:
    script = SCRIPT.replace("FORM", repr(form))
    written = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stderr
    assert "painted" in written
    assert "RuntimeError" in written
    assert "failed at" in written
    for private in ("must-not-be-seen", "my-secret-words", "Ada-Lovelace"):
        assert private not in written
