"""The product's dispatch over a real store, with a vendor and a clock of the experiment's own."""

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC
from typing import Any

from posthouse.core.ports.vendor import Outbound, Settle
from posthouse.core.routing import Channel
from posthouse.core.verdict import Accepted, Verdict
from posthouse.observe import Metrics
from posthouse.services.arrange import Arranger
from posthouse.services.dispatch import Dispatch
from posthouse.services.reconcile import Reconcile
from posthouse.workers.janitor import Janitor
from tests.contracts.build import CHANNEL, World
from tests.fakes import CIPHER, CountedWakeups, FixedDirectory, ScriptedVendor

TOGETHER = 20
"""How many messages the vendor takes in one call."""


def taken(outbound: Outbound) -> Verdict:
    """What a vendor without trouble says."""
    return Accepted(f"ref-{outbound.key}")


class Told:
    """A clock that shows the world's time."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> int:
        """Microseconds since 1970-01-01 UTC."""
        return self._world.now


class Office:
    """A dispatch, a reconciler, a janitor and their vendor."""

    def __init__(
        self, world: World, reply: Callable[[Outbound], Verdict] = taken, *, takes_s: float = 0
    ) -> None:
        self.vendor = ScriptedVendor(
            reply, takes_s=takes_s, recipients_max=TOGETHER, query=True, simulated=True
        )
        self.wakeups = CountedWakeups()
        tokens = itertools.count(1)
        directory = FixedDirectory(Channel(CHANNEL, "sandbox", "sandbox", simulated=True))
        shared: dict[str, Any] = {
            "store": world.store,
            "clock": Told(world),
            "vendors": {CHANNEL: self.vendor},
            "wakeups": self.wakeups,
            "owner": world.owner,
            "tokens": lambda: next(tokens),
            "metrics": Metrics(),
        }
        self.dispatch = Dispatch(**shared, arranger=Arranger(directory, Told(world), UTC, CIPHER))
        self.reconcile = Reconcile(**shared, directory=directory, settle_of=self._settle_of)
        self.janitor = Janitor(store=world.store, clock=Told(world), owner=world.owner, stop=asyncio.Event())

    @staticmethod
    def _settle_of(channel_id: int) -> Settle:
        raise LookupError(f"channel {channel_id} told of no receipt")
