"""The independent judge: the fixed nets of `tools/score.py` in a folder of pairs, peers and weights."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import torch.nn.functional as F

from stylize import Picture, encode_picture

SHARED = Path(__file__).resolve().parents[2] / "shared"
COLUMNS = ("style", "gram", "slim", "content", "edges")
LOW, HIGH, STRUCTURE = ("1_2", "2_2", "3_3"), ("4_1", "5_1"), ("3_4",)

Row = dict[str, float]


@dataclass(frozen=True)
class Pair:
    """A photo and a style picture that are judged together."""

    content: Path
    style: Path

    @property
    def name(self) -> str:
        """As results are named: <content stem>__<style stem>."""
        return f"{self.content.stem}__{self.style.stem}"


class Judge:
    """Scores painted pictures with the tool's own functions, at the tool's own size.

    shared: a folder with pairs.csv, tools/score.py, weights/ and, if there are any, peers/outputs/.
    Raises SystemExit, with the reason, where something of it is missing.
    """

    def __init__(self, shared: Path = SHARED) -> None:
        for part in ("pairs.csv", "tools/score.py", "weights", "images"):
            if not (shared / part).exists():
                raise SystemExit(f"Skipped: {shared} holds no {part}; give the folder of the judge with --shared.")
        self.shared = shared
        self._aims: dict[Path, tuple[Any, Any]] = {}
        self._photos: dict[Path, tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = {}

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """In the order of pairs.csv."""
        with (self.shared / "pairs.csv").open(encoding="utf-8") as file:
            return tuple(Pair(self.shared / row["content"], self.shared / row["style"]) for row in csv.DictReader(file))

    def peers(self) -> dict[str, list[Row]]:
        """The tool's own table of the other nets and of both controls, one row for each pair."""
        file = self.shared / "peers/outputs/score.json"
        table: dict[str, list[Row]] = json.loads(file.read_text()) if file.exists() else {}
        return table

    def score(self, picture: Picture, pair: Pair) -> Row:
        """The tool's five columns for one painted picture."""
        tool, (vgg16, vgg19, slim) = self._tool, self._nets
        photo, structure, photo_edges = self._photo(pair.content)
        seen = tool.read(io.BytesIO(encode_picture(picture, "png")))
        if seen.shape != photo.shape:
            seen = F.interpolate(seen, photo.shape[2:], mode="bilinear", antialias=True)
        want_low, want_high = self._aim(pair.style)
        low = vgg16(seen, LOW)
        found = F.instance_norm(vgg19(seen, STRUCTURE)[STRUCTURE[0]]).flatten()
        return {
            "style": tool.statistics(low, want_low),
            "gram": tool.grams(low, want_low),
            "slim": tool.statistics(slim(seen, HIGH), want_high),
            "content": 1 - float(F.cosine_similarity(found, structure, dim=0)),
            "edges": tool.ssim(tool.edges(seen), photo_edges),
        }

    def style_of(self, picture: Picture) -> dict[str, torch.Tensor]:
        """What the column "style" looks at of one picture, by layers: maps (1, C, 1, 2).

        Two places have the mean and the (unbiased) deviation of all, and hundreds of pictures fit into memory.
        """
        seen = self._nets[0](self._tool.read(io.BytesIO(encode_picture(picture, "png"))), LOW)
        mean = {layer: maps.mean((2, 3), keepdim=True) for layer, maps in seen.items()}
        half = {layer: maps.std((2, 3), keepdim=True) / 2**0.5 for layer, maps in seen.items()}
        return {layer: torch.cat([mean[layer] - half[layer], mean[layer] + half[layer]], dim=3) for layer in seen}

    def apart(self, seen: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor]) -> float:
        """The column "style": the distance of a picture to the one whose style is wanted."""
        return float(self._tool.statistics(seen, wanted))

    def large(self) -> list[Path]:
        """The photos of the folder images/large, by name."""
        return sorted((self.shared / "images/large").glob("*.*"))

    @cached_property
    def _tool(self) -> ModuleType:
        spec = importlib.util.spec_from_file_location("score", self.shared / "tools/score.py")
        assert spec is not None
        assert spec.loader is not None
        tool = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(tool)
        return tool

    @cached_property
    def _nets(self) -> tuple[Any, Any, Any]:
        tool, weights = self._tool, self.shared / "weights"
        return (
            tool.Net(weights / "vgg16_caffe_conv1_1-conv3_3.safetensors", tool.VGG16, "constant"),
            tool.Net(weights / "vgg19_normalised_conv1_1-conv3_4.safetensors", tool.VGG19, "reflect"),
            tool.Net(weights / "vgg19_slim16x_conv1_1-conv5_1.safetensors", tool.SLIM, "reflect"),
        )

    def _aim(self, style: Path) -> tuple[Any, Any]:
        if style not in self._aims:
            vgg16, _, slim = self._nets
            picture = self._tool.read(style)
            self._aims[style] = vgg16(picture, LOW), slim(picture, HIGH)
        return self._aims[style]

    def _photo(self, content: Path) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        if content not in self._photos:
            photo = self._tool.read(content)
            structure = F.instance_norm(self._nets[1](photo, STRUCTURE)[STRUCTURE[0]]).flatten()
            self._photos[content] = photo, structure, self._tool.edges(photo)
        return self._photos[content]
