"""Reconstructions at toy size, with the net that ships."""

import math

import numpy as np
import pytest
from torch import Tensor

from stylize.errors import Cancelled, PictureError, StyleError
from stylize.features import BACKBONES, Features, load_features
from stylize.losses import gram_matrix
from stylize.pictures import Picture
from stylize.reconstruct import (
    CONTENT,
    Cell,
    Descent,
    Loss,
    at_size,
    draw_strip,
    reconstruct_content,
    reconstruct_style,
)
from stylize.request import Progress
from stylize.tensors import to_tensor


def make_picture(width: int, height: int) -> Picture:
    """A disc on a ramp, with grain: wide forms, an edge, fine lines, several colours."""
    rows, columns = np.mgrid[0:height, 0:width]
    disc = (rows - height / 2) ** 2 + (columns - width / 3) ** 2 < (height / 4) ** 2
    colours = np.stack([80 + disc * 140, 60 + 120 * rows / height, 200 - 150 * columns / width], axis=2)
    grain = np.random.default_rng(0).normal(0, 6, (height, width, 1))
    return Picture((colours + grain).clip(0, 255).astype(np.uint8))


ORIGINAL = make_picture(72, 49)


def seen(net: Features, picture: Picture, layer: str) -> Tensor:
    return net(to_tensor(picture)[None])[layer]


def relative(ours: Tensor, theirs: Tensor) -> float:
    return float((ours - theirs).square().sum() / theirs.square().sum())


def apart(ours: Picture, theirs: Picture) -> float:
    """Mean difference of colours, 0 to 255."""
    return float(np.abs(ours.pixels.astype(float) - theirs.pixels).mean())


@pytest.mark.parametrize(
    ("layer", "left", "colours"), [("relu1_1", 0.02, 8), ("conv2_1", 0.01, 12), ("relu3_1", 0.05, 30)]
)
def test_content_is_what_the_layer_saw(layer: str, left: float, colours: float) -> None:
    net = load_features("compact", [layer])
    found = reconstruct_content(ORIGINAL, layer, net, Descent(60))
    grey = Picture(np.full_like(ORIGINAL.pixels, 128))
    target = seen(net, ORIGINAL, layer)
    assert found.size == ORIGINAL.size
    assert relative(seen(net, found, layer), target) < left * relative(seen(net, grey, layer), target)
    assert apart(found, ORIGINAL) < colours < apart(grey, ORIGINAL)


@pytest.mark.parametrize("loss", ["gram", "wasserstein"])
def test_style_has_the_statistics_but_is_another_picture(loss: Loss) -> None:
    layers = ("relu1_1", "relu2_1")
    net = load_features("compact", layers)
    found = reconstruct_style(ORIGINAL, layers, net, loss, Descent(60))
    assert found.size == ORIGINAL.size
    for layer in layers:
        grams = [gram_matrix(seen(net, picture, layer)) for picture in (found, ORIGINAL)]
        assert relative(*grams) < 0.01
    assert apart(found, ORIGINAL) > 20
    assert np.abs(found.pixels.mean((0, 1)) - ORIGINAL.pixels.mean((0, 1))).max() < 20


def test_the_first_layer_alone_leaves_the_second_free() -> None:
    net = load_features("compact", ("relu1_1", "relu3_1"))
    errors = []
    for layers in (("relu1_1",), ("relu1_1", "relu3_1")):
        found = reconstruct_style(ORIGINAL, layers, net, how=Descent(60))
        errors.append(relative(*(gram_matrix(seen(net, picture, "relu3_1")) for picture in (found, ORIGINAL))))
    assert errors[1] < 0.1 * errors[0]


