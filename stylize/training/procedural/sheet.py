"""The sheet that a material is drawn on: coordinates, noises and the two ways to lay marks over them."""

import math
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.training.procedural.palette import Palette, random_palette

_SPLINE_POWER = 151 / 315  # mean power of a cubic B-spline's four weights: of unit noise on both axes, its deviation


def spread(values: Tensor, index: Tensor) -> Tensor:
    """values (…, N) at index (H, W) -> (…, H, W); many times as fast as ``values[..., index]``."""
    rows = [row.index_select(0, index.flatten()) for row in values.reshape(-1, values.shape[-1])]
    return torch.stack(rows).view(*values.shape[:-1], *index.shape)


@dataclass(frozen=True)
class Cells:
    """For each pixel (H, W) the nearest of the scattered points (Worley 1996)."""

    index: Tensor  # which point, int64
    distance: Tensor  # px to it
    edge: Tensor  # px to the border of its cell
    places: tuple[Tensor, Tensor]  # x and y of all points, (N,)


@dataclass(frozen=True)
class Strokes:
    """For each pixel (H, W) the topmost of the scattered strokes."""

    index: Tensor  # which stroke, int64
    along: Tensor  # -1 at its start, 1 at its end
    across: Tensor  # -1 at one side, 1 at the other
    covered: Tensor  # 1 inside, 0 outside, soft over a pixel
    places: tuple[Tensor, Tensor]  # x and y of all strokes' middles, (N,)


