"""Where the key and the server's address come from, and the file that `activate` leaves them in."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from posthouse_sdk.errors import CredentialsUnreadable, InvalidSettings

DEFAULT_BASE_URL = "http://127.0.0.1:8025"

_KEYS = ("POSTHOUSE_API_KEY", "INFRAI_API_KEY")
_BASE_URLS = ("POSTHOUSE_BASE_URL", "INFRAI_BASE_URL")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whom to ask, and with which key."""

    base_url: str
    api_key: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        key = self.api_key
        if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
            # Said here, where it can be said without showing the key.
            raise InvalidSettings(
                "The API key holds characters that no key has.\n"
                "Fix: copy it again, without quotes, spaces and line breaks."
            )

    def __repr__(self) -> str:
        return f"Credentials(base_url={self.base_url!r}, api_key={'***' if self.api_key else None})"

    def with_key(self, api_key: str) -> Credentials:
        """The same server, another key."""
        return replace(self, api_key=api_key)


def default_path() -> Path:
    """The file of the user who runs this; raises `InvalidSettings` for one without a home."""
    try:
        home = Path.home()
    except RuntimeError:
        raise InvalidSettings(
            "The user who runs this has no home directory to keep credentials in.\n"
            "Fix: set HOME, or give the client a credentials_path."
        ) from None
    return home / ".infrai" / "credentials"


def find(
    api_key: str | None,
    base_url: str | None,
    *,
    environment: Mapping[str, str] | None = None,
    path: Path | None = None,
) -> Credentials:
    """What was given, else the environment's, else the file's, each by itself.

    The file is opened only where something is still missing; one that cannot be understood raises
    `CredentialsUnreadable`.
    """
    variables = os.environ if environment is None else environment
    api_key = api_key or _first(variables, _KEYS)
    base_url = base_url or _first(variables, _BASE_URLS)
    stored: Mapping[str, str] = {}
    if api_key is None or base_url is None:
        with suppress(InvalidSettings):
            stored = load(path)
    return Credentials(
        base_url or stored.get("base_url") or DEFAULT_BASE_URL, api_key or stored.get("api_key") or None
    )


def load(path: Path | None = None) -> Mapping[str, str]:
    """What the file says, the user's own if no other is given; nothing when there is none."""
    path = path or default_path()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(path, type(error).__name__) from None
    if not isinstance(found, dict):
        raise _unreadable(path, "no JSON object")
    return {name: value for name, value in found.items() if isinstance(value, str)}


def store(credentials: Credentials, path: Path | None = None) -> None:
    """Leave them for the next process: for the user's eyes only, and never half written."""
    ours = path is None
    path = path or default_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if ours:
        # A folder of the caller's choice may be meant for others too.
        path.parent.chmod(0o700)
    text = json.dumps({"api_key": credentials.api_key, "base_url": credentials.base_url}) + "\n"
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    # Made with its mode, so the key is at no moment open to others.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def hide(path: Path | None = None) -> None:
    """Close a file that somebody else may have made to all but its user, as far as that can be done."""
    with suppress(OSError):
        (path or default_path()).chmod(0o600)


def _first(variables: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := variables.get(name, "").strip())), None)


def _unreadable(path: Path, why: str) -> CredentialsUnreadable:
    return CredentialsUnreadable(
        f"{path} cannot be read as credentials ({why}).\n"
        "Fix: delete it and run `activate` again, or export POSTHOUSE_API_KEY and POSTHOUSE_BASE_URL."
    )
