"""Clients that send without pause, and repeat what was not answered until it is."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from tests.e2e.client import Absent, Answer, Client, Lost, soon

CLIENTS = 8
PAUSE_S = 0.01
"""At most so long does a client wait before its next message: load, and room for the server to work in."""

AGAIN_S = 0.05
"""How soon a client comes back that found nobody."""

GOES_ON_WITHIN_S = 30.0

FATES = ("0001", "0002", "0005", "0006", "0007", "0008", "0009")
"""Last digits that the sandbox ends by itself within seconds."""

FATED, CANCELED = 0.1, 0.05
"""The shares of messages with one of these, and of those that are canceled at once (or too late)."""

PURPOSES = ("notification", "notification", "otp", "marketing")


@dataclass
class Journal:
    """What the clients know, all of them together.

    Attributes:
        asked: every idempotency key that was used, and the number it was used for.
        acknowledged: the message id given for each key that was answered.
        canceled: keys of messages that were stopped in time.
        contradicted: keys with two different answers.
        refused: answers that were neither yes nor "come again", by status.
        lost: requests that went out and were not answered.
        absent: requests that found nobody.
        replayed: answers that were the stored ones.
    """

    asked: dict[str, str] = field(default_factory=dict)
    acknowledged: dict[str, str] = field(default_factory=dict)
    canceled: set[str] = field(default_factory=set)
    contradicted: list[str] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    absent: int = 0
    replayed: int = 0

    def note(self, key: str, sms_id: str) -> None:
        """An acknowledgement."""
        if self.acknowledged.setdefault(key, sms_id) != sms_id:
            self.contradicted.append(key)

    async def has_acknowledged(self, count: int) -> None:
        """Wait until so many messages are acknowledged."""
        await soon(
            lambda: len(self.acknowledged) >= count,
            within_s=GOES_ON_WITHIN_S,
            what=f"{count} messages acknowledged",
        )


class Sender:
    """One client: a message, its answer (however long that takes), the next message."""

    def __init__(self, name: str, client: Client, journal: Journal, dice: random.Random) -> None:
        self._name = name
        self._client = client
        self._journal = journal
        self._dice = dice

    async def run(self, enough: asyncio.Event) -> None:
        """Send until it is enough; the message begun last is seen through."""
        number = 0
        while not enough.is_set():
            number += 1
            key = f"{self._name}-{number}"
            await self.send(key, self._recipient(number))
            if self._dice.random() < CANCELED:
                await self.cancel(key)
            await asyncio.sleep(self._dice.uniform(0, PAUSE_S))
        self._client.close()

    async def send(self, key: str, to: str) -> None:
        """One message, asked for under the same key until somebody says yes."""
        journal = self._journal
        journal.asked[key] = to
        purpose = self._dice.choice(PURPOSES)
        answer = await self._insist(
            lambda: self._client.send(to, f"message {key}", key, reference=key, purpose=purpose)
        )
        if answer.status == HTTPStatus.ACCEPTED:
            journal.note(key, answer.json["sms_id"])
            journal.replayed += answer.replayed
        else:
            journal.refused[answer.status] += 1

    async def cancel(self, key: str) -> None:
        """Stop a message, if it is not too late."""
        sms_id = self._journal.acknowledged[key]
        answer = await self._insist(lambda: self._client.post(f"/v1/sms/{sms_id}/cancel", {}))
        if answer.status == HTTPStatus.OK:
            self._journal.canceled.add(key)
        elif answer.status != HTTPStatus.CONFLICT:
            self._journal.refused[answer.status] += 1

    async def _insist(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask until there is an answer."""
        while True:
            try:
                answer = await ask()
            except Absent:
                self._journal.absent += 1
            except Lost:
                self._journal.lost += 1
            else:
                if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
                    return answer
            await asyncio.sleep(AGAIN_S)

    def _recipient(self, number: int) -> str:
        if self._dice.random() < FATED:
            return f"+861380013{self._dice.choice(FATES)}"
        return f"+86139{number % 1_000_000:06d}11"  # no fate ends like this


@asynccontextmanager
async def sending(port: int, key: str, *, seed: int, clients: int = CLIENTS) -> AsyncIterator[Journal]:
    """Clients that send as long as the block runs; at its end all they asked for has been answered."""
    journal, enough = Journal(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            sender = Sender(f"c{number}", Client(port, key), journal, random.Random(f"{seed}/{number}"))
            group.create_task(sender.run(enough))
        try:
            yield journal
        finally:
            enough.set()
