"""Which kind of file some bytes are, from their first bytes alone; names and labels lie."""

from __future__ import annotations

from dataclasses import dataclass

from stylize.errors import PictureError

SEND_INSTEAD = "Please send a JPEG or PNG picture."


@dataclass(frozen=True)
class Kind:
    """A kind of picture file that we open: Pillow's name of its decoder, and what people call it."""

    name: str
    title: str


JPEG = Kind("JPEG", "JPEG")
PNG = Kind("PNG", "PNG")
GIF = Kind("GIF", "GIF")
BMP = Kind("BMP", "BMP")
TIFF = Kind("TIFF", "TIFF")
WEBP = Kind("WEBP", "WebP")
AVIF = Kind("AVIF", "AVIF")
HEIF = Kind("HEIF", "HEIC")

_OPENED: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"BM", BMP),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
)
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"8BPS", "a Photoshop document"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML or SVG document"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\0\0\x01\0", "an icon file"),
    (b"FUJIFILMCCD-RAW", "a camera's raw file"),
    (b"IIU\0", "a camera's raw file"),
    (b"IIRO", "a camera's raw file"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"\x1f\x8b", "a packed file"),
)
_VIDEOS = (b"\x1aE\xdf\xa3", b"OggS", b"\0\0\x01\xba", b"\0\0\x01\xb3")
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1", b"heif"}


def sniff(data: bytes) -> Kind:
    """The kind of a file from its bytes; at least 12 of them for a sure answer.

    Raises PictureError: "animated" for videos, "unsupported" for other known kinds, "unreadable" for a PNG
    damaged by text conversion and for anything not known.
    """
    for magic, kind in _OPENED:
        if data.startswith(magic):
            if kind is TIFF and data[8:10] == b"CR":
                raise _refused("a camera's raw file")
            return kind
    if data.startswith(b"RIFF"):
        if data[8:12] == b"WEBP":
            return WEBP
        raise _video() if data[8:12] == b"AVI " else _refused("a sound file")
    if data[4:8] == b"ftyp":
        return _sniff_boxes(data)
    if data.startswith(_VIDEOS):
        raise _video()
    head = data.lstrip(b"\xef\xbb\xbf \r\n\t")[:16]
    for magic, title in _REFUSED:
        if data.startswith(magic) or head.lower().startswith(magic.lower()):
            raise _refused(title)
    if data[1:4] == b"PNG":
        raise PictureError(
            "This PNG was damaged on its way: something treated it as text. "
            "Please send it again, or send another copy.",
            "unreadable",
        )
    raise PictureError(f"This file is not a picture that can be read. {SEND_INSTEAD}", "unreadable")


def _sniff_boxes(data: bytes) -> Kind:
    """ISO base media files: the first box names the brands that the file keeps to (ISO/IEC 14496-12, 4.3)."""
    length = min(int.from_bytes(data[:4], "big"), 256, len(data))
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, length - 3, 4))}
    if brands & _AVIF_BRANDS:
        return AVIF
    if brands & _HEIF_BRANDS:
        return HEIF
    if data[8:11] == b"crx":
        raise _refused("a camera's raw file")
    raise _video()


def _refused(title: str) -> PictureError:
    return PictureError(f"This is {title}, which can't be painted. {SEND_INSTEAD}", "unsupported")


def _video() -> PictureError:
    return PictureError(f"This is a video, and only still pictures can be painted. {SEND_INSTEAD}", "animated")
