"""A house without storage: the real services over a store of dicts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from starlette.types import ASGIApp

from posthouse.bootstrap.connections import Adapters
from posthouse.core import keys
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids
from posthouse.core.ledger import Balance
from posthouse.core.message import CANCELABLE, Mode, Progress, State
from posthouse.core.ports.admin import AccountStatus, Role
from posthouse.core.ports.admission import FindSuppressed
from posthouse.core.ports.channels import ChannelRecord, ListChannelRecords
from posthouse.core.ports.life import (
    Accept,
    Acceptance,
    Cancel,
    DropStaged,
    NewBatch,
    NewMessage,
    Once,
    Stage,
)
from posthouse.core.ports.queries import (
    AccountRecord,
    AttemptRecord,
    DirectoryVersion,
    EventRecord,
    FindKey,
    FindReply,
    GetAccount,
    GetMessage,
    GetPrices,
    GetStanding,
    GetTrace,
    KeyRecord,
    MessageLine,
    MessageRecord,
    PageMessages,
    RecordPage,
    Standing,
    Trace,
)
from posthouse.core.ports.routes import ListRoutes
from posthouse.core.ports.store import Command, Query
from posthouse.core.ports.templates import GetOwn, Own
from posthouse.core.ports.vendor import Vendor
from posthouse.core.routing import Channel, UnknownPolicy
from posthouse.core.vault import Cipher, Vault
from posthouse.observe import Metrics
from posthouse.services.activate import Activate
from posthouse.services.administer import Administer
from posthouse.services.challenge import Challenges
from posthouse.services.channels import Channels
from posthouse.services.directory import Directory
from posthouse.services.drafting import Drafting
from posthouse.services.explain import Foresight
from posthouse.services.guarding import Guarding
from posthouse.services.signatures import Signatures
from posthouse.services.submit import Submit
from posthouse.services.suppress import Suppressions
from posthouse.services.templates import Templates
from posthouse.services.test_numbers import FixedCodes
from posthouse.services.verify import Verify
from posthouse.vendors.registry import KINDS, KNOWN
from posthouse.web.app import create_app
from posthouse.web.services import HandsetMessage, Services
from posthouse.webhooks.addresses import objection
from tests.fakes import CIPHER, CODES
from tests.web import shelf
from tests.web.client import Client
from tests.web.unheard import hearing_over

R = TypeVar("R")

PEPPER = b"p" * 32
NOW = 1_795_852_800_000_000  # 2026-11-28T08:00:00Z
TO = "+15555550123"


class FixedClock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


class NoWakeups:
    """Nobody waits for work here."""

    def __init__(self) -> None:
        self.count = 0

    def wake(self) -> None:
        self.count += 1

    async def wait(self, timeout_s: float) -> None:
        raise NotImplementedError


@dataclass
class ShelfStore:
    """What the web layer asks of a store, kept in dicts."""

    accounts: dict[int, AccountRecord] = field(default_factory=dict)
    available: dict[int, int] = field(default_factory=dict)
    credentials: dict[str, KeyRecord] = field(default_factory=dict)
    channels: list[Channel] = field(default_factory=list)
    messages: dict[int, NewMessage] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)
    replies: dict[tuple[int, str, str], Once] = field(default_factory=dict)
    staged: dict[int, list[NewMessage]] = field(default_factory=dict)
    batches: dict[int, NewBatch] = field(default_factory=dict)
    owns: dict[int, Own] = field(default_factory=dict)
    version: int = 1
    failure: Exception | None = None

    async def write(self, command: Command[R]) -> R:
        if self.failure is not None:
            raise self.failure
        answer: Any = None
        if isinstance(command, Accept):
            answer = self._accept(command)
        elif isinstance(command, Stage):
            self.staged.setdefault(command.batch.id, []).extend(command.messages)
        elif isinstance(command, DropStaged):
            answer = len(self.staged.pop(command.batch_id, [])) if command.batch_id is not None else 0
        elif isinstance(command, Cancel):
            answer = self._cancel(command)
        elif type(command) in shelf.COMMANDS:
            answer = shelf.COMMANDS[type(command)](self, command)
        else:
            raise NotImplementedError(command)
        return answer  # type: ignore[no-any-return] # each kind's answer, by the lines above

    def _accept(self, command: Accept) -> Acceptance:
        if command.once is not None:
            once = command.once
            known = self.reply(once.account_id, once.operation, once.key, once.fingerprint)
            if known is not None:
                return Acceptance(known)
        if self.available[command.account_id] < command.amount:
            raise Refusal(Code.INSUFFICIENT_BALANCE)
        self.available[command.account_id] -= command.amount
        staged = self.staged.pop(command.batch.id, []) if command.batch else []
        for message in (*command.messages, *staged):
            self.messages[message.id] = message
            self.states[message.id] = message.state
        if command.batch is not None:
            self.batches[command.batch.id] = command.batch
        if command.once is not None:
            once = command.once
            self.replies[once.account_id, once.operation, once.key] = once
        return Acceptance()

    def reply(self, account_id: int, operation: str, key: str, fingerprint: bytes) -> bytes | None:
        known = self.replies.get((account_id, operation, key))
        if known is not None and known.fingerprint != fingerprint:
            raise Refusal(Code.IDEMPOTENCY_KEY_REUSED)
        return None if known is None else known.reply

    def _cancel(self, command: Cancel) -> bool:
        once = command.once
        if (
            once is not None
            and self.reply(once.account_id, once.operation, once.key, once.fingerprint) is not None
        ):
            return True
        message = self.messages.get(command.message_id)
        if message is None or message.account_id != command.account_id:
            raise Refusal(Code.NOT_FOUND, resource="message")
        if State(self.states[message.id]) not in CANCELABLE:
            raise Refusal(Code.NOT_CANCELABLE, state=self.states[message.id])
        self.states[message.id] = State.CANCELED.value
        if once is not None:
            self.replies[once.account_id, once.operation, once.key] = once
        return False

    async def read(self, query: Query[R]) -> R:
        if self.failure is not None:
            raise self.failure
        answers: dict[type, Callable[[Any], Any]] = {
            GetMessage: lambda asked: self._message(asked.account_id, asked.message_id),
            GetTrace: lambda asked: self._trace(asked.account_id, asked.message_id),
            FindReply: lambda asked: self.reply(
                asked.account_id, asked.operation, asked.key, asked.fingerprint
            ),
            FindKey: lambda asked: self.credentials.get(asked.lookup),
            GetAccount: lambda asked: self.accounts.get(asked.account_id),
            GetOwn: lambda asked: self.owns.get(asked.account_id, Own()),
            FindSuppressed: lambda asked: [False] * len(asked.recipients),
            GetPrices: lambda _: {"*": 50_000},
            GetStanding: lambda asked: Standing(
                Balance(available=self.available[asked.account_id]), len(self.messages), 0
            ),
            PageMessages: self._page,
            ListRoutes: lambda _: [],
            ListChannelRecords: lambda _: [ChannelRecord(each, {}, b"") for each in self.channels],
            DirectoryVersion: lambda _: self.version,
        } | {kind: partial(answer, self) for kind, answer in shelf.ANSWERS.items()}
        return answers[type(query)](query)  # type: ignore[no-any-return] # each kind's answer, by its line

    def _page(self, asked: Any) -> RecordPage:
        lines = [
            MessageLine(message.id, number, message.recipient, message.template_id, Progress.PENDING)
            for number, message in enumerate(self.messages.values(), 1)
            if message.account_id == asked.account_id
            and asked.progress in (None, Progress.PENDING)
            and (asked.since or 0) <= message.created_at < (asked.until or 1 << 62)
        ][::-1]
        return RecordPage(lines[asked.offset : asked.offset + asked.limit], len(lines))

    def _trace(self, account_id: int, message_id: int) -> Trace | None:
        message = self._message(account_id, message_id)
        return None if message is None else Trace(message, (_attempt(),), _events())

    def _message(self, account_id: int | None, message_id: int) -> MessageRecord | None:
        message = self.messages.get(message_id)
        return None if message is None or message.account_id != account_id else self.record(message_id)

    def record(self, message_id: int) -> MessageRecord:
        message = self.messages[message_id]
        known = message._asdict() | {
            "number": 1,
            "charge": "held",
            "vendor": None,
            "reason": None,
            "attempts": 0,
            "updated_at": message.created_at,
            "state": self.states[message_id],
        }
        return MessageRecord(**{name: known[name] for name in MessageRecord._fields})


def _attempt() -> AttemptRecord:
    return AttemptRecord(1, "sandbox", "sandbox", "accepted", None, "OK", "taken", NOW, NOW + 1, None)


def _events() -> tuple[EventRecord, ...]:
    return (
        EventRecord(1, "queued", NOW, '{"channels": [{"channel": "sandbox", "why": "the only one"}]}'),
        EventRecord(2, "sent", NOW + 1, '{"attempt": 1, "reference": "r", "exchange": {"ms": 35}}'),
        EventRecord(3, "delivered", NOW + 9, f'{{"attempt": 1, "code": "DELIVRD", "vendor_at": {NOW + 5}}}'),
    )


class Drawer:
    """Handsets that show what they were given."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str | None, int]] = []
        self.shown: list[HandsetMessage] = []

    async def received(self, account_id: int, to: str | None, limit: int) -> Sequence[HandsetMessage]:
        self.asked.append((account_id, to, limit))
        return self.shown


