"""Materials of lines and dots: pens, burins, screens, looms."""

import torch
from torch import Tensor

from stylize.training.procedural.sheet import Sheet, spread


def soft(distance: Tensor, over: float = 1.0) -> Tensor:
    """0 below zero, 1 from ``over`` px on: an edge without steps."""
    return (distance / over + 0.5).clamp(0, 1)


def over(below: Tensor, colour: Tensor, cover: Tensor) -> Tensor:
    """A coat of colour (3, …) over a picture (3, H, W) where cover (H, W) is 1."""
    return below + (colour - below) * cover


def ground(sheet: Sheet) -> Tensor:
    """What lies below the lines: bare paper, or flat washes of pale colours. (3, H, W)"""
    paper = sheet.palette.light.expand(3, sheet.side, sheet.side)
    if sheet.chance(0.6):
        return paper
    return torch.lerp(paper, sheet.palette.step(sheet.tone()), sheet.between(0.2, 0.9))


def hatching(sheet: Sheet) -> Tensor:
    """Pen strokes in one to four directions, closer where it is darker; each line with its own pressure and breaks."""
    spacing, tone = sheet.size(3, 14), sheet.tone()
    picture, layers = ground(sheet), sheet.rng.randint(1, 4)
    angle, turn = sheet.between(0, 3.14), sheet.between(0.3, 1.6)
    thick = sheet.between(0.12, 0.3) * spacing
    ink = sheet.palette.dark
    for layer in range(layers):
        x, y = sheet.wobbled(spacing * sheet.between(6, 14), spacing * sheet.between(0.1, 0.5))
        along, across = sheet.turned(angle + layer * turn, x, y)
        row = across / spacing + 200
        line = row.floor()
        pressure = spread(sheet.uniform(4096), (line.long() * 7) % 4096)
        stroke = (along / (spacing * sheet.between(6, 20)) + pressure * 11 + 300) % 1
        lifted = (stroke * (1 - stroke) * 4).sqrt()
        dark = 1 - tone - layer / (layers + 0.5) + sheet.between(0.1, 0.4)
        width = thick * (dark * 1.8).clamp(max=1.2) * (0.5 + pressure * 0.7) * lifted
        middle = (row - line - 0.5 + (pressure - 0.5) * 0.25).abs() * spacing
        picture = over(picture, ink, soft(width - middle) * soft(dark * 8))
        if sheet.chance(0.2):
            ink = sheet.palette.any(sheet.rng)
    return picture


def woodcut(sheet: Sheet) -> Tensor:
    """Cut lines that swell and taper with the tone and follow a form, printed from one to three blocks."""
    spacing, tone = sheet.size(4, 18), sheet.tone()
    form = sheet.noise(sheet.side * sheet.between(0.3, 0.8)) * sheet.between(0.3, 3) * spacing
    if sheet.chance(0.3):
        far = torch.hypot(
            sheet.x - sheet.between(-0.5, 1.5) * sheet.side, sheet.y - sheet.between(-0.5, 1.5) * sheet.side
        )
        along, across = torch.zeros_like(far), far
    else:
        along, across = sheet.turned(sheet.between(0, 3.14))
    row = (across + form + sheet.noise(spacing * 2) * spacing * 0.08) / spacing + 300
    line = row.floor()
    nick = sheet.noise(spacing * 0.8) * 0.08
    duty = (0.85 - tone * sheet.between(0.7, 1.0) + nick + 0.1 * (along / (spacing * 5) + line * 2.4).sin()).clamp(0, 1)
    middle = (row - line - 0.5).abs() * 2
    printed = soft((duty - middle) * spacing / 2) * soft((duty - 0.08) * 20)
    printed = torch.maximum(printed, soft((duty - 0.82) * 20))
    paper = sheet.palette.light.expand(3, sheet.side, sheet.side)
    for _ in range(sheet.rng.randint(0, 2)):
        x = sheet.fractal(sheet.side * sheet.between(0.2, 0.6), 3)
        paper = over(paper, sheet.palette.any(sheet.rng), soft((x - sheet.between(0, 0.8)) * 12) * 0.9)
    worn = 1 - 0.35 * soft(sheet.white() - sheet.between(0.5, 2.5))
    return over(paper, sheet.palette.dark, printed * worn)


