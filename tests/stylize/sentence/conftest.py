import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from stylize.pictures import Picture, encode_picture
from stylize.sentence import EncodeStyle, SentenceEncoder
from stylize.sentence.colours import palette

COLOURS = {"red": (200, 30, 30), "green": (30, 160, 60), "blue": (30, 60, 190), "white": (240, 240, 240)}


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    encoder = SentenceEncoder()
    encoder.load()
    return encoder


@pytest.fixture
def palette_code() -> EncodeStyle:
    """A style code that people can read: the picture's palette."""

    def encode(pictures: Sequence[Picture]) -> Tensor:
        return torch.stack([torch.from_numpy(palette(picture)) for picture in pictures])

    return encode


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    """A folder with four plain pictures of 40×30 px and captions.jsonl, which names a fifth that is cut off."""
    rows = []
    for name, colour in COLOURS.items():
        pixels = np.full((30, 40, 3), colour, np.uint8)
        (tmp_path / f"{name}.png").write_bytes(encode_picture(Picture(pixels), "png"))
        rows.append({"image": f"{name}.png", "sentences": [f"a {name} wall", f"everything is {name}"]})
    (tmp_path / "broken.png").write_bytes((tmp_path / "red.png").read_bytes()[:60])
    rows.insert(2, {"image": "broken.png", "sentences": ["a broken one"]})
    (tmp_path / "captions.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return tmp_path
