"""A run's own pictures: curves of its losses, and the same few photos painted again and again."""

from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.utils import make_grid, save_image

from stylize.training.curves import draw_curves, read_lines

Paint = Callable[[Tensor, Tensor], Tensor]
"""(photos (B, 3, H, W), style pictures (B, 3, S, S)) -> (B, 3, H, W), all in [0, 1]."""


class Watcher:
    """Draws into the run folder: losses.png from its losses.jsonl, and samples/step-….png.

    photos: (N, 3, H, W), styles: (M, 3, S, S), in [0, 1] on the device that paints.
    """

    def __init__(self, folder: Path, photos: Tensor, styles: Tensor) -> None:
        self.folder, self.photos, self.styles = folder, photos, styles

    def report(self, line: dict[str, float]) -> None:
        """Called when a line of losses was written."""
        draw_curves(read_lines(self.folder / "losses.jsonl") or [line], self.folder / "losses.png")

    def sample(self, step: int, paint: Paint) -> None:
        """Writes the grid of photos (rows) and styles (columns): above the styles, on the left the photos."""
        samples = self.folder / "samples"
        samples.mkdir(parents=True, exist_ok=True)
        save_image(self._grid(paint), samples / f"step-{step:06d}.png")

    def _grid(self, paint: Paint) -> Tensor:
        count = len(self.photos)
        with torch.no_grad():
            columns = [paint(self.photos, style.expand(count, -1, -1, -1)).float().cpu() for style in self.styles]
        photos, size = self.photos.float().cpu(), self.photos.shape[-2:]
        above = F.interpolate(self.styles.float().cpu(), size, mode="bicubic", antialias=True)
        rows = [torch.ones_like(photos[:1]), above]
        for row in range(count):
            rows += [photos[row : row + 1], *(column[row : row + 1] for column in columns)]
        grid: Tensor = make_grid(torch.cat(rows).clamp(0, 1), nrow=len(columns) + 1, padding=4, pad_value=1)
        return grid


def centre_squares(pictures: list[Tensor], side: int) -> Tensor:
    """The largest middle square of each picture (3, H, W) uint8, resized: (N, 3, side, side) float32 in [0, 1]."""
    squares = []
    for picture in pictures:
        height, width = picture.shape[1:]
        short = min(height, width)
        top, left = (height - short) // 2, (width - short) // 2
        square = picture[None, :, top : top + short, left : left + short].float() / 255
        squares.append(F.interpolate(square, (side, side), mode="bicubic", antialias=True).clamp(0, 1))
    return torch.cat(squares)


def remaining(seconds: float) -> str:
    """A time to go as hours and minutes: "3:05 h", and "under a minute" below one."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02d} h" if seconds >= 60 else "under a minute"
