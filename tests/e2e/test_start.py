"""Starting: what is wrong is said in one line, and what is right runs."""

from __future__ import annotations

import asyncio
import json
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from bot.sandbox.person import Person

from .conftest import Running, answer_after, result_after
from .pictures import jpeg, painting, photo
from .processes import TOKEN, Process, free_port, runner_pid, start_bot


def refused(folder: Path, **settings: str) -> str:
    """The one line of a bot that can't start."""
    process = Process(folder, "bot", **settings)
    assert process.process.wait(60) == 2, process.output
    lines = process.output.strip().splitlines()
    assert len(lines) == 1, process.output
    return lines[0]


def test_a_token_that_is_none(tmp_path: Path) -> None:
    line = refused(tmp_path, TELEGRAM_BOT_TOKEN="hello")
    assert "TELEGRAM_BOT_TOKEN" in line
    assert "hello" not in line


def test_a_token_that_telegram_does_not_know(tmp_path: Path, running: Running) -> None:
    token = "4242424242:some-token-that-nobody-gave-out"
    line = refused(tmp_path, TELEGRAM_BOT_TOKEN=token, TELEGRAM_API_BASE=running.address)
    assert "TELEGRAM_BOT_TOKEN" in line
    assert "nobody-gave-out" not in line


def test_a_busy_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        assert f"Port {port} is taken; set SANDBOX_PORT" in refused(tmp_path, SANDBOX_PORT=str(port))


def test_a_busy_health_port(tmp_path: Path, running: Running) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        line = refused(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_BASE=running.address, HEALTH_PORT=port)
        assert f"Port {port} is taken; set HEALTH_PORT" in line


def test_a_database_that_cant_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    line = refused(tmp_path, DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/file/atelier.db")
    assert "Can't open the database" in line
    assert "Can't open the database" in refused(tmp_path, DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}")
    assert "DATABASE_URL" in refused(tmp_path, DATABASE_URL="nonsense")


def test_a_data_folder_that_cant_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "DATA_DIR" in refused(tmp_path, DATA_DIR=str(tmp_path / "file"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAX_SIDE", "huge"), ("SANDBOX_PORT", "99999"), ("LOG_LEVEL", "loud"), ("TELEGRAM_API_BASE", "nowhere")],
)
def test_a_setting_with_a_bad_value(tmp_path: Path, name: str, value: str) -> None:
    assert refused(tmp_path, **{name: value}).startswith(f"atelier: {name}")


def test_a_webhook_without_a_secret(tmp_path: Path) -> None:
    assert "WEBHOOK_SECRET" in refused(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, WEBHOOK_URL="https://example.org/hook")


async def test_without_a_token_the_sandbox_opens_with_the_bot_in_it(tmp_path: Path) -> None:
    health = free_port()
    bot = Process(tmp_path, "bot", SANDBOX_PORT="0", HEALTH_PORT=str(health), DATA_DIR="data")
    address = bot.wait_for(r"Open (http://[^\s/]+)").group(1)
    second = Process(tmp_path, "bot", SANDBOX_PORT="0", DATA_DIR="data")
    assert second.process.wait(30) == 2
    assert "Another bot is already running" in second.output

    async with Person.at(address) as ada:
        sent = await ada.text("/help")
        await answer_after(ada, sent, "What you can send")
        runner_pid(bot)
        await ada.photo(jpeg(photo(300)))
        style = await ada.photo(jpeg(painting(300)))
        await result_after(ada, style)
    assert await asyncio.to_thread(_get, health, "readyz") == (200, {
        "runner-auto": "ok", "loop": "ok", "database": "ok", "work": "ok", "engine": "ok", "telegram": "ok",
    })  # fmt: skip
    status, _ = await asyncio.to_thread(_get, health, "healthz")
    assert status == 200
    with urllib.request.urlopen(f"http://127.0.0.1:{health}/metrics") as answer:
        text = answer.read().decode()
    assert 'atelier_jobs_finished_total{method="quick",outcome="painted",style="picture"} 1.0' in text
    assert 'atelier_wait_seconds_count{method="quick"} 1.0' in text
    assert "atelier_batch_size_sum 1.0" in text
    assert 'atelier_runner_age_seconds{runner="runner-auto"}' in text
    assert "atelier_updates_total 3.0" in text
    assert bot.stop() == 0


async def test_telegram_out_of_reach_at_start_is_waited_for(tmp_path: Path) -> None:
    from .processes import start_sandbox

    port = free_port()
    bot = start_bot(tmp_path, f"http://127.0.0.1:{port}", wait="can't be reached")
    sandbox, address = await asyncio.to_thread(start_sandbox, tmp_path, TOKEN, port)
    await asyncio.to_thread(bot.wait_for, "Atelier is running")
    async with Person.at(address) as ada:
        sent = await ada.text("/help")
        await answer_after(ada, sent, "What you can send")
    assert bot.stop() == 0
    sandbox.stop()


def _get(port: int, path: str) -> tuple[int, dict[str, str]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}") as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
