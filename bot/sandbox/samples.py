"""Small media made on the spot, so that a person can send a sticker, a GIF or a voice message without having a file."""

import io
import struct

from PIL import Image, ImageDraw

_SECOND = 48_000  # Opus counts in 48 kHz whatever it carries
_SILENCE = bytes([0xF8, 0xFF, 0xFE])  # an Opus packet of 20 ms of silence


def sticker() -> bytes:
    """A smiling face, WebP, 512 by 512."""
    picture = Image.new("RGBA", (512, 512), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((36, 36, 476, 476), fill="#ffd54f", outline="#f9a825", width=12)
    draw.ellipse((160, 170, 210, 250), fill="#5d4037")
    draw.ellipse((302, 170, 352, 250), fill="#5d4037")
    draw.arc((146, 190, 366, 390), 20, 160, fill="#5d4037", width=20)
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=85)
    return out.getvalue()


def animation() -> bytes:
    """A ball that bounces, GIF, 240 by 240, one second."""
    frames = []
    for step in range(12):
        high = 4 * (step / 12) * (1 - step / 12)
        frame = Image.new("RGB", (240, 240), "#e8f0fe")
        top = 170 - 130 * high
        ImageDraw.Draw(frame).ellipse((95, top, 145, top + 50), fill="#3b6fd4")
        frames.append(frame)
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)
    return out.getvalue()


def voice(seconds: int = 2) -> bytes:
    """Silence as Ogg Opus (RFC 7845), which is what Telegram's voice messages are."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, _SECOND, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 7) + b"atelier" + struct.pack("<I", 0)
    pages = [_page([head], 0, 0, 2), _page([tags], 0, 1, 0)]
    for number in range(seconds):
        last = 4 if number == seconds - 1 else 0
        pages.append(_page([_SILENCE] * 50, (number + 1) * _SECOND, number + 2, last))
    return b"".join(pages)


def _page(packets: list[bytes], position: int, number: int, flags: int) -> bytes:
    lacing = bytes(len(packet) for packet in packets)  # every packet here is shorter than 255 bytes
    header = b"OggS" + struct.pack("<BBqIII", 0, flags, position, 1, number, 0) + bytes([len(lacing)]) + lacing
    page = header + b"".join(packets)
    return page[:22] + struct.pack("<I", _checksum(page)) + page[26:]


def _checksum(page: bytes) -> int:
    """Ogg's CRC-32: polynomial 0x04c11db7, not reflected, starting from 0 (RFC 3533)."""
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        value &= 0xFFFFFFFF
    return value
