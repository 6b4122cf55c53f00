"""The whole way as a person goes it: chat page in a real browser, real bot, painted picture.

Screenshots are kept in artifacts/ for a look.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.sandbox.person import Person

from .conftest import Running
from .pictures import assert_repainted, jpeg, photo

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run "
    "--disable-component-update --disable-sync"
)
ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
RESULT = '[data-from="bot"][data-kind="photo"]'

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser
        await browser.close()


async def open_chat(browser: Browser, ada: Person, address: str, width: int, height: int) -> Page:
    """Ada's chat, after a tap on START and the bot's greeting."""
    page = await browser.new_page(viewport={"width": width, "height": height})
    await page.goto(f"{address}/#{ada.chat_id}")
    await page.click("#start")
    await expect(page.locator(RESULT).first).to_be_visible(timeout=20_000)
    return page


@pytest.mark.parametrize(("screen", "width", "height"), [("desktop", 1280, 860), ("phone", 390, 844)])
async def test_a_photo_with_a_caption_comes_back_repainted(
    running: Running, ada: Person, browser: Browser, screen: str, width: int, height: int
) -> None:
    page = await open_chat(browser, ada, running.address, width, height)
    before = photo(640, 5)
    await page.set_input_files("#photo-input", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": jpeg(before)})
    await page.fill("#preview-caption", "a stormy night at sea")
    await page.click("#preview-send")
    painted = page.locator(RESULT).filter(has_text="Painted after").last
    await expect(painted).to_be_visible(timeout=60_000)
    await expect(painted.locator(".key")).to_have_count(10)
    shown = painted.locator("img.photo")
    await expect(shown).to_have_js_property("complete", True)
    source = await shown.evaluate("image => image.src")
    assert_repainted(before, await (await page.request.get(source)).body())
    await page.wait_for_timeout(400)  # the view glides to the end
    ARTIFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"painted-{screen}.png")
