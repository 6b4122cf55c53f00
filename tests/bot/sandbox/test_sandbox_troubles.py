"""Faults on demand, flood control, restarts."""

import asyncio
import errno
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TimedOut

from bot.sandbox import Sandbox
from bot.sandbox.flood import Flood, Limits
from bot.sandbox.person import Person
from bot.sandbox.refusals import Refusal
from bot.sandbox.wire import Call

Jpeg = Callable[..., bytes]


async def test_answers_with_an_error(bot: Bot, ada: Person) -> None:
    await ada.start()
    await ada.fault("sendMessage", "429", retry_after=7)
    await ada.fault("sendMessage", "500")
    await ada.fault("sendMessage", "502")
    with pytest.raises(RetryAfter) as wait:
        await bot.send_message(ada.chat_id, "x")
    assert int(wait.value._retry_after.total_seconds()) == 7
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_message(ada.chat_id, "x")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(ada.chat_id, "x")
    assert len(await ada.messages()) == 1
    await bot.send_message(ada.chat_id, "x")
    assert len(await ada.messages()) == 2


async def test_accepted_but_never_answered(sandbox: Sandbox, ptb: Callable[..., Bot], ada: Person) -> None:
    await ada.start()
    await ada.fault("sendMessage", "timeout", seconds=5)
    async with ptb(sandbox, read_timeout=0.3) as bot:
        with pytest.raises(TimedOut):
            await bot.send_message(ada.chat_id, "twice?")
    assert [bubble.text for bubble in await ada.messages()] == ["/start", "twice?"]


@pytest.mark.parametrize(("kind", "arrived"), [("reset", False), ("reset_after", True)])
async def test_a_connection_that_breaks(bot: Bot, ada: Person, kind: str, arrived: bool) -> None:
    await ada.start()
    await ada.fault("sendMessage", kind, skip=1)
    await bot.send_message(ada.chat_id, "let through")
    with pytest.raises(NetworkError):
        await bot.send_message(ada.chat_id, "broken")
    assert ("broken" in [bubble.text for bubble in await ada.messages()]) is arrived
    await bot.send_message(ada.chat_id, "again")


async def test_a_slow_answer(bot: Bot, ada: Person) -> None:
    await ada.start()
    await ada.fault("*", "slow", seconds=0.4)
    began = time.monotonic()
    await bot.send_message(ada.chat_id, "at last")
    assert 0.4 <= time.monotonic() - began < 5


async def test_an_unknown_fault_is_explained(sandbox: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=sandbox.address) as client:
        answer = await client.post("/person/faults", json={"kind": "fire"})
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("A fault's kind is one of 400, 404, 429, 500")
        await client.post("/person/faults", json={"kind": "500", "count": 3})
        assert (await client.get("/person/faults")).json()[0]["count"] == 3
        assert (await client.delete("/person/faults")).json() == []


async def test_flood_control(sandbox: Sandbox, bot: Bot, ada: Person) -> None:
    await ada.start()
    for number in range(8):
        await bot.send_message(ada.chat_id, f"free {number}")
    await ada.flood(chat_rate=2, chat_burst=3)
    for number in range(3):
        await bot.send_message(ada.chat_id, f"burst {number}")
    with pytest.raises(RetryAfter) as wait:
        await bot.send_message(ada.chat_id, "too soon")
    assert wait.value._retry_after.total_seconds() == 1
    async with Person.at(sandbox.address, "Bob") as bob:
        await bob.start()
        await bot.send_message(bob.chat_id, "another chat is free")
    await bot.send_chat_action(ada.chat_id, "typing")
    await asyncio.sleep(1.05)
    await bot.send_message(ada.chat_id, "in time")
    await ada.flood(on=False)
    for number in range(8):
        await bot.send_message(ada.chat_id, f"free again {number}")


async def test_flood_control_overall_and_in_groups() -> None:
    now = 0.0
    flood = Flood(lambda: now)
    flood.switch(Limits())
    for chat in range(30):
        flood.check(Call("sendMessage", {"chat_id": chat}))
    with pytest.raises(Refusal, match="Too Many Requests: retry after 1"):
        flood.check(Call("sendMessage", {"chat_id": 99}))
    now += 60
    flood.check(Call("sendMediaGroup", {"chat_id": "-5", "media": "[1,2,3,4,5,6,7,8,9,10]"}))
    flood.check(Call("sendMediaGroup", {"chat_id": "-5", "media": "[1,2,3,4,5,6,7,8,9,10]"}))
    with pytest.raises(Refusal) as refusal:
        flood.check(Call("editMessageText", {"chat_id": "-5"}))
    assert refusal.value.parameters["retry_after"] == 3
    now += 1
    with pytest.raises(Refusal) as refusal:
        flood.check(Call("editMessageText", {"chat_id": "-5"}))
    assert refusal.value.parameters["retry_after"] == 2


