"""The vendor's port: lists in, lists out, whatever the vendor's own API takes a call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from posthouse.core.message import Lane
from posthouse.core.verdict import Receipt, Reply, Verdict


class Outbound(NamedTuple):
    """One recipient of one vendor call.

    Attributes:
        key: our own reference of the attempt, unique for ever; echoed by vendors that can.
        call: our own reference of the call that carries it; with the number it names the attempt too.
        to: E.164.
        text: the rendered text, signature included; None where the vendor's template is used.
        template_id, params: the vendor's own template and its parameters in its order, where there is one:
            as the caller gave them, or from the binding of ours.
        attempt: the message's attempt number, from 1.
        signature: the bare name, for vendors that place it themselves.
        extend: extension codes for vendors that take them: name (`up`, `sdk`) → code.
    """

    key: str
    message_id: int
    account_id: int
    attempt: int
    to: str
    country: str
    lane: Lane
    sender: str | None
    text: str | None
    template_id: str | None
    params: dict[str, str] | None
    parts: int
    signature: str | None = None
    extend: dict[str, str] | None = None
    call: str = ""


class Receipts(StrEnum):
    """How a vendor tells what became of messages."""

    PUSH = "push"
    PULL = "pull"
    BOTH = "both"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a vendor kind can do, as data.

    Attributes:
        recipients_max: of one call; never the same number twice.
        alike: fields of `Outbound` that must be equal for all recipients of one call.
        receipts: it reports delivery, and how.
        query: it can be asked about one attempt; "not found" settles nothing unless the answer is `NotSent`.
        inbound: it hands over what handsets send.
        simulated: a simulator, for tests and trials only.
        approval: it carries approved templates under approved signatures only, and no free text.
        senders: whether it takes a sender of the caller's choice.
        countries: ISO regions it can carry at most; empty means all.
        idempotent: it takes the same key twice without sending twice.
        mainland_parts: it counts every character alike, 70 and 67 (China), whatever the alphabet.
        rate_per_s: the usual limit of its API in calls a second, 0 for none that is known.
    """

    recipients_max: int = 1
    alike: tuple[str, ...] = ()
    receipts: Receipts = Receipts.PUSH
    query: bool = False
    inbound: bool = False
    simulated: bool = False
    approval: bool = False
    senders: bool = False
    countries: frozenset[str] = frozenset()
    idempotent: bool = False
    mainland_parts: bool = False
    rate_per_s: int = 0

    @property
    def reports(self) -> bool:
        """Whether delivery is reported at all: without, `sent` is final."""
        return self.receipts is not Receipts.NONE


class Setting(NamedTuple):
    """One thing that a channel of a kind is told at its making.

    `secret`: sealed at rest and never shown again. `about` in English and Chinese.
    """

    name: str
    about: tuple[str, str]
    required: bool = False
    secret: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A vendor kind as the rest of the program sees it.

    Attributes:
        name: as in `tencent`.
        title: its name for people, in English and Chinese.
        settings: what a channel of it is told.
        proven: how its wire format was checked: `sdk`, `docs` or `live`; `own` for our simulator.
        checks: it can be asked something that costs nothing and needs the credentials.
        balance: and answers that with the money that is left.
    """

    name: str
    title: tuple[str, str]
    capabilities: Capabilities
    settings: tuple[Setting, ...] = ()
    proven: str = "docs"
    checks: bool = False
    balance: bool = False


class Question(NamedTuple):
    """What a vendor is asked about one attempt: our references of it, and its own where it is known.

    `started_at`: when the call began, microseconds UTC.
    """

    key: str
    call: str
    to: str
    started_at: int
    reference: str | None = None


class Told(NamedTuple):
    """A vendor's answer to a question; both None where it cannot say.

    `verdict` is how the call should have ended; `receipt` what became of the message since.
    """

    verdict: Verdict | None = None
    receipt: Receipt | None = None


NOTHING_TOLD = Told()


class Callback(NamedTuple):
    """What a vendor sent to a channel's address.

    `url` is the whole address as the vendor called it, query included; `headers` by lower-case name;
    `remote` the address of its sender.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    query: str
    body: bytes
    remote: str


class Answer(NamedTuple):
    """What a vendor wants to be answered when its news were stored."""

    body: bytes = b""
    content_type: str = "application/json"
    status: int = 200


class Heard(NamedTuple):
    """What a callback says; `unreadable`: rows beside them that are not in the vendor's form."""

    receipts: Sequence[Receipt]
    replies: Sequence[Reply]
    answer: Answer
    unreadable: int = 0


class Forged(Exception):
    """A callback that its vendor did not send: the sentence says what is wrong with it."""


class Unreadable(Exception):
    """A callback or reply that is not in the vendor's form: the sentence says where."""


class Money(NamedTuple):
    """What a vendor account has left: `amount` as the vendor writes it; `unit`: a currency, or `messages`."""

    amount: str
    unit: str


class Vendor(Protocol):
    """One channel's live connection to its vendor."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    async def send(self, outbounds: Sequence[Outbound]) -> list[Verdict]:
        """Offer the messages; one verdict each, in order. Expected failures are verdicts, not exceptions."""
        ...

    async def query(self, questions: Sequence[Question]) -> list[Told]:
        """What became of attempts."""
        ...

    async def listen(self, settle: "Settle") -> None:
        """Run until cancelled, handing receipts and replies to `settle` as they come."""
        ...

    def hear(self, callback: Callback) -> Heard:
        """Read what the vendor sent; nothing is stored yet. It may take long: call it in a thread.

        Raises:
            Forged: the vendor did not send it.
            Unreadable: it is in no form of the vendor's, or no row of it is.
        """
        ...

    async def check(self) -> Money | Verdict | None:
        """Ask the vendor something that costs nothing, under the channel's credentials.

        Answers the money that is left, None where the vendor took the credentials and tells no money, or the
        verdict that says why it did not.
        """
        ...


class Settle(Protocol):
    """Makes a vendor's news durable; when it returns, the vendor may forget them."""

    async def __call__(self, receipts: Sequence[Receipt], replies: Sequence[Reply]) -> None:
        """Store receipts and replies of the channel this was made for."""
        ...
