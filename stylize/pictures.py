"""Bytes to picture and back: the one place where pictures are decoded and encoded.

Whatever arrives (a phone's HEIC lying on its side, a print shop's CMYK, a 16 bit scan, a transparent sticker)
leaves here as upright 8 bit sRGB without metadata, or as a `PictureError` that says what to send instead.

Animations (GIF, APNG, WebP, AVIF) open as their first picture, files of several pages or photos (TIFF, MPO,
Ultra HDR) as their first one.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import (  # the plugins are decoders; Pillow would import them only when asked for all that it has
    AvifImagePlugin,  # noqa: F401
    BmpImagePlugin,  # noqa: F401
    GifImagePlugin,  # noqa: F401
    Image,
    ImageCms,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)

from stylize.errors import PictureError
from stylize.sniff import SEND_INSTEAD, Kind, sniff

Pixels = npt.NDArray[np.uint8]

_ORIENTATION_TAG = 0x0112
_TURNS = {  # EXIF 2.32, tag Orientation: where row 0 and column 0 lie, and what sets them upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DNG_VERSION_TAG = 50706
_PHOTOMETRIC_TAG = 262
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@dataclass(frozen=True, eq=False)
class Picture:
    """An upright picture in sRGB without metadata.

    pixels: (H, W, 3) uint8; not to be written to. Raises ValueError for any other shape or type.
    """

    pixels: Pixels

    def __post_init__(self) -> None:
        if (
            self.pixels.dtype != np.uint8
            or self.pixels.ndim != 3
            or self.pixels.shape[2] != 3
            or 0 in self.pixels.shape
        ):
            raise ValueError(f"pixels must be (H, W, 3) uint8, not {self.pixels.shape} {self.pixels.dtype}")

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[0])

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, in Pillow's order."""
        return self.width, self.height

    def to_pil(self) -> Image.Image:
        """A Pillow picture of mode RGB with a copy of the pixels."""
        return Image.fromarray(self.pixels)

    @classmethod
    def from_pil(cls, image: Image.Image) -> Picture:
        """From a Pillow picture of any mode: set upright, converted to sRGB, transparency over white.

        Raises PictureError for modes that hold no picture in the usual sense (float, 32 bit integers).
        """
        return cls(np.array(_upright(_flat_srgb(image), image)))

    def resized(self, long_side: int) -> Picture:
        """With its long side at most `long_side` px, by Lanczos; never made larger."""
        if long_side < 1:
            raise ValueError(f"long_side must be at least 1, not {long_side}")
        longest = max(self.size)
        if longest <= long_side:
            return self
        width, height = (max(1, round(side * long_side / longest)) for side in self.size)
        return Picture(np.array(self.to_pil().resize((width, height), Image.Resampling.LANCZOS)))


@dataclass(frozen=True)
class Limits:
    """What `open_picture` accepts.

    max_bytes: of the file. max_pixels: width × height as the file declares them, checked before anything is
    decoded. min_side: px of the shorter side. max_ratio: of the longer to the shorter side.
    """

    max_bytes: int = 20 * 2**20
    max_pixels: int = 100_000_000
    min_side: int = 16
    max_ratio: float = 20.0


def open_picture(source: bytes | Path, limits: Limits = Limits()) -> Picture:
    """Read a picture file: JPEG, PNG, WebP, HEIC/HEIF, AVIF, TIFF, GIF or BMP, whatever its name says.

    Raises PictureError, whose `reason` is
    "empty" (no bytes), "too_large" (bytes or declared pixels), "too_small" (shorter side),
    "animated" (a video), "unsupported" (another kind of file, or too long a strip) or
    "unreadable" (damaged, cut off, no such file).
    """
    data = _read(source, limits.max_bytes)
    kind = sniff(data)
    # Decoders warn about odd metadata that is about to be dropped, and about sizes that `limits` allows.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _decode(data, kind, limits)
        except PictureError:
            raise
        except (Image.DecompressionBombError, MemoryError) as error:
            raise _too_many_pixels(limits) from error
        except Exception as error:  # decoders raise whatever damaged bytes lead them to
            raise PictureError(
                f"This {kind.title} picture is damaged or was cut off on its way. "
                "Please send it again, or send another copy.",
                "unreadable",
            ) from error


def encode_picture(picture: Picture, kind: Literal["jpeg", "png"] = "jpeg", quality: int = 92) -> bytes:
    """A file without any metadata; the same picture always gives the same bytes.

    JPEG keeps the full resolution of colour (4:4:4), since brush strokes live in it; `quality` is 1 to 95 and
    counts for JPEG only.
    """
    file = io.BytesIO()
    if kind == "jpeg":
        picture.to_pil().save(file, "JPEG", quality=quality, subsampling="4:4:4")
    elif kind == "png":
        picture.to_pil().save(file, "PNG", compress_level=6)
    else:
        raise ValueError(f"kind must be jpeg or png, not {kind!r}")
    return file.getvalue()


def _read(source: bytes | Path, max_bytes: int) -> bytes:
    """The bytes of a file, or those given; raises PictureError for none or too many."""
    data = _read_file(source, max_bytes + 1) if isinstance(source, Path) else source
    if not data:
        raise PictureError(f"This file is empty. {SEND_INSTEAD}", "empty")
    if len(data) > max_bytes:
        raise PictureError(
            f"This file is larger than {max_bytes / 2**20:.3g} MB. Please send a smaller one, for example as JPEG.",
            "too_large",
        )
    return data


