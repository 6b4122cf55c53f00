"""What an optimisation does, read from TOML; the recipes beside this file are the classic settings of their sources."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from stylize.errors import StyleError
from stylize.features.extractor import Padding, Pooling

RECIPES = Path(__file__).parent / "recipes"

StyleLoss = Literal["gram", "wasserstein", "nearest"]
Convention = Literal["gatys", "tutorial", "notebook", "relative"]
Optimiser = Literal["lbfgs", "adam", "adagrad"]
Start = Literal["photo", "noise", "painting"]


@dataclass(frozen=True)
class Stage:
    """One size of the coarse-to-fine descent: the long side as a share of the last stage's, and its steps."""

    scale: float
    steps: int


@dataclass(frozen=True)
class OptimiseRecipe:
    """An optimisation of pixels; the defaults are those of the recipe "finest".

    source: whose setting it is. padding: of convolutions; zeros, as nets were trained with, draw a frame. smoothed:
    activations, for ResNet-50, see `features.smoothed`. style_layers, content_layers: by the papers' names, each with
    its weight; empty for the backbone's own. convention: how distances are scaled, see `objective.py`. side: long side
    of the last stage in px at most, larger photos are enlarged from there. start: from the photo, from white noise, or
    from what the fast painter makes. average: of the iterates, as the decay of their running mean; 0 takes the last.
    pyramid: levels of the pictures by which L-BFGS descends; with 1 by pixels. history: steps that it remembers, 100 as
    in torch and in neural-style; on a CPU so many take as long as the net.
    """

    source: str = "ours"
    backbone: str = "compact"
    pooling: Pooling = "max"
    padding: Padding = "replicate"
    smoothed: bool = False
    style_layers: tuple[str, ...] = ()
    style_weights: tuple[float, ...] = ()
    content_layers: tuple[str, ...] = ()
    content_weights: tuple[float, ...] = ()
    style_loss: StyleLoss = "wasserstein"
    convention: Convention = "relative"
    content_weight: float = 1.0
    style_weight: float = 1.0
    smoothness: float = 0.0
    optimiser: Optimiser = "adam"
    rate: float = 0.02
    pyramid: int = 1
    history: int = 100
    start: Start = "painting"
    side: int = 768
    stages: tuple[Stage, ...] = (Stage(0.25, 60), Stage(0.5, 50), Stage(1.0, 40))
    average: float = 0.9

    def __post_init__(self) -> None:
        for name, kind in (
            ("style_loss", StyleLoss),
            ("convention", Convention),
            ("optimiser", Optimiser),
            ("start", Start),
            ("pooling", Pooling),
            ("padding", Padding),
        ):
            if getattr(self, name) not in get_args(kind):
                raise StyleError(f"{name} must be one of {', '.join(get_args(kind))}, not {getattr(self, name)!r}.")
        for what in ("style", "content"):
            layers, weights = getattr(self, f"{what}_layers"), getattr(self, f"{what}_weights")
            if len(layers) != len(weights):
                raise StyleError(f"There are {len(layers)} {what}_layers and {len(weights)} {what}_weights.")
        if self.history < 1:
            raise StyleError(f"The history must be one step or more, not {self.history}.")
        if self.pyramid < 1 or (self.pyramid > 1 and self.optimiser != "lbfgs"):
            raise StyleError("A pyramid has one level or more, and more than one only with the optimiser lbfgs.")
        if not self.stages or any(not 0 < each.scale <= 1 or each.steps < 1 for each in self.stages):
            raise StyleError("Each stage needs a scale above 0 and up to 1, and one step at least.")

    @classmethod
    def named(cls, name: str) -> "OptimiseRecipe":
        """A shipped recipe, or that of a .toml file. Raises StyleError, with the names there are, for another name."""
        path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
        if path.parent == RECIPES and name not in recipe_names():
            raise StyleError(f"There is no recipe “{name}”. Choose one of: {', '.join(recipe_names())}.")
        return cls.read(path)

    @classmethod
    def read(cls, path: Path) -> "OptimiseRecipe":
        """Raises StyleError with the name of what is unknown or can't be."""
        try:
            values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StyleError(f"The recipe {path.name} can't be read: {error}.") from error
        unknown = values.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise StyleError(f"{path.name}: unknown key {sorted(unknown)[0]!r}.")
        if "stages" in values:
            values["stages"] = [Stage(*stage) for stage in values["stages"]]
        chosen: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
        return cls(**chosen)


def recipe_names() -> tuple[str, ...]:
    """Of the shipped recipes, "finest" first."""
    names = sorted(path.stem for path in RECIPES.glob("*.toml"))
    return tuple(sorted(names, key=lambda name: name != "finest"))
