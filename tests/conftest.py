"""Fixtures for every test."""

from pathlib import Path

import pytest

SLOW = ("e2e", "stylize/training", "stylize/presets", "stylize/methods/optimise", "stylize/sentence", "bot/jobs")
"""Folders whose tests take longest; they come first, so that two processes end at about the same time."""

TESTS = Path(__file__).parent
SHARED = Path(__file__).resolve().parents[1].parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first."""

    def rank(item: pytest.Item) -> int:
        place = item.path.relative_to(TESTS).as_posix()
        return next((number for number, folder in enumerate(SLOW) if place.startswith(folder)), len(SLOW))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The developers' data folder beside the checkout; users don't have it."""
    if not SHARED.is_dir():
        pytest.skip("the developers' data folder ../shared is absent")
    return SHARED
