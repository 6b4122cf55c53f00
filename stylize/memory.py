"""How much memory there is to paint in, and giving it back."""

import ctypes
import gc
from pathlib import Path

import psutil
import torch

_CGROUP = Path("/sys/fs/cgroup")  # version 2, as containers have it


def free_bytes(device: torch.device, cgroup: Path = _CGROUP) -> int:
    """Bytes that can be had on the device now without swapping, or without meeting the limit of the container.

    cgroup: where the kernel tells of that limit.
    """
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        idle = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(free + idle)
    available = int(psutil.virtual_memory().available)
    limit = _number(cgroup / "memory.max")
    if limit is None:
        return available
    return min(available, max(0, limit - (_number(cgroup / "memory.current") or 0)))


def give_back(device: torch.device) -> None:
    """What is free but held by torch or by the C library goes back to the device, where others can ask for it."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; others give back by themselves
    if trim is not None:
        trim(0)


def _number(path: Path) -> int | None:
    """None where there is no such file, or it says "max"."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
