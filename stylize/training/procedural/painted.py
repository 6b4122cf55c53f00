"""Materials of paint: brush, knife, wash, chalk, drops."""

import torch
from torch import Tensor

from stylize.training.procedural.drawn import over, soft
from stylize.training.procedural.sheet import Sheet, spread


def brushwork(sheet: Sheet) -> Tensor:
    """Loaded strokes along a flow in two or three coats, with bristle marks and ridges of paint."""
    tone, flow = sheet.tone(), sheet.flow()
    picture = sheet.palette.blend(tone)
    cell = sheet.size(5, 30)
    length, width = sheet.between(0.7, 1.3), sheet.between(0.22, 0.5)
    scatter = sheet.between(0.15, 0.7)
    ridge = torch.zeros_like(sheet.x)
    for coat in range(2):
        laid = sheet.strokes(cell * (1.25 if coat == 0 else 1.0), flow, length, width)
        count = len(laid.places[0])
        shade = (sheet.at(tone, laid.places) + torch.randn(count, generator=sheet.generator) * 0.4 * scatter).clamp(
            0, 1
        )
        colours = sheet.palette.step(shade) if sheet.chance(0.5) else sheet.palette.blend(shade)
        colours = colours * (1 + 0.16 * (sheet.uniform(count) - 0.5))
        bristles = sheet.uniform(4096) - 0.5
        mark = spread(bristles, (laid.index * 37 + (laid.across * 6 * width * cell / 4).round().long()) % 4096)
        rim = (laid.across.abs() - 0.55).clamp(min=0) + (laid.along - 0.6).clamp(min=0)
        ridge = torch.where(laid.covered > 0.5, mark * 0.6 + rim * 1.2, ridge)
        picture = over(picture, spread(colours, laid.index), laid.covered)
    return lit(sheet, picture, ridge, sheet.between(0.0, 0.22))


def lit(sheet: Sheet, picture: Tensor, height: Tensor, strength: float) -> Tensor:
    """Paint that stands out, lit from one side: height (H, W) in strokes' thickness."""
    down, right = sheet.rng.choice(((1, 1), (1, -1), (1, 0)))
    slope = height - height.roll((down, right), (0, 1))
    return picture * (1 + (slope * strength).clamp(-0.5, 0.5))


def streaks(sheet: Sheet) -> Tensor:
    """Colours drawn out along a flow, from fine hair to broad ribbons."""
    flow, thick = sheet.flow(), sheet.size(1.5, 7)
    grain = sheet.noise(thick) if thick > 2.5 else sheet.white()
    drawn = sheet.smear(grain, flow, sheet.size(4, 10) * thick)
    drawn = drawn / drawn.std()
    part = sheet.between(0.4, 1.2)
    shade = (sheet.tone() * 2 - 1 + drawn * part * 0.5) / 2 + 0.5
    picture = sheet.palette.step(shade) if sheet.chance(0.4) else sheet.palette.blend(shade)
    return lit(sheet, picture, drawn, sheet.between(0.05, 0.3))


def watercolour(sheet: Sheet) -> Tensor:
    """Washes that pool at their edges, run into each other and settle in the paper's grain."""
    paper = 0.9 + 0.1 * sheet.palette.light
    picture = paper.expand(3, sheet.side, sheet.side)
    grain = sheet.fractal(sheet.size(3, 6), 2)
    for _ in range(sheet.rng.randint(4, 7)):
        size = sheet.size(0.12, 0.6) * sheet.side
        blot = sheet.fractal(size, 4, 0.4) + sheet.noise(5) * 0.03 - sheet.between(-0.6, 0.9)
        wet = sheet.between(0.03, 0.6)
        cover = soft(blot, wet)
        rim = torch.exp(-((blot / (0.05 + wet * 0.3)) ** 2)) * cover
        depth = cover * (0.55 + 0.25 * sheet.noise(size / 2) + sheet.between(0, 0.7) * rim) * (1 + 0.16 * grain)
        ink = sheet.palette.any(sheet.rng).clamp(0.04, 1)
        picture = picture * torch.exp(ink.log() * depth.clamp(min=0) * sheet.between(0.4, 1.1))
    return picture


