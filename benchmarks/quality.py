"""Quality beside other nets, over all strengths: `python -m benchmarks.quality [--shared DIR] [--json FILE]`.

Paints every pair of DIR/pairs.csv at short side 512, judges the pictures with DIR/tools/score.py, and sets them beside
the peers that were scored there. Writes FILE (all rows), FILE.md (the tables) and docs/pictures/curves.png. A run that
was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.curves import at_content, confidence, mean, sign_test
from benchmarks.judge import COLUMNS, SHARED, Judge, Pair, Row
from stylize import Engine, ImageStyle, Options, Request, Result, encode_picture, open_picture

STRENGTHS = (0.0, 0.25, 0.5, 0.7, 0.85, 1.0, 1.15, 1.3, 1.5)
SHORT = 512  # px: painted at this short side, judged at 384
RIVAL = "microast"
LABELS = {
    "identity": "the photo itself",
    "colour": "colours moved only",
    "microast": "MicroAST",
    "magenta_int8": "Magenta, int8",
}
PLOT = Path(__file__).resolve().parents[1] / "docs/pictures/curves.png"


def paint(engine: Engine, pair: Pair, chosen: Mapping[str, Any]) -> Result:
    """One pair at short side 512."""
    photo = open_picture(pair.content)
    size = round(SHORT * max(photo.size) / min(photo.size))
    return engine.render(Request(photo, ImageStyle(open_picture(pair.style)), Options(**{"size": size, **chosen})))


def trace(
    judge: Judge,
    engine: Engine,
    pairs: Sequence[Pair],
    strengths: Sequence[float],
    chosen: Mapping[str, Any],
    file: Path,
    keep: Path | None = None,
) -> dict[float, list[Row]]:
    """One row for each pair at each strength; what `file` holds of the same weights and options stays."""
    weights = paint(engine, pairs[0], chosen).weights
    key = {"weights": weights, "options": dict(chosen), "pairs": [pair.name for pair in pairs]}
    known = json.loads(file.read_text()) if file.exists() else {}
    curve = {float(s): rows for s, rows in known.get("curve", {}).items()} if known.get("of") == key else {}
    for strength in strengths:
        if strength not in curve:
            curve[strength] = []
            for pair in pairs:
                painted = paint(engine, pair, {**chosen, "strength": strength}).picture
                curve[strength].append(judge.score(painted, pair))
                if keep:
                    (keep / f"{strength:g}").mkdir(parents=True, exist_ok=True)
                    (keep / f"{strength:g}" / f"{pair.name}.png").write_bytes(encode_picture(painted, "png"))
            file.write_text(json.dumps({"of": key, "curve": curve}, indent=1))
        print(f"{strength:4.2f}  " + "  ".join(f"{c} {mean(curve[strength], c):.4f}" for c in COLUMNS), flush=True)
    return {strength: curve[strength] for strength in strengths}


def describe(curve: Mapping[float, list[Row]], peers: Mapping[str, list[Row]]) -> str:
    """Markdown: means with their 95 % intervals, then ours beside the rival at the same content distance."""

    def line(label: str, rows: Sequence[Row]) -> str:
        cells = [f"{mean(rows, c):.3f} ({'–'.join(f'{x:.3f}' for x in confidence(rows, c))})" for c in COLUMNS]
        return f"| {label} | " + " | ".join(cells) + " |"

    pairs = len(next(iter(curve.values())))
    lines = [f"| {pairs} pairs | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    lines += [line(f"adaptive, strength {strength:g}", rows) for strength, rows in curve.items()]
    lines += [line(LABELS.get(name, name), rows) for name, rows in peers.items()]
    if RIVAL in peers:
        lines += ["", *compare(curve, peers[RIVAL])]
    return "\n".join(lines) + "\n"


def compare(curve: Mapping[float, list[Row]], rival: Sequence[Row]) -> list[str]:
    """Markdown lines: ours where its structure is kept as well as the rival's, pair by pair."""
    content = mean(rival, "content")
    met = at_content(curve, content)
    if met is None:
        return [f"Our curve does not reach the content distance of {LABELS[RIVAL]}, {content:.3f}."]
    strength, ours = met
    lines = [
        f"At the content distance of {LABELS[RIVAL]}, {content:.3f}, which we reach at strength {strength:.2f}:",
        "",
        f"| | adaptive | {LABELS[RIVAL]} | ratio | better on | p, sign test |",
        "|---|---|---|---|---|---|",
    ]
    for column in (c for c in COLUMNS if c != "content"):
        a, b = mean(ours, column), mean(rival, column)
        wins, count, p = sign_test(ours, rival, column)
        lines.append(f"| {column} | {a:.3f} | {b:.3f} | {a / b:.2f} | {wins} of {count} | {p:.2g} |")
    return lines


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--shared", type=Path, default=SHARED)
    ask.add_argument("--weights", type=Path, help="a file instead of the shipped one")
    ask.add_argument("--device", default="auto")
    ask.add_argument("--strengths", type=float, nargs="+", default=STRENGTHS)
    ask.add_argument("--every", type=int, default=1, help="only every n-th pair, for a quick look")
    ask.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="another option of the engine")
    ask.add_argument("--keep", type=Path, help="a folder for the pictures, one folder in it for each strength")
    ask.add_argument("--json", type=Path, default=Path("runs/quality.json"))
    ask.add_argument("--plot", type=Path, help=f"where the plot goes; by default {PLOT.name}, only after a full run")
    given = ask.parse_args()
    judge = Judge(given.shared)
    chosen = {name: _value(text) for name, _, text in (item.partition("=") for item in given.set)}
    given.json.parent.mkdir(parents=True, exist_ok=True)
    engine = Engine(given.device, given.weights)
    curve = trace(judge, engine, judge.pairs[:: given.every], given.strengths, chosen, given.json, given.keep)
    peers = {name: rows[:: given.every] for name, rows in judge.peers().items()}
    text = describe(curve, peers)
    given.json.with_suffix(".md").write_text(text, encoding="utf-8")
    print(f"\n{text}")
    plot = given.plot or (PLOT if given.every == 1 and not chosen and len(curve) > 2 else None)
    if plot:
        from benchmarks.quality_plot import draw  # needs matplotlib, which only developers have

        draw(curve, {LABELS.get(name, name): rows for name, rows in peers.items()}, plot)


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


if __name__ == "__main__":
    main()
