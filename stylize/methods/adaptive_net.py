"""The arbitrary-style net: one style code sets scale and shift at every instance norm.

After Dumoulin et al. 2017 (conditional instance normalisation) and Ghiasi et al. 2017 (the code predicted from the
style picture). Where we differ: the photo enters through a pixel unshuffle, so that no convolution of the encoder runs
at full size; most of the work happens at an eighth of the size, where strokes are long and arithmetic is cheap; and
noise joins the features at a quarter and an eighth, so that flat sky has something to grow strokes from (Ulyanov 2016).
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylize.methods.layers import Conv
from stylize.methods.palette import PALETTE_SIZE, palette_of, towards_palette
from stylize.methods.style_encoder import CODE_SIZE, READING_SIZE, StyleEncoder

STYLE_SIZE = READING_SIZE + PALETTE_SIZE  # what a style is to this method: a reading and a palette
# Beginnings of the names of what makes readings.
READER = ("encoder.eyes", "encoder.mix", "encoder.centre", "encoder.spread", "encoder.reader")
NOISE_CHANNELS = 4
MULTIPLE = 8  # height and width that the painter works on are multiples of this


@dataclass(frozen=True)
class Widths:
    """Channels of the painter at half, quarter and eighth size and at full size, and its residual blocks."""

    full: int = 16
    half: int = 32
    quarter: int = 64
    eighth: int = 128
    quarter_blocks: int = 2
    eighth_blocks: int = 4


class StyleNorm(nn.Module):
    """Instance norm whose scale and shift are linear in the style code (Dumoulin et al. 2017, eq. 5)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.affine = nn.Linear(CODE_SIZE, 2 * channels)
        nn.init.normal_(self.affine.weight, std=0.02)
        nn.init.zeros_(self.affine.bias)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """x: (B, C, H, W), code: (B, CODE_SIZE)."""
        scale, shift = self.affine(code.to(self.affine.weight.dtype)).to(x.dtype)[..., None, None].chunk(2, dim=1)
        # One group per channel is instance norm; group_norm is the kernel that is fast for channels-last maps.
        normed: Tensor = torch.addcmul(shift, F.group_norm(x, x.shape[1]), 1 + scale)
        return normed


