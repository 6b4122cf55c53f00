"""The chat page in a real browser, with a small bot on the other side."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Update
from telegram.constants import ChatAction
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.sandbox import Sandbox
from bot.sandbox.person import Person

Jpeg = Callable[..., bytes]
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run "
    "--disable-component-update --disable-sync"
)
INJECTION = "<img src=x onerror=\"document.title='owned'\"> & <b>not bold</b>"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")


async def greet(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answers /start."""
    assert update.message is not None
    await update.message.reply_html("<b>Hello!</b> Send me a photo.")


async def echo_photo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Sends the photo back with two buttons, after a status message that it edits."""
    assert update.message is not None
    await update.message.reply_chat_action(ChatAction.UPLOAD_PHOTO)
    status = await update.message.reply_text("Painting 0 %")
    await status.edit_text("Painting 90 %")
    labels = ("Stronger", "Why?")
    row = [InlineKeyboardButton(label, callback_data=label) for label in labels]
    caption = f"Echo of {update.message.caption}"
    await update.message.reply_photo(update.message.photo[-1], caption, reply_markup=InlineKeyboardMarkup([row]))


async def echo_text(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Says what was said."""
    assert update.effective_message is not None
    said = "You now say" if update.edited_message else "You said"
    await update.effective_message.reply_text(f"{said} {update.effective_message.text}")


async def answer_tap(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """A toast for one button, an alert for the other."""
    query = update.callback_query
    assert query is not None
    await query.answer(f"{query.data} it is", show_alert=query.data == "Why?")


@pytest.fixture
async def echo(sandbox: Sandbox, token: str) -> AsyncIterator[None]:
    """The bot, polling."""
    builder = ApplicationBuilder().token(token).base_url(f"{sandbox.address}/bot")
    application: Application = builder.base_file_url(f"{sandbox.address}/file/bot").build()  # type: ignore[type-arg]
    application.add_handler(CommandHandler("start", greet))
    application.add_handler(MessageHandler(filters.PHOTO, echo_photo))
    application.add_handler(MessageHandler(filters.TEXT, echo_text))
    application.add_handler(CallbackQueryHandler(answer_tap))
    async with application:
        await application.bot.set_my_commands([("start", "Begin"), ("styles", "All presets")])
        await application.bot.set_my_description("I echo photos.")
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling(timeout=2)
        yield
        await application.updater.stop()
        await application.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield running
        await running.close()


async def opened(browser: Browser, address: str, width: int, height: int) -> tuple[Page, list[str]]:
    """A page and what went wrong in it so far."""
    page = await browser.new_page(viewport={"width": width, "height": height})
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type in {"error", "warning"} else None)
    home = (address.split("#")[0], "blob:")
    page.on("request", lambda request: None if request.url.startswith(home) else troubles.append(request.url))
    await page.goto(address)
    return page, troubles


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
async def test_a_photo_with_a_caption_and_a_tap(
    sandbox: Sandbox, echo: None, browser: Browser, jpeg: Jpeg, tmp_path: Path, width: int, height: int
) -> None:
    page, troubles = await opened(browser, sandbox.page, width, height)
    await page.get_by_role("button", name="Start chatting").click()
    await expect(page.locator(".intro")).to_contain_text("I echo photos.")
    await page.locator("#start").click()
    await expect(page.locator("[data-from=bot] .words strong")).to_have_text("Hello!")

    (tmp_path / "photo.jpg").write_bytes(jpeg(800, 600))
    await page.locator("#photo-input").set_input_files(tmp_path / "photo.jpg")
    await expect(page.locator("#preview-files img")).to_be_visible()
    await page.locator("#preview-caption").fill("a red house")
    await page.locator("#preview-send").click()

    mine = page.locator("[data-from=me][data-kind=photo]")
    await expect(mine.locator(".words")).to_have_text("a red house")
    result = page.locator("[data-from=bot][data-kind=photo]")
    await expect(result.locator(".words")).to_have_text("Echo of a red house")
    await expect(page.locator("[data-from=bot]", has_text="Painting 90 %")).to_be_visible()
    assert (
        await result.locator("img.photo").evaluate("async image => (await image.decode(), image.naturalWidth)") == 800
    )
    await expect(mine.locator(".ticks")).to_have_text("✓✓")

    await result.get_by_role("button", name="Stronger").click()
    await expect(page.get_by_role("status")).to_have_text("Stronger it is")
    await result.get_by_role("button", name="Why?").click()
    await expect(page.locator("#alert-text")).to_have_text("Why? it is")
    await page.locator("#alert-ok").click()

    await result.locator("img.photo").click()
    await expect(page.locator("#lightbox-picture")).to_be_visible()
    async with page.expect_download() as download:
        await page.locator("#lightbox-download").click()
    assert (await (await download.value).path()).read_bytes()[:3] == b"\xff\xd8\xff"
    await page.keyboard.press("Escape")
    await expect(page.locator("#lightbox")).to_be_hidden()
    await page.screenshot(path=tmp_path / "page.png")
    assert troubles == []


