"""Weights that ship with the package, each with a model card beside it."""

import hashlib
from functools import lru_cache
from pathlib import Path

from stylize.errors import WeightsError

FOLDER = Path(__file__).parent


def shipped(name: str) -> Path:
    """The file ``name``.safetensors. Raises WeightsError where the installation lacks it."""
    path = FOLDER / f"{name}.safetensors"
    if not path.is_file():
        raise WeightsError(
            f"{path.name} is missing from this installation. `pip install --force-reinstall .` restores it."
        )
    return path


@lru_cache(maxsize=32)
def fingerprint(path: Path) -> str:
    """sha256 of a file, as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
