"""What a training run does, read from TOML."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class AdaptiveRecipe:
    """Training of the arbitrary-style net; defaults are the shipped weights' (recipes/adaptive.toml)."""

    seed: int = 1
    steps: int = 12000
    batch: int = 4
    side: int = 192  # px of the painted crops
    late_side: int = 256  # px in the last part, where learning slows down
    late_from: float = 0.75  # share of the steps after which the rate falls to zero
    style_side: int = 256  # px of the style pictures that statistics and codes are taken from
    pool: int = 320  # style pictures held ready with their statistics
    refresh: int = 1  # of them replaced per step
    content_scales: tuple[float, float] = (0.7, 1.8)
    style_scales: tuple[float, float] = (0.7, 1.3)
    colour_chance: float = 0.25
    rate: float = 1.5e-3
    warm_up: int = 200
    clip: float = 1.0
    average: float = 0.999
    style_weight: float = 2.0
    firm_weight: float = 4.0  # the style weight once the palette is learned: strokes
    firm_from: float = 0.47  # share of the steps
    late_weight: float = 1.9  # in the last part, which brings the structure back
    gram_share: float = 0.5  # of the Gram distance beside that of the moments
    firm_gram_share: float = 1.0
    half_scale: float = 0.5  # weight of the style loss at half size: longer strokes
    deep_weight: float = 1.0  # weight of relu4_1 and relu5_1 of the slim net
    smoothness: float = 0.05
    identity: float = 5.0
    identity_every: int = 4
    leave_out: tuple[str, ...] = ()  # beginnings of file names: held-out artists

    @classmethod
    def read(cls, path: Path) -> "AdaptiveRecipe":
        """Raises ValueError with the name of an unknown key."""
        values = tomllib.loads(path.read_text())
        unknown = values.keys() - cls.__dataclass_fields__.keys()
        if unknown:
            raise ValueError(f"{path.name}: unknown key {sorted(unknown)[0]!r}")
        fields: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
        return cls(**fields)
