"""Codes in files of their own, beside those that ship."""

from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

CODE, CODE_NET = "code", "code_net"


def stored_code(file: Path, code_net: str) -> Tensor | None:
    """The code in a file that `Engine.tune` wrote; None where there is none, or one for other weights."""
    if not file.is_file():
        return None
    try:
        with safe_open(file, framework="pt") as stored:
            if (stored.metadata() or {}).get(CODE_NET) != code_net:
                return None
            code: Tensor = stored.get_tensor(CODE)
    except SafetensorError:  # half a file, from a disk that was full
        return None
    return code
