"""The parts of a server, built on an open house and wired to each other; recovery at the start."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import structlog

from posthouse.bootstrap.audit import audit
from posthouse.bootstrap.connections import Adapters, Connections, channels_of
from posthouse.bootstrap.figures import Figures
from posthouse.bootstrap.house import House
from posthouse.core.ids import Ids
from posthouse.core.ports.admin import NextBoot
from posthouse.core.ports.holding import CountHeld
from posthouse.core.ports.life import DropStaged, Recover, Recovered
from posthouse.observe import Metrics
from posthouse.queue.inprocess import InProcess
from posthouse.services.activate import Activate
from posthouse.services.arrange import Arranger
from posthouse.services.challenge import Challenges
from posthouse.services.conversion import Conversions
from posthouse.services.directory import Directory
from posthouse.services.dispatch import Dispatch
from posthouse.services.drafting import Drafting
from posthouse.services.explain import Foresight
from posthouse.services.guarding import Guarding
from posthouse.services.health import Health
from posthouse.services.hearing import Hearing
from posthouse.services.polling import Polling
from posthouse.services.reconcile import Reconcile
from posthouse.services.settle import Settle
from posthouse.services.signatures import Signatures
from posthouse.services.silent import Resend
from posthouse.services.submit import Submit
from posthouse.services.suppress import Suppressions
from posthouse.services.templates import Templates
from posthouse.services.test_numbers import FixedCodes
from posthouse.services.verify import Verify
from posthouse.vendors.registry import APPROVING, KNOWN
from posthouse.web.services import HandsetMessage, Services
from posthouse.workers.dispatcher import Dispatcher
from posthouse.workers.janitor import Janitor
from posthouse.workers.pace import repeat
from posthouse.workers.receipts import Receipts
from posthouse.workers.scheduler import Scheduler
from posthouse.workers.watch import Watch

log = structlog.get_logger(__name__)

REFRESH_S = 0.4
"""How often the directory is compared with the store: revoked keys stop within a second."""

_EVER = 2**63 - 1
_STAGED_ROWS = 500
"""Deleted in a commit at the start."""


class Role(StrEnum):
    """What a process does: accept and send (`all`), only accept (`api`), only send (`worker`)."""

    ALL = "all"
    API = "api"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Parts:
    """A server that has not begun."""

    app_services: Services
    directory: Directory
    connections: Connections
    dispatcher: Dispatcher
    workers: tuple[Callable[[], Coroutine[Any, Any, None]], ...]
    always: tuple[Callable[[], Coroutine[Any, Any, None]], ...]
    recovered: Recovered
    stop: asyncio.Event
    drained: asyncio.Event
    ready: asyncio.Event

    def stop_claiming(self) -> None:
        """Claim nothing more; harmless to repeat."""
        self.ready.clear()
        self.stop.set()


class _SandboxHandsets:
    """The simulators' handsets, as the web layer wants them."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def received(self, account_id: int, to: str | None, limit: int) -> Sequence[HandsetMessage]:
        found = await self._connections.handset(account_id, to, limit)
        return [HandsetMessage(m.message_id, m.to, m.sender, m.text, m.received_at) for m in found]


