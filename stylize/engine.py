"""Request -> Result: the one place that knows methods, devices, precision, memory and retries."""

import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch

from stylize.colour import wear
from stylize.devices import choose_device, choose_precision
from stylize.errors import OutOfMemory, StyleError, StylizeError
from stylize.methods.adaptive import Adaptive
from stylize.methods.method import Method
from stylize.pictures import Picture
from stylize.request import MAX_SIZE, Colours, Options, Progress, Request, Result, SentenceStyle, Watch
from stylize.soundness import is_sound
from stylize.strength import soften
from stylize.strokes import paint_in_strokes, stroke_scale
from stylize.styles import StyleCodes
from stylize.tensors import to_picture, to_tensor

METHODS = ("adaptive",)
SMALLER = 0.7  # of the size, for the one retry after out-of-memory
PALETTE_SIDE = 640  # px, long side: where only the colours of a painting are wanted, it need not be larger


class Engine:
    """Paints requests, one after the other. One per process; not safe to share between threads.

    device: "auto", "cpu", "cuda", "cuda:1", "mps". weights: a file instead of the shipped one.
    """

    def __init__(self, device: str = "auto", weights: Path | None = None) -> None:
        self.device = choose_device(device)
        self._file = weights
        self._methods: dict[tuple[str, torch.dtype], Method] = {}
        self._codes: StyleCodes | None = None

    def warm_up(self) -> None:
        """Load the nets, read a sentence and paint a small picture, so that the first user doesn't wait for it."""
        pixels = np.linspace(0, 255, 128 * 128 * 3).reshape(128, 128, 3).astype(np.uint8)
        self.render(Request(Picture(pixels), SentenceStyle("a snowy day")))

    def render(self, request: Request, watch: Watch | None = None) -> Result:
        """Paint one request.

        The same request gives the same bytes on the same machine.
        Raises StyleError, WeightsError, OutOfMemory, Cancelled.
        """
        began = time.perf_counter()
        options, watch = request.options, watch or _go_on
        method = self._method(options.method, choose_precision(self.device))
        if self._codes is None:
            self._codes = StyleCodes(method)
        found = self._codes.of(request.style)
        content, warnings = _at_size(request.content, options)
        try:
            painted = self._picture(method, content, found.code, options, watch)
        except _MEMORY as error:
            if not _is_memory(error):
                raise
            self._forget_memory()
            content = content.resized(round(max(content.size) * SMALLER))
            warnings = (
                *warnings,
                f"Memory ran short, so the picture was made smaller: {content.width}×{content.height}.",
            )
            try:
                painted = self._picture(method, content, found.code, options, watch)
            except _MEMORY as again:
                if not _is_memory(again):
                    raise
                self._forget_memory()
                fits = round(max(content.size) * SMALLER)
                raise OutOfMemory(f"There is not enough memory for this size. Try a size of {fits} px.") from again
        return Result(
            picture=painted,
            method=method.name,
            weights=method.weights[:12],
            seconds=time.perf_counter() - began,
            peak_memory=self._peak_memory(),
            looked_at=found.looked_at,
            warnings=warnings,
        )

    def _picture(self, method: Method, content: Picture, code: torch.Tensor, options: Options, watch: Watch) -> Picture:
        """The painting in the colours and at the strength asked for, of the photo's size."""
        only_colours = options.colours == Colours.ONLY
        painted = self._paint(method, content.resized(PALETTE_SIDE) if only_colours else content, code, options, watch)
        if options.strength >= 1 and options.colours == Colours.STYLE:
            return painted
        photo = to_tensor(content)
        worn = wear(to_tensor(painted), photo, options.colours)
        return to_picture(soften(worn, photo, options.strength, stroke_scale(content, options.stroke_size)))

    def _paint(self, method: Method, content: Picture, code: torch.Tensor, options: Options, watch: Watch) -> Picture:
        """One picture; one that no user should see is painted again in full precision, then refused."""
        for precise in (False, True):
            nets = self._method(method.name, torch.float32) if precise else method

            def paint(picture: Picture, watch: Watch, nets: Method = nets) -> Picture:
                return nets.paint([picture], code[None], options, watch)[0]

            try:
                painted = paint_in_strokes(paint, content, options.stroke_size, watch)
            except FloatingPointError:  # not-a-numbers
                continue
            if is_sound(painted, content):
                return painted
        raise StylizeError("This photo and this style don't go together. Try another style.")

    def _method(self, name: str, precision: torch.dtype) -> Method:
        if name not in METHODS:
            raise StyleError(f"There is no method “{name}”. Choose one of: {', '.join(METHODS)}.")
        if (name, precision) not in self._methods:
            self._methods[name, precision] = Adaptive(self.device, precision, self._file)
        return self._methods[name, precision]

    def _forget_memory(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _peak_memory(self) -> int:
        """Bytes: of the GPU where there is one, else of this process since its start."""
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


_MEMORY = (torch.OutOfMemoryError, MemoryError, RuntimeError)


def _is_memory(error: BaseException) -> bool:
    """Whether memory ran out; on a CPU torch says so only in the words of a RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in str(error)


def _go_on(_: Progress) -> bool:
    return True


def _at_size(content: Picture, options: Options) -> tuple[Picture, tuple[str, ...]]:
    long_side = min(options.size or MAX_SIZE, MAX_SIZE)
    if max(content.size) <= long_side:
        return content, ()
    smaller = content.resized(long_side)
    if options.size is not None:
        return smaller, ()
    return smaller, (f"The photo was made smaller, to {smaller.width}×{smaller.height} px, the largest size painted.",)
