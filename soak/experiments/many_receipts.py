"""One callback of thousands of receipts, `kill -9` right after its 200, the same again; and an outage."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from posthouse.bootstrap.connections import Adapters, Connections, channels_of
from posthouse.core.ports.life import Finish, RecordVerdicts, Start, StartAttempts
from posthouse.core.routing import after
from posthouse.core.verdict import Accepted
from posthouse.services.channels import Wishes
from posthouse.storage.engine.sqlite import SQLite
from posthouse.storage.store import Committed, Store
from soak.callbacks import News
from soak.experiment import Outcome
from soak.premises import a_server, a_world, afflicted, drifts, in_house
from soak.receiving import Wired, a_branch, plain
from tests.contracts.build import PRICE, SECOND, World
from tests.e2e.nursery import forked
from tests.e2e.premises import rows
from tests.e2e.server import HOST, Server
from tests.vendors.aliyun_peer import AliyunPeer
from tests.vendors.peer import serving

ROWS = (27,)

ITEMS, MORE, ITEMS_MAX = 5_000, 10_000, 100_000
"""Receipts of the one callback: at the smallest scale, for each scale beyond, and at most."""
AGAIN, TIMES = 500, 9
"""So many of them come again, so many times."""
TEXTS = 5
"""Texts from a handset that come with them."""
FEW = 2_000
"""Of the planted bug."""
UNDELIVERED = 0.1
AWAY_US = 20 * 60 * SECOND
MISSED = 60
"""Messages a scale of which a receipt was pushed while nobody was there."""
PEAKS_S = 0.01

CHANNEL = {"preset": "json", "url": "http://127.0.0.1:9/"}


@dataclass(frozen=True)
class _There:
    """A store in a server's directory, for a `World`."""

    where: Path

    def open(self, committed: Committed | None = None) -> Store:
        """The store, beside a server or none."""
        return Store(SQLite(self.where), committed)


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Tell it all at once and pull the plug, then be away; planted: the vendor is answered first."""
    count = FEW if planted else ITEMS if scale == 1 else min(MORE * scale, ITEMS_MAX)
    counted = Counter({"receipts": count, "lost": 0, "told twice": 0, "drifts": 0, "missed": 0, "closed": 0})
    async with a_server(afflicted("answers-first") if planted else forked) as server:
        await _at_once(server, count, counted)
    if not planted:
        await _away(scale, counted)
    return Outcome(
        injected=f"a callback of {count} receipts, kill -9, {AGAIN} of them and {TEXTS} texts {TIMES} times "
        f"more; {counted['missed']} pushes lost in 20 minutes",
        counted=counted,
        bar="durable before the 200; 0 lost, told twice, adrift; 100 % closed afterwards",
        held=not counted["lost"] + counted["told twice"] + counted["drifts"]
        and counted["refused"] == 0
        and counted["closed"] == counted["missed"]
        and (planted or counted["missed"] > 0),
    )


async def _at_once(server: Server, count: int, counted: Counter[str]) -> None:
    """The big one, and the end of the process; then parts of it again, over and over."""
    channel_id, path = await in_house(server.data, _connected)
    news = await _on_their_way(server.data, channel_id, count)
    file = server.data / SQLite.file
    await asyncio.to_thread(server.start)
    async with httpx2.AsyncClient(base_url=f"http://{HOST}:{server.port}", timeout=300.0) as http:
        other = asyncio.create_task(_others(http, counted))
        since = time.monotonic()
        answer = await http.post(path, content=_body(news))
        took_s = time.monotonic() - since
        if answer.status_code == 200:
            server.kill()
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)
    counted["refused"] = answer.status_code != 200
    counted["200 after ms"] = round(took_s * 1000)
    expected = Counter("delivered" if each.delivered else "undelivered" for each in news)
    counted["lost"] = sum((expected - _states(file)).values())
    if counted["lost"]:
        return
    again = _body(news[:AGAIN], [f"a text {number}" for number in range(TEXTS)])
    await asyncio.to_thread(server.start)
    async with httpx2.AsyncClient(base_url=f"http://{HOST}:{server.port}", timeout=60.0) as http:
        answers = await asyncio.gather(
            *(http.post(path, content=again) for _ in range(TIMES // 3)),
        )
        for _ in range(TIMES - len(answers)):
            answers.append(await http.post(path, content=again))
    counted["refused"] += sum(answer.status_code != 200 for answer in answers)
    counted["lost"] = max(counted["lost"], sum((expected - _states(file)).values()))
    [(counted["told twice"],)] = rows(
        file,
        """SELECT count(*) FROM (SELECT message_id FROM events WHERE kind IN ('delivered', 'undelivered')
            GROUP BY message_id HAVING count(*) > 1)""",
    )
    [(counted["kept for 72 h"],)] = rows(file, "SELECT count(*) FROM parked_receipts")
    [(texts,)] = rows(file, "SELECT count(*) FROM replies")
    counted["told twice"] += abs(texts - TEXTS)
    await asyncio.to_thread(server.stop)
    counted["drifts"] = await drifts(server.data)


def _states(file: Path) -> Counter[str]:
    return Counter(dict(rows(file, "SELECT state, count(*) FROM messages GROUP BY state")))


async def _others(http: httpx2.AsyncClient, counted: Counter[str]) -> None:
    """Somebody else's requests meanwhile."""
    while True:
        since = time.monotonic()
        await http.get("/health")
        waited_ms = round((time.monotonic() - since) * 1000)
        counted["others waited ms"] = max(counted["others waited ms"], waited_ms)
        await asyncio.sleep(PEAKS_S)


