"""Settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in documented():
        monkeypatch.delenv(name, raising=False)


def documented() -> dict[str, str]:
    """The settings in .env.example with their values."""
    return dict(re.findall(r"^#?\s?([A-Z][A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_example_documents_every_setting_with_its_default() -> None:
    names = {field.alias.upper() if field.alias else name.upper() for name, field in Settings.model_fields.items()}
    assert set(documented()) == names
    defaults = load_settings()
    for name, value in documented().items():
        field = "devices" if name == "DEVICE" else name.lower()
        default = getattr(defaults, field)
        if isinstance(default, tuple | frozenset):
            default = ",".join(map(str, default))
        if isinstance(default, float) and default.is_integer():
            default = int(default)
        assert value == ("" if default is None else str(default)), name


def test_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("QUEUE_PER_USER=9\nDEVICE=cuda:0, cuda:1\nTELEGRAM_BOT_TOKEN=\n")
    settings = load_settings()
    assert settings.queue_per_user == 9
    assert settings.devices == ("cuda:0", "cuda:1")
    assert settings.telegram_bot_token is None


def test_the_database_lies_in_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", "/srv/atelier")
    assert load_settings().database == "sqlite+aiosqlite:////srv/atelier/atelier.db"


def test_a_bad_token_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "almost:a-secret")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "a-secret" not in str(error.value)
