"""Stroke size: broader or finer strokes than the net was taught, at the same size of the picture.

A net paints strokes of so many pixels, and a style code has no size that could be set. So the photo is painted at
another size. Finer strokes: it is painted enlarged and reduced. Broader ones: painted reduced, enlarged, laid over the
photo in part and painted once more, since an enlarged painting is blurred and has lost the small things, faces first
(coarse to fine, as Gatys et al. 2017 do for large pictures); of broad strokes that were asked for, some stay on top.
Reading the style at another scale, the alternative for style pictures, hardly changed the strokes.

Strokes belong to the picture, not to its pixels: a photo of 4000 px is to look like the same photo of 1000 px when both
fill a screen. So beyond ``REFERENCE`` strokes grow with the picture. That costs little, since the first painting is
small, and bounds what finer strokes cost: nothing is painted enlarged beyond ``REFERENCE`` / 0.5. Likewise below
``SMALL``, where a single stroke would cover what is to be seen.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from stylize.batching import Steps
from stylize.pictures import Picture
from stylize.request import Progress, Watch

REFERENCE = 1280  # px, long side: the largest picture whose strokes are as the net paints them
SMALL = 192  # px, long side: below, strokes shrink with the picture, or nothing of it would be left
KEPT = 0.5  # of the broad painting's share: what was painted over it in fine strokes would hide it
_LEAST = 16  # px: short side of the smaller painting

Paint = Callable[[Picture, Watch], Steps[Picture]]
"""Has a picture painted at its own size, reporting the progress from 0 to 1."""


def paint_in_strokes(paint: Paint, photo: Picture, stroke_size: float, watch: Watch) -> Steps[Picture]:
    """Steps to the photo painted, at its own size, with strokes of `stroke_size` (1: as the net paints them)."""
    scale = stroke_scale(photo, stroke_size)
    if scale == 1:
        return (yield from paint(photo, watch))
    if scale < 1:
        return _resized((yield from paint(_scaled(photo, 1 / scale), watch)), photo.size)
    first_share = 1 / (1 + scale**2)  # of the work: it goes with the pixels
    broad = _resized((yield from paint(_scaled(photo, 1 / scale), _part(watch, 0, first_share))), photo.size)
    under = Image.blend(photo.to_pil(), broad.to_pil(), 1 - 1 / scale)
    painted = yield from paint(Picture(np.array(under)), _part(watch, first_share, 1))
    kept = max(0.0, 1 - 1 / stroke_size) * KEPT
    return Picture(np.array(Image.blend(painted.to_pil(), broad.to_pil(), kept))) if kept else painted


def stroke_scale(photo: Picture, stroke_size: float) -> float:
    """By how much the strokes on this photo are to be larger than the net paints them."""
    long_side = max(photo.size)
    wanted = stroke_size * max(1.0, long_side / REFERENCE) * min(1.0, long_side / SMALL)
    return min(wanted, max(1.0, min(photo.size) / _LEAST))


def _scaled(picture: Picture, factor: float) -> Picture:
    return _resized(picture, (max(1, round(picture.width * factor)), max(1, round(picture.height * factor))))


def _resized(picture: Picture, size: tuple[int, int]) -> Picture:
    return Picture(np.array(picture.to_pil().resize(size, Image.Resampling.LANCZOS)))


def _part(watch: Watch, start: float, end: float) -> Watch:
    """Reports 0 to 1 as `start` to `end` of the whole."""
    return lambda progress: watch(
        Progress(round(1000 * (start + (end - start) * progress.fraction)), 1000, progress.loss, progress.preview)
    )
