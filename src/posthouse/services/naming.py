"""The ids and names that callers choose for what is theirs."""

import re
from collections.abc import Collection

from posthouse.core import text
from posthouse.core.errors import Code, Refusal

ID_MAX = 64
NAME_MAX = 100

_PLAIN = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{NAME_MAX - 1}}}")

_STEPS = frozenset({".", ".."})
"""What stands in a path for another place than itself."""


def check_id(chosen: str, reserved: Collection[str] = ()) -> str:
    """An id that can stand as one step of a path. Refuses with INVALID_VALUE."""
    if (
        not 0 < len(chosen) <= ID_MAX
        or not _visible(chosen)
        or chosen != chosen.strip()
        or "/" in chosen
        or chosen in _STEPS
        or chosen in reserved
    ):
        raise Refusal(Code.INVALID_VALUE, param="id", kind="id")
    return chosen


def check_plain(name: str) -> str:
    """A name that needs no quoting anywhere: letters, digits and `. _ -`. Refuses with INVALID_VALUE."""
    if _PLAIN.fullmatch(name) is None:
        raise Refusal(Code.INVALID_VALUE, param="name", kind="plain")
    return name


def check_line(given: str, param: str, length_max: int = NAME_MAX) -> str:
    """One line with something on it. Refuses with INVALID_VALUE."""
    if len(given) > length_max:
        raise Refusal(Code.INVALID_VALUE, param=param, length_max=length_max)
    if not given.strip():
        raise Refusal(Code.INVALID_VALUE, param=param, kind="filled")
    if not _visible(given):
        raise Refusal(Code.INVALID_VALUE, param=param, kind="line")
    return given


def _visible(given: str) -> bool:
    return given.isprintable() and not any(map(text.invisible, given))
