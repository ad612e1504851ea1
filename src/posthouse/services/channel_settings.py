"""What a channel is told: checked against what its vendor kind asks for, and split into plain and secret.

Secrets are sealed together, as one JSON object, bound to whose the channel is and how it is called.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.ports.vendor import Kind, Setting

VALUE_MAX = 8_000
"""Characters of one setting: a whole body of a generic HTTP channel is one."""

Cipher = Callable[[bytes, bytes], bytes]
"""(bytes, what they belong to) → bytes."""

Plain = dict[str, str]
Secret = dict[str, str]


class Parted(NamedTuple):
    """Settings that may be shown, and those that may not."""

    plain: Plain
    secret: Secret


def merged(kind: Kind, before: Mapping[str, str], given: Mapping[str, str]) -> Parted:
    """What a channel is told from now on; an empty text takes a setting back.

    What copying brings along is left out: white space around a value, and brackets around a signature.
    Who moves it to another address must give its secrets anew: nobody else's server is to learn them.
    Refuses with UNKNOWN_FIELD, INVALID_VALUE and MISSING_FIELD, by `settings.` and the setting's name.
    """
    known = {setting.name: setting for setting in kind.settings}
    given = {name: _bare(name, value) for name, value in given.items()}
    for name, value in given.items():
        _check(name, value, known)
    moved = any(is_address(name) and value != before.get(name, "") for name, value in given.items())
    for name in before if moved else ():
        if name in known and known[name].secret and name not in given:
            raise Refusal(Code.MISSING_FIELD, param=f"settings.{name}")
    values = {name: value for name, value in {**before, **given}.items() if value and name in known}
    for setting in kind.settings:
        if setting.required and setting.name not in values:
            raise Refusal(Code.MISSING_FIELD, param=f"settings.{setting.name}")
    secret = {name: value for name, value in values.items() if known[name].secret}
    return Parted({name: value for name, value in values.items() if name not in secret}, secret)


def nearest(name: str, names: Iterable[str]) -> dict[str, str]:
    """The most similar name, as a fact of a refusal; none where no name is similar."""
    found = get_close_matches(name[:64], list(names), 1)
    return {"nearest": found[0]} if found else {}


def is_address(name: str) -> bool:
    """Whether a setting of this name says where to call."""
    return name == "url" or name.endswith("_url")


def sealed(record: ChannelRecord, secret: Secret, seal: Cipher) -> ChannelRecord:
    """The record with these secrets in place of its own."""
    credentials = seal(json.dumps(secret).encode(), _context(record)) if secret else b""
    return record._replace(credentials=credentials)


def opened(record: ChannelRecord, open: Cipher) -> Secret:
    """A record's secrets. Raises what `open` does for bytes that are not this channel's."""
    if not record.credentials:
        return {}
    secret: Secret = json.loads(open(record.credentials, _context(record)))
    return secret


def values_of(kind: Kind, record: ChannelRecord, open: Cipher) -> dict[str, str]:
    """Every setting of its kind with its value: the default, or empty, where it was not told."""
    usual = {setting.name: setting.default for setting in kind.settings}
    return usual | record.settings | opened(record, open)


def _bare(name: str, value: str) -> str:
    value = value.strip()
    if name == "sign_name" and value.startswith("【") and value.endswith("】"):
        return value[1:-1].strip()
    return value


def _check(name: str, value: str, known: Mapping[str, Setting]) -> None:
    param = f"settings.{name[:64]}"
    if name not in known:
        raise Refusal(Code.UNKNOWN_FIELD, param=param, **nearest(name, known))
    if len(value) > VALUE_MAX:
        raise Refusal(Code.INVALID_VALUE, param=param, length_max=VALUE_MAX)
    # Texts of several lines exist; what ends up in headers is checked where the header is known.
    if not all(character.isprintable() or character in "\n\t\r" for character in value):
        raise Refusal(Code.INVALID_VALUE, param=param, kind="line")
    choices = known[name].choices
    if value and choices and value not in choices:
        raise Refusal(Code.INVALID_VALUE, param=param, allowed=", ".join(filter(None, choices)))


def _context(record: ChannelRecord) -> bytes:
    channel = record.channel
    return f"channel/{channel.account_id or 0}/{channel.name}".encode()