@dataclass
class House:
    """One application with all its parts at hand. Account 1 may send, account 2 is another's."""

    app: ASGIApp
    services: Services
    store: ShelfStore
    clock: FixedClock
    wakeups: NoWakeups
    handsets: Drawer
    pairs: dict[str, tuple[str, str]] = field(default_factory=dict)

    def client(self, account_id: int = 1, **options: Any) -> Client:
        return Client(self.app, self.services, self.key(account_id, **options))

    def key(
        self,
        account_id: int = 1,
        *,
        mode: Mode = Mode.LIVE,
        scopes: frozenset[str] = keys.SCOPES,
        rate_limit: int | None = None,
        revoked: bool = False,
    ) -> str:
        """Issue a key."""
        made = keys.issue(mode)
        self.store.credentials[made.lookup] = KeyRecord(
            len(self.store.credentials) + 1,
            made.lookup,
            account_id,
            Role.ACCOUNT,
            mode,
            scopes,
            keys.prove(made.key, PEPPER),
            keys.prove(made.api_secret, PEPPER),
            rate_limit,
            NOW,
            NOW if revoked else None,
        )
        self.pairs[made.key] = (made.api_key, made.api_secret)
        return made.key

    def pair(self, account_id: int = 1, **options: Any) -> tuple[str, str]:
        """Issue a key, in the form that `/api` takes."""
        return self.pairs[self.key(account_id, **options)]


