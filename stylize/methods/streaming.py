"""The painter's forward pass in horizontal bands: exact, in little memory, and quicker than in one piece.

A map is kept as its convolution left it. Its mean and variance are gathered while the bands are made, and whoever reads
it norms the rows that it reads: so a norm needs no pass of its own through memory, and statistics are those of the
whole picture. The widest map, at full size, is not held when it is large, but made twice. Every band is read with as
many rows more as its convolution looks beyond it and sees a border only at the picture's own frame, so no band shows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylize.methods.adaptive_net import Painter, ResidualBlock
from stylize.methods.kernels import Block, Kernel, Kernels, by_twos, one_by_one

EPSILON = 1e-5  # under the root of a norm: that of torch's group norm
CPU_BAND = 2**22  # values of a band: the last cache holds it; in smaller ones threads wait more for each other
GPU_BAND = 2**27  # there bands serve memory only
HELD = 2**28  # bytes: a larger map at full size is made twice instead
REPORTS = 100  # of progress, at most
LAST_BORDER = 2  # pixels that the last convolution looks beyond its own

Tell = Callable[[float], None]
"""Told the done part of the work, 0 to 1; stops the work by raising."""


class StreamedPainter:
    """What a `Painter` computes, in bands. It copies the weights: later changes of the painter's don't count.

    precision: of maps and weights; statistics and norms are float32. band, held: as CPU_BAND and HELD above.
    """

    def __init__(
        self,
        painter: Painter,
        device: torch.device,
        precision: torch.dtype,
        band: int | None = None,
        held: int = HELD,
    ) -> None:
        self.device, self.precision = device, precision
        self.band, self.held = band or (CPU_BAND if device.type == "cpu" else GPU_BAND), held
        make = Kernels(device, precision)
        self.stem = make.stem(painter.stem, painter.stem_norm, 2)
        self.down_quarter = make.conv(painter.down_quarter, painter.down_quarter_norm, 4)
        self.noise_quarter = make.conv(painter.noise_quarter, None, 4)
        self.before = [make.block(_block(block), 4) for block in painter.before]
        self.down_eighth = make.conv(painter.down_eighth, painter.down_eighth_norm, 8)
        self.noise_eighth = make.conv(painter.noise_eighth, None, 8)
        self.deep = [make.block(_block(block), 8) for block in painter.deep]
        self.up_quarter = make.doubling(painter.up_quarter, painter.up_quarter_norm, 4)
        self.after = [make.block(_block(block), 4) for block in painter.after]
        self.up_half = make.doubling(painter.up_half, painter.up_half_norm, 2)
        self.up_full = make.doubling(painter.up_full, painter.up_full_norm, 1)
        self.last = make.last(painter.last, 2)

    @torch.inference_mode()
    def __call__(
        self, photos: Tensor, codes: Tensor, noise: tuple[Tensor, Tensor], tell: Tell | None = None
    ) -> tuple[Tensor, Tensor]:
        """Photos and codes -> paintings, (B, H, W, 3) uint8, and the sums of their values, (B,) float32.

        photos: (B, H, W, 3) uint8, H and W multiples of 8 from 16 up. codes: (B, CODE_SIZE) float32. noise: as from
        `noise_like`. All are on the painter's device, and so are the results. A sum that is no number says what 8 bits
        can't, that there were others.
        """
        paintings, sums = torch.empty_like(photos), codes.new_zeros(len(codes))
        for rows, painted in self.bands(photos, codes, noise, tell):
            sums += painted.sum((1, 2, 3))
            paintings[:, rows.start : rows.stop] = (painted * 255).round()
        return paintings, sums

    def bands(
        self, photos: Tensor, codes: Tensor, noise: tuple[Tensor, Tensor], tell: Tell | None = None
    ) -> Iterator[tuple[range, Tensor]]:
        """As above; gives the painting from top to bottom: some rows, and these as (B, h, W, 3) float32 in [0, 1]."""
        return _Painting(self, photos, codes, tell).painted(noise)

    def work(self) -> float:
        """Multiplications for a pixel."""
        layers = [self.stem, self.down_quarter, self.down_eighth, self.up_quarter, self.up_half, self.up_full]
        blocks = [kernel for block in (*self.before, *self.deep, *self.after) for kernel in block]
        return sum(kernel.work for kernel in (*layers, *blocks, self.last))


class Moments:
    """Mean and variance of the channels of a map that comes in bands (Chan et al. 1979, eq. 2.1)."""

    def __init__(self) -> None:
        self.count = 0  # pixels so far
        self.mean: Tensor = torch.empty(0)
        self.variance: Tensor = torch.empty(0)

    def add(self, band: Tensor) -> None:
        """band: (B, C, h, W), channels last; all bands have the same B and C. Mean and variance are (B, C) float32."""
        count = band.shape[2] * band.shape[3]
        mean, variance = moments_on_cpu(band) if band.device.type == "cpu" else moments_on_gpu(band)
        if self.count:
            old, new = self.count / (self.count + count), count / (self.count + count)
            off = mean - self.mean
            mean = self.mean + off * new
            variance = self.variance * old + variance * new + off.square() * (old * new)
        self.count, self.mean, self.variance = self.count + count, mean, variance


def moments_on_gpu(band: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance (B, C) float32 of (B, C, h, W)."""
    variance, mean = torch.var_mean(band.float(), dim=(2, 3), correction=0)
    return mean, variance


