"""What a training run of the sentence head does, read from TOML."""

from dataclasses import dataclass
from pathlib import Path

from stylize.training.recipe_file import recipe_values


@dataclass(frozen=True)
class SentenceRecipe:
    """Training of the head; the defaults are the shipped weights' (recipes/sentence.toml)."""

    seed: int = 0
    steps: int = 1500
    batch: int = 512  # pictures, each with one sentence or the mean of all of its own
    width: int = 512
    components: int = 128  # of the style codes
    dropout: float = 0.5  # a few thousand pictures are soon known by heart
    noise: float = 0.5  # length of the random vector that is added to a sentence's unit vector
    whole: float = 0.3  # of the picks show the mean of a picture's sentences instead of one of them
    rate: float = 1e-3
    decay: float = 1e-2
    direction: float = 0.09  # weight of the cosine to the picture's own code
    ranking: float = 1.0  # weight of telling the picture's code from the batch's others by cosine
    temperature: float = 0.07  # of these cosines at first; it is learned
    distance: float = 0.9  # weight of the squared distance to the picture's code
    ranking_by_distance: float = 0.3  # weight of telling it from the others by distance
    reach: float = 0.3  # squared distance, of the codes' variance, that makes a code e times less likely there
    beside_others: float = 1.0  # weight of looking more like the sentence's picture than like another
    beside_mean: float = 2.0  # weight of looking more like it than the mean style does
    softness: float = 0.2  # a distance larger by this part makes such a comparison e times more likely lost
    alike: float = 0.95  # cosine of two pictures' sentences from which on they are not told apart
    held_out: int = 200  # pictures for the figures, never seen
    validation: int = 200  # pictures for choices, not seen in training either

    @classmethod
    def read(cls, path: Path) -> "SentenceRecipe":
        """Raises ValueError with the name of an unknown key."""
        return cls(**recipe_values(cls, path))
