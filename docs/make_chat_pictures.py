"""Takes the pictures of docs/using.md and docs/operating.md: `python docs/make_chat_pictures.py --photos DIR`.

Starts the bot with its sandbox, sends what a person would send, and photographs the chat page in a browser; needs
Debian's chromium. DIR is that of `make_pictures.py`.
"""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, async_playwright

from bot.sandbox.person import Bubble, Person

HERE = Path(__file__).parent / "pictures"
PHOTOS = ("kodak_kodim19.jpg", "un_bruna-branco-7r1HxvVC7AY-unsplash.jpg", "kodak_kodim24.jpg", "kodak_kodim01.jpg")
PORT = 8765
ADDRESS = f"http://127.0.0.1:{PORT}"
SCREEN = {"width": 430, "height": 900}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
PATIENCE = 120.0  # seconds


@asynccontextmanager
async def running() -> AsyncIterator[None]:
    """The bot in its sandbox, with an operator: the first person who opens a chat."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"SANDBOX_PORT": str(PORT), "DATA_DIR": folder, "OPERATORS": "1001"}
        process = subprocess.Popen([sys.executable, "-m", "bot"], env=os.environ | settings, stdout=subprocess.PIPE)
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


async def says(person: Person, words: str, after: Bubble | None = None) -> Bubble:
    """The bot's next message with these words."""
    number = after.id if after is not None else 0
    return await person.wait_for(lambda bubble: bubble.from_bot and words in bubble.text, PATIENCE, number)


async def photograph(browser: Browser, person: Person, name: str, height: int = SCREEN["height"]) -> None:
    """The person's chat as a phone shows it, saved as a JPEG."""
    page = await browser.new_page(viewport=SCREEN | {"height": height}, device_scale_factor=1.5)
    await page.goto(f"{ADDRESS}/#{person.chat_id}")
    await page.wait_for_selector('[data-from="bot"]')
    await page.wait_for_timeout(1500)  # pictures load, and the view glides to the end
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        await page.screenshot(path=file.name)
        Image.open(file.name).convert("RGB").save(HERE / f"{name}.jpg", quality=85, optimize=True, progressive=True)
    await page.close()
    print(HERE / f"{name}.jpg")


async def take(browser: Browser, photos: list[bytes]) -> None:
    """All pictures, one after the other."""
    async with Person.at(ADDRESS, name="Olga") as olga, Person.at(ADDRESS, name="Ada") as ada:
        sent = await ada.photo(photos[0], caption="a stormy night at sea")
        result = await says(ada, "Painted after", sent)
        await photograph(browser, ada, "chat-words")

        sent = await ada.photo(photos[1])
        grid = await says(ada, "How shall I paint it?", sent)
        await photograph(browser, ada, "chat-styles")
        await ada.tap(grid, "Mix styles…")
        await says(ada, "Tap up to 3")
        for label in [label for label in grid.labels if " · " in label][:2]:
            await ada.tap(grid, label)
        await says(ada, " 50 % + ")
        await photograph(browser, ada, "chat-mix")
        await ada.tap(grid, "Paint this mix")
        result = await says(ada, "Painted like", grid)
        await ada.tap(result, "Save style")

        await ada.album(photos[:4], caption="golden autumn light")
        await says(ada, "That was your album", result)
        await photograph(browser, ada, "chat-album")
        await says(ada, "How you like your pictures", await ada.text("/settings"))
        await photograph(browser, ada, "chat-settings", 620)
        await says(olga, "Queue", await olga.text("/admin"))
        await photograph(browser, olga, "chat-operator", 620)


async def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--photos", type=Path, required=True)
    photos = [(ask.parse_args().photos / name).read_bytes() for name in PHOTOS]
    began = time.monotonic()
    async with running(), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        await take(browser, photos)
        await browser.close()
    print(f"{time.monotonic() - began:.0f} seconds")


if __name__ == "__main__":
    asyncio.run(main())
