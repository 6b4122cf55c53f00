"""What opens, with which colours and which way up; what is refused, and in which words."""

from __future__ import annotations

import io
import pickle
import struct
import subprocess
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pillow_heif
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from stylize.errors import PictureError
from stylize.pictures import Limits, Picture, encode_picture, open_picture

pillow_heif.register_heif_opener()


@dataclass(frozen=True)
class Opens:
    """Size (width, height), and what some pixels (x, y) look like, within `tolerance`."""

    size: tuple[int, int]
    look: dict[tuple[int, int], tuple[int, int, int]]
    tolerance: int = 3


@dataclass(frozen=True)
class Refused:
    """`PictureError.reason`, and a part of what the sentence advises."""

    reason: str
    advice: str


AGAIN = Refused("unreadable", "send it again")
BRIGHT_SKY, DARK_COAT = (95, 134, 195), (13, 12, 15)
AWKWARD: dict[str, Opens | Refused] = {
    "16bit.tif": Opens((64, 64), {(0, 0): (2, 2, 2), (32, 32): (1, 1, 1)}, 1),  # values 291 to 694 of 65,535
    "animated.apng.png": Opens((128, 64), {(0, 0): (255, 0, 0), (64, 32): (255, 0, 0)}),
    "animated.avifs": Opens((159, 159), {(0, 0): (255, 255, 255), (79, 79): (254, 238, 171)}),
    "animated.webp": Opens((245, 245), {(0, 0): (42, 82, 90), (120, 120): (57, 100, 106)}),
    "animated_dispose.gif": Opens((100, 100), {(1, 1): (135, 206, 235), (50, 50): (30, 144, 255)}),
    "bomb_40000x40000_1bit.png": Refused("too_large", "smaller version"),
    "broken_data_stream.png": AGAIN,
    "cmyk.jpg": Opens((100, 100), {(5, 2): (255, 13, 25), (50, 50): (0, 0, 0)}, 8),  # the word RED on black
    "decompression_bomb.gif": Refused("too_large", "smaller version"),
    "exif_orientation_6.jpg": Opens((128, 128), {(110, 40): BRIGHT_SKY, (30, 110): DARK_COAT}, 12),
    "gray.jpg": Opens((128, 128), {(110, 40): (130, 130, 130), (60, 80): (59, 59, 59)}),
    "hopper.avif": Opens((128, 128), {(110, 40): BRIGHT_SKY, (30, 110): DARK_COAT}, 12),
    "hopper.heif": Opens((128, 128), {(110, 40): BRIGHT_SKY, (30, 110): DARK_COAT}, 12),
    "hopper.webp": Opens((128, 128), {(110, 40): BRIGHT_SKY, (30, 110): DARK_COAT}, 12),
    "i_trns.png": Opens((64, 64), {(0, 0): (0, 0, 0), (32, 32): (255, 255, 255)}),  # a hole, so white
    "one_pixel.png": Refused("too_small", "at least 16 pixels"),
    "palette_trns.png": Opens((64, 64), {(0, 0): (255, 0, 0), (32, 32): (255, 255, 255)}),
    "photo.heic": Opens((768, 512), {(300, 300): (245, 250, 254), (550, 300): (130, 43, 35)}, 8),
    "photo_exif_8.jpg": Opens((768, 512), {(300, 300): (245, 250, 254), (550, 300): (130, 43, 35)}, 8),
    "photo_truncated_60pct.jpg": AGAIN,
    "pngsuite_basn2c16.png": Opens((32, 32), {(0, 0): (255, 255, 0), (31, 0): (0, 255, 0), (31, 31): (0, 0, 255)}),
    "pngsuite_basn6a16.png": Opens((32, 32), {(0, 0): (255, 255, 255), (16, 16): (8, 8, 255)}),
    "pngsuite_tbbn3p08.png": Opens((32, 32), {(0, 0): (255, 255, 255), (10, 20): (0, 195, 0)}),
    "pngsuite_xcrn0g04.png": AGAIN,
    "transparent.webp": Opens((200, 150), {(0, 0): (255, 255, 255), (60, 30): (35, 36, 139)}),
    "truncated.jpg": AGAIN,
    "truncated.png": AGAIN,
    "two_frames.mpo": Opens((640, 480), {(320, 400): (255, 255, 255), (400, 200): (58, 30, 9)}),
    "ultrahdr.jpg": AGAIN,  # ends before its first pixel
    "zero_width.gif": AGAIN,
}


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_file(shared: Path, name: str) -> None:
    expected, path = AWKWARD[name], shared / "images" / "awkward" / name
    if isinstance(expected, Refused):
        with pytest.raises(PictureError) as refusal:
            open_picture(path)
        assert refusal.value.reason == expected.reason
        assert expected.advice in str(refusal.value)
        assert "lease send" in str(refusal.value)
        return
    picture = open_picture(path)
    assert picture.size == expected.size
    for (x, y), colour in expected.look.items():
        assert np.abs(picture.pixels[y, x].astype(int) - colour).max() <= expected.tolerance, (x, y)


