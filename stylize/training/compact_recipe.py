"""What a training run of compact does, read from TOML."""

import zlib
from dataclasses import dataclass
from pathlib import Path

from stylize.training.recipe_file import recipe_values


@dataclass(frozen=True)
class CompactRecipe:
    """Training of compact; the defaults are the shipped weights' (recipes/compact.toml)."""

    seed: int = 1
    steps: int = 6000
    batch: int = 8
    side: int = 112  # px of the crops
    scales: tuple[float, float] = (0.45, 1.25)
    lesson: int = 128  # crops that the teachers look at in one go
    passes: int = 4  # times that the student goes through a lesson: the teachers cost more than a step
    places: int = 256  # of a map's positions at most that are compared, other ones in each crop
    noise_chance: float = 0.15  # of crops mixed with noise, since painting may begin with noise
    colour_chance: float = 0.15
    rate: float = 0.03  # of a layer's weights, in standard deviations of its random ones
    renewal: float = 0.05  # share of a step's batch in the moments that the maps are solved from
    warm_up: int = 50
    clip: float = 1.0
    average: float = 0.999
    statistics: float = 0.1  # weight of the mapped features' statistics beside that of the features
    relations: float = 0.2  # weight of the Gram distances between pictures without maps
    leave_out: tuple[str, ...] = ()  # beginnings of file names: the comparison set
    hold_out_one_in: int = 40  # of the other files, by name, for the evaluation

    def __post_init__(self) -> None:
        if self.side < 32:
            raise ValueError("side must be at least 32 px: relu5_1 needs 2 px to pad")
        if self.lesson % self.batch:
            raise ValueError("lesson must be a multiple of batch")

    @classmethod
    def read(cls, path: Path) -> "CompactRecipe":
        """Raises ValueError with the name of an unknown key, or of one whose value can't be."""
        return cls(**recipe_values(cls, path))

    def holds_out(self, name: str) -> bool:
        """Whether the file is kept for the evaluation; follows from its name, whatever folder it lies in."""
        return name.startswith(self.leave_out) or zlib.crc32(name.encode()) % self.hold_out_one_in == 0
