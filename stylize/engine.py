"""Request -> Result: the one place that knows methods, devices, precision, memory and retries."""

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from stylize.batching import Steps, Wish, run_together
from stylize.colour import wear
from stylize.devices import choose_device, choose_precision
from stylize.errors import OutOfMemory, StyleError, StylizeError
from stylize.memory import give_back, peak_bytes
from stylize.methods.adaptive import Adaptive
from stylize.methods.method import Method
from stylize.methods.optimise import Optimise, OptimiseRecipe
from stylize.pictures import Picture
from stylize.presets.sheet import sheet_photo
from stylize.request import (
    MAX_SIZE,
    MIN_SIZE,
    Colours,
    HeldBack,
    Options,
    Pace,
    Progress,
    Request,
    Result,
    SentenceStyle,
    Watch,
)
from stylize.soundness import is_clear, is_sound, may_come_back
from stylize.strength import soften
from stylize.strokes import paint_in_strokes, stroke_scale
from stylize.styles import Code, StyleCodes
from stylize.tensors import to_picture, to_tensor

METHODS = ("adaptive", "optimise")
SMALLER = 0.7  # of the size, for the one retry after out-of-memory
EASED = (0.8, 0.6, 0.4, 0.25)  # of the way to a style that hides the photo at the end of it
MILDER = (0.7, 0.5, 0.3)  # strengths for a photo that a full one would hide
_UNFIT = "This photo and this style don't go together. Try another style."
_HELD_BACK = {
    HeldBack.FULL: "Overdone, the style would have hidden this photo, so it is at full strength.",
    HeldBack.GENTLY: "The style would have hidden this photo, so it was laid on more gently.",
    HeldBack.PARTLY: "The style would have hidden this photo, so a part of it was given back.",
}
PALETTE_SIDE = 640  # px, long side: where only the colours of a painting are wanted, it need not be larger