def test_no_awkward_file_is_forgotten(shared: Path) -> None:
    assert {path.name for path in (shared / "images" / "awkward").iterdir()} == set(AWKWARD)


def test_one_photo_looks_the_same_from_every_container(shared: Path) -> None:
    """The same portrait as JPEG on its side, AVIF, HEIF and WebP; the same parrots as HEIC and turned JPEG."""

    def pixels(name: str) -> npt.NDArray[np.float64]:
        return open_picture(shared / "images" / "awkward" / name).pixels.astype(float)

    portrait = pixels("hopper.webp")
    for name in ("exif_orientation_6.jpg", "hopper.avif", "hopper.heif"):
        assert np.abs(pixels(name) - portrait).mean() < 6, name
        assert np.abs(pixels(name)[:, ::-1] - portrait).mean() > 20  # the measure sees a mirrored one
    assert np.abs(pixels("gray.jpg")[..., 0] - portrait @ (0.299, 0.587, 0.114)).mean() < 4
    assert np.abs(pixels("photo.heic") - pixels("photo_exif_8.jpg")).mean() < 3


# Small files made here, whose colours are known exactly.

RAMP: npt.NDArray[np.uint8] = np.stack(
    np.broadcast_arrays(np.arange(0, 256, 8)[None], np.arange(0, 256, 8)[:, None], np.uint8(200)), axis=2
).astype(np.uint8)  # (32, 32, 3): red grows to the right, green downwards