def moments_on_cpu(band: Tensor) -> tuple[Tensor, Tensor]:
    """The same without a float32 copy, by the kernel of batch norm: var_mean takes 20 times as long on a CPU."""
    zeros = torch.zeros(band.shape[1])  # float32 numbers beside a bfloat16 map make the kernel answer in float32
    of_each = [torch.batch_norm_update_stats(sample[None], zeros.clone(), zeros.clone(), 0.0) for sample in band]
    return torch.stack([mean for mean, _ in of_each]), torch.stack([variance for _, variance in of_each])


@dataclass(frozen=True, eq=False)
class _Norm:
    """Instance norm with known statistics and the scale and shift that a code asks for; all (B, C) float32."""

    mean: Tensor
    variance: Tensor
    scale: Tensor
    shift: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        if len(x) == 1:  # the one kernel that brings float32 numbers to a bfloat16 map in a single pass
            return F.batch_norm(x, self.mean[0], self.variance[0], self.scale[0], self.shift[0], eps=EPSILON)
        scale = self.scale * torch.rsqrt(self.variance + EPSILON)
        shift = self.shift - self.mean * scale
        return torch.addcmul(shift[..., None, None], x.float(), scale[..., None, None]).to(x.dtype)


@dataclass(frozen=True, eq=False)
class _Map:
    """A map (B, C, H, W) and what its readers see of it.

    rows: gives some of its rows as their convolution left them. They are seen through `norm`, and rectified.
    """

    height: int
    rows: Callable[[range], Tensor]
    norm: _Norm | None = None
    rectified: bool = False

    def seen(self, rows: range) -> Tensor:
        """(B, C, h, W); not to be written to."""
        x = self.rows(rows)
        if self.norm is None:
            return x
        return F.relu(self.norm(x), inplace=True) if self.rectified else self.norm(x)

    def bordered(self, rows: range, border: int, mode: str = "reflect") -> Tensor:
        """These rows with `border` more on every side; only those outside the map are made up."""
        inside = _clipped(rows, border, self.height)
        return _with_border(self.seen(inside), rows, inside, border, mode)


def _stored(values: Tensor, norm: _Norm | None = None, rectified: bool = False) -> _Map:
    return _Map(values.shape[2], lambda rows: values[:, :, rows.start : rows.stop], norm, rectified)