def test_one_seed_one_picture() -> None:
    net = load_features("compact", ["relu2_1"])
    first, again, other = (reconstruct_style(ORIGINAL, ["relu2_1"], net, how=Descent(5, seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.pixels, again.pixels)
    assert apart(first, other) > 5


def test_it_starts_from_white_noise() -> None:
    net, looked_at = load_features("compact", ["relu1_1"]), []
    net.register_forward_pre_hook(lambda _, given: looked_at.append(given[0].detach()[0]))
    reconstruct_content(ORIGINAL, "relu1_1", net, Descent(1))
    noise = looked_at[1] - 0.5  # the first is the original
    spread = noise.square().mean()
    assert abs(float(spread.sqrt()) / CONTENT.grain - 1) < 0.1
    for shifted, cut in ((noise[:, 1:], noise[:, :-1]), (noise[:, :, 1:], noise[:, :, :-1]), (noise[1:], noise[:-1])):
        assert abs(float((shifted * cut).mean() / spread)) < 0.1


def test_colours_stay_within_what_a_picture_can_hold() -> None:
    """Black and white pull beyond both ends: without a price for that, 0.2 is lost when the picture becomes 8 bit."""
    stripes = Picture(np.tile(np.repeat(np.array([0, 255], np.uint8), 4)[None, :, None], (40, 5, 3)))
    net = load_features("compact", ["relu1_1"])
    found = reconstruct_style(stripes, ["relu1_1"], net, how=Descent(80))
    assert relative(*(gram_matrix(seen(net, picture, "relu1_1")) for picture in (found, stripes))) < 0.04


def test_it_tells_of_every_step_and_stops_at_a_no() -> None:
    net = load_features("compact", ["relu1_1"])
    told: list[Progress] = []
    reconstruct_content(ORIGINAL, "relu1_1", net, Descent(8, watch=lambda progress: not told.append(progress)))
    assert [each.step for each in told[:8]] == list(range(1, 9))
    assert told[-1].fraction == 1
    assert all(each.loss is not None and math.isfinite(each.loss) for each in told)
    with pytest.raises(Cancelled):
        reconstruct_content(ORIGINAL, "relu1_1", net, Descent(8, watch=lambda progress: progress.step < 3))


def test_a_picture_without_any_form_is_found_too() -> None:
    flat = Picture(np.full((40, 40, 3), (200, 40, 90), np.uint8))
    found = reconstruct_content(flat, "relu1_1", load_features("compact", ["relu1_1"]), Descent(80))
    assert apart(found, flat) < 2


def test_a_strip_holds_every_cell_in_its_place() -> None:
    pictures = [
        Picture(np.full((height, 60, 3), colour, np.uint8)) for height, colour in ((40, 10), (40, 90), (70, 170))
    ]
    cells = [Cell(picture, "relu1_1 and a name that is far too long", "content") for picture in pictures]
    strip = draw_strip([cells[:2], cells[2:]])
    assert strip.size == (8 + 2 * (60 + 8), 8 + (40 + 42) + (70 + 42))
    for left, top, picture in ((8, 8, pictures[0]), (76, 8, pictures[1]), (8, 90, pictures[2])):
        place = strip.pixels[top : top + picture.height, left : left + picture.width]
        assert np.array_equal(place, picture.pixels)
    assert (strip.pixels == 0).any()  # the labels
    assert (strip.pixels[:, 68:76] == 255).all()  # which end where their cells end


def test_sizes() -> None:
    compact = BACKBONES["compact"]
    assert at_size(ORIGINAL, 64, compact).size == (64, 44)
    assert at_size(ORIGINAL, 4096, compact).size == ORIGINAL.size
    with pytest.raises(PictureError, match=r"40 × 27 pixels at this size, and compact needs 32") as raised:
        at_size(ORIGINAL, 40, compact)
    assert raised.value.reason == "too_small"
    for wrong in (31, 4097):
        with pytest.raises(StyleError, match="between 32 and 4096"):
            at_size(ORIGINAL, wrong, compact)


def test_wishes_that_cannot_be() -> None:
    with pytest.raises(StyleError, match="at least one step"):
        Descent(0)
    with pytest.raises(StyleError, match="seed"):
        Descent(seed=-1)
    with pytest.raises(StyleError, match="gram, wasserstein"):
        reconstruct_style(ORIGINAL, ["relu1_1"], load_features("compact", ["relu1_1"]), "cosine")  # type: ignore[arg-type]