def _read_file(path: Path, at_most: int) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise PictureError(f"{path} is not a file.", "unreadable")
        with path.open("rb") as file:
            return file.read(at_most)
    except FileNotFoundError as error:
        raise PictureError(f"There is no file {path}.", "unreadable") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise PictureError(f"The file {path} can't be read.", "unreadable") from error


def _decode(data: bytes, kind: Kind, limits: Limits) -> Picture:
    if kind.name == "HEIF":
        import pillow_heif  # only here: loading its codecs takes a while

        pillow_heif.register_heif_opener(thumbnails=False)
    with Image.open(io.BytesIO(data), formats=(kind.name,)) as image:
        _check_size(image.size, limits)
        if _DNG_VERSION_TAG in getattr(image, "tag_v2", ()):
            raise PictureError(f"This is a camera's raw file. {SEND_INSTEAD}", "unsupported")
        image.load()
        return Picture.from_pil(image)


def _too_many_pixels(limits: Limits) -> PictureError:
    return PictureError(
        f"This picture has more than {limits.max_pixels / 1e6:.3g} megapixels. Please send a smaller version of it.",
        "too_large",
    )


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width * height > limits.max_pixels:
        raise _too_many_pixels(limits)
    if min(size) < limits.min_side:
        raise PictureError(
            f"This picture is only {width} × {height} pixels. Please send one of at least "
            f"{limits.min_side} pixels on each side; from 500 on it begins to look good.",
            "too_small",
        )
    if max(size) > limits.max_ratio * min(size):
        raise PictureError(
            f"This picture is a strip of {width} × {height} pixels. Please send one whose longer side is at most "
            f"{limits.max_ratio:g} times the shorter one.",
            "unsupported",
        )


def _flat_srgb(image: Image.Image) -> Image.Image:
    """Mode RGB in sRGB with transparency laid over white; still turned as it is stored."""
    colours, alpha = _split_alpha(image)
    colours = _to_srgb(colours, image)
    if alpha is None:
        return colours
    white = Image.new("RGB", colours.size, "white")
    white.paste(colours, mask=alpha)
    return white


def _split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colours of mode L, RGB or CMYK, and the opacity of mode L where there is one."""
    if image.mode.startswith("I;16"):
        return _split_alpha_16_bit(image)
    if image.mode == "1":
        image = image.convert("L") if "transparency" not in image.info else image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK") and "transparency" not in image.info:
        return image, None
    if image.mode in ("LA", "La"):
        full = image.convert("LA")
        return full.getchannel("L"), full.getchannel("A")
    if image.mode in ("YCbCr", "LAB", "HSV"):
        return image.convert("RGB"), None
    if image.mode in ("P", "PA", "L", "RGB", "RGBA", "RGBa"):
        full = image if image.mode == "RGBA" else _with_alpha(image)
        return full.convert("RGB"), full.getchannel("A")
    raise PictureError(
        f"This picture stores its pixels in an unusual way ({image.mode}). {SEND_INSTEAD}", "unsupported"
    )


def _with_alpha(image: Image.Image) -> Image.Image:
    key = image.info.get("transparency")
    if isinstance(key, tuple) and max(key) > 255:  # a 16 bit PNG: pixels come as 8 bit, their key colour does not
        image = image.copy()
        image.info["transparency"] = tuple(value >> 8 for value in key)
    return image.convert("RGBA")


def _split_alpha_16_bit(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Grey of 16 bit scaled to 8 (Pillow's own conversion clips at 255), and its key colour as opacity."""
    values = np.asarray(image).astype(np.uint32)
    if getattr(image, "tag_v2", {}).get(_PHOTOMETRIC_TAG) == 0:  # WhiteIsZero, which Pillow leaves to us at 16 bit
        values = 65535 - values
    grey = Image.fromarray(((values + 128) // 257).astype(np.uint8))
    key = image.info.get("transparency")
    if not isinstance(key, int):
        return grey, None
    return grey, Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8))


def _to_srgb(colours: Image.Image, image: Image.Image) -> Image.Image:
    """`colours` (L, RGB or CMYK) through the ICC profile of `image`, else through the gamma of a PNG."""
    profile = image.info.get("icc_profile")
    if profile:
        converted = _through_profile(colours, profile)
        if converted is not None:
            return converted
    gamma = image.info.get("gamma")
    colours = colours.convert("RGB")
    if gamma and "srgb" not in image.info and not 0.4 < gamma < 0.5:  # 1/2.2 is what sRGB is near to
        colours = colours.point(_gamma_table(gamma) * 3)
    return colours


def _through_profile(colours: Image.Image, profile: bytes) -> Image.Image | None:
    """Mode RGB in sRGB; None where the profile is broken or made for other channels."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if colours.mode == "RGB" and (source.profile.profile_description or "").startswith("sRGB"):
            return colours
        return ImageCms.profileToProfile(
            colours,
            source,
            _SRGB,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _gamma_table(gamma: float) -> list[int]:
    """256 entries from a PNG's stored values (light ** gamma; PNG specification 11.3.2.2) to sRGB."""
    light = np.linspace(0, 1, 256) ** (1 / gamma)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return [int(value) for value in np.rint(encoded * 255)]


def _upright(flat: Image.Image, image: Image.Image) -> Image.Image:
    """`flat` turned as the EXIF data of `image` asks; damaged EXIF data asks for nothing."""
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG)
    except Exception:  # as for decoders: EXIF readers raise anything
        return flat
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return flat if turn is None else flat.transpose(turn)
