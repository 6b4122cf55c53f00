"""The guard: whether a painting still shows its photo, or is black, flat, a veil or noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from stylize.pictures import Picture

_SIDE = 64  # px: coarse enough for strokes to vanish and for forms to stay
_PLAIN = 0.02  # standard deviation, of 1: a photo that varies less shows nothing that could be lost
# Of the photo's. 19 presets on 6 photos, and Rembrandt's: at strength 1 none had less than 0.159; of the overdone, 7 of
# 120 had less than 0.08 at strength 1.5 and were one colour or a veil.
_LEAST_CONTRAST = 0.08
_DARK = 0.1  # of 1: what is added to the brightness that contrast is seen against, since black has none
# 19 presets on 6 photos and 3 drawings, strengths 1 and 1.5: each was above 0.3 by edges or above 0.6 by colours, most
# by both; noise, fine and coarse, was under 0.08 and 0.43.
_LEAST_BY_EDGES, _LEAST_BY_COLOURS = 0.15, 0.5
# So were 19 presets on 6 photos, all of 100 artworks and 96 of 100 textures, but 18 of 50 stripes, which hide photos.
_CLEAR_BY_EDGES, _CLEAR_BY_COLOURS = 0.3, 0.6
_MORE_THAN_NOISE = 0.1  # by edges; a disc that the eye still found in hard stripes had 0.115
# Root mean square of gradients by standard deviation: ramps, fog and photos out of focus had 0.09 to 0.33, 214 photos
# 0.46 and more.
_SOFT = 0.35

_Array = npt.NDArray[np.float64]


def is_sound(painted: Picture, photo: Picture) -> bool:
    """Whether the painting has some of its photo's contrast, and the photo can be told from it at 64 px.

    There are two witnesses, of which one is enough: gradients that are large where the photo's are, and a channel of
    the photo that follows from the painting's colours (their multiple correlation). Neither asks for the same colours,
    nor for light where light was.
    """
    return _shows(painted, photo, _LEAST_BY_EDGES, _LEAST_BY_COLOURS)


def is_clear(painted: Picture, photo: Picture) -> bool:
    """Whether the photo stands out in the painting: as in `is_sound`, but more is asked of the witnesses."""
    return _shows(painted, photo, _CLEAR_BY_EDGES, _CLEAR_BY_COLOURS)


def may_come_back(painted: Picture, photo: Picture) -> bool:
    """Whether a painting that is not sound is one of honest strokes, and no broken one, so that less of it may do.

    It is not flat, and it hides a soft photo, or shows more of the photo's edges than noise does by chance.
    """
    ours, theirs = _coarse(painted), _coarse(photo)
    if _is_flat(ours, theirs):
        return False
    return is_soft(photo) or _by_edges(ours, theirs) >= _MORE_THAN_NOISE


def is_soft(photo: Picture) -> bool:
    """Whether a photo is so smooth, as fog or out of focus, that honest strokes can hide it."""
    pixels = _coarse(photo)
    gradients = _gradients(pixels)
    return bool(gradients.size and np.sqrt((gradients**2).mean()) < _SOFT * _spread(pixels))


def _shows(painted: Picture, photo: Picture, by_edges: float, by_colours: float) -> bool:
    ours, theirs = _coarse(painted), _coarse(photo)
    if theirs.std() < _PLAIN:
        return True
    if _is_flat(ours, theirs):
        return False
    return _by_edges(ours, theirs) >= by_edges or _by_colours(ours, theirs) >= by_colours


def _is_flat(ours: _Array, theirs: _Array) -> bool:
    return _contrast(ours) < _LEAST_CONTRAST * _contrast(theirs)


def _contrast(pixels: _Array) -> float:
    """Against the brightness, as eyes see it (Weber): a candle-lit scene is not a veil."""
    return _spread(pixels) / float(pixels.mean() + _DARK)


def _spread(pixels: _Array) -> float:
    """Standard deviation over places; that between the channels of one colour does not count."""
    return float(np.sqrt(pixels.var((0, 1)).mean()))


def _coarse(picture: Picture) -> _Array:
    scale = min(1.0, _SIDE / max(picture.size))
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return np.asarray(picture.to_pil().resize(size, Image.Resampling.BOX)) / 255


def _by_edges(ours: _Array, theirs: _Array) -> float:
    """Correlation of gradient magnitudes; 0 where one has no edges."""
    a, b = _gradients(ours), _gradients(theirs)
    if not a.size or a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _gradients(pixels: _Array) -> _Array:
    down, right = pixels[1:, :-1] - pixels[:-1, :-1], pixels[:-1, 1:] - pixels[:-1, :-1]
    return np.asarray(np.sqrt((down**2 + right**2).sum(2))).ravel()


def _by_colours(ours: _Array, theirs: _Array) -> float:
    """The largest multiple correlation of a channel of theirs with all of ours."""
    a, b = ((pixels - pixels.mean((0, 1))).reshape(-1, 3) for pixels in (ours, theirs))
    rest = b - a @ np.linalg.lstsq(a, b, rcond=None)[0]
    explained = 1 - (rest**2).sum(0) / np.maximum((b**2).sum(0), 1e-9)
    return float(np.sqrt(max(0.0, explained.max())))
