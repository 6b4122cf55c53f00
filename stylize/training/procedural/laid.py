"""Materials of pieces: stones, glass, tiles, paper."""

import torch
from torch import Tensor

from stylize.training.procedural.drawn import over, soft
from stylize.training.procedural.sheet import Cells, Sheet, spread


def _piece_colours(sheet: Sheet, cells: Cells, scatter: float) -> Tensor:
    """A colour for each piece, (3, N): by the tone where it lies, and by chance."""
    count = len(cells.places[0])
    tone = sheet.at(sheet.tone(), cells.places)
    shade = (tone + (sheet.uniform(count) - 0.5) * scatter).clamp(0, 1)
    colours = sheet.palette.step(shade) if sheet.chance(0.6) else sheet.palette.blend(shade)
    return colours * (1 + 0.22 * (sheet.uniform(count) - 0.5))


def mosaic(sheet: Sheet) -> Tensor:
    """Stones with grout between them, squared or broken, a little bevelled and pitted."""
    cell = sheet.size(5, 40)
    x, y = sheet.wobbled(sheet.side * sheet.between(0.2, 0.6), cell * sheet.between(0, 1.5))
    x, y = sheet.turned(sheet.between(0, 1.57), x, y)
    places = sheet.cells(cell, sheet.rng.choice((0.15, 0.35, 0.8, 1.0)), x, y)
    # The points lie in turned coordinates: their tone is read anywhere, which is as good.
    stones = spread(_piece_colours(sheet, places, sheet.between(0.2, 0.8)), places.index)
    gap = sheet.between(0.03, 0.11) * cell
    edge = places.edge + sheet.noise(max(2.0, cell / 6)) * gap * 0.4
    bevel = soft(edge - gap * 1.6, cell * 0.2)
    stones = stones * (0.75 + 0.25 * bevel) * (1 + sheet.fractal(max(4.0, cell / 2), 3) * 0.05)
    grout = sheet.rng.choice((sheet.palette.dark * 0.7, sheet.palette.light, sheet.palette.any(sheet.rng) * 0.5))
    return over(grout * (1 + 0.1 * sheet.noise(2.5)), stones, soft(edge - gap))


def stained_glass(sheet: Sheet) -> Tensor:
    """Panes in lead, lit from behind, uneven in themselves."""
    cell = sheet.size(18, 80)
    x, y = sheet.wobbled(cell * sheet.between(1, 3), cell * sheet.between(0, 0.4))
    cells = sheet.cells(cell, sheet.between(0.6, 1.0), x, y)
    panes = spread(_piece_colours(sheet, cells, 1.2), cells.index)
    lead = sheet.between(1.0, 1.0 + cell * 0.06)
    grey = panes.mean(0, keepdim=True)
    panes = grey + (panes - grey) * sheet.between(1.0, 2.2)
    light = 0.95 + 0.22 * sheet.fractal(cell * 1.5, 3) + 0.07 * sheet.grain(2, 20, sheet.between(0, 3.14), 20)
    panes = panes * light * (0.55 + 0.45 * soft(cells.edge - lead * 2, cell * 0.3))
    came = 0.05 + 0.16 * soft(lead * 0.45 - cells.edge, lead)
    return over(came.expand(3, -1, -1), panes, soft(cells.edge - lead))


def scales(sheet: Sheet) -> Tensor:
    """Rows that overlap: shingles, feathers, fish, roofs."""
    cell = sheet.size(8, 36)
    direction = torch.full_like(sheet.x, 1.57) + sheet.noise(sheet.side / 2) * sheet.between(0, 0.3)
    laid = sheet.strokes(cell, direction, sheet.between(0.8, 1.0), sheet.between(0.55, 0.75), 0.04, rows=True)
    count = len(laid.places[0])
    shade = (sheet.at(sheet.tone(), laid.places) + (sheet.uniform(count) - 0.5) * sheet.between(0.1, 0.8)).clamp(0, 1)
    rim = torch.sqrt(laid.along**4 + laid.across**2)
    shading = 0.65 + 0.35 * (laid.along + 1) / 2
    vein = 1 + 0.06 * (laid.across * sheet.between(4, 14)).sin() * laid.covered
    body = spread(sheet.palette.step(shade), laid.index) * shading * vein
    line = soft((rim - sheet.between(0.8, 0.95)) * cell * 0.5)
    return over(body, sheet.rng.choice((sheet.palette.dark, sheet.palette.light)), line * sheet.between(0.3, 1.0))


def facets(sheet: Sheet) -> Tensor:
    """Planes cut by bent and straight lines, each shaded across: cut paper, cubist still lifes."""
    regions = sheet.regions(sheet.rng.randint(5, 11))
    count = int(regions.max()) + 1
    colours = sheet.palette.step(sheet.uniform(count))
    slope, angle = sheet.uniform(count) * sheet.between(0.1, 0.9), sheet.uniform(count) * 6.3
    ramp = (sheet.x / sheet.side - 0.5) * spread(angle.cos(), regions) + (sheet.y / sheet.side - 0.5) * spread(
        angle.sin(), regions
    )
    shading = 1 + 2 * spread(slope, regions) * ramp
    streaks = sheet.grain(sheet.size(1.5, 4), sheet.size(10, 50), sheet.between(0, 3.14), 20)
    picture = spread(colours, regions) * (shading + streaks * sheet.between(0.02, 0.25))
    if sheet.chance(0.5):
        line = _outlines(regions, sheet.rng.randint(1, 5))
        picture = over(picture, sheet.palette.dark * 0.7, line * soft(sheet.noise(12) + 1.5, 0.8))
    return picture


def _outlines(regions: Tensor, width: int) -> Tensor:
    """1 where regions (H, W) differ from what lies ``width`` px above or to the left, float32."""
    line = torch.zeros_like(regions, dtype=torch.float32)
    line[width:] = (regions[width:] != regions[:-width]).float()
    line[:, width:].add_(regions[:, width:] != regions[:, :-width])
    return line.clamp_(max=1)


def collage(sheet: Sheet) -> Tensor:
    """Torn papers over each other, with pale fibres at the tears and a shadow below."""
    picture = sheet.palette.any(sheet.rng).expand(3, sheet.side, sheet.side)
    for _ in range(sheet.rng.randint(5, 8)):
        along, _ = sheet.turned(sheet.between(0, 6.3))
        place = along - along.mean() + sheet.between(-0.4, 0.15) * sheet.side
        place = (
            place + sheet.noise(sheet.side * 0.3) * sheet.between(0.02, 0.15) * sheet.side + sheet.fractal(12, 3) * 1.5
        )
        paper = sheet.palette.any(sheet.rng) * (1 + sheet.fractal(sheet.size(3, 30), 2) * sheet.between(0.02, 0.12))
        if sheet.chance(0.35):
            period = sheet.size(5, 24)
            lines = soft(((sheet.turned(sheet.between(0, 3.14))[0] / period % 1) - 0.5).abs() * period - period * 0.25)
            paper = over(paper, sheet.palette.any(sheet.rng), lines)
        shadow = (place / 7 + 1).clamp(0, 1)
        picture = picture * (1 - 0.35 * shadow)
        picture = over(picture, sheet.palette.light, soft(place))
        picture = over(picture, paper, soft(place - 2 - sheet.noise(4).abs()))
    return picture
