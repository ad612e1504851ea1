"""Settings: environment (`POSTHOUSE_*`), then `posthouse.toml` in the data directory, then these defaults."""

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

FILE = "posthouse.toml"
PREFIX = "POSTHOUSE_"
DRAIN_MAX_S = 8
PORT_MAX = 65_535
SECRET_BYTES = 32

SECRET = frozenset({"metrics_token", "secret_key"})
"""Settings whose values are never shown."""


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
    log_format: Literal["text", "json"] = "text"
    """`text` for people, `json` for machines: events alone, without the greeting and its key."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """From which level on events are told; `debug` tells every message and request, numbers masked."""
    public_url: str = ""
    """Where vendors reach this server, such as https://sms.example.com; empty: they cannot call back."""
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


class Origin(NamedTuple):
    """Where a setting's value comes from: `environment`, `file` or `default`; `place` says it exactly."""

    value: Any
    source: Literal["environment", "file", "default"]
    place: str


class Reading(NamedTuple):
    """What was found: each setting with its origin, and a sentence for each fault."""

    origins: dict[str, Origin]
    faults: list[str]


def load(data: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a data directory.

    Raises:
        BadSettings: unknown name, wrong type, or a value that means nothing.
    """
    reading = read(data, environment)
    if reading.faults:
        raise BadSettings(reading.faults[0])
    return Settings(**{name: origin.value for name, origin in reading.origins.items()})


def read(data: Path, environment: Mapping[str, str] | None = None) -> Reading:
    """Every setting with where it comes from, and everything that is wrong; a faulty value stays default."""
    environment = os.environ if environment is None else environment
    path = data / FILE
    faults: list[str] = []
    try:
        filed = _from_file(path)
    except BadSettings as error:
        faults.append(str(error))
        filed = {}
    names = Settings.__struct_fields__
    faults += [_unknown(name, path) for name in filed if name not in names]
    origins = {}
    for name, default in zip(names, Settings.__struct_defaults__, strict=True):
        variable = PREFIX + name.upper()
        if variable in environment:
            given = Origin(environment[variable], "environment", variable)
        elif name in filed:
            given = Origin(filed[name], "file", f"{name} in {path}")
        else:
            given = Origin(default, "default", "default")
        try:
            origins[name] = given._replace(value=_value(name, given))
        except BadSettings as error:
            faults.append(str(error))
            origins[name] = Origin(default, "default", "default")
    return Reading(origins, faults)


def nearest(name: str, names: Iterable[str]) -> str:
    """A question that names the most similar name, or nothing."""
    found = get_close_matches(name, list(names), 1)
    return f"; did you mean {found[0]}?" if found else "."


def _unknown(name: str, path: Path) -> str:
    guess = nearest(name, Settings.__struct_fields__)
    return f"{path} sets {name}, which is no setting: correct or remove it{guess}"


def _value(name: str, given: Origin) -> Any:  # noqa: ANN401 - each setting has its own type
    wanted = _types()[name]
    try:
        value = msgspec.convert(given.value, wanted, strict=False)
    except msgspec.ValidationError:
        raise _fault(name, given, _FORMS.get(wanted) or f"one of {', '.join(get_args(wanted))}") from None
    form = _FURTHER[name](value) if name in _FURTHER else None
    if form is not None:
        raise _fault(name, given, form)
    return value


def _fault(name: str, given: Origin, form: str) -> BadSettings:
    shown = "what it is" if name in SECRET else repr(given.value)[:60]
    remedy = "unset it" if given.source == "environment" else "remove it"
    return BadSettings(f"{given.place} cannot be {shown}: it must be {form}; correct it, or {remedy}.")


@cache
def _types() -> dict[str, Any]:
    return get_type_hints(Settings)


_FORMS: Mapping[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


def _port(port: int) -> str | None:
    return None if 0 <= port <= PORT_MAX else f"between 0 and {PORT_MAX}"


def _zone(zone: str) -> str | None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "the name of a time zone, such as Asia/Shanghai"
    return None


def _drain(seconds: float) -> str | None:
    return None if 0 <= seconds <= DRAIN_MAX_S else f"between 0 and {DRAIN_MAX_S} seconds"


def _secret_key(text: str) -> str | None:
    try:
        well = not text or len(bytes.fromhex(text)) == SECRET_BYTES
    except ValueError:
        well = False
    return None if well else f"{SECRET_BYTES * 2} hexadecimal digits"


def _public_url(url: str) -> str | None:
    parts = urlsplit(url)
    well = not url or (
        parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    )
    return None if well else "an address such as https://sms.example.com"


_FURTHER: Mapping[str, Callable[[Any], str | None]] = {
    "public_url": _public_url,
    "port": _port,
    "zone": _zone,
    "drain_s": _drain,
    "secret_key": _secret_key,
}
"""What a value must be beyond its type: each answers what, where it is not."""


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}): chown it to the user that runs posthouse."
        raise BadSettings(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8: save it as UTF-8."
        raise BadSettings(msg) from error
    except tomllib.TOMLDecodeError as error:
        msg = f"{path} is not TOML: {error}; a line looks like this: port = 8025"
        raise BadSettings(msg) from error
