"""The vendor's port: lists in, lists out, whatever the vendor's own API takes a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from posthouse.core.message import Lane
from posthouse.core.verdict import Receipt, Reply, Verdict


class Outbound(NamedTuple):
    """One recipient of one vendor call.

    Attributes:
        key: our own reference of the attempt, unique for ever; echoed by vendors that can.
        to: E.164.
        text: the rendered text, signature included; None where the vendor's template is used.
        template_id, params: the vendor's own template and its parameters, as given.
        attempt: the message's attempt number, from 1.
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


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a vendor kind can do, as data.

    `recipients_max` per call; `receipts`: it reports delivery; `query`: it can be asked about an
    attempt by our key, and its "not found" is authoritative.
    """

    recipients_max: int = 1
    receipts: bool = True
    query: bool = False
    simulated: bool = False


class Vendor(Protocol):
    """One channel's live connection to its vendor."""

    capabilities: Capabilities

    async def send(self, outbounds: Sequence[Outbound]) -> list[Verdict]:
        """Offer the messages; one verdict each, in order. Expected failures are verdicts, not exceptions."""
        ...

    async def query(self, keys: Sequence[str]) -> list[Verdict | None]:
        """What became of attempts, by our key; None where the vendor cannot say."""
        ...

    async def listen(self, settle: "Settle") -> None:
        """Run until cancelled, handing receipts and replies to `settle` as they come."""
        ...


class Settle(Protocol):
    """Makes a vendor's news durable; when it returns, the vendor may forget them."""

    async def __call__(self, receipts: Sequence[Receipt], replies: Sequence[Reply]) -> None:
        """Store receipts and replies of the channel this was made for."""
        ...
