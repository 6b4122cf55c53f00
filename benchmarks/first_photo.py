"""From starting the bot to the first painted photo: `python -m benchmarks.first_photo`.

Starts the real bot with its sandbox in an empty data folder, sends a photo with a sentence as soon as the page
answers, and prints the seconds, then the idle memory of all its processes.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.photo import make_photo
from bot.sandbox.person import Person
from stylize import encode_picture

PORT = 18081


async def first_photo(process: subprocess.Popen[bytes], address: str) -> dict[str, float]:
    began = time.perf_counter()
    async with httpx.AsyncClient() as client:
        while True:
            if process.poll() is not None:
                raise SystemExit("the bot did not start")
            try:
                if (await client.get(address)).status_code == 200:
                    break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    figures = {"page answers, s": time.perf_counter() - began}
    photo = encode_picture(make_photo(768, 512))
    async with Person.at(address, name="Ada") as ada:
        for name in ("first painted photo, s after the start", "second photo, s after it was sent"):
            sent = began if "first" in name else time.perf_counter()
            message = await ada.photo(photo, caption="a stormy night at sea")
            await ada.wait_for(lambda seen: seen.from_bot and seen.kind == "photo", timeout=120, after=message.id)
            figures[name] = time.perf_counter() - sent
    return figures


def memory_of(process: subprocess.Popen[bytes]) -> float:
    """MB held by the process and its children now (proportional share, Linux only)."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if os.getpgid(int(folder.name)) != process.pid:
                continue
            rollup = (folder / "smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {
            "TELEGRAM_BOT_TOKEN": "",
            "DATA_DIR": data,
            "DATABASE_URL": f"sqlite+aiosqlite:///{data}/atelier.db",
            "SANDBOX_PORT": str(PORT),
        }
        process = subprocess.Popen([sys.executable, "-m", "bot"], env=environment, start_new_session=True)
        try:
            figures = asyncio.run(first_photo(process, f"http://127.0.0.1:{PORT}"))
            time.sleep(3)
            figures["idle memory, MB"] = memory_of(process)
        finally:
            process.terminate()
            process.wait(30)
    for name, value in figures.items():
        print(f"{name:42}{value:8.2f}")


if __name__ == "__main__":
    main()
