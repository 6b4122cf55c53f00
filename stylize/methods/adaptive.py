"""Arbitrary style: any style picture, any code, any size, in well under a second per megapixel.

A photo is painted small to correct the style's code, painted, and brought nearer to the style's palette.
"""

import math
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from stylize.errors import Cancelled, WeightsError
from stylize.methods.adaptive_net import MULTIPLE, READER, STYLE_SIZE, Nets, Widths, noise_like
from stylize.methods.graphs import GraphedPainter
from stylize.methods.palette import in_light
from stylize.methods.streaming import StreamedPainter, Tell
from stylize.methods.style_encoder import READING_SIZE
from stylize.pictures import Picture
from stylize.request import Options, Progress, Watch
from stylize.sentence.corpus import Corpus
from stylize.sentence.styles import SentenceCode
from stylize.tensors import to_tensor
from stylize.weights import fingerprint, shipped

FIRST_PIXELS = 256 * 384  # at most, of the small painting that corrects the code
FEWEST_PIXELS = 176 * 192  # that it has at least, where the picture has; between the two, half of the picture's
ENCODER_SIDE = 384  # px: short side at which styles are read, the middle of the scales seen in training
PALETTE_PIXELS = 2**16  # of a painting, at least, that its colours are judged by
STRIP_PIXELS = 2**16  # recoloured at once: what a core's cache holds
GPU_BATCH = 16
BATCH_PIXELS = 2**24  # of all pictures painted at once
SMALLEST_STYLE = 64  # px: below it the encoder's deepest layer has nothing left


