"""The outcome of one of `doctor`'s checks."""

from typing import NamedTuple


class Finding(NamedTuple):
    """The outcome of one check; `fix` says what to do where it is not `ok`."""

    name: str
    ok: bool
    found: str
    fix: str = ""


def well(name: str, told: str) -> Finding:
    """Nothing to mend."""
    return Finding(name, ok=True, found=told)


def wrong(name: str, told: str, fix: str) -> Finding:
    """Something to mend."""
    return Finding(name, ok=False, found=told, fix=fix)
