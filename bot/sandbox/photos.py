"""Photos as Telegram keeps them: a few JPEG sizes, re-encoded, turned upright, without metadata."""

import contextlib
import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.sandbox.refusals import Refusal, bad_request

with contextlib.suppress(ImportError):
    import pillow_heif

    pillow_heif.register_heif_opener()

LEVELS = (90, 320, 800, 1280)  # long sides; what bots get from api.telegram.org: 67x90, 240x320, 600x800, 960x1280
QUALITY = 87
MAX_BYTES = 10 * 2**20
MAX_SIDES = 10_000  # width and height together
MAX_RATIO = 20
MAX_PIXELS = 120_000_000


@dataclass(frozen=True)
class Level:
    """One size of a photo, as JPEG."""

    width: int
    height: int
    jpeg: bytes


def bot_photo(data: bytes) -> list[Level]:
    """The levels of a photo that a bot uploads, small to large; raises Refusal for what Telegram refuses."""
    if len(data) > MAX_BYTES:
        raise bad_request(
            f"file of size {len(data)} bytes is too big for a photo; the maximum size is {MAX_BYTES} bytes"
        )
    picture = _opened(data)
    if sum(picture.size) > MAX_SIDES or _ratio(picture) > MAX_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return _levels(picture)


def person_photo(data: bytes) -> list[Level]:
    """The levels of a photo that a person sends: the app makes it small before it uploads it, so few are refused."""
    picture = _opened(data)
    if picture.width * picture.height > MAX_PIXELS or _ratio(picture) > MAX_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return _levels(picture)


def thumbnail(data: bytes) -> Level | None:
    """A small JPEG of a file that is a picture, None of one that isn't."""
    try:
        picture = _opened(data)
        if picture.width * picture.height > MAX_PIXELS or _ratio(picture) > MAX_RATIO:
            return None
        return _levels(picture, (320,))[0]
    except Refusal:
        return None


def dimensions(data: bytes) -> tuple[int, int]:
    """Width and height of a picture or GIF, (0, 0) of anything else."""
    try:
        return _opened(data).size
    except Refusal:
        return 0, 0


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None


def _ratio(picture: Image.Image) -> float:
    return max(picture.size) / max(min(picture.size), 1)


def _levels(picture: Image.Image, sides: tuple[int, ...] = LEVELS) -> list[Level]:
    try:
        picture.draft("RGB", (2 * sides[-1], 2 * sides[-1]))  # JPEG alone: decodes at a fraction of the size
        plain = _on_white(ImageOps.exif_transpose(picture))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    long_side = max(plain.size)
    wanted = [side for side in sides if side < long_side][: len(sides)]
    if long_side <= sides[-1]:
        wanted.append(long_side)
    levels = []
    for side in wanted:
        smaller = plain if side == long_side else ImageOps.contain(plain, (side, side), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        smaller.save(out, "JPEG", quality=QUALITY)
        levels.append(Level(*smaller.size, out.getvalue()))
    return levels


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16") or picture.mode in {"I", "F"}:
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        above = picture.convert("RGBA")
        below = Image.new("RGBA", above.size, "white")
        return Image.alpha_composite(below, above).convert("RGB")
    return picture.convert("RGB")
