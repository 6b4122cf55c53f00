"""The state diagrams of docs/conversation.md."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conversation.md"
EDGE = re.compile(r"^ +(\S+) --> (\S+?)(?:: (.+))?$", re.MULTILINE)


def edges_of(heading: str) -> list[tuple[str, str, str]]:
    """From, to and label of every arrow in the diagram under this heading, but those to the start and the end."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    diagram = section.partition("```mermaid\n")[2].partition("```")[0]
    found = [(source, target, label or "") for source, target, label in EDGE.findall(diagram)]
    return [edge for edge in found if "[*]" not in edge[:2]]
