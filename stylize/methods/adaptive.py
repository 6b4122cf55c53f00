"""Arbitrary style in one pass: any style picture, any code, any size, in well under a second per megapixel."""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from stylize.errors import Cancelled, WeightsError
from stylize.methods.adaptive_net import CODE_SIZE, MULTIPLE, Painter, StyleEncoder, Widths, noise_like
from stylize.pictures import Picture
from stylize.request import Options, Progress, Watch
from stylize.tensors import to_picture, to_tensor
from stylize.weights import fingerprint, shipped

ENCODER_SIDE = 384  # px: short side at which styles are read, the middle of the scales seen in training
SMALLEST_STYLE = 64  # px: below it the encoder's last stage has nothing left


class Adaptive:
    """The method "adaptive": style encoder and painter.

    precision: of the painter; the encoder, whose cost does not count, stays in float32.
    Raises WeightsError when the file is not one of this method's.
    """

    name = "adaptive"

    def __init__(self, device: torch.device, precision: torch.dtype, weights: Path | None = None) -> None:
        path = weights or shipped(self.name)
        self.weights = fingerprint(path)
        self.device, self.precision = device, precision
        state = {key: value.float() for key, value in load_file(path).items()}
        try:
            self.painter = Painter(_widths(state))
            self.painter.load_state_dict(_part(state, "painter."))
            self.encoder = StyleEncoder()
            self.encoder.load_state_dict(_part(state, "encoder."))
        except (KeyError, RuntimeError) as error:
            raise WeightsError(f"{path.name} does not hold weights of the method adaptive.") from error
        for net, kind in ((self.painter, precision), (self.encoder, torch.float32)):
            net.requires_grad_(False).eval().to(device, kind)
            net.to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def prepare(self, styles: Sequence[Picture]) -> Tensor:
        """Style pictures of any size -> codes, (B, CODE_SIZE) float32 on the CPU."""
        codes = [self.encoder(self._at_encoder_scale(style)) for style in styles]
        return torch.cat(codes).cpu() if codes else torch.empty(0, CODE_SIZE)

    def paint(self, pictures: Sequence[Picture], codes: Tensor, options: Options, watch: Watch) -> list[Picture]:
        """A strength above 1 moves the code on along the line from the photo's own to the style's (Ghiasi et al. 2017,
        section 4.2); what is below 1 softens finished paintings, see ``stylize.strength``."""
        return [self._paint_one(picture, code, options, watch) for picture, code in zip(pictures, codes, strict=True)]

    @torch.inference_mode()
    def _paint_one(self, picture: Picture, code: Tensor, options: Options, watch: Watch) -> Picture:
        if options.strength > 1:
            code = torch.lerp(self.prepare([picture])[0], code, options.strength)
        photo = to_tensor(picture)[None].to(self.device)
        height, width = photo.shape[2:]
        right, below = -width % MULTIPLE + 8 * (width < 16), -height % MULTIPLE + 8 * (height < 16)
        padded = F.pad(photo, (0, right, 0, below), mode="replicate").to(self.precision)
        noise = noise_like(padded, torch.Generator().manual_seed(options.seed))
        watched = _Watched(self.painter, watch)
        try:
            painted = self.painter(padded, code[None].to(self.device), noise)[..., :height, :width]
        finally:
            watched.stop()
        return to_picture(painted[0])

    def _at_encoder_scale(self, picture: Picture) -> Tensor:
        pixels = to_tensor(picture)[None].to(self.device)
        short = min(pixels.shape[2:])
        aim = min(max(short, SMALLEST_STYLE), ENCODER_SIDE)
        if aim == short:
            return pixels
        height, width = (round(side * aim / short) for side in pixels.shape[2:])
        return F.interpolate(pixels, (height, width), mode="bilinear", antialias=True)


class _Watched:
    """Reports every stage of the painter to a watcher while it stands."""

    def __init__(self, painter: Painter, watch: Watch) -> None:
        stages: list[nn.Module] = [painter.stem, painter.down_eighth, *painter.deep, painter.up_half, painter.last]
        self.watch, self.step, self.total = watch, 0, len(stages)
        self.handles = [stage.register_forward_hook(self._passed) for stage in stages]

    def _passed(self, *_: object) -> None:
        self.step += 1
        if not self.watch(Progress(self.step, self.total)):
            raise Cancelled("Stopped as asked.")

    def stop(self) -> None:
        for handle in self.handles:
            handle.remove()


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}


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
