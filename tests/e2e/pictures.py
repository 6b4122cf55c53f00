"""Pictures to send, and how to tell that one was repainted."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "images"


def photo(long_side: int = 480, number: int = 0) -> Image.Image:
    """A photo where the developers' pictures are at hand, else a drawn landscape; different for each number."""
    files = sorted((SHARED / "large").glob("*")) if SHARED.is_dir() else []
    picture = Image.open(files[number % len(files)]).convert("RGB") if files else _landscape(number)
    picture = picture.resize(_scaled(picture.size, long_side), Image.Resampling.LANCZOS)
    if number >= max(1, len(files)):
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return picture


def painting(long_side: int = 480) -> Image.Image:
    """A style with colours that no photo here has: swirls of orange, violet and yellow."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:long_side, 0:long_side] / long_side
    swirl = np.sin(24 * x + 6 * np.sin(9 * y)) + np.cos(21 * y + 5 * np.cos(11 * x))
    grain = rng.normal(0, 0.35, swirl.shape)
    t = ((swirl + grain) / 5 + 0.5).clip(0, 1)[..., None]
    orange, violet, yellow = np.array([232, 92, 20]), np.array([72, 16, 120]), np.array([250, 214, 60])
    colours = np.where(t < 0.5, violet + (orange - violet) * t * 2, orange + (yellow - orange) * (t - 0.5) * 2)
    return Image.fromarray(colours.clip(0, 255).astype(np.uint8))


def stripes(side: int = 256) -> Image.Image:
    """A style that hides photos: wide bars of blue and white."""
    white = np.arange(side)[:, None, None] // 8 % 2 == 1
    bars = np.where(white, np.array([240, 240, 250]), np.array([20, 30, 200]))
    return Image.fromarray(np.broadcast_to(bars, (side, side, 3)).astype(np.uint8))


def jpeg(picture: Image.Image, quality: int = 92) -> bytes:
    """As a JPEG file."""
    return encoded(picture, "JPEG", quality=quality)


def encoded(picture: Image.Image, form: str, **options: int) -> bytes:
    """As a file of this form."""
    if form == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    target = io.BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    """From a file's bytes."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def assert_repainted(before: Image.Image, after: bytes, size: tuple[int, int] | None = None) -> Image.Image:
    """The result is another picture, of the same size, with the same edges."""
    result = opened(after)
    assert result.size == (size or before.size)
    small = before.resize((160, 160)), result.resize((160, 160))
    first, second = (np.asarray(each, dtype=float) for each in small)
    assert np.abs(first - second).mean() > 6, "the result hardly differs from the photo"
    likeness = np.corrcoef(_edges(small[0]).ravel(), _edges(small[1]).ravel())[0, 1]
    assert likeness > 0.25, f"the photo's edges are lost (correlation {likeness:.2f})"
    return result


def colour_distance(one: Image.Image, other: Image.Image) -> float:
    """How far apart two pictures are in the mean and spread of their colours, 0 to 255."""
    first, second = (np.asarray(each.resize((128, 128)), dtype=float).reshape(-1, 3) for each in (one, other))
    return float(np.abs(first.mean(0) - second.mean(0)).mean() + np.abs(first.std(0) - second.std(0)).mean())


def _edges(picture: Image.Image) -> np.ndarray:
    grey = np.asarray(picture.convert("L").filter(ImageFilter.GaussianBlur(1.5)), dtype=float)
    down, right = np.gradient(grey)
    blurred = Image.fromarray(np.hypot(down, right).clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(2))
    return np.asarray(blurred, dtype=float)


def _landscape(number: int) -> Image.Image:
    width, height = 960, 640
    y = np.linspace(0, 1, height)[:, None, None]
    sky = np.array([90, 150, 220]) * (1 - y) + np.array([235, 225, 205]) * y
    picture = Image.fromarray(np.broadcast_to(sky, (height, width, 3)).astype(np.uint8).copy())
    draw = ImageDraw.Draw(picture)
    shift = 60 * (number % 7)
    draw.polygon([(0, 480), (200 + shift, 220), (430, 470), (640, 260 + shift // 2), (960, 500), (960, 640), (0, 640)],
                 fill=(70, 90, 80))  # fmt: skip
    draw.ellipse((760 - shift, 60, 850 - shift, 150), fill=(250, 240, 190))
    for left in range(0, 960, 48):  # a dark wood before the hills, a white fence before the wood
        top = 400 + (left * 13 + number * 29) % 70
        draw.polygon([(left - 10, 540), (left + 24, top), (left + 58, 540)], fill=(16, 34, 24))
    draw.rectangle((0, 540, 960, 640), fill=(196, 190, 120))
    for left in range(10, 960, 64):
        draw.rectangle((left, 560, left + 22, 630), fill=(250, 248, 240))
    draw.rectangle((540, 380, 700, 560), fill=(236, 226, 210))
    draw.polygon([(510, 380), (620, 290), (730, 380)], fill=(110, 30, 26))
    for left, top in ((556, 400), (646, 400), (556, 480), (646, 480)):
        draw.rectangle((left, top, left + 36, top + 50), fill=(24, 28, 44))
    return picture.filter(ImageFilter.GaussianBlur(0.8))


def _scaled(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    factor = long_side / max(size)
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