class Adaptive:
    """The method "adaptive": style encoder and painter.

    precision: of encoder and painter.
    batch: pictures painted at once at most; None lets a GPU have many and a CPU one, which has no idle hands to give to
    a second.
    Raises WeightsError when the file is not one of this method's.
    """

    name = "adaptive"
    any_stroke = False
    enlarges = False

    def __init__(
        self, device: torch.device, precision: torch.dtype, weights: Path | None = None, batch: int | None = None
    ) -> None:
        path = weights or shipped(self.name)
        self.weights = fingerprint(path)
        self.device, self.precision = device, precision
        self.batch = batch or (GPU_BATCH if device.type == "cuda" else 1)
        state = load_file(path)
        self.reader = _name_of_reader(state)
        state = {key: value.float() for key, value in state.items()}
        try:
            self.nets = Nets(_widths(state))
            self.nets.load_state_dict(state)
        except (KeyError, RuntimeError) as error:
            raise WeightsError(f"{path.name} does not hold weights of the method adaptive.") from error
        self.nets.requires_grad_(False).eval().to(device)
        self.nets.to(memory_format=torch.channels_last)
        streamed = StreamedPainter(self.nets.painter, device, precision)
        self._streamed = GraphedPainter(streamed) if device.type == "cuda" else streamed

    @torch.inference_mode()
    def prepare(self, styles: Sequence[Picture]) -> Tensor:
        """Style pictures of any size -> what is read of them, (B, STYLE_SIZE) float32 on the CPU."""
        read = [self.nets.style(self._at_encoder_scale(style), self.precision) for style in styles]
        return torch.cat(read).cpu() if read else torch.empty(0, STYLE_SIZE)

    def fast_code(self, picture: Picture) -> Tensor:
        """What `prepare` makes of one picture."""
        return self.prepare([picture])[0]

    def mix(self, codes: Tensor, weights: Tensor) -> Tensor:
        """The mean of styles (B, STYLE_SIZE) by weights (B,): (STYLE_SIZE,)."""
        return (weights / weights.sum()) @ codes

    def of_preset(self, name: str, code: Tensor) -> Tensor:
        """As it ships."""
        return code

    def of_sentence(self, found: SentenceCode, corpus: Corpus) -> Tensor:
        """As the corpus has it, in the light that people expect of the scene."""
        palette = found.code[READING_SIZE:]
        lit = torch.lerp(palette, in_light(palette[None], found.lightness)[0], found.expected)
        return torch.cat([found.code[:READING_SIZE], lit])

    def eased(self, code: Tensor, photo: Picture, share: float) -> Tensor:
        """The reading moved, the palette kept."""
        return self._along([photo], code[None], share)[0]

    def working_size(self, size: tuple[int, int], options: Options) -> tuple[int, int]:
        """Always the picture's own: bands keep the memory small."""
        return size

    def paint(self, pictures: Sequence[Picture], styles: Tensor, options: Options, watch: Watch) -> list[Picture]:
        """Pictures that need the same canvas are painted at once, up to `batch` of them.

        A strength above 1 moves the reading on along the line from the photo's own to the style's (as codes in Ghiasi
        et al. 2017, section 4.2), but leaves the palette, beyond which there is only black and white; what is below 1
        softens finished paintings, see ``stylize.strength``.
        """
        painted: dict[int, Picture] = {}
        for group in self._groups(pictures):
            start, share = len(painted) / len(pictures), len(group) / len(pictures)
            found = self._paint_group([pictures[i] for i in group], styles[group], options, _part(watch, start, share))
            painted.update(zip(group, found, strict=True))
        return [painted[i] for i in range(len(pictures))]

    def _groups(self, pictures: Sequence[Picture]) -> list[list[int]]:
        """Places of pictures to be painted at once."""
        by_canvas: dict[tuple[int, int], list[int]] = {}
        for place, picture in enumerate(pictures):
            by_canvas.setdefault(_canvas(picture), []).append(place)
        groups: list[list[int]] = []
        for (width, height), places in by_canvas.items():
            step = max(1, min(self.batch, BATCH_PIXELS // (width * height)))
            groups += [places[i : i + step] for i in range(0, len(places), step)]
        return groups

    @torch.inference_mode()
    def _paint_group(self, pictures: list[Picture], styles: Tensor, options: Options, tell: Tell) -> list[Picture]:
        """Pictures of one canvas."""
        if options.strength > 1:
            styles = self._along(pictures, styles, options.strength)
        styles = styles.to(self.device)
        return self._paint(pictures, self._aimed(pictures, styles, options.seed), styles, options.seed, tell)

    def _along(self, pictures: list[Picture], styles: Tensor, share: float) -> Tensor:
        """Styles (B, STYLE_SIZE) with readings on the line from the pictures' own, 0, through the styles', 1."""
        moved = torch.lerp(self.prepare(pictures), styles, share)
        return torch.cat([moved[:, :READING_SIZE], styles[:, READING_SIZE:]], dim=1)

    def _aimed(self, pictures: list[Picture], styles: Tensor, seed: int) -> Tensor:
        """The painter's codes for pictures of one canvas, (B, CODE_SIZE), after a look at them painted small."""
        readings = styles[:, :READING_SIZE]
        codes: Tensor = self.nets.encoder.code(readings)
        width, height = _canvas(pictures[0])
        pixels = min(max(width * height / 2, FEWEST_PIXELS), FIRST_PIXELS)
        scale = min(1.0, (pixels / (width * height)) ** 0.5)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        if min(size) < SMALLEST_STYLE:  # too little to read
            return codes
        small = [Picture(np.array(picture.to_pil().resize(size, Image.Resampling.BOX))) for picture in pictures]
        seen = self.prepare(self._paint(small, codes, styles, seed)).to(self.device)
        aimed: Tensor = self.nets.corrector(codes, readings, seen[:, :READING_SIZE])
        return aimed

    def _paint(
        self, pictures: list[Picture], codes: Tensor, styles: Tensor, seed: int, tell: Tell | None = None
    ) -> list[Picture]:
        """Pictures of one canvas with the painter's codes, in the palettes of their styles."""
        width, height = _canvas(pictures[0])
        photos = torch.stack([_on_canvas(picture, width, height) for picture in pictures]).to(self.device)
        one = torch.empty((), dtype=self.precision, device=self.device).expand(1, 3, height, width)
        quarter, eighth = noise_like(one, torch.Generator().manual_seed(seed))
        noise = quarter.expand(len(pictures), -1, -1, -1), eighth.expand(len(pictures), -1, -1, -1)
        paintings, sums = self._streamed(photos, codes.to(self.device), noise, tell)
        if not sums.isfinite().all():
            raise FloatingPointError("a painting holds values that are no numbers")
        self._recolour(paintings, styles)
        pixels = paintings.cpu().numpy()
        return [
            Picture(np.ascontiguousarray(pixels[i, : picture.height, : picture.width]))
            for i, picture in enumerate(pictures)
        ]

    def _recolour(self, paintings: Tensor, styles: Tensor) -> None:
        """Brings paintings (B, H, W, 3) uint8 nearer to the palettes of their styles, in their place."""
        height, width = paintings.shape[1:3]
        step = max(1, math.isqrt(height * width // PALETTE_PIXELS))
        colours = paintings[:, ::step, ::step].flatten(1, 2).mT / 255
        maps, shifts = self.nets.recolouring(colours, styles)
        rows = max(1, STRIP_PIXELS // width)
        for top in range(0, height, rows):
            strip = paintings[:, top : top + rows]
            recoloured = torch.baddbmm(255 * shifts.mT, strip.flatten(1, 2).float(), maps.mT)
            strip.copy_(recoloured.round_().clamp_(0, 255).view_as(strip))

    def _at_encoder_scale(self, picture: Picture) -> Tensor:
        pixels = to_tensor(picture)[None].to(self.device)
        short = min(pixels.shape[2:])
        aim = min(max(short, SMALLEST_STYLE), ENCODER_SIDE)
        if aim == short:
            return pixels
        height, width = (round(side * aim / short) for side in pixels.shape[2:])
        return F.interpolate(pixels, (height, width), mode="bilinear", antialias=True)


def _canvas(picture: Picture) -> tuple[int, int]:
    """Width and height that the picture is painted on: multiples of MULTIPLE, two of them at least."""
    width, height = (max(2 * MULTIPLE, -(-side // MULTIPLE) * MULTIPLE) for side in picture.size)
    return width, height


def _on_canvas(picture: Picture, width: int, height: int) -> Tensor:
    """(height, width, 3) uint8: the picture with its last column and row repeated."""
    right, below = width - picture.width, height - picture.height
    padded = np.pad(picture.pixels, ((0, below), (0, right), (0, 0)), mode="edge") if right or below else picture.pixels
    return torch.from_numpy(padded)


def _part(watch: Watch, start: float, share: float) -> Tell:
    """Reports 0 to 1 as the part of the whole that begins at `start`; stops the work when the watcher says no."""

    def tell(done: float) -> None:
        if not watch(Progress(round(1000 * (start + share * done)), 1000)):
            raise Cancelled("Stopped as asked.")

    return tell


def _name_of_reader(state: dict[str, Tensor]) -> str:
    """sha256 of the weights that make readings, as 64 hex digits."""
    found = sha256()
    for name, value in sorted(state.items()):
        if name.startswith(READER):
            found.update(name.encode())
            found.update(value.half().contiguous().numpy().data)
    return found.hexdigest()


def _widths(state: dict[str, Tensor]) -> Widths:
    """The painter's widths as the weights have them, so that no configuration can disagree."""
    counts = {
        group: len({key.split(".")[2] for key in state if key.startswith(f"painter.{group}.")})
        for group in ("before", "deep", "after")
    }
    return Widths(
        full=len(state["painter.up_full.weight"]),
        half=len(state["painter.stem.weight"]),
        quarter=len(state["painter.down_quarter.weight"]),
        eighth=len(state["painter.down_eighth.weight"]),
        quarter_blocks=counts["before"] + counts["after"],
        eighth_blocks=counts["deep"],
    )
