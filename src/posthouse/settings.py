"""Settings: environment (`POSTHOUSE_*`), then `posthouse.toml` in the data directory, then these defaults."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

FILE = "posthouse.toml"
PREFIX = "POSTHOUSE_"
DRAIN_MAX_S = 8


class BadSettings(Exception):
    """A setting cannot be understood; the message says which, why and where it was read."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set. The environment's name is `POSTHOUSE_` and the field's, upper-cased."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8025
    """Port to listen on."""
    zone: str = "Asia/Shanghai"
    """Time zone of the accounting day and of surfaces that show local time."""
    log_format: str = "text"
    """`text` for people, `json` for machines."""
    metrics_token: str = ""
    """With it `/metrics` may be read from anywhere; without it, from this machine only."""
    secret_key: str = ""
    """The master key, 64 hexadecimal digits; empty: the file below."""
    secret_key_file: str = ""
    """Where the master key is; empty: `secret.key` in the data directory."""
    drain_s: float = 8.0
    """How long a stopping server waits for vendor calls in flight, 0 to 8 seconds."""

    def time_zone(self) -> ZoneInfo:
        """The zone itself."""
        return ZoneInfo(self.zone)


def load(data: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a data directory.

    Raises:
        BadSettings: unknown name, wrong type, or a value that means nothing.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = _from_file(data / FILE)
    for name in Settings.__struct_fields__:
        given = environment.get(PREFIX + name.upper())
        if given is not None:
            values[name] = given
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        msg = f"settings ({PREFIX}* or {data / FILE}): {error}"
        raise BadSettings(msg) from error
    try:
        settings.time_zone()
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"zone: {settings.zone!r} is no time zone; use a name such as Asia/Shanghai"
        raise BadSettings(msg) from error
    if not 0 <= settings.drain_s <= DRAIN_MAX_S:
        msg = f"drain_s: {settings.drain_s} is not between 0 and {DRAIN_MAX_S}, the time a call may take"
        raise BadSettings(msg)
    return settings


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: {error}"
        raise BadSettings(msg) from error
