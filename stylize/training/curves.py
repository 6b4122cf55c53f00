"""Curves of a run's losses as one picture, one panel for each loss."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from PIL import Image, ImageDraw, ImageFont

_FINE = 2  # drawn so many times larger, then made smaller: Pillow's lines have steps otherwise
_PANEL = (560, 260)
_MARGIN = (64, 40, 20, 32)  # left, top, right, bottom, px
_PAPER, _GRID, _TEXT, _EACH, _SMOOTH = "white", "#e8e8e8", "#444444", "#bccbe2", "#1f4e9c"
_NOT_LOSSES = {"step", "seconds"}


def read_lines(path: Path) -> list[dict[str, float]]:
    """The lines of a losses.jsonl in the order of their steps.

    A run that was resumed writes the steps after its checkpoint again: the newer line of a step counts, and lines that
    a crash cut off are left out.
    """
    lines: list[dict[str, float]] = []
    for text in path.read_text().splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        while lines and lines[-1]["step"] >= line["step"]:
            lines.pop()
        lines.append(line)
    return lines


def draw_curves(lines: Sequence[dict[str, float]], path: Path) -> None:
    """Writes a PNG with each loss of the lines over the steps: every value pale, their moving mean strong.

    The axis is logarithmic where a loss fell to less than a third of what it was.
    """
    names = [name for name in lines[-1] if name not in _NOT_LOSSES] if lines else []
    columns = 2 if len(names) > 1 else 1
    width, height = columns * _PANEL[0], max(1, math.ceil(len(names) / columns)) * _PANEL[1]
    sheet = Image.new("RGB", (width * _FINE, height * _FINE), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, name in enumerate(names):
        points = [(line["step"], line[name]) for line in lines if math.isfinite(line.get(name, math.nan))]
        if points:
            _Panel(draw, place % columns * _PANEL[0], place // columns * _PANEL[1], points).draw(name)
    fresh = path.with_suffix(".part")
    sheet.resize((width, height), Image.Resampling.LANCZOS).save(fresh, "PNG")
    fresh.replace(path)


def smoothed(values: Sequence[float]) -> list[float]:
    """Mean of each value and its neighbours, a twentieth of all on either side; fewer at the ends."""
    reach = len(values) // 20
    return [fmean(values[max(0, i - reach) : i + reach + 1]) for i in range(len(values))]


def ticks(low: float, high: float, logarithmic: bool) -> list[float]:
    """Round numbers from low to high: 1, 2 and 5 times powers of ten, about three to seven of them."""
    if logarithmic:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        fine = (1, 2, 5) if high / low < 300 else (1,)
        return [m * 10.0**p for p in powers for m in fine if low <= m * 10.0**p <= high]
    size = 10.0 ** math.floor(math.log10(max(high - low, 1e-12)))
    step = next(size * m for m in (0.2, 0.5, 1.0, 2.0) if (high - low) / (size * m) <= 6)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


class _Panel:
    def __init__(self, draw: ImageDraw.ImageDraw, left: int, top: int, points: list[tuple[float, float]]) -> None:
        self.canvas, self.left, self.top = draw, left, top
        self.steps, self.values = [step for step, _ in points], [value for _, value in points]
        self.means = smoothed(self.values)
        low, high = min(self.values), max(self.values)
        self.log = low > 0 and max(self.means) > 3 * min(self.means)
        room = 0.0 if self.log else 0.05 * (high - low) or max(abs(high), 1e-6) * 0.1
        self.low, self.high = low - room, high + room
        self.first, self.last = min(0.0, self.steps[0]), max(self.steps[-1], self.steps[0] + 1)

    def draw(self, name: str) -> None:
        right, bottom = _PANEL[0] - _MARGIN[2], _PANEL[1] - _MARGIN[3]
        for value in ticks(self.low, self.high, self.log):
            y = self._y(value)
            self._line([(_MARGIN[0], y), (right, y)], _GRID, 1)
            self._text((_MARGIN[0] - 8, y), f"{value:.3g}", "rm")
        for step in ticks(self.first, self.last, False):
            self._text((self._x(step), bottom + 8), f"{step:g}", "mt")
        self._line(list(zip(map(self._x, self.steps), map(self._y, self.values), strict=True)), _EACH, 1)
        self._line(list(zip(map(self._x, self.steps), map(self._y, self.means), strict=True)), _SMOOTH, 2)
        self._text((_MARGIN[0], 16), name, "lm", 15)
        self._text((right, 16), f"{self.means[-1]:.4g}", "rm", 15, _SMOOTH)

    def _x(self, step: float) -> float:
        return _MARGIN[0] + (step - self.first) / (self.last - self.first) * (_PANEL[0] - _MARGIN[0] - _MARGIN[2])

    def _y(self, value: float) -> float:
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return _PANEL[1] - _MARGIN[3] - (value - low) / (high - low) * (_PANEL[1] - _MARGIN[1] - _MARGIN[3])

    def _line(self, points: list[tuple[float, float]], colour: str, width: int) -> None:
        fine = [((x + self.left) * _FINE, (y + self.top) * _FINE) for x, y in points]
        self.canvas.line(fine, colour, width * _FINE, joint="curve")

    def _text(self, at: tuple[float, float], text: str, anchor: str, size: int = 11, colour: str = _TEXT) -> None:
        place = (at[0] + self.left) * _FINE, (at[1] + self.top) * _FINE
        self.canvas.text(place, text, colour, ImageFont.load_default(size * _FINE), anchor)
