"""Fixtures for every test."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The developers' data folder beside the checkout; users don't have it."""
    if not SHARED.is_dir():
        pytest.skip("the developers' data folder ../shared is absent")
    return SHARED
