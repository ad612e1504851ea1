"""`python -m soak.afflicted AFFLICTION serve …`: posthouse with something wrong with it.

sync-fails:N       every N-th sync of the database's log is an input/output error
sync-takes:S       every sync takes so many seconds longer
full-while:FILE    the disk is full as long as this file is there
any-account        a query that forgot whose messages it may show
no-breaker         nobody notices that many numbers get wrong codes
tells-codes        a line in the log for each code that is checked, with the code in it
answers-first      vendors are answered before their news are stored
"""

import asyncio
import itertools
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import structlog

from posthouse.__main__ import main
from posthouse.core import otp
from posthouse.core.ports.queries import GetMessage
from posthouse.core.verdict import Receipt, Reply
from posthouse.services import settle, verify
from posthouse.storage import reading, store
from soak.disk import FULL, IOERR_FSYNC, OK, Disk, beneath

LOG = "posthouse.db-wal"


def _sync_fails(every: str) -> AbstractContextManager[object]:
    syncs = itertools.count(1)

    def on_sync(path: str) -> int:
        return IOERR_FSYNC if path.endswith(LOG) and next(syncs) % int(every) == 0 else OK

    return beneath(Disk(on_sync=on_sync))


def _sync_takes(seconds: str) -> AbstractContextManager[object]:
    def on_sync(_path: str) -> int:
        time.sleep(float(seconds))
        return OK

    return beneath(Disk(on_sync=on_sync))


def _full_while(file: str) -> AbstractContextManager[object]:
    return beneath(Disk(on_write=lambda _path: FULL if Path(file).exists() else OK))


def _any_account(_: str) -> AbstractContextManager[object]:
    store.ANSWERS[GetMessage] = lambda tx, query: reading.get_message(tx, replace(query, account_id=None))
    return nullcontext()


def _no_breaker(_: str) -> AbstractContextManager[object]:
    verify.FAILED_MAX = verify.SLOW_FAILED_MAX = sys.maxsize
    return nullcontext()


def _tells_codes(_: str) -> AbstractContextManager[object]:
    read = otp.read_code

    def telling(written: str) -> str:
        structlog.get_logger().warning("code_checked", code=written)
        return read(written)

    otp.read_code = telling
    return nullcontext()


def _answers_first(_: str) -> AbstractContextManager[object]:
    store_it = settle.Settle.__call__
    kept = set[asyncio.Task[None]]()

    async def later(self: settle.Settle, receipts: Sequence[Receipt], replies: Sequence[Reply]) -> None:
        kept.add(asyncio.create_task(store_it(self, receipts, replies)))

    settle.Settle.__call__ = later  # type: ignore[method-assign] # what is wrong with it
    return nullcontext()


AFFLICTIONS: dict[str, Callable[[str], AbstractContextManager[object]]] = {
    "sync-fails": _sync_fails,
    "sync-takes": _sync_takes,
    "full-while": _full_while,
    "any-account": _any_account,
    "no-breaker": _no_breaker,
    "tells-codes": _tells_codes,
    "answers-first": _answers_first,
}

if __name__ == "__main__":
    name, _, value = sys.argv.pop(1).partition(":")
    with AFFLICTIONS[name](value):
        main()
