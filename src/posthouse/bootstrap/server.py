"""The server: one process with the API, the dispatcher, the scheduler, the receipts and the janitor."""

import asyncio
import errno
import gc
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import structlog
import uvloop
from starlette.types import ASGIApp

from posthouse import __version__
from posthouse.bootstrap.audit import audit
from posthouse.bootstrap.figures import Figures
from posthouse.bootstrap.house import House, Trouble
from posthouse.bootstrap.http import HttpServer
from posthouse.bootstrap.premises import sweep
from posthouse.core.ids import Ids
from posthouse.core.ports.admin import NextBoot
from posthouse.core.ports.holding import CountHeld
from posthouse.core.ports.life import DropStaged, Recover, Recovered
from posthouse.core.ports.vendor import Vendor
from posthouse.observe import Metrics
from posthouse.queue.inprocess import InProcess
from posthouse.services.activate import Activate
from posthouse.services.arrange import Arranger
from posthouse.services.challenge import Challenges
from posthouse.services.conversion import Conversions
from posthouse.services.directory import Directory
from posthouse.services.dispatch import Dispatch
from posthouse.services.drafting import Drafting
from posthouse.services.guarding import Guarding
from posthouse.services.reconcile import Reconcile
from posthouse.services.settle import Settle
from posthouse.services.signatures import Signatures
from posthouse.services.silent import Resend
from posthouse.services.submit import Submit
from posthouse.services.suppress import Suppressions
from posthouse.services.templates import Templates
from posthouse.services.test_numbers import FixedCodes
from posthouse.services.verify import Verify
from posthouse.storage.engine.sqlite import connect
from posthouse.vendors.registry import APPROVING, KINDS, SANDBOX
from posthouse.vendors.sandbox import Sandbox
from posthouse.web.app import create_app
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

SWITCH_S = 0.0005
"""The interpreter's switch interval. With the default of 5 ms the writer's thread waits that long for
the event loop at every commit; measured under load, 3.5 times the commits."""


_EVER = 2**63 - 1
_STAGED_ROWS = 500
"""Deleted in a commit at the start."""