def chalk(sheet: Sheet) -> Tensor:
    """Pastel, charcoal or crayon: broad strokes that catch only the heights of the paper."""
    paper = sheet.rng.choice((sheet.palette.light, sheet.palette.dark, sheet.palette.any(sheet.rng)))
    picture = paper.expand(3, sheet.side, sheet.side)
    tooth = sheet.noise(sheet.size(2, 4)) + sheet.white() * 0.4
    for _ in range(sheet.rng.randint(3, 6)):
        width = sheet.size(3, 16)
        rubbed = sheet.grain(width, width * sheet.between(4, 12), sheet.between(0, 3.14), sheet.between(0, 20))
        area = sheet.fractal(sheet.side * sheet.between(0.2, 0.6), 2)
        pressure = rubbed * 0.7 + area * 1.2 - sheet.between(-0.3, 0.6)
        picture = over(picture, sheet.palette.any(sheet.rng), soft(pressure - tooth * 0.9, 0.7) * 0.92)
    return picture


def splatter(sheet: Sheet) -> Tensor:
    """Thrown paint: drops of all sizes and loops of poured lines."""
    picture = sheet.palette.any(sheet.rng).expand(3, sheet.side, sheet.side)
    if sheet.chance(0.5):
        picture = sheet.palette.blend(sheet.tone())
    for _ in range(sheet.rng.randint(1, 4)):
        loop = sheet.fractal(sheet.side * sheet.between(0.12, 0.4), 3)
        steep = torch.hypot(*torch.gradient(loop)).clamp(min=0.004)
        thick = sheet.size(0.8, 4) * (1 + 0.6 * sheet.noise(20)).clamp(min=0.15)
        picture = over(picture, sheet.palette.any(sheet.rng), soft(thick - loop.abs() / steep))
    for cell in sorted((sheet.size(4, 40) for _ in range(3)), reverse=True):
        drops = sheet.cells(cell, 1.0)
        count = len(drops.places[0])
        radius = cell * 0.5 * sheet.uniform(count) ** sheet.between(1.5, 4)
        ragged = sheet.noise(max(2.0, cell / 5)) * cell * 0.05
        cover = soft(spread(radius, drops.index) + ragged - drops.distance)
        colours = sheet.palette.step(sheet.uniform(count))
        picture = over(picture, spread(colours, drops.index), cover)
    return picture


def whirls(sheet: Sheet) -> Tensor:
    """Rings around many centres, one field against the other, in broken painted bands."""
    cell = sheet.size(45, 160)
    x, y = sheet.wobbled(cell / 2, cell * sheet.between(0.02, 0.12))
    cells = sheet.cells(cell, 1.0, x, y)
    count = len(cells.places[0])
    band = sheet.size(4, 16)
    winding = sheet.rng.choice((0.0, 0.0, 1.0, 2.0))
    px, py = (spread(p, cells.index) for p in cells.places)
    angle = torch.atan2(y - py, x - px) / 6.2832
    ring = (
        cells.distance / band
        + angle * winding
        + spread(sheet.uniform(count), cells.index)
        + sheet.noise(band * 2) * 0.12
    )
    number = ring.floor()
    shades = sheet.uniform(1024)
    dashes = (angle * number.clamp(min=1) * sheet.between(1, 3) + spread(shades, number.long() * 5 % 1024) * 9).floor()
    key = (cells.index * 131 + number.long() * 17 + dashes.long() * (3 if sheet.chance(0.6) else 0)) % 1024
    tone = sheet.tone()
    shade = spread(shades, key) * 0.7 + tone * 0.3
    body = sheet.palette.step(shade) * (1 + 0.1 * (spread(shades, key * 7 % 1024) - 0.5))
    part = ring - number
    gap = soft((0.5 - (part - 0.5).abs()) * band - band * sheet.between(0.0, 0.12), 1.5)
    line = sheet.rng.choice((sheet.palette.dark, sheet.palette.light))
    return lit(sheet, over(line.expand_as(body), body, gap), (part * 3.14).sin(), sheet.between(0, 0.25))


def marble(sheet: Sheet) -> Tensor:
    """Veins and combed inks: a tone bent by itself again and again."""
    size = sheet.side * sheet.between(0.15, 0.6)
    x, y = sheet.wobbled(size, size * sheet.between(0.3, 0.9))
    _, across = sheet.turned(sheet.between(0, 3.14), x, y)
    comb = sheet.size(12, 60)
    bent = across + comb * sheet.between(0, 0.8) * torch.sin(
        sheet.turned(sheet.between(0, 3.14), x, y)[0] / comb * 6.28
    )
    period = sheet.size(8, 60)
    wave = bent / period + sheet.fractal(size, 4) * sheet.between(0.1, 0.8)
    shades = sheet.uniform(512)
    vein = (wave + 100).floor().long() % 512
    flat = spread(shades, vein)
    mixed = flat + (spread(shades, (vein + 1) % 512) - flat) * soft(((wave + 100) % 1) - 0.75, 0.5)
    return (sheet.palette.step if sheet.chance(0.6) else sheet.palette.blend)(mixed)
