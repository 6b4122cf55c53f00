"""Folders of pictures as training material, held in memory as small uint8 tensors."""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from stylize.errors import PictureError
from stylize.pictures import Limits, open_picture
from stylize.training.procedural import procedural_style

ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".avif"}


@dataclass(frozen=True)
class Loaded:
    """Pictures of a folder, each (3, H, W) uint8 with its shorter side at most ``short``, and the files left out.

    skipped: name and reason of each that can't be used; held_out: how many ``leave_out`` names.
    """

    pictures: tuple[Tensor, ...]
    names: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    held_out: int = 0


def load_folders(
    folders: Iterable[Path],
    short: int,
    leave_out: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
    most: int | None = None,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> Loaded:
    """Every readable picture below ``folders`` in a fixed order; broken files are skipped and listed with the reason.

    leave_out: beginnings of file names that must not be seen in training (held-out artists).
    only: the file names wanted, where not all are. most: of more files, so many random ones, always the same.
    tell: called with how many files of how many were read.
    """
    files = sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix.lower() in ENDINGS and (only is None or path.name in only) and path.is_file()
    )
    seen = [path for path in files if not path.name.startswith(tuple(leave_out))]
    held_out, files = len(files) - len(seen), seen

    if most is not None and len(files) > most:
        files = sorted(random.Random(0).sample(files, most))

    def read(path: Path) -> Tensor | PictureError:
        try:
            picture = open_picture(path, Limits(max_bytes=200 * 2**20, min_side=64))
        except PictureError as error:
            return error
        pil = picture.to_pil()
        scale = short / min(pil.size)
        if scale < 1:
            pil = pil.resize((round(pil.width * scale), round(pil.height * scale)), Image.Resampling.LANCZOS)
        return torch.from_numpy(np.array(pil)).permute(2, 0, 1).contiguous()

    with ThreadPoolExecutor(4) as pool:
        answers = []
        for answer in pool.map(read, files):
            answers.append(answer)
            tell(len(answers), len(files))
    kept = [(path.name, answer) for path, answer in zip(files, answers, strict=True) if isinstance(answer, Tensor)]
    skipped = [
        (path.name, str(answer)) for path, answer in zip(files, answers, strict=True) if not isinstance(answer, Tensor)
    ]
    return Loaded(tuple(p for _, p in kept), tuple(n for n, _ in kept), tuple(skipped), held_out)


def random_crop(picture: Tensor, side: int, scales: tuple[float, float], rng: random.Random) -> Tensor:
    """A square of ``side`` px from a picture (3, H, W) uint8 resized by a random factor (log-uniform in ``scales``).

    The factor is raised where the square would not fit. Returns (3, side, side) float32 in [0, 1].
    """
    height, width = picture.shape[1:]
    factor = math.exp(rng.uniform(math.log(scales[0]), math.log(scales[1])))
    factor = max(factor, side / min(height, width))
    source = max(8, min(round(side / factor), height, width))
    top, left = rng.randint(0, height - source), rng.randint(0, width - source)
    crop = picture[:, top : top + source, left : left + source].float()[None] / 255
    if source != side:
        crop = F.interpolate(crop, (side, side), mode="bicubic", antialias=source > side).clamp_(0, 1)
    if rng.random() < 0.5:
        crop = crop.flip(3)
    return crop[0]


def vary_colours(picture: Tensor, rng: random.Random, chance: float) -> Tensor:
    """Now and then another palette for the same strokes: channels permuted, gamma, contrast, inverted lightness.

    Widens a small set of paintings; picture and result (3, H, W) in [0, 1].
    """
    if rng.random() > chance:
        return picture
    order = rng.sample(range(3), 3)
    varied = picture[order].pow(math.exp(rng.uniform(-0.5, 0.5)))
    if rng.random() < 0.2:
        varied = 1 - varied
    grey = varied.mean(0, keepdim=True)
    return (grey + (varied - grey) * rng.uniform(0.2, 1.4)).clamp(0, 1)


class Sampler:
    """Endless random picks from weighted groups of pictures; a share ``drawn`` of them drawn by code instead.

    drawn_side: px of those. Every weight counts for one picture, not for its group.
    """

    def __init__(
        self,
        groups: Sequence[tuple[Sequence[Tensor], float]],
        rng: random.Random,
        drawn: float = 0.0,
        drawn_side: int = 320,
    ) -> None:
        self.pictures = [picture for pictures, _ in groups for picture in pictures]
        self.weights = [weight for pictures, weight in groups for _ in pictures]
        self.rng, self.drawn, self.drawn_side = rng, drawn, drawn_side

    def pick(self) -> Tensor:
        """(3, H, W) uint8"""
        if self.drawn and self.rng.random() < self.drawn:
            return (procedural_style(self.drawn_side, self.rng) * 255).round().byte()
        return self.rng.choices(self.pictures, self.weights)[0]
