"""Targets of presets, which come without a picture: `python -m stylize.methods.optimise.ship` makes the file.

Those of sentences lie in their corpus, see `stylize.sentence.lowrank`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from stylize.errors import WeightsError
from stylize.weights import shipped

FORMAT = "2"
REBUILD = "`python -m stylize.methods.optimise.ship` makes them anew."


@dataclass(frozen=True, eq=False)
class PresetTargets:
    """presets: packed targets (see `Targets`), (L,) each. eye: sha256 of the weights of the net that saw them."""

    presets: Mapping[str, Tensor]
    eye: str

    def of_preset(self, name: str) -> Tensor:
        """(L,) float32. Raises WeightsError where the preset has none."""
        if name not in self.presets:
            raise WeightsError(f"The preset {name} has no targets for optimisation yet. {REBUILD}")
        return self.presets[name].float()

    def save(self, path: Path) -> None:
        """Writes one safetensors file."""
        tensors = {name: target.half().contiguous() for name, target in self.presets.items()}
        save_file(tensors, path, {"format": FORMAT, "eye": self.eye})

    @classmethod
    def load(cls, path: Path | None = None, *, eye: str | None = None) -> PresetTargets:
        """eye: the net that will aim at them; None leaves that unchecked.

        Raises WeightsError where the file is missing or damaged, or was made with another net.
        """
        path = path or shipped("targets")
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata() or {}
                presets = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        except (SafetensorError, OSError) as error:
            raise WeightsError(f"{path.name} can't be read. {REBUILD}") from error
        if metadata.get("format") != FORMAT:
            raise WeightsError(f"{path.name} has another format than this version reads. {REBUILD}")
        if eye not in (None, metadata["eye"]):
            raise WeightsError(f"The targets of presets were made for other weights. {REBUILD}")
        return cls(presets, metadata["eye"])
