"""The whole ledger check in a process of its own, of lowest priority.

It computes for minutes over ten million messages: within the server it would take turns with the event
loop all that time, hold a reader, and its memory would stay.
"""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from posthouse.workers.watch import SHOWN, Audited, AuditFailed

AUDIT_S = 3600.0
NICE = 19
CLEAN, DRIFTS = 0, 3
"""Exit codes of `posthouse ledger check`."""


class _Drift(msgspec.Struct):
    account_id: int
    what: str


class _Report(msgspec.Struct):
    drift_count: int
    drifts: list[_Drift]


async def audit(data: Path) -> Audited:
    """Run `posthouse ledger check`.

    Raises:
        AuditFailed: it could not be run, or took too long.
    """
    check = ("ledger", "check", "--json", "--first", str(SHOWN), "--data", str(data))
    words = (sys.executable, "-m", "posthouse", *check)
    variables = {name: value for name, value in os.environ.items() if name != "POSTHOUSE_FAILPOINT"}
    process = await asyncio.create_subprocess_exec(
        *words,
        env=variables,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        with suppress(OSError):  # it has ended already, or may not be slowed
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        async with asyncio.timeout(AUDIT_S):
            # One line, of 64 KiB at most, whatever it finds.
            said = await process.stdout.readline()  # type: ignore[union-attr] # it is a pipe
            await process.wait()
    except TimeoutError as error:
        raise AuditFailed(f"no end after {AUDIT_S:.0f} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode not in (CLEAN, DRIFTS):
        raise AuditFailed(f"exit code {process.returncode}")
    report = msgspec.json.decode(said, type=_Report)
    what = tuple(f"account {drift.account_id}, {drift.what}" for drift in report.drifts)
    return Audited(report.drift_count, what)