async def test_everything_outlives_a_restart(tmp_path: Path, token: str, ptb: Callable[..., Bot], jpeg: Jpeg) -> None:
    first = Sandbox(token, port=0, data=tmp_path / "sandbox")
    await first.start()
    async with ptb(first) as bot, Person.at(first.address, name="Ada", language="nl") as ada:
        await ada.start()
        sent = await bot.send_photo(ada.chat_id, jpeg(), caption="<b>kept</b>", parse_mode="HTML")
        await ada.text("confirmed")
        last = (await bot.get_updates(timeout=1))[-1]
        await bot.get_updates(offset=last.update_id + 1, timeout=0)
        await ada.photo(jpeg(800, 600), caption="not fetched yet")
        await bot.set_my_commands([("start", "Begin")])
        before = await ada.messages()
        chat_id = ada.chat_id
    await first.stop()

    second = Sandbox(token, port=0, data=tmp_path / "sandbox")
    await second.start()
    async with ptb(second) as bot, Person.at(second.address, chat_id=chat_id) as ada:
        assert await ada.messages() == before
        (waiting,) = await bot.get_updates(timeout=1)
        assert waiting.update_id == last.update_id + 1
        assert waiting.message is not None
        assert waiting.message.caption == "not fetched yet"
        assert len(await (await bot.get_file(waiting.message.photo[-1])).download_as_bytearray()) > 1000
        again = await bot.send_photo(chat_id, sent.photo[-1].file_id)
        assert again.message_id > before[-1].id
        assert again.photo == sent.photo
        assert [command.command for command in await bot.get_my_commands()] == ["start"]
    await second.stop()


async def test_a_killed_sandbox_forgets_nothing(tmp_path: Path, token: str, jpeg: Jpeg) -> None:
    async def launched() -> tuple[asyncio.subprocess.Process, str]:
        arguments = ("-m", "bot.sandbox", "--token", token, "--port", "0", "--data", str(tmp_path))
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        return process, line.split()[-1].rstrip("/")

    process, address = await launched()
    async with Person.at(address) as ada:
        photo = await ada.photo(jpeg())
        picture = await ada.download(photo)
        await ada.text("last words")
        process.kill()
        await process.wait()
    process, address = await launched()
    async with Person.at(address, chat_id=ada.chat_id) as ada, httpx.AsyncClient(base_url=address) as client:
        assert [bubble.text for bubble in await ada.messages()] == ["", "last words"]
        assert await ada.download(photo) == picture
        assert len((await client.get(f"/bot{token}/getUpdates")).json()["result"]) == 2
    process.terminate()
    assert await process.wait() == 0


async def test_without_data_nothing_is_left(token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sandbox = Sandbox(token, port=0)
    await sandbox.start()
    async with Person.at(sandbox.address) as ada:
        await ada.document(b"secret", "secret.txt")
    assert list(tmp_path.rglob("*.txt"))
    await sandbox.stop()
    assert list(tmp_path.iterdir()) == []


async def test_a_busy_port_is_an_os_error(sandbox: Sandbox, token: str, tmp_path: Path) -> None:
    second = Sandbox(token, port=int(sandbox.address.rsplit(":", 1)[1]), data=tmp_path / "never")
    with pytest.raises(OSError, match="in use") as error:
        await second.start()
    assert error.value.errno == errno.EADDRINUSE
    assert not (tmp_path / "never").exists()
    await second.stop()


async def test_alone_from_the_command_line(tmp_path: Path, token: str) -> None:
    arguments = ("-m", "bot.sandbox", "--token", token, "--port", "0", "--data", str(tmp_path / "data"))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
    address = line.split()[-1].rstrip("/")
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{address}/bot{token}/getMe")).json()["ok"]
    busy = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox", "--port", address.rsplit(":", 1)[1], stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await asyncio.wait_for(busy.communicate(), 20)
    assert busy.returncode == 2
    assert complaint.decode().count("\n") == 1
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_stopping_is_quick_while_everybody_waits(token: str, ptb: Callable[..., Bot]) -> None:
    sandbox = Sandbox(token, port=0)
    await sandbox.start()
    async with ptb(sandbox) as bot, httpx.AsyncClient(base_url=sandbox.address, timeout=30) as client:
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        async with client.stream("GET", "/person/events"):
            await asyncio.sleep(0.2)
            began = time.monotonic()
            await sandbox.stop()
            assert time.monotonic() - began < 3
        await asyncio.gather(poll, return_exceptions=True)