class Engine:
    """Paints requests. One per process; not safe to share between threads.

    device: "auto", "cpu", "cuda", "cuda:1", "mps". weights: a file instead of the shipped one. batch: how many pictures
    `render_many` paints at once at most; None for what the device gains by. weights_dir: where the weights of backbones
    lie that don't ship with the package; without it they are fetched once. corpus: what sentences draw their style
    from, a file instead of the shipped one.
    """

    def __init__(
        self,
        device: str = "auto",
        weights: Path | None = None,
        batch: int | None = None,
        weights_dir: Path | None = None,
        corpus: Path | None = None,
    ) -> None:
        self.device = choose_device(device)
        self._file, self._batch, self._weights_dir, self._corpus = weights, batch, weights_dir, corpus
        self._painters: dict[torch.dtype, Adaptive] = {}
        self._optimisers: dict[tuple[str, torch.dtype], Optimise] = {}
        self._codes: dict[Method, StyleCodes] = {}

    def warm_up(self) -> None:
        """Load the nets, read a sentence and paint a small picture, so that the first user doesn't wait for it."""
        self.render(Request(sheet_photo().resized(128), SentenceStyle("a snowy day")))

    def pace(self, recipe: str = Options().recipe) -> Pace:
        """How long the method optimise takes here with this recipe; measured in about a second, on the first call.

        Raises StyleError for an unknown recipe, WeightsError where its backbone can't be had.
        """
        return self._optimiser(recipe, choose_precision(self.device)).pace

    def tune(self, painting: Picture, code: Path) -> Iterator[Progress]:
        """Makes a file by which ``ImageStyle(painting, code)`` is painted more faithfully, as presets are.

        Every item is one step of the work, a second or so on a CPU: whoever stops asking may go on at any time, also in
        another process, since a file beside the code keeps what was done. There are no items where the code is there.
        """
        from stylize.presets.tuning import tune  # here: only few need what trains nets

        return tune(self._painter(choose_precision(self.device)), painting, code)

    def render(self, request: Request, watch: Watch | None = None) -> Result:
        """Paint one request.

        The same request gives the same bytes on the same machine.
        Raises StyleError, WeightsError, OutOfMemory, Cancelled.
        """
        (outcome,) = run_together([self._result(request, watch or _go_on)])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def render_many(
        self, requests: Sequence[Request], watch: Callable[[int, Progress], bool] | None = None
    ) -> list[Result | StylizeError]:
        """Paint requests of any kind side by side: on a GPU in far less time than one after the other.

        Each outcome is what `render` gives or raises for its request, within rounding: bytes may differ by the company.
        watch: is told the place of a request with its progress; a False stops that one alone.
        """
        told = watch or (lambda _, progress: True)
        outcomes: list[Result | StylizeError] = []
        for outcome in run_together([self._result(each, partial(told, i)) for i, each in enumerate(requests)]):
            if isinstance(outcome, Exception) and not isinstance(outcome, StylizeError):
                raise outcome
            outcomes.append(outcome)
        return outcomes

    def _result(self, request: Request, watch: Watch) -> Steps[Result]:
        began = time.perf_counter()
        options = request.options
        method = self._method(options, choose_precision(self.device))
        content, warnings = _at_size(request.content, options)
        side = max(method.working_size(content.size, options))
        warnings += _if_enlarged(content, side)
        if method.enlarges:
            options = replace(options, working_size=max(MIN_SIZE, side))
        try:
            found, painted, held_back = yield from self._attempt(method, request, content, options, watch)
        except _MEMORY as error:
            if not _is_memory(error):
                raise
            self._forget_memory(error)
            side = max(MIN_SIZE, round(side * SMALLER))
            if method.enlarges:
                options = replace(options, working_size=side)
                warnings += (f"Memory ran short, so it was painted at {side} px and enlarged.",)
            else:
                content = content.resized(side)
                warnings += (f"Memory ran short, so the picture was made smaller: {content.width}×{content.height}.",)
            try:
                found, painted, held_back = yield from self._attempt(method, request, content, options, watch)
            except _MEMORY as again:
                if not _is_memory(again):
                    raise
                self._forget_memory(again)
                fits = round(side * SMALLER)
                raise OutOfMemory(f"There is not enough memory for this size. Try a size of {fits} px.") from again
        return Result(
            picture=painted,
            method=method.name,
            weights=method.weights[:12],
            seconds=time.perf_counter() - began,
            peak_memory=peak_bytes(self.device),
            painted_side=side,
            understood=found.understood,
            held_back=held_back,
            warnings=warnings + tuple(_HELD_BACK[each] for each in held_back),
        )

    def _attempt(
        self, method: Method, request: Request, content: Picture, options: Options, watch: Watch
    ) -> Steps[tuple[Code, Picture, tuple[HeldBack, ...]]]:
        """The style as read, the painting of `content`, which is the photo at its size or smaller, and how the style
        was held back."""
        if method not in self._codes:
            self._codes[method] = StyleCodes(method, self._corpus)
        found = self._codes[method].of(request.style, request.content)
        painted, held_back = yield from self._picture(method, content, found.code, options, watch)
        return found, painted, held_back

    def _picture(
        self, method: Method, content: Picture, code: torch.Tensor, options: Options, watch: Watch
    ) -> Steps[tuple[Picture, tuple[HeldBack, ...]]]:
        """The painting in the colours and at the strength asked for, of the photo's size, and how it was held back."""
        only_colours = options.colours == Colours.ONLY

        def tell(progress: Progress) -> bool:
            if progress.preview is not None and not only_colours:
                preview = progress.preview
                small = Picture(np.array(content.to_pil().resize(preview.size)))
                progress = replace(progress, preview=_finished(preview, small, options))
            return watch(progress)

        painted, held_back = yield from self._paint(
            method, content.resized(PALETTE_SIDE) if only_colours else content, code, options, tell
        )
        return _finished(painted, content, options), held_back

    def _paint(
        self, method: Method, content: Picture, code: torch.Tensor, options: Options, watch: Watch
    ) -> Steps[tuple[Picture, tuple[HeldBack, ...]]]:
        """One picture, and how the style was held back.

        What was overdone, so that no photo is left, is painted at full strength. A style that hides the photo even so
        is eased. Strokes that hide a soft photo all the same, as they honestly may, or hide another nearly, are let
        through in part; everything else is refused.
        """
        painted = yield from self._firmly(method, content, code, options, watch)
        shows = is_sound if options.strength > 1 else is_clear
        if painted is not None and shows(painted, content):
            return painted, ()
        if options.strength > 1:
            painted, more = yield from self._paint(method, content, code, replace(options, strength=1.0), watch)
            return painted, (HeldBack.FULL, *more)
        if painted is None:
            raise StylizeError(_UNFIT)
        for share in EASED:
            eased = method.eased(code, content, share)
            milder = None if eased is None else (yield from self._once(method, content, eased, options, watch))
            if milder is not None and is_clear(milder, content):
                return milder, (HeldBack.GENTLY,)
        if is_sound(painted, content):
            return painted, ()
        if may_come_back(painted, content):
            for strength in MILDER:
                milder = _finished(painted, content, replace(options, strength=strength, colours=Colours.STYLE))
                if is_sound(milder, content):
                    return milder, (HeldBack.PARTLY,)
        raise StylizeError(_UNFIT)

    def _firmly(
        self, method: Method, content: Picture, code: torch.Tensor, options: Options, watch: Watch
    ) -> Steps[Picture | None]:
        """A painting, by nets of full precision where no user should see that of the others; None where both failed."""
        painted = yield from self._once(method, content, code, options, watch)
        if painted is not None and is_sound(painted, content):
            return painted
        precise = self._method(options, torch.float32)
        again = None if precise is method else (yield from self._once(precise, content, code, options, watch))
        return painted if again is None else again

    def _once(
        self, method: Method, content: Picture, code: torch.Tensor, options: Options, watch: Watch
    ) -> Steps[Picture | None]:
        """A painting in strokes of the size asked for; None where it holds values that are no numbers."""

        def paint(picture: Picture, watch: Watch) -> Steps[Picture]:
            return (yield Wish(method, picture, code, options, watch))

        try:
            if method.any_stroke:
                return (yield from paint(content, watch))
            return (yield from paint_in_strokes(paint, content, options.stroke_size, watch))
        except FloatingPointError:
            return None

    def _method(self, options: Options, precision: torch.dtype) -> Method:
        """precision: of the nets."""
        match options.method:
            case "adaptive":
                return self._painter(precision)
            case "optimise":
                return self._optimiser(options.recipe, precision)
            case other:
                raise StyleError(f"There is no method “{other}”. Choose one of: {', '.join(METHODS)}.")

    def _painter(self, precision: torch.dtype) -> Adaptive:
        if precision not in self._painters:
            self._painters[precision] = Adaptive(self.device, precision, self._file, self._batch)
        return self._painters[precision]

    def _optimiser(self, recipe: str, precision: torch.dtype) -> Optimise:
        if (recipe, precision) not in self._optimisers:
            painter, plan = self._painter(precision), OptimiseRecipe.named(recipe)
            self._optimisers[recipe, precision] = Optimise(self.device, plan, painter, self._weights_dir, precision)
        return self._optimisers[recipe, precision]

    def _forget_memory(self, error: BaseException) -> None:
        """Lets go of what the failed attempt held, which lives on in the frames that the error remembers."""
        traceback.clear_frames(error.__traceback__)
        give_back(self.device)


