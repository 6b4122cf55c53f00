"""Wishes are checked when they are made, in words for the person who made them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from stylize.errors import Cancelled, OutOfMemory, PictureError, StyleError, StylizeError, WeightsError
from stylize.pictures import Picture
from stylize.request import Colours, ImageStyle, MixStyle, Options, PresetStyle, Progress, Request, SentenceStyle

PICTURE = Picture(np.zeros((16, 16, 3), np.uint8))


def test_every_error_is_a_stylize_error() -> None:
    for kind in (PictureError, StyleError, WeightsError, OutOfMemory, Cancelled):
        assert issubclass(kind, StylizeError)
    assert issubclass(StyleError, ValueError)


def test_defaults() -> None:
    assert Options() == Options(
        method="adaptive", size=None, strength=1.0, stroke_size=1.0, colours=Colours.STYLE, seed=0
    )
    assert Request(PICTURE, PresetStyle("wave")).options == Options()


@pytest.mark.parametrize("value", [0, 0.5, 1.5])
def test_strength_in_range(value: float) -> None:
    assert Options(strength=value).strength == value


@pytest.mark.parametrize("value", [-0.01, 1.51, float("nan"), float("inf")])
def test_strength_out_of_range(value: float) -> None:
    with pytest.raises(StyleError, match=r"strength must be between 0 and 1\.5"):
        Options(strength=value)


@pytest.mark.parametrize("value", [0.5, 1, 2.0])
def test_stroke_size_in_range(value: float) -> None:
    assert Options(stroke_size=value).stroke_size == value


@pytest.mark.parametrize("value", [0.49, 2.01, 0, float("nan"), float("inf")])
def test_stroke_size_out_of_range(value: float) -> None:
    with pytest.raises(StyleError, match=r"stroke size must be between 0\.5 and 2"):
        Options(stroke_size=value)


def test_colours() -> None:
    assert [Options(colours=colours).colours for colours in Colours] == ["style", "matched", "luminance", "only"]
    with pytest.raises(StyleError, match="style, matched, luminance, only"):
        Options(colours="sepia")


@pytest.mark.parametrize("value", [32, 4096, None])
def test_size_in_range(value: int | None) -> None:
    assert Options(size=value).size == value


@pytest.mark.parametrize("value", [31, 4097, 0, -5])
def test_size_out_of_range(value: int) -> None:
    with pytest.raises(StyleError, match=f"between 32 and 4096 pixels, not {value}"):
        Options(size=value)


def test_method_and_seed() -> None:
    with pytest.raises(StyleError, match="method"):
        Options(method="")
    with pytest.raises(StyleError, match="seed"):
        Options(seed=-1)


@pytest.mark.parametrize("sentence", ["", "   ", "\n", "…!?"])
def test_a_sentence_needs_a_word(sentence: str) -> None:
    with pytest.raises(StyleError, match="sentence is empty"):
        SentenceStyle(sentence)


@pytest.mark.parametrize("sentence", ["fog", "strmy nigth", "7"])
def test_sentences(sentence: str) -> None:
    assert SentenceStyle(sentence).sentence == sentence


def test_a_preset_needs_a_name() -> None:
    with pytest.raises(StyleError, match="stylize presets"):
        PresetStyle(" ")


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_weights_of_a_mix(weight: float) -> None:
    with pytest.raises(StyleError, match="above 0"):
        MixStyle(((PresetStyle("a"), 1.0), (PresetStyle("b"), weight)))


def test_mixes() -> None:
    mix = MixStyle(((ImageStyle(PICTURE), 2.0), (SentenceStyle("fog"), 1.0)))
    assert MixStyle(((mix, 1.0), (PresetStyle("wave"), 0.25))).parts[0][0] is mix
    with pytest.raises(StyleError, match="at least one"):
        MixStyle(())


def test_a_mix_takes_four_styles_also_in_mixes_of_mixes() -> None:
    wave, pair = (PresetStyle("wave"), 1.0), (MixStyle(((PresetStyle("a"), 1.0), (PresetStyle("b"), 1.0))), 1.0)
    assert len(MixStyle((wave,) * 4).parts) == 4
    MixStyle((pair, pair))
    for parts in ((wave,) * 5, (pair, pair, wave)):
        with pytest.raises(StyleError, match="up to 4 styles, not 5"):
            MixStyle(parts)


def test_records_are_frozen() -> None:
    for record in (Options(), SentenceStyle("fog"), Progress(1, 2), PICTURE):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, dataclasses.fields(record)[0].name, None)


@pytest.mark.parametrize(("step", "total", "fraction"), [(0, 4, 0), (1, 4, 0.25), (4, 4, 1), (9, 4, 1), (0, 0, 0)])
def test_fraction(step: int, total: int, fraction: float) -> None:
    assert Progress(step, total).fraction == fraction
