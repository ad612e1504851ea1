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


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a vendor kind can do, as data.

    `recipients_max` per call; `receipts`: it reports delivery; `query`: it can be asked about an
    attempt by our key, and its "not found" is authoritative. `approval`: it carries approved templates under
    approved signatures only, and no free text.
    """

    recipients_max: int = 1
    receipts: bool = True
    query: bool = False
    simulated: bool = False
    approval: bool = False


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
