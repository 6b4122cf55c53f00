"""Which device paints, and in which precision."""

import math
import time
from collections.abc import Callable
from functools import cache, partial

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.errors import StylizeError

CLEARLY = 1.15  # times as fast: less is not worth the lost digits
UNSURE = 1.15  # so near to it, times may mislead


def choose_device(wish: str = "auto") -> torch.device:
    """The device called ``wish``; "auto" takes a CUDA GPU, else Apple's, else the CPU.

    Raises StylizeError where the wish can't be met.
    """
    if wish == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(wish)
    except RuntimeError as error:
        raise StylizeError(f"There is no device called {wish}. Use auto, cpu, cuda, cuda:1 or mps.") from error
    known = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not known.get(device.type, False):
        raise StylizeError(f"This machine has no device {wish}. Use auto or cpu.")
    if device.type == "cuda" and device.index is not None and device.index >= torch.cuda.device_count():
        raise StylizeError(
            f"This machine has no {wish}; its GPUs are numbered from 0 to {torch.cuda.device_count() - 1}."
        )
    return device


@cache
def choose_precision(device: torch.device) -> torch.dtype:
    """bfloat16 where convolutions are clearly faster in it than in float32, else float32.

    Measured once per process, in some tens of milliseconds; see `faster_precision` for why it comes out the same every
    time.
    """
    if device.type not in ("cpu", "cuda"):
        return torch.float32
    clock = _gpu_seconds if device.type == "cuda" else _cpu_seconds
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # one thread's time is what it worked, however busy the machine is
    try:
        works = {precision: _stand_in(device, precision) for precision in (torch.float32, torch.bfloat16)}
        return faster_precision({precision: partial(clock, work) for precision, work in works.items()})
    finally:
        torch.set_num_threads(threads)


def faster_precision(clocks: dict[torch.dtype, Callable[[], float]], rounds: int = 9) -> torch.dtype:
    """bfloat16 where it takes less than 1 / CLEARLY of float32's time, else float32.

    clocks: for both precisions, does the same work once and gives the seconds. Whatever disturbs a measurement adds
    time, so the shortest times of each are compared, and they take turns. Hardware that knows bfloat16 is 1.8 times as
    fast or more with it, other hardware 3 times slower or more, so the border lies where no machine was seen; where one
    comes near it, it is measured for longer.
    """
    best = dict.fromkeys(clocks, math.inf)
    for turn in range(5 * rounds):
        for precision, clock in clocks.items():
            best[precision] = min(best[precision], clock())
        gain = best[torch.float32] / best[torch.bfloat16]
        if turn >= rounds and not CLEARLY / UNSURE < gain < CLEARLY * UNSURE:
            break
    return torch.bfloat16 if gain >= CLEARLY else torch.float32


def _stand_in(device: torch.device, precision: torch.dtype) -> Callable[[], Tensor]:
    """Work like the painter's, a few milliseconds of it."""
    side = 32 if device.type == "cpu" else 512
    x, weight = torch.ones(1, 64, side, side), torch.full((64, 64, 3, 3), 0.01)
    x, weight = (each.to(device, precision, memory_format=torch.channels_last) for each in (x, weight))

    @torch.inference_mode()
    def work() -> Tensor:
        y = x
        for _ in range(2):
            y = F.relu(F.group_norm(F.conv2d(y, weight, padding=1), 64))
        return y

    work()  # kernels are chosen and compiled
    return work


def _cpu_seconds(work: Callable[[], Tensor]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def _gpu_seconds(work: Callable[[], Tensor]) -> float:
    began = time.perf_counter()
    torch.cuda.synchronize(work().device)
    return time.perf_counter() - began
