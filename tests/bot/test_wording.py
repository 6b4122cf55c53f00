"""Names and captions."""

from __future__ import annotations

import pytest
from telegram import InlineKeyboardMarkup

from bot.jobs.queue import Job
from bot.keyboards import PAGE, preset_grid, result_buttons, surname
from bot.orders import Media, Order, Style
from bot.taps import Act, Tap
from bot.texts import Texts
from bot.wording import Wording, shortened, slug
from stylize import Preset

PRESETS = [
    Preset(f"preset-{number}", f"Title {number}", "Vincent van Gogh", "1889", "") for number in range(PAGE * 2 + 1)
]
WORDING = Wording(Texts(), PRESETS)
PHOTO = Media("f", "u", name="Été à Nice (2).HEIC")


def order(style: Style, strength: float = 1.0, keep_colours: bool = False) -> Order:
    """An order for that photo."""
    return Order(1, 1, PHOTO, style, strength, keep_colours)


def job(state: str = "queued", progress: float = 0.0, strength: float = 1.0, error: str = "") -> Job:
    """A job on its way."""
    wish = order(Style.sentence("rain"), strength)
    return Job(1, wish, state, 0, progress, False, None, error, None)  # type: ignore[arg-type]


def test_captions_say_what_it_was_painted_by() -> None:
    assert WORDING.caption(order(Style.preset("preset-1"))) == "Painted like <b>Title 1</b> · Vincent van Gogh"
    assert WORDING.caption(order(Style.sentence("a < b"))) == "Painted after <i>“a &lt; b”</i>"
    assert WORDING.caption(order(Style.picture(PHOTO), 1.25, True)) == (
        "Painted like your picture, strength 125 %, in your colours"
    )
    assert len(WORDING.caption(order(Style.sentence("long " * 300)))) < 200


def test_file_names_speak() -> None:
    assert WORDING.file_name(order(Style.preset("preset-1"))) == "ete-a-nice-2-preset-1.jpg"
    assert WORDING.file_name(order(Style.sentence("../../etc/passwd"))) == "ete-a-nice-2-etc-passwd.jpg"
    assert WORDING.file_name(order(Style.sentence("日本"))) == "ete-a-nice-2-painted.jpg"


def test_status() -> None:
    assert WORDING.status(job(), 1) == "You are next…"
    assert "place 3" in WORDING.status(job(), 3)
    assert WORDING.status(job("painting", 0.4), 0) == "Painting  ▓▓▓▓░░░░░░  40 %"


def test_unknown_failures_get_a_code() -> None:
    assert "damaged" in WORDING.failure(job(error="picture-unreadable"))
    assert "(code J1)" in WORDING.failure(job(error="internal"))
    assert "(code J1)" in WORDING.failure(job(error="something-new"))


@pytest.mark.parametrize(
    ("artist", "name"),
    [("Vincent van Gogh", "van Gogh"), ("Katsushika Hokusai", "Hokusai"), ("Hokusai", "Hokusai"), ("", ""),
     ("Leonardo da Vinci", "da Vinci")],
)  # fmt: skip
def test_surnames(artist: str, name: str) -> None:
    assert surname(artist) == name


def test_shortened_and_slug() -> None:
    assert shortened("a\n b") == "a b"
    assert len(shortened("x" * 500)) == 120
    assert slug("Hello,  World!") == "hello-world"
    assert len(slug("x" * 100)) == 40


def test_pages_go_round_and_hold_every_preset() -> None:
    names = []
    for page in range(3):
        taps = taps_of(preset_grid(7, page, PRESETS))
        names += [tap.argument for tap in taps if tap.act is Act.PRESET]
        assert all(tap.id == 7 for tap in taps)
    assert names == [preset.name for preset in PRESETS]
    assert preset_grid(7, 3, PRESETS) == preset_grid(7, 0, PRESETS)


def test_the_ends_of_strength_have_no_button() -> None:
    assert {tap.act for tap in taps_of(result_buttons(job(strength=1.5), False, Texts()))} == {
        Act.ANOTHER, Act.SOFTER, Act.COLOURS, Act.FILE,
    }  # fmt: skip
    assert Act.FILE not in {tap.act for tap in taps_of(result_buttons(job(), True, Texts()))}


def taps_of(keyboard: InlineKeyboardMarkup) -> list[Tap]:
    """What its buttons carry."""
    return [Tap.decode(str(button.callback_data)) for row in keyboard.inline_keyboard for button in row]