class Sheet:
    """A square of ``side`` px and its random choices; every map is (side, side) float32."""

    def __init__(self, side: int, rng: random.Random) -> None:
        self.side, self.rng = side, rng
        self.generator = torch.Generator().manual_seed(rng.getrandbits(62))
        row = torch.arange(side, dtype=torch.float32)
        self.x, self.y = row.expand(side, side), row[:, None].expand(side, side)
        self.palette: Palette = random_palette(rng)

    def between(self, low: float, high: float) -> float:
        return self.rng.uniform(low, high)

    def size(self, low: float, high: float) -> float:
        """A length in px, log-uniform."""
        return math.exp(self.rng.uniform(math.log(low), math.log(high)))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def uniform(self, count: int) -> Tensor:
        """(count,) in [0, 1)"""
        return torch.rand(count, generator=self.generator)

    def white(self) -> Tensor:
        """Noise without neighbours, normal."""
        return torch.randn(self.side, self.side, generator=self.generator)

    def noise(self, cell: float, stretch: float = 1.0) -> Tensor:
        """Smooth noise with bumps of about ``cell`` px (times ``stretch`` in x), about standard normal."""
        upright, flat = (self._splines(c) for c in (cell, cell * stretch))
        coarse = torch.randn(upright.shape[1], flat.shape[1], generator=self.generator)
        return upright @ coarse @ flat.T / _SPLINE_POWER

    def _splines(self, cell: float) -> Tensor:
        """Weights of the knots ``cell`` px apart in each row of pixels (cubic B-splines), (side, N)."""
        place = torch.arange(self.side) / cell + self.between(0, 1)
        knot = place.long()
        t = (place - knot)[:, None]
        u = 1 - t
        parts = torch.cat([u**3, 4 - 6 * t**2 + 3 * t**3, 4 - 6 * u**2 + 3 * u**3, t**3], 1) / 6
        weights = torch.zeros(self.side, int(knot[-1]) + 4)
        return weights.scatter_(1, knot[:, None] + torch.arange(4), parts)

    def fractal(self, cell: float, octaves: int = 3, fall: float = 0.5) -> Tensor:
        """Sum of noises of halving sizes, about standard normal."""
        total, power = self.noise(cell), 1.0
        for octave in range(1, octaves):
            if cell / 2**octave < 2:
                break
            total = total + self.noise(cell / 2**octave) * fall**octave
            power += fall ** (2 * octave)
        return total / math.sqrt(power)

    def wobbled(self, cell: float, amount: float) -> tuple[Tensor, Tensor]:
        """x and y, pushed about by up to some ``amount`` px: no hand draws straight."""
        return self.x + self.noise(cell) * amount, self.y + self.noise(cell) * amount

    def turned(self, angle: float, x: Tensor | None = None, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Coordinates along and across a direction, px."""
        x, y = self.x if x is None else x, self.y if y is None else y
        c, s = math.cos(angle), math.sin(angle)
        return x * c + y * s, y * c - x * s

    def tone(self) -> Tensor:
        """The picture below the material, lightness in [0, 1]: clouds, a slope, rings or flat areas."""
        kind = self.rng.randrange(4)
        if kind == 0:
            raw = self.fractal(self.size(0.15, 0.8) * self.side, 3)
        elif kind == 1:
            raw = self.turned(self.between(0, 6.3))[0] * (3.5 / self.side)
            raw = raw - raw.mean() + self.fractal(self.side / 4) * 0.5
        elif kind == 2:
            raw = torch.hypot(self.x - self.between(0, 1) * self.side, self.y - self.between(0, 1) * self.side)
            raw = (raw * (self.between(4, 16) / self.side) + self.noise(self.side / 3)).sin() * 1.5
        else:
            regions = self.regions(self.rng.randint(2, 5))
            levels = torch.randn(int(regions.max()) + 1, generator=self.generator) * 1.3
            raw = spread(levels, regions) + self.noise(self.side / 3) * 0.4
        lightness: Tensor = torch.special.ndtr(raw)
        return lightness

    def regions(self, cuts: int) -> Tensor:
        """Areas between ``cuts`` bent lines, as int64 numbers."""
        index = torch.zeros(self.side, self.side, dtype=torch.int64)
        x, y = self.wobbled(self.side / 2, self.between(0, 0.06) * self.side)
        for cut in range(cuts):
            along, _ = self.turned(self.between(0, 6.3), x, y)
            index += (along > along.mean() + self.between(-0.35, 0.35) * self.side).long() << cut
        return index

    def flow(self) -> Tensor:
        """A direction for each pixel, radians: a drift, clouds of directions, or whirls."""
        kind = self.rng.randrange(3)
        drift = self.between(0, 2 * math.pi)
        if kind == 0:
            return drift + self.noise(self.side * self.between(0.2, 0.8)) * self.between(0.2, 0.7)
        if kind == 1:
            return self.fractal(self.side * self.between(0.25, 0.7), 2) * self.between(1, 2.5)
        across, down = torch.full_like(self.x, math.cos(drift) * 0.4), torch.full_like(self.x, math.sin(drift) * 0.4)
        for _ in range(self.rng.randint(1, 4)):
            dx, dy = self.x - self.between(0, 1) * self.side, self.y - self.between(0, 1) * self.side
            pull = torch.exp(-(dx * dx + dy * dy) / (2 * (self.between(0.1, 0.35) * self.side) ** 2))
            pull = pull * (self.rng.choice((-1, 1)) * 8 / self.side)
            across, down = across - dy * pull * 2, down + dx * pull * 2
        return torch.atan2(down, across)

    def smear(self, picture: Tensor, direction: Tensor, length: float) -> Tensor:
        """Mean of a map along the flow (line integral convolution, Cabral and Leedom 1993) over about ``length`` px.

        Each pass takes the mean of two places twice as far apart as before, so that few passes reach far.
        """
        scale = 2 / self.side
        ahead = torch.stack([direction.cos(), direction.sin()], dim=-1) * scale
        here = torch.stack([(self.x + 0.5) * scale - 1, (self.y + 0.5) * scale - 1], dim=-1)
        reach, smeared = 0.5, picture[None, None]
        while reach < length / 2:
            pair = torch.cat([here - ahead * reach, here + ahead * reach])[None]
            both = F.grid_sample(smeared, pair, align_corners=False, padding_mode="border")
            smeared = both.view(1, 1, 2, self.side, self.side).mean(2)
            reach *= 2
        return smeared[0, 0]

    def grain(self, width: float, length: float, angle: float, bend: float = 0.0) -> Tensor:
        """Noise in streaks of about ``width`` and ``length`` px along a direction that bends by up to some ``bend`` px.

        About standard normal; far cheaper than `smear`.
        """
        x, y = self.wobbled(self.side / 3, bend) if bend else (self.x, self.y)
        along, across = self.turned(angle, x, y)
        knots = 1 + int(1.5 * self.side / min(width, length))
        coarse = torch.randn(1, 1, min(knots, 256), min(knots, 256), generator=self.generator)
        where = torch.stack([along * (2 / (length * coarse.shape[3])), across * (2 / (width * coarse.shape[2]))], -1)
        streaks = F.grid_sample(coarse, where[None], padding_mode="reflection", align_corners=False)[0, 0]
        return streaks * 1.5

    def cells(self, cell: float, jitter: float = 1.0, x: Tensor | None = None, y: Tensor | None = None) -> Cells:
        """Points on a grid of ``cell`` px, moved by up to ``jitter`` halves of it."""
        x, y, grid = self._grid(cell, x, y)
        px, py = grid.scatter(self, jitter)
        # Squared distance and neighbour in one whole number: minima of those are the fastest way to find the nearest.
        near = torch.full_like(grid.home, 2**31 - 1, dtype=torch.int32)
        second, scale = near.clone(), 2**20 / cell**2
        for number, step in enumerate(grid.neighbours()):
            candidate = grid.home + step
            far = (x - spread(px, candidate)).square_() + (y - spread(py, candidate)).square_()
            key = far.mul_(scale).int().mul_(16).add_(number)
            second = torch.minimum(second, torch.maximum(near, key))
            near = torch.minimum(near, key)
        index, other = grid.found(near), grid.found(second)
        (ax, ay), (bx, by) = ((spread(px, i), spread(py, i)) for i in (index, other))
        apart = torch.hypot(ax - bx, ay - by).clamp_(min=1)
        edge = ((ax + bx) / 2 - x) * (ax - bx) + ((ay + by) / 2 - y) * (ay - by)
        return Cells(index, torch.hypot(x - ax, y - ay), -edge / apart, (px, py))

    def strokes(
        self, cell: float, direction: Tensor, length: float, width: float, ragged: float = 0.15, rows: bool = False
    ) -> Strokes:
        """Strokes on a jittered grid of ``cell`` px, half ``length`` and half ``width`` in cells, length below 1.4.

        rows: each row lies over the one above, like tiles on a roof; otherwise the order is random.
        """
        x, y, grid = self._grid(cell, None, None)
        px, py = grid.scatter(self, 0.25 if rows else 0.9)
        count = len(px)
        angle = direction[
            py.round().long().clamp(0, self.side - 1), px.round().long().clamp(0, self.side - 1)
        ] + 0.15 * torch.randn(count, generator=self.generator)
        size = cell * (0.7 + 0.6 * self.uniform(count))
        forward, aside = (angle.cos() / size, angle.sin() / size)
        order = (py + self.uniform(count) if rows else self.uniform(count)).argsort().argsort().int() + 1
        rough = 1 + self.noise(max(2.0, cell * width * 0.5)) * ragged

        def place(stroke: Tensor) -> tuple[Tensor, Tensor]:
            dx, dy = x - spread(px, stroke), y - spread(py, stroke)
            c, s = spread(forward, stroke), spread(aside, stroke)
            return (dx * c + dy * s) / length, (dy * c - dx * s) / width

        top, covered = torch.zeros_like(grid.home, dtype=torch.int32), torch.zeros_like(x)
        for number, step in enumerate(grid.neighbours()):
            u, v = place(grid.home + step)
            inside = (rough - (u.square_().square_() + v.square_()).sqrt_()).mul_(cell * width).add_(0.5)
            covered = torch.maximum(covered, inside)
            level = spread(order, grid.home + step).mul_(16).add_(number)
            top = torch.maximum(top, level.mul_(inside > 0.5))
        index = grid.found(top)
        along, across = place(index)
        return Strokes(index, along, across, covered.clamp_(max=1), (px, py))

    def at(self, field: Tensor, places: tuple[Tensor, Tensor]) -> Tensor:
        """Values of a map at points, (N,)."""
        columns, rows = (p.round().long().clamp(0, self.side - 1) for p in places)
        return field[rows, columns]

    def _grid(self, cell: float, x: Tensor | None, y: Tensor | None) -> tuple[Tensor, Tensor, "_Grid"]:
        x, y = self.x if x is None else x, self.y if y is None else y
        return x, y, _Grid.over(x, y, cell)


@dataclass(frozen=True)
class _Grid:
    """Squares of ``cell`` px over given coordinates, with a border of one square."""

    cell: float
    left: float
    top: float
    rows: int
    columns: int
    home: Tensor  # each pixel's square

    @classmethod
    def over(cls, x: Tensor, y: Tensor, cell: float) -> "_Grid":
        left, top = float(x.min()) - 1.5 * cell, float(y.min()) - 1.5 * cell
        column, row = ((x - left) / cell).long(), ((y - top) / cell).long()
        rows, columns = int(row.max()) + 2, int(column.max()) + 2
        return cls(cell, left, top, rows, columns, row * columns + column)

    def neighbours(self) -> list[int]:
        return [down * self.columns + right for down in (-1, 0, 1) for right in (-1, 0, 1)]

    def found(self, key: Tensor) -> Tensor:
        """The square that a key means, whose last four bits number the neighbour."""
        steps = torch.tensor([*self.neighbours(), *[0] * 7])
        return self.home + spread(steps, (key & 15).long())

    def scatter(self, sheet: Sheet, jitter: float) -> tuple[Tensor, Tensor]:
        """x and y of one point in each square, (rows * columns,)."""
        count = self.rows * self.columns
        square = torch.arange(count)
        away = [(sheet.uniform(count) - 0.5) * jitter + 0.5 for _ in range(2)]
        x = self.left + ((square % self.columns) + away[0]) * self.cell
        return x, self.top + ((square // self.columns) + away[1]) * self.cell