async def no_figures() -> bytes:
    """A page of metrics, as far as those who may read it care."""
    return b"posthouse_up 1\n"


def callback_of(record: ChannelRecord) -> tuple[str, str | None]:
    """A callback address that says which channel's it is, and the how manieth."""
    path = f"/callbacks/{record.channel.name}/{record.channel.id}-{record.generation}"
    return path, f"https://sms.example.com{path}"


def channels_over(store: Any, clock: FixedClock, **changes: Any) -> Channels:
    """Channels of every kind there is, which are called by nobody."""
    vault = Vault(PEPPER)

    async def connect(_record: ChannelRecord) -> Vendor:
        raise ValueError("nothing is called here")

    parts: dict[str, Any] = {
        "kinds": KINDS,
        "seal": vault.seal,
        "open": vault.open,
        "objection": objection,
        "fit": Adapters(vault, "https://sms.example.com").fit,
        "connect": connect,
    }
    return Channels(store, clock, **(parts | changes))


async def build(**changes: Any) -> House:
    """A house with two approved accounts, a pending one (3), and a sandbox channel."""
    store, clock, wakeups, handsets = ShelfStore(), FixedClock(), NoWakeups(), Drawer()
    for number, name, status in (
        (1, "default", AccountStatus.APPROVED),
        (2, "other", AccountStatus.APPROVED),
        (3, "new", AccountStatus.PENDING),
    ):
        store.accounts[number] = AccountRecord(number, name, status, "CN", "CNY", UnknownPolicy.LEAVE, NOW)
        store.available[number] = 100_000_000
    store.channels.append(Channel(1, "sandbox", "sandbox", simulated=True))
    directory = Directory(store, pepper=PEPPER, vendors=KNOWN)
    await directory.refresh()
    ids, zone = Ids(1), ZoneInfo("Asia/Shanghai")
    metrics = Metrics()
    drafting = Drafting(directory, zone, CIPHER)
    submit = Submit(store, clock, ids, wakeups, drafting, zone=zone, pepper=PEPPER, metrics=metrics)
    administer = Administer(store, clock, pepper=PEPPER, fingerprint=1)
    parts: dict[str, Any] = {
        "submit": submit,
        "challenges": Challenges(store, clock, ids, submit, drafting, CIPHER),
        "verify": Verify(store, clock, submit, CODES),
        "test_numbers": FixedCodes(store, clock, ids, CODES),
        "administer": administer,
        "callback_of": callback_of,
        "activate": Activate(store, clock, administer),
        "secrets": Cipher(PEPPER),
        "directory": directory,
        "store": store,
        "clock": clock,
        "ids": ids,
        "handsets": handsets,
        "zone": zone,
        "counts": metrics,
        "metrics": no_figures,
        "dispatching": lambda: True,
    }
    parts |= changes
    parts.setdefault("channels", channels_over(parts["store"], parts["clock"]))
    parts.setdefault("hearing", hearing_over(parts["directory"], clock, metrics))
    shared = parts["store"], parts["clock"], parts["ids"]
    vendors = parts["directory"].vendors
    services = Services(
        **parts,
        templates=Templates(*shared, vendors),
        signatures=Signatures(*shared, vendors),
        suppressions=Suppressions(*shared),
        guarding=Guarding(*shared),
        foresight=Foresight(parts["directory"], parts["clock"], parts["zone"]),
    )
    return House(create_app(services), services, store, clock, wakeups, handsets)