class _Painting:
    """One pass over one batch."""

    def __init__(self, nets: StreamedPainter, photos: Tensor, codes: Tensor, tell: Tell | None) -> None:
        self.nets, self.photos, self.codes, self.tell = nets, photos, codes, tell
        self.count, self.height, self.width = photos.shape[:3]
        self.done, self.reports, self.work = 0.0, 0, nets.work() * self.height

    def painted(self, noise: tuple[Tensor, Tensor]) -> Iterator[tuple[range, Tensor]]:
        nets = self.nets
        quarter = self._at_quarter(noise[0])
        x = self._settled(self._map(nets.down_eighth, quarter), self._noise(nets.noise_eighth, noise[1]))
        for block in nets.deep:
            x = self._residual(x, block)
        x = self._settled(self._map(nets.up_quarter, x, rectified=False), quarter.seen)
        del quarter
        for block in nets.after:
            x = self._residual(x, block)
        return self._at_full(self._map(nets.up_half, x))

    def _at_quarter(self, noise: Tensor) -> _Map:
        nets = self.nets
        x = self._map(nets.down_quarter, self._made(nets.stem, self._photo_by_twos))
        x = self._settled(x, self._noise(nets.noise_quarter, noise))
        for block in nets.before:
            x = self._residual(x, block)
        return x

    def _at_full(self, half: _Map) -> Iterator[tuple[range, Tensor]]:
        nets = self.nets
        size = self.count * self.height * self.width * nets.up_full.channels * nets.precision.itemsize
        full = self._map(nets.up_full, half, held=size <= nets.held)
        for rows in self._bands(nets.up_full):
            x = nets.last(by_twos(full.bordered(rows, LAST_BORDER)))
            yield rows, one_by_one(torch.sigmoid(x.float())).permute(0, 2, 3, 1)
            self._tell(nets.last.work * len(rows))
        if self.tell is not None:
            self.tell(1.0)

    def _photo_by_twos(self, rows: range) -> Tensor:
        """What the stem looks at for rows of its map: the photo with its pixels taken two by two."""
        border = self.nets.stem.border
        inside = _clipped(rows, border, self.height // 2)
        pixels = by_twos(self.photos[:, 2 * inside.start : 2 * inside.stop].permute(0, 3, 1, 2))
        x = (pixels / 255).to(self.nets.precision)
        return _with_border(x, rows, inside, border)

    def _noise(self, kernel: Kernel, noise: Tensor) -> Callable[[range], Tensor]:
        return lambda rows: kernel(noise[:, :, rows.start : rows.stop])

    def _residual(self, x: _Map, block: Block) -> _Map:
        return self._settled(x, self._map(block[1], self._map(block[0], x), rectified=False).seen)

    def _map(self, kernel: Kernel, source: _Map, rectified: bool = True, held: bool = True) -> _Map:
        mode = "replicate" if kernel.doubles else "reflect"
        return self._made(
            kernel, lambda rows: source.bordered(kernel.sources(rows), kernel.border, mode), rectified, held
        )

    def _made(self, kernel: Kernel, look: Callable[[range], Tensor], rectified: bool = True, held: bool = True) -> _Map:
        """The kernel's map, made in bands of what `look` gives for rows of it; if not held, made again when seen."""
        moments, height, width = Moments(), self.height // kernel.part, self.width // kernel.part
        whole = None
        for rows in self._bands(kernel):
            band = kernel(look(rows))
            moments.add(band)
            if len(rows) == height:
                whole = band
            elif held:
                if whole is None:
                    shape = self.count, height, width, kernel.channels
                    whole = band.new_empty(shape).permute(0, 3, 1, 2)  # channels last
                whole[:, :, rows.start : rows.stop] = band
            self._tell(kernel.work * len(rows) * kernel.part)
        assert kernel.affine is not None
        scale, shift = F.linear(self.codes, *kernel.affine).chunk(2, dim=1)
        norm = _Norm(moments.mean, moments.variance, 1 + scale, shift)
        if whole is not None:
            return _stored(whole, norm, rectified)
        return _Map(height, lambda rows: kernel(look(rows)), norm, rectified)

    def _settled(self, x: _Map, more: Callable[[range], Tensor]) -> _Map:
        """What is seen of a stored map and `more` of it, in its place."""
        row = x.rows(range(1)).numel()
        for rows in self._split(x.height, row):
            torch.add(x.seen(rows), more(rows), out=x.rows(rows))
        return _Map(x.height, x.rows)

    def _bands(self, kernel: Kernel) -> Iterator[range]:
        return self._split(self.height // kernel.part, self.count * kernel.channels * self.width // kernel.part)

    def _split(self, height: int, row: int) -> Iterator[range]:
        """Even numbers of rows with at most the painter's `band` values, or two rows; `row`: values in one."""
        step = max(2, self.nets.band // row // 2 * 2)
        return (range(top, min(top + step, height)) for top in range(0, height, step))

    def _tell(self, work: float) -> None:
        self.done += work
        reports = int(REPORTS * self.done / self.work)
        if self.tell is not None and self.reports < reports < REPORTS:
            self.reports = reports
            self.tell(reports / REPORTS)


def _block(module: nn.Module) -> ResidualBlock:
    assert isinstance(module, ResidualBlock)
    return module


def _clipped(rows: range, border: int, height: int) -> range:
    return range(max(0, rows.start - border), min(height, rows.stop + border))


def _with_border(x: Tensor, rows: range, inside: range, border: int, mode: str = "reflect") -> Tensor:
    """`x`, which holds the rows `inside`, with all of the border that `rows` need."""
    return F.pad(x, (border, border, border - rows.start + inside.start, border - inside.stop + rows.stop), mode=mode)
