"""Names and captions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from telegram import InlineKeyboardMarkup

from bot.catalogue import Catalogue
from bot.conversation.commands import HISTORY
from bot.grids import PAGE, Shelf, surname
from bot.jobs.forecast import Expected
from bot.jobs.queue import Job, Painted
from bot.keyboards import colour_buttons, result_buttons, stop_button
from bot.orders import STRENGTHS, STROKES, Media, Order, Style, step_from
from bot.store.styles import Saved
from bot.taps import Act, Tap
from bot.texts import LANGUAGES, Texts
from bot.wording import Wording, shortened, slug
from stylize import Colours, HeldBack, Options, Preset

PRESETS = [
    Preset(f"preset-{number}", f"Title {number}", "Vincent van Gogh", "1889", "") for number in range(PAGE * 2 + 1)
]
SHELF = Shelf(7, PRESETS, [])
WORDING = Wording(Texts(), Catalogue(PRESETS))
PHOTO = Media("f", "u", name="Été à Nice (2).HEIC")


def order(style: Style, strength: float = 1.0, stroke_size: float = 1.0, colours: Colours = Colours.STYLE) -> Order:
    """An order for that photo."""
    return Order(1, 1, PHOTO, style, strength, stroke_size, colours)


def job(state: str = "queued", progress: float = 0.0, error: str = "", wish: Order | None = None) -> Job:
    """A job on its way."""
    wish = wish or order(Style.sentence("rain"))
    return Job(1, wish, state, 0, progress, False, None, error, None)  # type: ignore[arg-type]


def test_captions_say_what_it_was_painted_by() -> None:
    assert WORDING.caption(order(Style.preset("preset-1"))) == "Painted like <b>Title 1</b> · Vincent van Gogh"
    assert WORDING.caption(order(Style.sentence("a < b"))) == "Painted after <i>“a &lt; b”</i>"
    assert WORDING.caption(order(Style.picture(PHOTO), 1.25, 0.7, Colours.MATCHED)) == (
        "Painted like your picture, strength 125 %, fine strokes, in your colours"
    )
    assert WORDING.caption(order(Style.picture(PHOTO), 1.0, 2.0, Colours.ONLY)) == (
        "Painted like your picture, only its colours"
    )
    finest = replace(order(Style.picture(PHOTO), 1.0, 0.7), finest=True)
    assert WORDING.caption(finest) == "Painted like your picture, fine strokes, finest quality"
    assert WORDING.caption(finest, Painted("1.jpg", 1280, 960, 2048, 1024)).endswith(
        "finest quality, painted at 1024 px and enlarged"
    )
    assert WORDING.caption(finest, Painted("1.jpg", 800, 600, 800, 800)).endswith("finest quality")
    assert len(WORDING.caption(order(Style.sentence("long " * 300)))) < 200


def test_captions_say_what_was_understood() -> None:
    snow = order(Style.sentence("a snowy day"), 0.8)
    assert WORDING.caption(snow, Painted("1.jpg", 8, 6, 8, 8, ("snow", "winter"))) == (
        "Painted after <i>“a snowy day”</i>, strength 80 %\nI looked at: snow, winter"
    )
    assert "\n" not in WORDING.caption(snow, Painted("1.jpg", 8, 6, 8, 8))


def test_captions_say_how_a_style_was_held_back() -> None:
    snow = order(Style.sentence("a snowy day"), 1.5)
    gently = Painted("1.jpg", 8, 6, 8, 8, ("snow",), (HeldBack.GENTLY,))
    assert WORDING.caption(snow, gently) == (
        "Painted after <i>“a snowy day”</i>, strength 150 %\n"
        "This style would have hidden your photo, so I laid it on more gently.\n"
        "I looked at: snow"
    )
    full = replace(gently, held_back=(HeldBack.FULL, HeldBack.PARTLY))
    assert WORDING.caption(snow, full).split("\n")[:2] == [
        "Painted after <i>“a snowy day”</i>",
        "More than full strength would have hidden your photo, so I stayed at full strength.",
    ]


def test_file_names_speak() -> None:
    assert WORDING.file_name(order(Style.preset("preset-1"))) == "ete-a-nice-2-preset-1.jpg"
    assert WORDING.file_name(order(Style.sentence("../../etc/passwd"))) == "ete-a-nice-2-etc-passwd.jpg"
    assert WORDING.file_name(order(Style.sentence("日本"))) == "ete-a-nice-2-painted.jpg"


def test_status() -> None:
    assert WORDING.status(job(), 1) == "You are next…"
    assert WORDING.status(job(), 1, ready=4.0) == "You are next…"
    assert WORDING.status(job(), 1, ready=31.0) == "You are next: about 40 seconds"
    assert WORDING.status(job(), 3) == "In the queue: place 3"
    assert WORDING.status(job(), 4, ready=16.2) == "In the queue: place 4, about 20 seconds"
    assert WORDING.status(job("painting", 0.4), 0) == "Painting  ▓▓▓▓░░░░░░  40 %"


def test_status_in_finest_quality_says_how_long_it_takes() -> None:
    about, at_most = Expected(47.0, known=True), Expected(300.0, known=False)
    assert WORDING.status(job(), 1, about) == "Finest quality takes about 50 seconds. You are next…"
    assert WORDING.status(job("painting", 0.0), 0, about) == "Finest quality takes about 50 seconds. I have just begun…"
    assert WORDING.status(job(), 1, about, 100.0) == "Finest quality takes about 50 seconds. You are next…"
    assert WORDING.status(job(), 3, about, 160.0) == (
        "Finest quality takes about 50 seconds. In the queue: place 3, about 3 minutes"
    )
    assert WORDING.status(job(), 3, at_most) == "Finest quality takes 5 minutes at most. In the queue: place 3"
    assert WORDING.status(job("painting", 0.4), 0, about) == (
        "Painting in finest quality\n▓▓▓▓░░░░░░  40 %\nAbout 30 seconds left"
    )
    assert WORDING.status(job("painting", 0.4), 0, at_most) == "Painting in finest quality\n▓▓▓▓░░░░░░  40 %"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "5 seconds"), (5.0, "5 seconds"), (5.1, "10 seconds"), (26, "30 seconds"), (32, "40 seconds"),
     (48, "50 seconds"), (51, "a minute"), (60, "a minute"), (62, "1½ minutes"), (66, "1½ minutes"), (80, "1½ minutes"),
     (118, "2 minutes"), (270, "4½ minutes"), (300, "5 minutes"), (330, "6 minutes"), (1000, "17 minutes"),
     (5400, "90 minutes"), (5401, "2 hours"), (10_800, "3 hours"), (10_900, "4 hours")],
)  # fmt: skip
def test_durations_are_rounded_as_one_says_them(seconds: float, said: str) -> None:
    assert WORDING.duration(seconds) == said


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
        taps = taps_of(SHELF.grid(page, WORDING))
        names += [tap.argument for tap in taps if tap.act is Act.PRESET]
        assert all(tap.id == 7 for tap in taps)
    assert names == [preset.name for preset in PRESETS]
    assert SHELF.grid(3, WORDING) == SHELF.grid(0, WORDING)


def test_own_styles_come_first_in_the_grid_and_in_the_mixer() -> None:
    own = [Saved(5, "Rain", Style.sentence("rain")), Saved(4, "My <3", Style.picture(PHOTO))]
    shelf = Shelf(7, PRESETS, own)
    first = [tap.argument for tap in taps_of(shelf.grid(0, WORDING)) if tap.act is not Act.PAGE]
    assert first[:3] == ["5", "4", "preset-0"]
    parts = [(own[0].style, 60), (Style.preset("preset-0"), 40)]
    mixer = shelf.mixer(0, parts, WORDING)
    labels = [button.text for row in mixer.inline_keyboard for button in row]
    assert labels[:3] == ["✓ ★ Rain", "★ My <3", "✓ Title 0 · van Gogh"]
    assert "rain 60 %" in labels
    assert "Title 0 40 %" in labels
    assert labels[-2:] == ["‹ Back", "Paint this mix"]
    assert {tap.act for tap in taps_of(shelf.own(WORDING))} == {Act.SAVED, Act.RENAME, Act.UNSAVE, Act.PAGE}


def test_a_mix_is_named_by_its_parts() -> None:
    mix = Style.mix([(Style.preset("preset-1"), 70), (Style.sentence("a < b"), 30)])
    caption = WORDING.caption(order(mix))
    assert caption == "Painted like <b>Title 1</b> 70 % + <b>a &lt; b</b> 30 %"
    assert WORDING.summary(order(mix, 0.8)) == "<b>Title 1 + a &lt; b</b>, strength 80 %"
    assert WORDING.file_name(order(mix)) == "ete-a-nice-2-mix.jpg"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_captions_and_lists_fit_into_a_message(language: str) -> None:
    voice = Wording(Texts(language), Catalogue([Preset("long", "T" * 64, "A" * 40, "1889", "")]))
    mix = Style.mix([(Style.sentence("x" * 120), 40), (Style.preset("long"), 30), (Style.sentence("y" * 120), 30)])
    for style in (mix, Style.sentence("x " * 150), Style.preset("long"), Style.picture(PHOTO)):
        result = Painted("1.jpg", 8, 6, 4096, 2048, ("thunderstorm",) * 12, tuple(HeldBack))
        wish = replace(order(style, 1.25, 2.0, Colours.LUMINANCE), finest=True)
        assert len(voice.caption(wish, result)) <= 1024
        lines = [f"{number}. {voice.summary(wish)}" for number in range(1, HISTORY + 1)]
        assert len("\n".join([voice.texts("history"), "", *lines])) <= 4096


def test_every_step_and_way_can_be_painted_and_named() -> None:
    for strength in STRENGTHS:
        Options(strength=strength)
    captions = [WORDING.caption(order(Style.preset("preset-1"), 1.0, size)) for size in STROKES]
    captions += [WORDING.caption(order(Style.preset("preset-1"), 1.0, 1.0, colours)) for colours in Colours]
    assert len(set(captions)) == len(STROKES) + len(Colours) - 1
    for size in STROKES:
        Options(stroke_size=size)
    assert 1.0 in STRENGTHS
    assert 1.0 in STROKES


def test_steps_end() -> None:
    assert step_from(STROKES, 1.0, 1) == 1.4
    assert step_from(STROKES, 0.99, -1) == 0.7
    assert step_from(STROKES, 2.0, 1) is None
    assert step_from(STROKES, 0.5, -1) is None


def acts(wish: Order, as_file: bool = False) -> set[Act]:
    """What the buttons under its result ask for."""
    return {tap.act for tap in taps_of(result_buttons(job(wish=wish), as_file, Texts()))}


def test_the_ends_of_strength_and_strokes_have_no_button() -> None:
    rain = Style.sentence("rain")
    always = {Act.ANOTHER, Act.COLOURS, Act.FINEST, Act.SAVE, Act.KEEP}
    four = {Act.SOFTER, Act.STRONGER, Act.FINER, Act.BROADER}
    assert acts(order(rain)) == always | four | {Act.FILE}
    assert acts(order(rain), as_file=True) == always | four
    assert acts(order(rain, 1.5, 0.5), as_file=True) == always | {Act.SOFTER, Act.BROADER}
    assert acts(order(rain, 0.2, 2.0), as_file=True) == always | {Act.STRONGER, Act.FINER}
    only_colours = acts(order(rain, colours=Colours.ONLY), as_file=True)
    assert only_colours == always - {Act.FINEST} | {Act.SOFTER, Act.STRONGER}, "no strokes, nothing to paint finely"


def test_what_is_in_finest_quality_gets_no_finer() -> None:
    quick = order(Style.sentence("rain"))
    assert acts(replace(quick, finest=True)) == acts(quick) - {Act.FINEST}


def test_only_what_takes_long_has_a_stop_button() -> None:
    quick = order(Style.sentence("rain"))
    keyboard = stop_button(9, replace(quick, finest=True), Texts())
    assert keyboard is not None
    assert taps_of(keyboard) == [Tap(Act.STOP, 9)]
    assert stop_button(9, quick, Texts()) is None


def test_the_choice_of_colours_marks_what_it_is_and_leads_back() -> None:
    keyboard = colour_buttons(job(wish=order(Style.sentence("rain"), colours=Colours.LUMINANCE)), Texts())
    taps = taps_of(keyboard)
    assert [tap.argument for tap in taps if tap.act is Act.COLOURS] == list(Colours)
    assert taps[-1].act is Act.BACK
    marked = [row[0].callback_data for row in keyboard.inline_keyboard if row[0].text.startswith("●")]
    assert [Tap.decode(str(data)).argument for data in marked] == ["luminance"]


def taps_of(keyboard: InlineKeyboardMarkup) -> list[Tap]:
    """What its buttons carry."""
    return [Tap.decode(str(button.callback_data)) for row in keyboard.inline_keyboard for button in row]
