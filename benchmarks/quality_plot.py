"""One plot of all scores: our curve over strengths, the peers as points, the region that we aim for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from benchmarks.curves import mean
from benchmarks.judge import Row

OURS, REGION = "#0072b2", "#009e73"  # Okabe and Ito's palette, which the colour-blind can tell apart
PEERS = (("#d55e00", "s"), ("#cc79a7", "^"), ("#e69f00", "D"), ("#56b4e9", "v"), ("#000000", "P"))
CONTROLS = ("the photo itself", "colours moved only")
GOAL = {"content": 0.31, "edges": 0.55, "style": 0.035, "gram": 0.10, "slim": 0.08}
PANELS = (("content", "style"), ("content", "gram"), ("content", "slim"), ("edges", "style"))
NAMES = {
    "content": "content distance (lower keeps more of the photo)",
    "edges": "edges kept (higher is better)",
    "style": "style distance",
    "gram": "Gram distance",
    "slim": "slim distance (larger patterns)",
}


def draw(curve: Mapping[float, Sequence[Row]], peers: Mapping[str, Sequence[Row]], path: Path) -> None:
    """Saves the four panels as a PNG. curve: strength -> rows; peers: label -> rows."""
    figure = Figure(figsize=(10, 8.2), dpi=100)
    panels = figure.subplots(2, 2)
    shown = {name: rows for name, rows in peers.items() if name not in CONTROLS}
    for axes, (x, y) in zip(panels.flat, PANELS, strict=True):
        _panel(axes, x, y, curve, shown)
    handles, labels = panels.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", ncols=len(labels), frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 0.96))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, pil_kwargs={"optimize": True})


def _panel(
    axes: Axes, x: str, y: str, curve: Mapping[float, Sequence[Row]], peers: Mapping[str, Sequence[Row]]
) -> None:
    points = {strength: (mean(rows, x), mean(rows, y)) for strength, rows in sorted(curve.items())}
    everything = [*points.values(), *((mean(rows, x), mean(rows, y)) for rows in peers.values())]
    right = 1.06 * max(GOAL[x], *(point[0] for point in everything))
    worst_peer = max((mean(rows, y) for rows in peers.values()), default=max(p[1] for p in everything))
    top = 1.7 * worst_peer  # the way from the bare photo down would flatten all the rest
    left, width = (GOAL[x], 1.02 - GOAL[x]) if x == "edges" else (0.0, GOAL[x])
    axes.add_patch(Rectangle((left, 0), width, GOAL[y], facecolor=REGION, alpha=0.18, label="our goal"))
    axes.plot(*zip(*points.values(), strict=True), "-o", color=OURS, markersize=5, label="adaptive, by strength")
    for strength, (at_x, at_y) in points.items():
        if at_y < top:
            axes.annotate(
                f"{strength:g}", (at_x, at_y), (7, -11), textcoords="offset points", ha="center", fontsize=8, color=OURS
            )
    for (label, rows), (colour, marker) in zip(peers.items(), PEERS, strict=False):
        axes.plot(mean(rows, x), mean(rows, y), marker, color=colour, markersize=9, label=label)
    axes.set_xlim(*((1.02, 0.25) if x == "edges" else (0, right)))  # better is left in every panel
    axes.set_ylim(0, top)
    axes.set_xlabel(NAMES[x])
    axes.set_ylabel(NAMES[y])
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