def file_of(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_of(samples: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG written by hand, for what Pillow can't write: (H, W, 1 or 3) of 8 or 16 bit, extra chunks before IDAT."""
    height, width, channels = samples.shape
    depth = samples.dtype.itemsize * 8
    rows = samples.astype(samples.dtype.newbyteorder(">")).tobytes()
    stride = len(rows) // height
    filtered = b"".join(b"\0" + rows[y * stride : (y + 1) * stride] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, depth, {1: 0, 3: 2}[channels], 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(filtered)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )


def with_orientation(turn: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = turn
    return exif.tobytes()


@pytest.mark.parametrize(
    ("turn", "stored"),
    [
        (1, RAMP),
        (2, RAMP[:, ::-1]),
        (3, RAMP[::-1, ::-1]),
        (4, RAMP[::-1]),
        (5, RAMP.transpose(1, 0, 2)),
        (6, np.rot90(RAMP, 1)),
        (7, np.rot90(RAMP.transpose(1, 0, 2), 2)),
        (8, np.rot90(RAMP, -1)),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_exif_orientation_is_applied_once(kind: str, turn: int, stored: npt.NDArray[np.uint8]) -> None:
    stored = np.ascontiguousarray(stored)
    options: dict[str, object] = {"lossless": True} if kind == "WEBP" else {}
    data = file_of(Image.fromarray(stored), kind, exif=with_orientation(turn), **options)
    assert np.array_equal(open_picture(data).pixels, RAMP)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_turned_phone_photos_stand_upright(kind: str) -> None:
    tall = Image.fromarray(np.ascontiguousarray(np.rot90(np.repeat(RAMP, 2, axis=1), 1)))
    picture = open_picture(file_of(tall, kind, exif=with_orientation(6), quality=95))
    assert picture.size == (64, 32)
    assert np.abs(picture.pixels.astype(int) - np.repeat(RAMP, 2, axis=1)).mean() < 4


def test_broken_exif_is_ignored() -> None:
    data = file_of(Image.fromarray(RAMP), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff garbage", quality=95)
    assert open_picture(data).size == (32, 32)


def swapped_profile() -> bytes:
    """sRGB with its red and blue primaries exchanged: through it, red data means blue."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile).replace(b"s\0R\0G\0B", b"B\0G\0R\0x").replace(b"sRGB ", b"BGRx ")


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_icc_profile_is_followed(kind: str, mode: str) -> None:
    options: dict[str, object] = {"lossless": True} if kind == "WEBP" else {}
    data = file_of(Image.fromarray(RAMP).convert(mode), kind, icc_profile=swapped_profile(), **options)
    picture = open_picture(data)
    assert np.abs(picture.pixels.astype(int) - RAMP[..., ::-1]).max() <= 2


def test_palette_with_profile() -> None:
    data = file_of(Image.new("RGB", (20, 20), (250, 20, 60)).quantize(4), "PNG", icc_profile=swapped_profile())
    assert np.abs(open_picture(data).pixels.astype(int) - (60, 20, 250)).max() <= 2


@pytest.mark.parametrize("profile", [b"no profile at all", swapped_profile()[:200]])
def test_broken_profile_is_ignored(profile: bytes) -> None:
    assert np.array_equal(open_picture(file_of(Image.fromarray(RAMP), "PNG", icc_profile=profile)).pixels, RAMP)


def test_profile_for_other_channels_is_ignored() -> None:
    grey = Image.fromarray(RAMP[..., 0])
    data = file_of(grey, "PNG", icc_profile=swapped_profile())
    assert np.array_equal(open_picture(data).pixels, np.repeat(RAMP[..., :1], 3, axis=2))


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_looks_like_its_rgb(kind: str) -> None:
    """Pillow writes CMYK JPEG inverted, as Adobe does, and CMYK TIFF straight."""
    inks = Image.fromarray(RAMP).convert("CMYK")
    picture = open_picture(file_of(inks, kind, **({"quality": 98, "subsampling": 0} if kind == "JPEG" else {})))
    assert np.abs(picture.pixels.astype(int) - RAMP).mean() < 2


WIDE: npt.NDArray[np.uint16] = np.linspace(0, 65535, 32 * 32).astype(np.uint16).reshape(32, 32)


def as_8_bit(values: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
    return np.rint(values / 257).astype(np.int64)


def test_16_bit_grey_is_scaled() -> None:
    for data in (
        file_of(Image.fromarray(WIDE), "PNG"),
        file_of(Image.fromarray(WIDE), "TIFF"),
        png_of(WIDE[..., None]),
    ):
        pixels = open_picture(data).pixels
        assert np.array_equal(pixels, np.repeat(as_8_bit(WIDE)[..., None], 3, axis=2))


def test_16_bit_grey_with_white_as_zero() -> None:
    data = bytearray(file_of(Image.fromarray(WIDE), "TIFF"))
    entry = data.index(struct.pack("<HHI", 262, 3, 1))
    data[entry + 8] = 0  # PhotometricInterpretation: WhiteIsZero
    assert np.array_equal(open_picture(bytes(data)).pixels[..., 0], as_8_bit(65535 - WIDE))


def test_16_bit_colour_is_scaled_and_its_key_colour_is_a_hole() -> None:
    samples = np.stack([WIDE, WIDE.T, np.full_like(WIDE, 30000)], axis=2)
    assert np.abs(open_picture(png_of(samples)).pixels.astype(int) - as_8_bit(samples)).max() <= 1
    samples[4, 5] = (600, 40000, 700)
    holed = open_picture(png_of(samples, (b"tRNS", struct.pack(">HHH", 600, 40000, 700)))).pixels
    assert (holed[4, 5] == 255).all()
    assert np.abs(holed[20].astype(int) - as_8_bit(samples)[20]).max() <= 1


def test_png_gamma_is_followed_unless_it_is_the_usual_one() -> None:
    grey = np.full((16, 16, 1), 64, np.uint8)
    linear = open_picture(png_of(grey, (b"gAMA", struct.pack(">I", 100_000)))).pixels
    light = 64 / 255
    assert abs(int(linear[0, 0, 0]) - 255 * (1.055 * light ** (1 / 2.4) - 0.055)) <= 0.5
    assert (open_picture(png_of(grey, (b"gAMA", struct.pack(">I", 45_455)))).pixels == 64).all()
    with_srgb = png_of(grey, (b"gAMA", struct.pack(">I", 100_000)), (b"sRGB", b"\0"))
    assert (open_picture(with_srgb).pixels == 64).all()


def test_transparency_lies_over_white() -> None:
    alpha = np.arange(0, 256, 8, dtype=np.uint8)[None].repeat(32, 0)
    image = Image.fromarray(np.dstack([RAMP, alpha]))
    share = alpha[..., None] / 255
    expected = RAMP * share + 255 * (1 - share)
    for kind, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {})):
        assert np.abs(open_picture(file_of(image, kind, **options)).pixels - expected).max() <= 1, kind
    grey = Image.merge("LA", [Image.fromarray(RAMP[..., 0]), Image.fromarray(alpha)])
    assert np.abs(open_picture(file_of(grey, "PNG")).pixels - expected[..., :1]).max() <= 1


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "PA", "LA", "La", "RGB", "RGBA", "RGBa", "CMYK", "YCbCr", "LAB", "HSV"]
)
def test_every_usual_mode_becomes_rgb(mode: str) -> None:
    steps = {"PA": ("P",), "La": ("LA",), "RGBa": ("RGBA",)}.get(mode, ())
    image = Image.new("RGB", (20, 20), (255, 255, 255))
    for step in (*steps, mode):
        image = image.convert(step)
    assert Picture.from_pil(image).pixels.min() >= 254


@pytest.mark.parametrize("mode", ["I", "F"])
def test_modes_without_a_known_range_are_refused(mode: str) -> None:
    data = file_of(Image.new(mode, (20, 20)), "TIFF")
    with pytest.raises(PictureError, match="unusual way") as refusal:
        open_picture(data)
    assert refusal.value.reason == "unsupported"


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF", "TIFF"])
def test_animations_and_pages_open_as_their_first_picture(kind: str) -> None:
    frames = [Image.new("RGB", (24, 24), colour) for colour in ("red", "lime", "blue")]
    picture = open_picture(file_of(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert np.abs(picture.pixels.astype(int) - (255, 0, 0)).max() < 12


@pytest.mark.parametrize(
    ("data", "reason", "words"),
    [
        (b"", "empty", "empty"),
        (b"hello, this is no picture", "unreadable", "not a picture"),
        (b"%PDF-1.7 ...", "unsupported", "a PDF document"),
        (b"  <svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported", "an SVG drawing"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "animated", "a video"),
        (b"\x1aE\xdf\xa3 webm", "animated", "a video"),
        (b"RIFF\0\0\0\0AVI LIST", "animated", "a video"),
        (b"RIFF\0\0\0\0WAVEfmt ", "unsupported", "a sound file"),
        (b"8BPS\0\x01", "unsupported", "a Photoshop document"),
        (b"II*\0\x10\0\0\0CR\x02\0", "unsupported", "raw file"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "unsupported", "JPEG XL"),
        (b"\xff\xd8\xff", "unreadable", "This JPEG picture is damaged"),
    ],
)
def test_what_is_no_picture_is_called_by_its_name(data: bytes, reason: str, words: str) -> None:
    with pytest.raises(PictureError, match=words) as refusal:
        open_picture(data)
    assert refusal.value.reason == reason


def test_limits() -> None:
    data = file_of(Image.new("RGB", (100, 40)), "PNG")
    assert open_picture(data, Limits(max_pixels=4000, min_side=40, max_ratio=2.5, max_bytes=len(data))).size == (
        100,
        40,
    )
    for limits, reason in (
        (Limits(max_pixels=3999), "too_large"),
        (Limits(max_bytes=len(data) - 1), "too_large"),
        (Limits(min_side=41), "too_small"),
        (Limits(max_ratio=2.4), "unsupported"),
    ):
        with pytest.raises(PictureError) as refusal:
            open_picture(data, limits)
        assert refusal.value.reason == reason


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.jpg", "There is no file"), (tmp_path, "is not a file")):
        with pytest.raises(PictureError, match=words):
            open_picture(path)


def test_a_file_over_the_limit_is_not_read_whole(tmp_path: Path) -> None:
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(2**40)  # a sparse terabyte: reading it would fail
    with pytest.raises(PictureError, match="larger than 20 MB"):
        open_picture(huge)


def bomb_files() -> dict[str, bytes]:
    """Small files that declare a quarter of a gigapixel to 4."""
    side = 16383
    webp = bytearray(file_of(Image.new("RGBA", (64, 64), (1, 2, 3, 4)), "WEBP", lossless=True))
    at = webp.index(b"VP8L") + 9
    bits = int.from_bytes(webp[at : at + 4], "little") >> 28 << 28 | (side - 1) << 14 | side - 1
    webp[at : at + 4] = bits.to_bytes(4, "little")
    files = {"WEBP": bytes(webp)}
    for kind, edge in (("AVIF", 16000), ("HEIF", 30000)):
        data = file_of(Image.new("RGB", (64, 64)), kind)
        at = data.index(b"ispe") + 8
        files[kind] = data[:at] + struct.pack(">II", edge, edge) + data[at + 8 :]
    files["GIF"] = file_of(Image.new("P", (64, 64)), "GIF").replace(struct.pack("<HH", 64, 64), b"\xff" * 4)
    files["PNG"] = png_of(np.broadcast_to(np.uint8(0), (5000, 60_000, 1)))
    return files


def test_bombs_take_no_memory(tmp_path: Path) -> None:
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from stylize.pictures import open_picture\n"
        "from stylize.errors import PictureError\n"
        "import pillow_heif; pillow_heif.register_heif_opener()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        print('opened', name, open_picture(Path(name)).size)\n"
        "    except PictureError as error:\n"
        "        print(error.reason)\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )
    names = []
    for kind, data in bomb_files().items():
        (tmp_path / f"bomb.{kind}").write_bytes(data)
        names.append(str(tmp_path / f"bomb.{kind}"))
    run = subprocess.run([sys.executable, "-c", program, *names], capture_output=True, text=True, check=True)
    *reasons, megabytes = run.stdout.split("\n")[:-1]
    assert reasons == ["too_large"] * len(names)
    assert int(megabytes) < 40


SMALL_FILES: dict[str, bytes] = {
    "jpeg": file_of(Image.fromarray(RAMP), "JPEG", exif=with_orientation(6), icc_profile=swapped_profile()),
    "progressive": file_of(Image.fromarray(RAMP), "JPEG", progressive=True),
    "cmyk": file_of(Image.fromarray(RAMP).convert("CMYK"), "JPEG"),
    "png": file_of(Image.fromarray(RAMP).convert("RGBA"), "PNG", exif=with_orientation(3)),
    "png16": png_of(WIDE[..., None], (b"tRNS", struct.pack(">H", 257))),
    "palette": file_of(Image.fromarray(RAMP).quantize(16), "PNG", transparency=3),
    "gif": file_of(Image.fromarray(RAMP), "GIF", save_all=True, append_images=[Image.new("RGB", (32, 32))]),
    "bmp": file_of(Image.fromarray(RAMP), "BMP"),
    "tiff": file_of(Image.fromarray(RAMP), "TIFF", compression="tiff_lzw"),
    "webp": file_of(Image.fromarray(RAMP), "WEBP"),
    "avif": file_of(Image.fromarray(RAMP), "AVIF"),
    "heif": file_of(Image.fromarray(RAMP), "HEIF"),
}


@pytest.mark.parametrize("kind", SMALL_FILES)
@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    kept=st.floats(0, 1) | st.just(1.0),
)
@example(changes=[], kept=1.0)
def test_damage_never_raises_anything_else(kind: str, changes: list[tuple[float, int]], kept: float) -> None:
    data = bytearray(SMALL_FILES[kind])
    for where, value in changes:
        data[int(where * len(data))] = value
    try:
        open_picture(bytes(data[: int(kept * len(data))]), Limits(max_pixels=4_000_000))
    except PictureError:
        if not changes and kept == 1:  # the undamaged file opens
            raise


@given(st.binary(max_size=64))
def test_random_bytes_never_raise_anything_else(data: bytes) -> None:
    with pytest.raises(PictureError):
        open_picture(data)


def test_resized_only_makes_smaller() -> None:
    picture = Picture(np.repeat(RAMP, 3, axis=1))  # 96 × 32
    assert picture.resized(48).size == (48, 16)
    assert picture.resized(96) is picture
    assert picture.resized(200) is picture
    reference = Image.fromarray(picture.pixels).resize((48, 16), Image.Resampling.LANCZOS)
    assert np.array_equal(picture.resized(48).pixels, np.asarray(reference))
    with pytest.raises(ValueError, match="long_side"):
        picture.resized(0)


@pytest.mark.parametrize("pixels", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)])
def test_a_picture_is_checked(pixels: npt.NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="pixels must be"):
        Picture(pixels)


def test_encoding_is_exact_or_close_deterministic_and_bare() -> None:
    picture = Picture(RAMP)
    png, jpeg = encode_picture(picture, "png"), encode_picture(picture)
    assert np.array_equal(open_picture(png).pixels, RAMP)
    assert np.abs(open_picture(jpeg).pixels.astype(int) - RAMP).mean() < 2
    assert (png, jpeg) == (encode_picture(picture, "png"), encode_picture(picture))
    with Image.open(io.BytesIO(jpeg)) as image:
        assert [component[1:3] for component in image.layer] == [(1, 1)] * 3  # 4:4:4
        assert not image.getexif()
    assert len(encode_picture(picture, quality=50)) < len(jpeg)


def test_nothing_of_the_file_but_its_pixels_survives() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    opened = open_picture(file_of(Image.fromarray(RAMP), "JPEG", exif=exif.tobytes(), comment=b"secret"))
    for kind in ("jpeg", "png"):
        data = encode_picture(opened, kind)  # type: ignore[arg-type]
        assert b"home" not in data
        assert b"secret" not in data


def test_the_reason_survives_a_trip_between_processes() -> None:
    error = pickle.loads(pickle.dumps(PictureError("Too big.", "too_large")))
    assert (str(error), error.reason) == ("Too big.", "too_large")