_MEMORY = (torch.OutOfMemoryError, MemoryError, RuntimeError)


def _is_memory(error: BaseException) -> bool:
    """Whether memory ran out; on a CPU torch says so only in the words of a RuntimeError, and oneDNN not even so."""
    words = ("allocate memory", "could not create a primitive", "could not create a memory object")
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(each in str(error) for each in words)


def _go_on(_: Progress) -> bool:
    return True


def _finished(painted: Picture, content: Picture, options: Options) -> Picture:
    """A painting in the colours and at the strength asked for."""
    if options.strength >= 1 and options.colours == Colours.STYLE:
        return painted
    photo = to_tensor(content)
    worn = wear(to_tensor(painted), photo, options.colours)
    return to_picture(soften(worn, photo, options.strength, stroke_scale(content, options.stroke_size)))


def _at_size(content: Picture, options: Options) -> tuple[Picture, tuple[str, ...]]:
    long_side = min(options.size or MAX_SIZE, MAX_SIZE)
    if max(content.size) <= long_side:
        return content, ()
    smaller = content.resized(long_side)
    if options.size is not None:
        return smaller, ()
    return smaller, (f"The photo was made smaller, to {smaller.width}×{smaller.height} px, the largest size painted.",)


def _if_enlarged(content: Picture, side: int) -> tuple[str, ...]:
    if side >= max(content.size):
        return ()
    return (f"It was painted at {side} px and enlarged with the photo's own fine detail.",)
