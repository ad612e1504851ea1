"""Load in batches: so many messages exactly, over a few connections; the client has next to nothing to do."""

import json
import threading
import time
from collections.abc import Mapping
from typing import NamedTuple

from bench.client import Unexpected
from bench.server import Server
from bench.wrk import TEXT

CONNECTIONS = 4
BATCH = 10_000
_FATES = 1000
"""Numbers that end in less than this choose their fate in the sandbox."""


class Fed(NamedTuple):
    """How many messages were accepted in how long, from the first request to the last answer."""

    messages: int
    seconds: float


def feed(server: Server, messages: int, *, per_batch: int = BATCH, **content: object) -> Fed:
    """Have so many messages accepted (a multiple of `per_batch`); raises where one is not.

    `content`: fields of the request beside the recipients; the usual text where it names no template.
    """
    body = _body(per_batch, content)
    left = messages // per_batch
    lock = threading.Lock()
    trouble: list[BaseException] = []

    def another() -> bool:
        nonlocal left
        with lock:
            left -= 1
            return left >= 0 and not trouble

    def pour() -> None:
        try:
            with server.client() as client:
                while another():
                    _expect(per_batch, client.call("POST", "/v1/sms/batch", body, status=202))
        except Exception as error:  # noqa: BLE001 - told to whoever waits below
            trouble.append(error)

    threads = [threading.Thread(target=pour, daemon=True) for _ in range(CONNECTIONS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if trouble:
        raise trouble[0]
    return Fed(messages // per_batch * per_batch, time.perf_counter() - start)


def _expect(count: int, answer: bytes) -> None:
    accepted = json.loads(answer)["accepted"]
    if accepted != count:
        raise Unexpected(f"of a batch of {count:,} only {accepted:,} were accepted")


def _body(count: int, content: Mapping[str, object]) -> bytes:
    span = 10_000 - _FATES
    numbers = [f"+86138{index // span:04d}{_FATES + index % span:04d}" for index in range(count)]
    text = {} if "template_id" in content else {"body": TEXT}
    return json.dumps({"to": numbers, **text, **content}).encode()
