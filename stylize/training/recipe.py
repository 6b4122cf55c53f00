"""What a training run does, read from TOML."""

from dataclasses import dataclass
from pathlib import Path

from stylize.training.recipe_file import recipe_values


@dataclass(frozen=True)
class AdaptiveRecipe:
    """Training of the arbitrary-style net; the last stage of the shipped weights is recipes/adaptive.toml."""

    seed: int = 1
    steps: int = 12000
    batch: int = 4
    side: int = 256  # px of the painted crops
    late_side: int = 256  # px in the last part, where learning slows down
    late_from: float = 0.6  # share of the steps after which the rate falls to zero
    style_side: int = 256  # px of the style pictures that statistics and codes are taken from
    content_scales: tuple[float, float] = (0.7, 1.8)
    style_scales: tuple[float, float] = (0.6, 1.5)
    colour_chance: float = 0.25
    procedural: float = 0.0  # share of the style pictures that are drawn by code instead of picked
    rate: float = 1.5e-3
    painter_rate: float = 1.0  # of the painter, as a share of the others'
    reader_rate: float = 1.0  # of what makes readings, likewise
    warm_up: int = 200
    clip: float = 1.0
    average: float = 0.999
    style_weight: float = 2.5
    content_weight: float = 1.5
    edge_weight: float = 0.0  # of the edges of the photo that are lost
    gram_share: float = 1.0  # of the Gram distance beside that of the moments
    overshoot: float = 1.0  # features of a style are aimed at so many times as strong, since paintings fall short
    sizes: tuple[float, ...] = (1.0, 0.6, 0.4)  # weights of the style loss at full size, half, quarter: longer strokes
    third_block: float = 1.0  # weight of the layers relu3_… in the style loss, where the others count 1
    palette_weight: float = 1.0
    smoothness: float = 0.05
    turned: bool = False  # judges see all pictures turned, mirrored and with channels in another order, alike
    corrected: float = 0.5  # share of a batch whose codes are corrected after one look, one at least
    telling: float = 0.2  # weight of the judge's statistics being told from the readings
    identity: float = 5.0
    identity_every: int = 8
    frozen: tuple[str, ...] = ()  # beginnings of the names of weights that stay as they are
    leave_out: tuple[str, ...] = ()  # beginnings of file names: held-out artists

    def __post_init__(self) -> None:
        if not 0 < self.corrected <= 1:
            raise ValueError("corrected must be above 0 and at most 1")
        # The encoder and, at the smallest size, relu5_1 must still have 2 px to pad.
        least = max(48, 32 * 2 ** (len(self.sizes) - 1))
        for name in ("side", "late_side", "style_side"):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least} px for {len(self.sizes)} sizes of the style loss")

    @classmethod
    def read(cls, path: Path) -> "AdaptiveRecipe":
        """Raises ValueError with the name of an unknown key, or of one whose value can't be."""
        return cls(**recipe_values(cls, path))