async def build(house: House, metrics: Metrics, role: Role) -> Parts:
    """Make and wire them, and take over what the process before left."""
    store, clock, vault = house.store, house.clock, house.vault
    owner = await store.write(NextBoot())
    recovered = await _recover(house, owner)
    if held := sum((await store.read(CountHeld())).values()):
        log.warning("messages_held", count=held)
    ids, wakeups = Ids(owner), InProcess()
    stop, drained, ready = asyncio.Event(), asyncio.Event(), asyncio.Event()
    directory = Directory(store, pepper=vault.derive("keys"), vendors=KNOWN, approving=APPROVING)
    adapters = Adapters(vault, house.settings.public_url)
    connections = Connections(adapters, vault, clock, house.data)
    vendors = connections.vendors

    def token() -> int:
        return ids.take(clock.now())

    health = Health(clock, directory.channels, metrics)
    settle_of = partial(
        Settle,
        store=store,
        clock=clock,
        wakeups=wakeups,
        metrics=metrics,
        channels=directory.channels,
        health=health,
    )
    shared: dict[str, Any] = {
        "store": store,
        "clock": clock,
        "vendors": vendors,
        "wakeups": wakeups,
        "owner": owner,
        "tokens": token,
        "metrics": metrics,
    }
    zone, codes, cipher = house.settings.time_zone(), house.codes, house.cipher
    conversions = Conversions(store, clock, directory.channels)
    dispatch = Dispatch(**shared, arranger=Arranger(directory, clock, zone, cipher, conversions, health))
    reconcile = Reconcile(**shared, directory=directory, settle_of=settle_of)
    dispatcher = Dispatcher(dispatch=dispatch, wakeups=wakeups, metrics=metrics, stop=stop)
    scheduler = Scheduler(
        store=store,
        clock=clock,
        wakeups=wakeups,
        reconcile=reconcile,
        resend=Resend(store=store, clock=clock, directory=directory, wakeups=wakeups),
        polling=Polling(store=store, clock=clock, vendors=vendors, settle_of=settle_of),
        conversions=conversions,
        stop=stop,
    )
    watch = Watch(
        store=store,
        clock=clock,
        metrics=metrics,
        audit=partial(audit, house.data),
        zone=zone,
        stop=stop,
    )

    follow_directory = following(directory, connections)
    await follow_directory()
    drafting = Drafting(directory, zone, cipher)
    submit = Submit(
        store,
        clock,
        ids,
        wakeups,
        drafting,
        zone=zone,
        pepper=vault.derive("requests"),
        metrics=metrics,
    )
    services = Services(
        submit=submit,
        challenges=Challenges(store, clock, ids, submit, drafting, cipher),
        verify=Verify(store, clock, submit, codes),
        administer=house.administer,
        channels=channels_of(house, adapters, connections),
        callback_of=adapters.callback,
        activate=Activate(store, clock, house.administer),
        templates=Templates(store, clock, ids, KNOWN),
        signatures=Signatures(store, clock, ids, KNOWN),
        suppressions=Suppressions(store, clock, ids),
        test_numbers=FixedCodes(store, clock, ids, codes),
        guarding=Guarding(store, clock, ids),
        foresight=Foresight(directory, clock, zone, health, conversions, vendors.keys()),
        health_of=health.report,
        hearing=Hearing(
            key=vault.derive("callbacks"),
            records=directory.records,
            vendors=vendors,
            settle_of=settle_of,
            clock=clock,
            metrics=metrics,
            public_url=house.settings.public_url,
        ),
        secrets=vault.cipher("replies"),
        directory=directory,
        store=store,
        clock=clock,
        ids=ids,
        handsets=_SandboxHandsets(connections),
        zone=zone,
        counts=metrics,
        metrics=Figures(metrics, store, clock).page,
        dispatching=ready.is_set,
        failing=store.failing,
        metrics_token=house.settings.metrics_token or None,
        api=role is not Role.WORKER,
    )
    return Parts(
        services,
        directory,
        connections,
        dispatcher,
        (
            scheduler.run,
            Receipts(vendors=vendors, settle_of=settle_of, stop=drained).run,
            Janitor(store=store, clock=clock, owner=owner, stop=stop).run,
            watch.run,
        ),
        (lambda: repeat("directory", follow_directory, every_s=REFRESH_S, stop=stop), watch.requests),
        recovered,
        stop,
        drained,
        ready,
    )


def following(directory: Directory, connections: Connections) -> Callable[[], Coroutine[Any, Any, bool]]:
    """What keeps the directory fresh and channels connected; what it could not connect, it tries again."""
    behind = False

    async def step() -> bool:
        nonlocal behind
        behind = await directory.refresh() or behind
        if behind:
            await connections.follow(directory.records())
            behind = False
        return False

    return step


async def _recover(house: House, owner: int) -> Recovered:
    """Take over from the process that held the lock before: its leases are free, its calls unanswered."""
    freed = unknown = 0
    while True:
        step = await house.store.write(Recover(owner, house.clock.now()))
        if not step.freed + step.unknown:
            break
        freed, unknown = freed + step.freed, unknown + step.unknown
    # What it did not get to accept is nobody's: its senders may ask again at once, in full.
    while await house.store.write(DropStaged(_EVER, _STAGED_ROWS)) >= _STAGED_ROWS:
        pass
    return Recovered(freed, unknown)