class ResidualBlock(nn.Module):
    """Two normed convolutions beside an identity, as in Johnson et al. 2016."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.first_norm = Conv(channels, channels, 3), StyleNorm(channels)
        self.second, self.second_norm = Conv(channels, channels, 3), StyleNorm(channels)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        inner = F.relu(self.first_norm(self.first(x), code))
        outer: Tensor = x + self.second_norm(self.second(inner), code)
        return outer


class Painter(nn.Module):
    """Photo and style code -> painting.

    Call with pictures (B, 3, H, W) in [0, 1], H and W multiples of 8; codes (B, CODE_SIZE); noise from ``noise_like``.
    Returns (B, 3, H, W) in [0, 1].
    """

    def __init__(self, widths: Widths | None = None) -> None:
        super().__init__()
        w = widths or Widths()
        self.stem, self.stem_norm = Conv(12, w.half, 5), StyleNorm(w.half)
        self.down_quarter, self.down_quarter_norm = Conv(w.half, w.quarter, 3, stride=2), StyleNorm(w.quarter)
        self.noise_quarter = Conv(NOISE_CHANNELS, w.quarter, 1)
        self.before = nn.ModuleList(ResidualBlock(w.quarter) for _ in range(w.quarter_blocks // 2))
        self.down_eighth, self.down_eighth_norm = Conv(w.quarter, w.eighth, 3, stride=2), StyleNorm(w.eighth)
        self.noise_eighth = Conv(NOISE_CHANNELS, w.eighth, 1)
        self.deep = nn.ModuleList(ResidualBlock(w.eighth) for _ in range(w.eighth_blocks))
        self.up_quarter, self.up_quarter_norm = Conv(w.eighth, w.quarter, 3), StyleNorm(w.quarter)
        self.after = nn.ModuleList(ResidualBlock(w.quarter) for _ in range(w.quarter_blocks - w.quarter_blocks // 2))
        self.up_half, self.up_half_norm = Conv(w.quarter, w.half, 3), StyleNorm(w.half)
        self.up_full, self.up_full_norm = Conv(w.half, w.full, 3), StyleNorm(w.full)
        self.last = Conv(w.full, 3, 5)

    def forward(self, pictures: Tensor, codes: Tensor, noise: tuple[Tensor, Tensor]) -> Tensor:
        x = F.pixel_unshuffle(pictures, 2).contiguous(memory_format=torch.channels_last)
        x = F.relu(self.stem_norm(self.stem(x), codes))
        quarter = F.relu(self.down_quarter_norm(self.down_quarter(x), codes)) + self.noise_quarter(noise[0])
        for block in self.before:
            quarter = block(quarter, codes)
        x = F.relu(self.down_eighth_norm(self.down_eighth(quarter), codes)) + self.noise_eighth(noise[1])
        for block in self.deep:
            x = block(x, codes)
        # Nearest upsampling before a convolution leaves no checkerboard (Odena et al. 2016).
        x = self.up_quarter_norm(self.up_quarter(twice(x)), codes) + quarter
        for block in self.after:
            x = block(x, codes)
        x = F.relu(self.up_half_norm(self.up_half(twice(x)), codes))
        x = F.relu(self.up_full_norm(self.up_full(twice(x)), codes))
        return torch.sigmoid(self.last(x).float())


def twice(x: Tensor) -> Tensor:
    """Both sides doubled, by repeating pixels."""
    return F.interpolate(x, scale_factor=2, mode="nearest")


def noise_like(pictures: Tensor, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
    """Gaussian noise for a quarter and an eighth of the pictures' size, in their dtype, made on the CPU.

    The same generator state gives the same noise on every device.
    """
    count, _, height, width = pictures.shape
    return tuple(  # type: ignore[return-value]
        torch.randn(count, NOISE_CHANNELS, height // part, width // part, generator=generator).to(pictures)
        for part in (4, 8)
    )


class Corrector(nn.Module):
    """Painter's code, the style as read and a first painting as read -> a code that comes nearer to the style.

    One look at the photo painted with the code shows where this photo and this style miss each other. It takes the
    place of descent through loss networks, which finds codes by a third nearer but needs dozens of steps: iterative
    amortised inference (Marino et al. 2018). Of the difference it takes a linear part, the Gauss-Newton step of an
    average photo and style, and a small net's correction of it. Where both read the same, the linear part is silent.
    """

    def __init__(self, hidden: int = 160) -> None:
        super().__init__()
        self.linear = nn.Linear(READING_SIZE, CODE_SIZE, bias=False)
        self.first, self.second = nn.Linear(CODE_SIZE + READING_SIZE, hidden), nn.Linear(hidden, CODE_SIZE)
        for zero in (self.linear.weight, self.second.weight, self.second.bias):
            nn.init.zeros_(zero)

    def forward(self, codes: Tensor, styles: Tensor, painted: Tensor) -> Tensor:
        """codes: (B, CODE_SIZE); styles, painted: readings, (B, READING_SIZE). Returns (B, CODE_SIZE)."""
        missing = styles - painted
        hidden = F.relu(self.first(torch.cat([codes, missing], dim=1)))
        better: Tensor = codes + self.linear(missing) + self.second(hidden)
        return better


class Nets(nn.Module):
    """What is trained and shipped together."""

    def __init__(self, widths: Widths | None = None) -> None:
        super().__init__()
        self.encoder, self.painter, self.corrector = StyleEncoder(), Painter(widths), Corrector()
        self.share = nn.Parameter(torch.full((2,), 0.5))  # of the way to the palette: the mean, and the rest

    def style(self, pictures: Tensor, precision: torch.dtype | None = None) -> Tensor:
        """What styles are to this method, (B, STYLE_SIZE) float32, of pictures (B, 3, H, W) in [0, 1].

        precision: that they are looked at in, where it is not the pictures' own.
        """
        return torch.cat([self.encoder(pictures.to(precision or pictures.dtype)), palette_of(pictures)], dim=1)

    def coloured(self, painted: Tensor, styles: Tensor) -> Tensor:
        """Paintings (B, 3, H, W) nearer to the palettes of their styles (B, STYLE_SIZE), in [0, 1]."""
        maps, shifts = self.recolouring(painted.flatten(2), styles)
        return torch.baddbmm(shifts, maps, painted.flatten(2)).view_as(painted).clamp(0, 1)

    def recolouring(self, colours: Tensor, styles: Tensor) -> tuple[Tensor, Tensor]:
        """Linear maps (B, 3, 3) and shifts (B, 3, 1) for paintings whose colours are (B, 3, N)."""
        ours, theirs, maps = towards_palette(colours, styles[:, READING_SIZE:])
        share = self.share.clamp(0, 1)
        maps = torch.lerp(torch.eye(3, device=maps.device).expand_as(maps), maps, share[1])
        middle = torch.lerp(ours, theirs, share[0])
        return maps, middle[:, :, None] - maps @ ours[:, :, None]

    def aimed(self, photos: Tensor, styles: Tensor, paint: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """Codes for photos (B, 3, H, W) and styles (B, STYLE_SIZE) after one look; (B, CODE_SIZE).

        paint: photos, codes -> paintings. The first painting carries no gradient: what the corrector sees is given.
        """
        readings = styles[:, :READING_SIZE]
        codes = self.encoder.code(readings)
        with torch.no_grad():
            first = self.coloured(paint(photos, codes.detach()), styles)
        better: Tensor = self.corrector(codes, readings, self.encoder(first.to(photos.dtype)))
        return better
