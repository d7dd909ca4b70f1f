"""Everything that can be set from outside, read once by each process."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from db.embedded import addresses
from routing.errors import EngineFailed
from routing.osrm_http import address_of

MIN_KEY_LENGTH = 16


class Settings(BaseSettings):
    """Names are those of the environment, in capitals; names that people know from elsewhere are taken too."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_prefix="TRADES_",
        env_ignore_empty=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    home: Path = Field(
        Path(".trades"), validation_alias=AliasChoices("TRADES_HOME"), description="where all state lies"
    )
    database_url: str = Field(
        "",
        validation_alias=AliasChoices("DATABASE_URL"),
        description="PostgreSQL with PostGIS; empty: the embedded one under TRADES_HOME",
    )
    redis_url: str = Field(
        "", validation_alias=AliasChoices("REDIS_URL"), description="Redis; empty: the embedded one under TRADES_HOME"
    )
    osrm_url: str = Field(
        "",
        validation_alias=AliasChoices("OSRM_URL"),
        description="an osrm-routed to ask for roads, {region} in it stands for the region; empty: processes of our own",
    )
    key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("TRADES_KEY", "TRADES_DEVELOPMENT_KEY"),
        description="guards writes until accounts come",
    )
    environment: Literal["development", "production", "test"] = Field(
        "development", validation_alias=AliasChoices("TRADES_ENVIRONMENT", "NODE_ENV")
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        validation_alias=AliasChoices("TRADES_CORS_ORIGINS", "CORS_ORIGINS"),
        description="origins whose pages may call the API, separated by commas; * for all",
    )
    admin_email: str = Field(
        "",
        validation_alias=AliasChoices("TRADES_ADMIN_EMAIL", "ADMIN_EMAIL"),
        description="the administrator's address",
    )
    host: str = Field("127.0.0.1", validation_alias=AliasChoices("TRADES_HOST"))
    port: int = Field(8000, ge=1, le=65535, validation_alias=AliasChoices("TRADES_PORT", "PORT"))
    pool_size: int = Field(8, ge=1, le=100, validation_alias=AliasChoices("TRADES_POOL_SIZE"))
    pool_overflow: int = Field(4, ge=0, le=100, validation_alias=AliasChoices("TRADES_POOL_OVERFLOW"))
    pool_wait_s: float = Field(5.0, gt=0, le=60, validation_alias=AliasChoices("TRADES_POOL_WAIT_S"))
    max_body_bytes: int = Field(4_000_000, ge=10_000, validation_alias=AliasChoices("TRADES_MAX_BODY_BYTES"))
    engine_deadline_s: float = Field(5.0, gt=0, validation_alias=AliasChoices("TRADES_ENGINE_DEADLINE_S"))
    engine_retry_s: float = Field(2.0, gt=0, validation_alias=AliasChoices("TRADES_ENGINE_RETRY_S"))
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", validation_alias=AliasChoices("TRADES_LOG_LEVEL", "LOG_LEVEL")
    )

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """Origins as a list separated by commas."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < MIN_KEY_LENGTH:
            raise ValueError(f"the key has fewer than {MIN_KEY_LENGTH} characters; make one: openssl rand -hex 24")
        return value

    @field_validator("osrm_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value:
            try:
                address_of(value, "region")
            except EngineFailed as failed:
                raise ValueError(str(failed)) from failed
        return value

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.absolute()


def from_environment() -> Settings:
    """Settings of a process, with the addresses of the embedded servers where none are given.

    Raises
    ------
    ServersError : an embedded one is meant and was never started, or an address is none
    """
    given = Settings()
    found = addresses(given.home, os.environ)
    return given.model_copy(update={"database_url": found.database_url, "redis_url": found.redis_url})
