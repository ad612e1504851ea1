"""Failpoints: places where a process can be made to die as by `kill -9`."""

import os
import signal

FAILPOINTS = frozenset(
    {
        "before-transaction",
        "mid-transaction",
        "before-commit",
        "after-commit",
        "claimed",
        "attempt-committed",
        "vendor-taken",
        "vendor-replied",
        "receipt-taken",
        "receipt-settled",
        "draining",
    }
)
"""Every place where `POSTHOUSE_FAILPOINT` can kill the process."""

_armed: str | None = None
_left = 0


class UnknownFailpoint(ValueError):
    """`POSTHOUSE_FAILPOINT` names a place that does not exist."""


def arm(spec: str | None) -> None:
    """Choose where to die: `name`, or `name:N` for the N-th time it is reached; None or empty for nowhere.

    Raises:
        UnknownFailpoint: listing the names there are.
    """
    global _armed, _left
    _armed, _left = None, 0
    if not spec:
        return
    name, _, times = spec.partition(":")
    if name not in FAILPOINTS or (times and not (times.isascii() and times.isdigit() and int(times) > 0)):
        names = ", ".join(sorted(FAILPOINTS))
        raise UnknownFailpoint(
            f"POSTHOUSE_FAILPOINT={spec!r} is no failpoint: use one of {names}, "
            "or name:N to stop at the N-th time (N from 1)."
        )
    _armed, _left = name, int(times or 1)


def failpoint(name: str) -> None:
    """Die here, as by `kill -9`, if the process was started to; else do nothing, quickly."""
    global _left  # noqa: PLW0603 - one per process, so that an unarmed look costs nothing
    if _armed is None or name != _armed:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
