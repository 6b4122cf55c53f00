"""Every setting of the bot, read from the environment and from `.env`, checked before anything starts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

TOKEN_FORM = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{10,100}")


class SettingsError(Exception):
    """A setting that can't be used; the message is one line for the operator."""


class Settings(BaseSettings):
    """Names are the environment variables in lower case; `.env.example` explains each."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    telegram_bot_token: SecretStr | None = None
    telegram_api_base: str = "https://api.telegram.org"

    webhook_url: str = ""
    webhook_listen: str = "127.0.0.1"
    webhook_port: int = Field(default=8443, ge=1, le=65535)
    webhook_secret: SecretStr | None = None

    sandbox_host: str = "127.0.0.1"
    sandbox_port: int = Field(default=8081, ge=0, le=65535)

    data_dir: Path = Path("data")
    database_url: str = ""
    retention_hours: float = Field(default=72, gt=0)

    devices: Annotated[tuple[str, ...], NoDecode] = Field(default=("auto",), alias="device")
    max_side: int = Field(default=2048, ge=64, le=4096)
    photo_side: int = Field(default=1280, ge=64, le=2560)
    job_seconds: float = Field(default=300, gt=0)
    queue_per_user: int = Field(default=3, ge=1)
    queue_total: int = Field(default=200, ge=1)
    daily_quota: int = Field(default=0, ge=0)

    progress: Literal["drafts", "messages"] = "drafts"

    operators: Annotated[frozenset[int], NoDecode] = frozenset()

    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @field_validator("telegram_bot_token")
    @classmethod
    def _token_looks_right(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not TOKEN_FORM.fullmatch(token.get_secret_value()):
            raise ValueError("does not look like a bot token (such as 123456:ABC-DEF…); copy it from @BotFather")
        return token

    @field_validator("telegram_api_base", "webhook_url")
    @classmethod
    def _address_without_slash(cls, address: str) -> str:
        if address and not re.match(r"https?://[^/\s]+", address):
            raise ValueError("must be an address that starts with http:// or https://")
        return address.rstrip("/")

    @field_validator("devices", mode="before")
    @classmethod
    def _several_devices(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip()) or ("auto",)
        return value

    @field_validator("operators", mode="before")
    @classmethod
    def _several_people(cls, value: object) -> object:
        if isinstance(value, str):
            numbers = [part.strip() for part in value.split(",") if part.strip()]
            if not all(re.fullmatch(r"\d{1,18}", number) for number in numbers):
                raise ValueError("must be Telegram's numbers of people with commas between them, such as 123456789")
            return frozenset(int(number) for number in numbers)
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _webhook_has_a_secret(self) -> Settings:
        if self.webhook_url and self.webhook_secret is None:
            raise ValueError("WEBHOOK_SECRET must be set beside WEBHOOK_URL (1 to 256 of A-Z a-z 0-9 _ -)")
        if self.webhook_url and self.telegram_bot_token is None:
            raise ValueError("WEBHOOK_URL needs TELEGRAM_BOT_TOKEN")
        return self

    @property
    def secret(self) -> str:
        """That only Telegram and the bot know, where a webhook is set."""
        return self.webhook_secret.get_secret_value() if self.webhook_secret is not None else ""

    @property
    def database(self) -> str:
        """The SQLAlchemy address; by default a SQLite file in the data folder."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'atelier.db'}"


def load_settings() -> Settings:
    """Reads the settings. Raises SettingsError with one line that names the setting and what is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]  # the input may be the token
        name = "_".join(str(part) for part in problem["loc"]).upper()
        reason = problem["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {reason}" if name else reason) from None
