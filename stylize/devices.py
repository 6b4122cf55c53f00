"""Which device paints, and in which precision."""

import torch

from stylize.errors import StylizeError


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


def choose_precision(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware multiplies it faster than float32, else float32.

    Asked of the hardware, not measured: the same machine must give the same bytes every time.
    """
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    if device.type == "cpu" and (torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()):
        return torch.bfloat16
    return torch.float32