async def _connected(house: Any) -> tuple[int, str]:  # noqa: ANN401 - as `in_house`
    """A channel of the plainest kind; its number, and the path of its address."""
    adapters = Adapters(house.vault, "")
    connections = Connections(adapters, house.vault, house.clock, house.data)
    channels = channels_of(house, adapters, connections)
    await house.store.write(await channels.draft("http", None, Wishes(settings=CHANNEL)))
    record = await channels.get("http", None)
    return record.channel.id, adapters.callback(record)[0]


async def _on_their_way(data: Path, channel_id: int, count: int) -> list[News]:
    """Messages that the vendor took, and what becomes of them."""
    world = World(_There(data))  # type: ignore[arg-type] # all that it asks of a backend
    dice = random.Random(count)
    news: list[News] = []
    try:
        world.now = time.time_ns() // 1000
        await world.begin()
        world.account_id = await world.account("many", count * PRICE)
        for first in range(0, count, AGAIN):
            messages = [
                world.message(recipient=f"+86138{number:08d}")
                for number in range(first, min(first + AGAIN, count))
            ]
            for at in range(0, len(messages), 100):
                await world.write(world.acceptance(*messages[at : at + 100]))
            claimed = await world.claim(AGAIN)
            starts = [Start(each.id, each.token, channel_id, "http", False, "{}") for each in claimed]  # noqa: FBT003
            numbers = await world.write(StartAttempts(tuple(starts), world.now, world.now + SECOND))
            finishes = []
            for each in claimed:
                verdict = Accepted(f"id-{each.recipient[1:]}")
                following = after(
                    verdict, lane=each.lane, attempt=1, others_left=False, now=world.now, receipts=True
                )
                finishes.append(
                    Finish(
                        each.id, each.token, numbers[each.id], channel_id, each.recipient, verdict, following
                    )
                )
                news.append(News(verdict.reference, each.recipient, dice.random() >= UNDELIVERED))
            await world.write(RecordVerdicts(tuple(finishes), world.now))
    finally:
        world.store.close()
    return news


def _body(news: Sequence[News], texts: Sequence[str] = ()) -> bytes:
    return json.dumps(
        [
            {
                "id": each.reference,
                "to": each.number,
                "status": "delivered" if each.delivered else "undelivered",
            }
            for each in news
        ]
        + [{"from": "+8613900000011", "to": "1069", "text": text, "id": text} for text in texts]
    ).encode()


async def _away(scale: int, counted: Counter[str]) -> None:
    """What was pushed in vain is asked for; some answers to calls are lost too, some reports are late."""
    async with a_world() as (world, where):
        peer = AliyunPeer(clock=lambda: world.now / SECOND)
        world.account_id = await world.account("away", 100_000 * PRICE)
        async with serving(peer) as at, a_branch(world, Wired("aliyun", at)) as branch:
            for number in range(MISSED * scale):
                await world.accept(recipient=f"+86138{number:08d}", **plain("aliyun"))
                if number % 20 == 19:
                    if number % 60 == 59:
                        peer.next("drop", taken=True)
                    await branch.send()
            for number, taken in enumerate(peer.taken):
                code = "DELIVERED" if number % 7 else "MOBILE_NOT_ON_SERVICE"
                if number % 10:
                    peer.reports[taken.biz_id, taken.number] = code, world.now / SECOND
            world.later(AWAY_US)
            await _ask(branch)
            for taken in peer.taken:
                peer.reports.setdefault((taken.biz_id, taken.number), ("DELIVERED", world.now / SECOND))
            world.later(2 * AWAY_US)
            await _ask(branch)
            counted["missed"] = len(peer.taken)
            counted["questions"] = sum(
                asked.headers.get("x-acs-action") == "QuerySendDetails" for asked in peer.asked
            )
        file = where / SQLite.file
        found = _states(file)
        counted["closed"] = found["delivered"] + found["undelivered"]
        counted["drifts"] += await drifts(where)


async def _ask(branch: Any) -> None:  # noqa: ANN401 - soak.receiving.Branch
    """All that reconciling and polling want to know now."""
    while await branch.reconcile.step() + await branch.polling.step():
        pass