class Role(StrEnum):
    """What a process does: accept and send (`all`), only accept (`api`), only send (`worker`)."""

    ALL = "all"
    API = "api"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class _Parts:
    app_services: Services
    directory: Directory
    vendors: dict[int, Vendor]
    sandbox: Sandbox
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
    """The sandbox's handsets, as the web layer wants them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def received(self, account_id: int, to: str | None, limit: int) -> Sequence[HandsetMessage]:
        found = await self._sandbox.handset(account_id, to, limit)
        return [HandsetMessage(m.message_id, m.to, m.sender, m.text, m.received_at) for m in found]


async def _build(house: House, metrics: Metrics, role: Role) -> _Parts:
    store, clock, vault = house.store, house.clock, house.vault
    owner = await store.write(NextBoot())
    recovered = await _recover(house, owner)
    if held := sum((await store.read(CountHeld())).values()):
        log.warning("messages_held", count=held)
    ids, wakeups = Ids(owner), InProcess()
    stop, drained, ready = asyncio.Event(), asyncio.Event(), asyncio.Event()
    directory = Directory(store, pepper=vault.derive("keys"), vendors=KINDS, approving=APPROVING)
    texts = vault.cipher("sandbox")
    handsets = house.data / "sandbox.db"
    handsets.touch()
    handsets.chmod(0o600)  # its texts are sealed, its numbers are not
    sandbox = Sandbox(path=str(handsets), connect=connect, seal=texts.seal, open=texts.open, clock=clock)
    vendors: dict[int, Vendor] = {}

    def token() -> int:
        return ids.take(clock.now())

    def settle_of(channel_id: int) -> Settle:
        name = next((each.name for each in directory.channels() if each.id == channel_id), "gone")
        return Settle(store=store, clock=clock, metrics=metrics, channel_id=channel_id, channel=name)

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
    dispatch = Dispatch(**shared, arranger=Arranger(directory, clock, zone, cipher, conversions))
    reconcile = Reconcile(**shared, directory=directory)
    dispatcher = Dispatcher(dispatch=dispatch, wakeups=wakeups, metrics=metrics, stop=stop)
    scheduler = Scheduler(
        store=store,
        clock=clock,
        wakeups=wakeups,
        reconcile=reconcile,
        resend=Resend(store=store, clock=clock, directory=directory, wakeups=wakeups),
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

    async def follow_directory() -> bool:
        if await directory.refresh():
            _connect(directory, vendors, sandbox)
        return False

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
        activate=Activate(store, clock, house.administer),
        templates=Templates(store, clock, ids, KINDS),
        signatures=Signatures(store, clock, ids, KINDS),
        suppressions=Suppressions(store, clock, ids),
        test_numbers=FixedCodes(store, clock, ids, codes),
        guarding=Guarding(store, clock, ids),
        secrets=vault.cipher("replies"),
        directory=directory,
        store=store,
        clock=clock,
        ids=ids,
        handsets=_SandboxHandsets(sandbox),
        zone=zone,
        counts=metrics,
        metrics=Figures(metrics, store, clock).page,
        dispatching=ready.is_set,
        failing=store.failing,
        metrics_token=house.settings.metrics_token or None,
        api=role is not Role.WORKER,
    )
    return _Parts(
        services,
        directory,
        vendors,
        sandbox,
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


def _connect(directory: Directory, vendors: dict[int, Vendor], sandbox: Sandbox) -> None:
    """Give every channel its connection."""
    channels = {channel.id: channel for channel in directory.channels()}
    for gone in vendors.keys() - channels.keys():
        del vendors[gone]
    for channel_id, channel in channels.items():
        if channel.vendor == SANDBOX:
            vendors.setdefault(channel_id, sandbox)


@asynccontextmanager
async def _following(parts: _Parts) -> AsyncIterator[None]:
    """A process that only accepts: messages wait for one with workers."""
    following = [asyncio.create_task(loop()) for loop in parts.always]
    parts.ready.set()
    try:
        yield
    finally:
        parts.stop_claiming()
        await asyncio.gather(*following)
        await parts.sandbox.close()


@asynccontextmanager
async def _running(parts: _Parts, drain_s: float) -> AsyncIterator[None]:
    """The workers, from start to drain."""
    dispatching = asyncio.create_task(parts.dispatcher.run(drain_s=drain_s))
    workers = [asyncio.create_task(worker()) for worker in (*parts.workers, *parts.always)]
    parts.ready.set()
    for task in (dispatching, *workers):
        task.add_done_callback(partial(_ended, parts))
    try:
        yield
    finally:
        parts.stop_claiming()
        await asyncio.wait([dispatching])  # receipts are settled meanwhile
        parts.drained.set()
        _, late = await asyncio.wait(workers, timeout=1.0)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await parts.sandbox.close()


def _ended(parts: _Parts, task: asyncio.Task[None]) -> None:
    """A worker that ends before it is told to leaves messages lying: the server is not ready any more."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("worker_failed", error=type(error).__name__, exc_info=error)
    if not parts.stop.is_set():
        parts.ready.clear()


def listen(host: str, port: int) -> socket.socket:
    """Bind the address before anything else is begun.

    Raises:
        Trouble: it is taken, not ours, or not permitted.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Trouble(
            f"Cannot listen on {host}:{port} ({error.strerror}): choose another with --port "
            f"(make run: PORT=){', or stop who has it' if error.errno == errno.EADDRINUSE else ''}."
        ) from error
    return listener


def serve(
    house: House,
    metrics: Metrics,
    listener: socket.socket,
    started: Callable[[], None],
    role: Role = Role.ALL,
) -> None:
    """Serve until SIGTERM or SIGINT; `started` is called once requests are answered."""
    sweep(house.data)
    sys.setswitchinterval(SWITCH_S)
    uvloop.run(_serve(house, metrics, listener, started, role))


async def _serve(
    house: House, metrics: Metrics, listener: socket.socket, started: Callable[[], None], role: Role
) -> None:
    parts = await _build(house, metrics, role)
    drain_s = house.settings.drain_s

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:  # noqa: ANN401 - Starlette hands itself in
        async with _following(parts) if role is Role.API else _running(parts, drain_s):
            # What start-up made lives for ever: the collector need not walk it again and again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(20_000, 20, 50)
            yield

    def answering() -> None:
        host, port = listener.getsockname()[:2]
        recovered = parts.recovered
        log.info(
            "server_started",
            version=__version__,
            host=host,
            port=port,
            role=role.value,
            freed=recovered.freed,
            unknown=recovered.unknown,
        )
        started()

    def stopping() -> None:
        log.info("server_stopping")
        parts.stop_claiming()

    app: ASGIApp = create_app(parts.app_services, lifespan)
    server = HttpServer(app, answering, stopping)
    try:
        await server.serve(sockets=[listener])
    finally:  # it ends by raising the signal once more
        log.info("server_stopped")