async def test_what_is_written_is_never_run(sandbox: Sandbox, echo: None, browser: Browser) -> None:
    async with Person.at(sandbox.address, name="<i>Eve</i>") as eve:
        await eve.text(INJECTION)
        await eve.wait_for(lambda bubble: bubble.from_bot)
        page, troubles = await opened(browser, f"{sandbox.page}#{eve.chat_id}", 1280, 800)
        await expect(page.locator("[data-from=me] .words")).to_have_text(INJECTION)
        await expect(page.locator("#chats b")).to_have_text("<i>Eve</i>")
        assert await page.locator(".words img, .words b, #chats i").count() == 0
        assert "owned" not in await page.title()
        assert troubles == []


async def test_commands_edits_and_several_chats(sandbox: Sandbox, echo: None, browser: Browser) -> None:
    page, troubles = await opened(browser, sandbox.page, 1280, 800)
    await page.locator("#welcome-name").fill("Ada")
    await page.locator("#welcome-start").click()
    await page.locator("#text").fill("/s")
    await expect(page.locator("#suggestions [role=option]")).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-from=bot] .words")).to_have_text("You said /styles")
    await page.locator("#text").fill("frist")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-from=bot] .words").last).to_have_text("You said frist")
    await page.locator("#text").press("ArrowUp")
    await page.locator("#text").fill("first")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-from=me].edited .words")).to_have_text("first")
    await expect(page.locator("[data-from=bot] .words").last).to_have_text("You now say first")

    await page.locator("#new-chat").click()
    await page.locator("#new-name").fill("Bob")
    await page.locator("#new-language").select_option("nl")
    await page.locator("#new-create").click()
    await expect(page.locator("#peer-status")).to_have_text("bot · you write as Bob")
    await expect(page.locator("[data-message]")).to_have_count(0)
    await expect(page.locator("#chats [data-chat]")).to_have_count(2)
    await page.locator("#more").click()
    await page.locator("#block").click()
    await expect(page.locator("#unblock")).to_be_visible()
    await page.locator("#chats [data-chat]", has_text="Ada").click()
    await expect(page.locator("[data-from=me]")).to_have_count(2)
    assert troubles == []


