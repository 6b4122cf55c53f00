"""Recipes as TOML files."""

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any


def recipe_values(recipe: type, path: Path) -> dict[str, Any]:
    """What a file sets of a recipe, a dataclass; arrays as tuples. Raises ValueError that names an unknown key."""
    values = tomllib.loads(path.read_text())
    unknown = values.keys() - {field.name for field in fields(recipe)}
    if unknown:
        raise ValueError(f"{path.name}: unknown key {sorted(unknown)[0]!r}")
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