def halftone(sheet: Sheet) -> Tensor:
    """Printer's dots on one to three turned screens, each ink darkening what lies below."""
    cell = sheet.size(4, 16)
    picture = sheet.palette.light.expand(3, sheet.side, sheet.side)
    angle, inks = sheet.between(0, 1.5), sheet.rng.randint(1, 3)
    for number in range(inks):
        x, y = sheet.wobbled(sheet.side / 2, sheet.between(0, 0.3) * cell)
        u, v = sheet.turned(angle + number * 0.5236, x, y)
        u, v = (u / cell + 100) % 1 - 0.5, (v / cell + 100) % 1 - 0.5
        radius = (1 - sheet.tone()).sqrt() * sheet.between(0.55, 0.75)
        cover = soft((radius - torch.hypot(u, v)) * cell)
        ink = (
            sheet.palette.dark
            if inks == 1
            else sheet.palette.colours[min(number, len(sheet.palette.colours) - 2)].view(3, 1, 1)
        )
        picture = picture * (1 - cover * (1 - ink)) if inks > 1 else over(picture, ink, cover)
    return picture


def stipple(sheet: Sheet) -> Tensor:
    """Loose dots of a pen or brush, bigger where it is darker, in one ink or many colours."""
    tone, picture = sheet.tone(), ground(sheet)
    many = sheet.chance(0.6)
    for _ in range(sheet.rng.randint(1, 3)):
        cell = sheet.size(3.5, 18)
        cells = sheet.cells(cell, sheet.between(0.4, 1.0))
        count = len(cells.places[0])
        dark = 1 - sheet.at(tone, cells.places)
        chosen = sheet.uniform(count)
        radius = cell * sheet.between(0.3, 0.6) * (0.35 + dark * 0.8) * (0.7 + 0.5 * chosen)
        cover = soft(spread(radius, cells.index) + sheet.noise(3) * cell * 0.04 - cells.distance)
        if many:
            shade = (1 - dark + (chosen - 0.5) * 0.9).clamp(0, 1)
            picture = over(picture, spread(sheet.palette.step(shade), cells.index), cover)
        else:
            picture = over(picture, sheet.palette.dark, cover)
    return picture


def weave(sheet: Sheet) -> Tensor:
    """Threads over and under each other in stripes of colours: cloth, baskets, tartan."""
    thread = sheet.size(3, 16)
    x, y = sheet.wobbled(sheet.side / 3, thread * sheet.between(0.1, 0.8))
    x, y = sheet.turned(
        sheet.rng.choice((0.0, 0.785, sheet.between(-0.1, 0.1))), x + sheet.noise(thread * 2) * 0.06 * thread, y
    )
    columns, rows = x / thread + 200, y / thread + 200
    column, row = columns.floor().long(), rows.floor().long()
    twill = sheet.rng.choice((1, 1, 2, 3))
    upright = (column + row) // twill % 2 == 0
    stripe = (sheet.uniform(1024), sheet.uniform(1024))
    wide = [sheet.rng.choice((1, 2, 4, 8, 16)) for _ in range(2)]
    warp, weft = spread(stripe[0], (column // wide[0]) % 1024), spread(stripe[1], (row // wide[1]) % 1024)
    shade = torch.where(upright, warp, weft)
    across = torch.where(upright, columns - column, rows - row) * 2 - 1
    along = torch.where(upright, rows - row, columns - column) * 2 - 1
    fibre = torch.where(
        upright, sheet.noise(1.5 if thread < 6 else thread / 5).T, sheet.noise(1.5 if thread < 6 else thread / 5)
    )
    bulge = (1 - across * across * sheet.between(0.5, 0.9)).clamp(min=0).sqrt() * (1 - 0.25 * along * along)
    gap = soft((0.97 - across.abs()) * thread / 2, 1.5)
    light = (0.55 + 0.45 * bulge + fibre * 0.06) * (0.35 + 0.65 * gap)
    return sheet.palette.step(shade) * light


def stripes(sheet: Sheet) -> Tensor:
    """Bands of random widths, straight, bent or round, with torn or printed edges."""
    width = sheet.size(5, 60)
    x, y = sheet.wobbled(sheet.side * sheet.between(0.2, 0.8), width * sheet.between(0, 1.2))
    if sheet.chance(0.3):
        across = torch.hypot(x - sheet.between(0, 1) * sheet.side, y - sheet.between(0, 1) * sheet.side)
    else:
        _, across = sheet.turned(sheet.between(0, 3.14), x, y)
    across = across + sheet.noise(3) * sheet.between(0, 0.8)
    borders = torch.cumsum(0.3 + 1.4 * sheet.uniform(int(4 * sheet.side / width) + 8), 0) * width - sheet.side
    band = torch.bucketize(across.contiguous(), borders)
    shades = sheet.uniform(len(borders) + 1)
    flat = spread(sheet.palette.step(shades), band)
    rubbed = soft(sheet.fractal(8, 2) - sheet.between(0.8, 3.0), 0.6) * 0.6
    streaks = sheet.grain(1.5, 16, sheet.between(0, 3.14))
    return over(flat, sheet.palette.light, rubbed) * (1 + streaks * sheet.between(0, 0.12))