async def test_albums_files_drops_and_the_rest(
    sandbox: Sandbox, echo: None, browser: Browser, jpeg: Jpeg, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{colour}.jpg" for colour in ("red", "green", "blue")]
    for path in paths:
        path.write_bytes(jpeg(colour=path.stem))
    page, troubles = await opened(browser, sandbox.page, 390, 844)
    await page.locator("#welcome-start").click()
    await page.locator("#photo-input").set_input_files(paths)
    await page.locator("#preview-caption").fill("three")
    await page.locator("#preview-send").click()
    await expect(page.locator(".grid img.photo")).to_have_count(3)
    await expect(page.locator("[data-from=bot][data-kind=photo]")).to_have_count(3)

    await page.locator("#photo-input").set_input_files(paths[0])
    await page.locator("#preview-as-file").check()
    await page.locator("#preview-send").click()
    await expect(page.locator("[data-kind=document] .file-link")).to_contain_text("red.jpg")

    dropped = """data => {
        const files = new DataTransfer();
        files.items.add(new File([Uint8Array.from(data)], "dropped.jpg", { type: "image/jpeg" }));
        const drop = new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
        document.querySelector("#messages").dispatchEvent(drop);
    }"""
    await page.evaluate(dropped, list(paths[1].read_bytes()))
    await expect(page.locator("#preview-title")).to_have_text("Send a photo")
    await page.locator("#preview-cancel").click()

    for kind in ("sticker", "animation", "voice", "location"):
        await page.locator("#attach").click()
        await page.locator(f"[data-send={kind}]").click()
        await expect(page.locator(f"[data-from=me][data-kind={kind}]")).to_have_count(1)
    await page.locator("#back").click()
    await expect(page.locator("#chats")).to_be_visible()
    assert troubles == []


async def test_it_finds_its_way_back_after_a_restart(token: str, browser: Browser, tmp_path: Path, jpeg: Jpeg) -> None:
    first = Sandbox(token, port=0, data=tmp_path)
    await first.start()
    port = int(first.address.rsplit(":", 1)[1])
    page, _ = await opened(browser, first.page, 1280, 800)
    await page.locator("#welcome-start").click()
    await page.locator("#text").fill("before")
    await page.locator("#send").click()
    await expect(page.locator("[data-message]")).to_have_count(1)
    await first.stop()
    await expect(page.locator("#peer-status")).to_have_text("connecting…")
    await asyncio.sleep(0.2)
    second = Sandbox(token, port=port, data=tmp_path)
    await second.start()
    await expect(page.locator("#peer-status")).to_have_text("bot · you write as Ada", timeout=15_000)
    await page.locator("#text").fill("after")
    await page.locator("#send").click()
    await expect(page.locator("[data-message] .words")).to_have_text(["before", "after"])
    await page.close()
    await second.stop()


async def test_a_text_turns_into_a_photo_that_stays_while_its_caption_changes(
    sandbox: Sandbox, ada: Person, bot: Bot, browser: Browser, jpeg: Jpeg
) -> None:
    page, troubles = await opened(browser, f"{sandbox.address}/#{ada.chat_id}", 390, 844)
    await ada.text("/start")
    row = InlineKeyboardMarkup([[InlineKeyboardButton("Stop", callback_data="stop")]])
    status = await bot.send_message(ada.chat_id, "Painting 0 %", reply_markup=row)
    bubble = page.locator(f'article[data-message="{status.message_id}"]')
    await expect(bubble).to_contain_text("Painting 0 %")
    await bot.edit_message_media(
        InputMediaPhoto(jpeg(), caption="Painting 50 %"), ada.chat_id, status.message_id, reply_markup=row
    )
    await expect(bubble).to_have_attribute("data-kind", "photo")
    await expect(bubble).to_contain_text("Painting 50 %")
    picture = bubble.locator("img.photo")
    await expect(picture).to_have_js_property("complete", True)
    await picture.evaluate("image => (image.dataset.seen = 'yes')")
    await bot.edit_message_caption(ada.chat_id, status.message_id, caption="Painting 70 %", reply_markup=row)
    await expect(bubble).to_contain_text("Painting 70 %")
    await expect(picture).to_have_attribute("data-seen", "yes")
    await expect(picture).to_have_attribute("alt", "Photo: Painting 70 %")
    await expect(bubble.locator(".key")).to_have_text("Stop")
    await bot.edit_message_media(
        InputMediaPhoto(jpeg(800, 600, "red"), caption="Painting 90 %"), ada.chat_id, status.message_id
    )
    await expect(bubble).to_contain_text("Painting 90 %")
    await expect(picture).not_to_have_attribute("data-seen", "yes")
    await bot.delete_message(ada.chat_id, status.message_id)
    await expect(bubble).to_have_count(0)
    assert troubles == []


async def test_drafts_change_in_their_place_until_a_message_comes(
    sandbox: Sandbox, ada: Person, bot: Bot, browser: Browser
) -> None:
    await ada.text("/start")
    await bot.send_message_draft(ada.chat_id, 1, "Painting 0 %")
    page, troubles = await opened(browser, f"{sandbox.address}/#{ada.chat_id}", 390, 844)
    drafts = page.locator("article.draft")
    await expect(drafts).to_have_text(["Painting 0 %"])
    await bot.send_message_draft(ada.chat_id, 2, "In the queue: place 2")
    await bot.send_message_draft(ada.chat_id, 1, "Painting 40 %")
    await expect(drafts).to_have_text(["Painting 40 %", "In the queue: place 2"])
    await bot.send_message(ada.chat_id, "Painted")
    await expect(drafts).to_have_count(0)
    assert troubles == []
