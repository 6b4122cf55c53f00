"""Paintings of one size as one CUDA graph: a small picture is some hundred kernels, whose launches cost more than they.

A graph has fixed shapes. Padding pictures to a few common sizes would let graphs be shared, but the padding would count
in every norm's statistics and show in the picture; so each size in use has its own, and the least used one goes.
"""

from collections import OrderedDict, deque

import torch
from torch import Tensor

from stylize.methods.streaming import StreamedPainter, Tell

KEPT = 12  # graphs at once: some sizes of photos, alone and in batches
LARGEST = 16 * 1024 * 1024  # pixels of a batch: above, launches hardly count and a graph would hold gigabytes
REMEMBERED = 64  # sizes: one is captured when it comes again, as one that came once may not

Inputs = tuple[Tensor, Tensor, tuple[Tensor, Tensor]]
Outputs = tuple[Tensor, Tensor]


class GraphedPainter:
    """A `StreamedPainter` on a CUDA device, called likewise."""

    def __init__(self, painter: StreamedPainter) -> None:
        self._painter = painter
        self._graphs: OrderedDict[torch.Size, _Graph] = OrderedDict()
        self._seen: deque[torch.Size] = deque(maxlen=REMEMBERED)

    @torch.inference_mode()
    def __call__(
        self, photos: Tensor, codes: Tensor, noise: tuple[Tensor, Tensor], tell: Tell | None = None
    ) -> Outputs:
        """As `StreamedPainter`; a graph can't be stopped, so whoever is told hears of its end alone."""
        size, inputs = photos.shape, (photos, codes, noise)
        if size[:3].numel() > LARGEST or (size not in self._graphs and size not in self._seen):
            self._seen.append(size)
            return self._painter(*inputs, tell)
        if size in self._graphs:
            self._graphs.move_to_end(size)
        else:
            if len(self._graphs) == KEPT:
                self._graphs.popitem(last=False)
            self._graphs[size] = _Graph(self._painter, inputs)
        painted = self._graphs[size].replay(inputs)
        if tell is not None:
            torch.cuda.synchronize(photos.device)
            tell(1.0)
        return painted


class _Graph:
    """One captured painting, with the memory that its inputs and outputs have in it."""

    def __init__(self, painter: StreamedPainter, inputs: Inputs) -> None:
        photos, codes, noise = inputs
        # A tensor that merely repeats its rows can't be written to.
        self._inputs = photos.clone(), codes.clone(), (noise[0].contiguous().clone(), noise[1].contiguous().clone())
        device = photos.device
        aside = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(aside):  # kernels are chosen and workspaces allotted outside the capture
            for _ in range(2):
                painter(*self._inputs)
        torch.cuda.current_stream(device).wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._outputs = painter(*self._inputs)

    def replay(self, inputs: Inputs) -> Outputs:
        for place, value in zip(_flat(self._inputs), _flat(inputs), strict=True):
            place.copy_(value)
        self._graph.replay()
        return self._outputs[0].clone(), self._outputs[1].clone()


def _flat(inputs: Inputs) -> tuple[Tensor, ...]:
    photos, codes, noise = inputs
    return photos, codes, *noise
