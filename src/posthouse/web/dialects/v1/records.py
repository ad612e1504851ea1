"""What `/v1` answers: the reply structs, and how the core's records become them."""

from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from posthouse.core.errors import Code
from posthouse.core.ids import BATCH, MESSAGE, show
from posthouse.core.ledger import from_micro
from posthouse.core.message import Lane, Outcome, State
from posthouse.core.ports.life import NewMessage
from posthouse.core.ports.queries import AttemptRecord, EventRecord, MessageRecord, Trace
from posthouse.core.text import Encoding
from posthouse.core.times import rfc3339, rfc3339_or_none
from posthouse.core.verdict import Reason

Time = Annotated[
    str, Meta(extra_json_schema={"format": "date-time"}, examples=["2026-11-21T08:00:00.123456Z"])
]


def _one_of(*values: str, description: str | None = None, example: str | None = None) -> Meta:
    """The schema of a word from a fixed list."""
    examples = None if example is None else [example]
    return Meta(description=description, examples=examples, extra_json_schema={"enum": list(values)})


_REASON = Annotated[str, _one_of(*Reason, description="Why a vendor or carrier refused it, in our words.")]


Amount = Annotated[str, Meta(description="In currency units.", examples=["0.05"])]


class Price(Struct):
    """An amount of money."""

    amount: Amount
    currency: Annotated[str, Meta(examples=["CNY"])]


class SmsRecord(Struct):
    """A message as its sender sees it."""

    sms_id: Annotated[str, Meta(examples=["sms_0c7xk3m9p2q4r"])]
    to: Annotated[str, Meta(description="E.164.", examples=["+15555550123"])]
    state: Annotated[str, _one_of(*State, description="Where it stands.", example="queued")]
    vendor: Annotated[str | None, Meta(description="Who carries it; null until chosen.")]
    segments: Annotated[int, Meta(description="Parts on the air; each is charged.", examples=[1])]
    encoding: Annotated[str, _one_of(*Encoding)]
    created_at: Time
    send_at: Time | None
    expires_at: Annotated[
        str,
        Meta(
            description="Nothing is tried after this.",
            examples=["2026-11-22T08:00:00.123456Z"],
            extra_json_schema={"format": "date-time"},
        ),
    ]
    updated_at: Time
    purpose: Annotated[str, _one_of(*(lane.label for lane in Lane), example=Lane.NOTIFICATION.label)]
    from_: str | None = field(name="from")
    signature: str | None
    template_id: str | None
    reference: str | None
    metadata: dict[str, str] | None
    batch_id: Annotated[str | None, Meta(examples=["bat_0c7xk3m9p2q4r"])]
    price: Price
    simulated: Annotated[bool, Meta(description="It went, or will go, to the simulator and to no handset.")]
    reason: _REASON | None
    attempts: Annotated[int, Meta(description="Vendor calls made for it so far.", examples=[0])]
    template_version: Annotated[
        int | None, Meta(description="Which version of our template it says; null for a vendor's own.")
    ]
    postponed_from: Annotated[
        Time | None, Meta(description="When it would have gone, had it not been moved out of quiet hours.")
    ]


def of_draft(message: NewMessage, currency: str) -> SmsRecord:
    """The record of a message that is being accepted."""
    created_at = rfc3339(message.created_at)
    send_at, metadata, batch_id = message.send_at, message.metadata, message.batch_id
    return SmsRecord(
        show(MESSAGE, message.id),
        message.recipient,
        message.state,
        None,
        message.parts,
        message.encoding,
        created_at,
        None if send_at is None else rfc3339(send_at),
        rfc3339(message.expires_at),
        created_at,
        _PURPOSES[message.lane],
        message.sender,
        message.signature,
        message.template_id,
        message.reference,
        None if metadata is None else _metadata.decode(metadata),
        None if batch_id is None else show(BATCH, batch_id),
        _price(message.price, currency),
        message.simulated,
        None,
        0,
        message.template_version,
        rfc3339_or_none(message.postponed_from),
    )


def of_record(message: MessageRecord, currency: str) -> SmsRecord:
    """The record of a stored message."""
    return SmsRecord(
        sms_id=show(MESSAGE, message.id),
        to=message.recipient,
        state=message.state,
        vendor=message.vendor,
        segments=message.parts,
        encoding=message.encoding,
        created_at=rfc3339(message.created_at),
        send_at=rfc3339_or_none(message.send_at),
        expires_at=rfc3339(message.expires_at),
        updated_at=rfc3339(message.updated_at),
        purpose=_PURPOSES[message.lane],
        from_=message.sender,
        signature=message.signature,
        template_id=message.template_id,
        reference=message.reference,
        metadata=None if message.metadata is None else _metadata.decode(message.metadata),
        batch_id=None if message.batch_id is None else show(BATCH, message.batch_id),
        price=_price(message.price, currency),
        simulated=message.simulated,
        reason=message.reason,
        attempts=message.attempts,
        template_version=message.template_version,
        postponed_from=rfc3339_or_none(message.postponed_from),
    )


class Attempt(Struct):
    """One vendor call."""

    number: int
    channel: Annotated[str, Meta(examples=["sandbox"])]
    vendor: Annotated[str, Meta(examples=["sandbox"])]
    outcome: Annotated[str, _one_of(*Outcome, example="accepted")]
    reason: _REASON | None
    vendor_code: Annotated[str | None, Meta(description="The vendor's own code, as it came.")]
    vendor_text: Annotated[str | None, Meta(description="The vendor's own words, as they came.")]
    started_at: Time
    answered_at: Time | None
    settled_at: Time | None
    exchange: Annotated[
        dict[str, Any] | None,
        Meta(
            description="The call over HTTP, without its secrets and what the message says: `recipients`, "
            "`ms`; of an answer `status` and `bytes`, and what it said if it refused. Operators see the "
            "`request` as well.",
        ),
    ]


class Event(Struct):
    """One change, numbered from 1."""

    sequence: int
    kind: Annotated[
        str, Meta(description="The state it entered, or what else happened.", examples=["queued"])
    ]
    at: Time
    data: Annotated[
        dict[str, Any] | None, Meta(description="Details, such as the channels considered and why.")
    ]


class TraceReply(Struct):
    """Everything that ever happened to a message."""

    message: SmsRecord
    attempts: list[Attempt]
    events: list[Event]


def of_trace(trace: Trace, currency: str, *, whole: bool) -> TraceReply:
    """The whole story, in our callers' words; without `whole`, not where the platform's vendors are."""
    told = [(event, None if event.data is None else _data.decode(event.data)) for event in trace.events]
    calls = {data["attempt"]: data.pop("exchange") for _, data in told if data and "exchange" in data}
    if not whole:
        for call in calls.values():
            call.pop("request", None)
    return TraceReply(
        of_record(trace.message, currency),
        [_attempt(attempt, calls.get(attempt.number)) for attempt in trace.attempts],
        [_event(event, data) for event, data in told],
    )


class RejectedItem(Struct):
    """A recipient that was not accepted."""

    index: Annotated[int, Meta(description="Its place in the request, from 0.")]
    to: Annotated[str, Meta(description="The recipient as given.", examples=["12"])]
    code: Annotated[str, _one_of(*Code, description="What is wrong with it.", example="invalid_number")]


class BatchReply(Struct):
    """A batch that was taken in."""

    batch_id: Annotated[str, Meta(examples=["bat_0c7xk3m9p2q4r"])]
    accepted: Annotated[int, Meta(description="Messages that will be sent.")]
    rejected: Annotated[
        list[RejectedItem], Meta(description="Recipients left out, with on_error accept_rest.")
    ]


class BalanceReply(Struct):
    """Prepaid money."""

    available: Amount
    held: Annotated[str, Meta(description="Set aside for messages on their way.", examples=["0.05"])]
    spent: Amount
    currency: Annotated[str, Meta(examples=["CNY"])]


class SandboxMessage(Struct):
    """What a simulated handset shows."""

    sms_id: Annotated[str, Meta(examples=["sms_0c7xk3m9p2q4r"])]
    to: Annotated[str, Meta(description="E.164.", examples=["+15555550123"])]
    from_: str | None = field(name="from")
    text: Annotated[str, Meta(description="The text it shows.", examples=["Your order has shipped."])]
    received_at: Time


class SandboxReply(Struct):
    """What the simulated handsets got, newest first."""

    data: list[SandboxMessage]


class ProblemReply(Struct):
    """An RFC 9457 problem document."""

    type: Annotated[
        str,
        Meta(
            description="Leads to the code's entry in the catalogue.",
            extra_json_schema={"format": "uri-reference"},
        ),
    ]
    title: Annotated[str, Meta(description="What is wrong, in a few words.")]
    status: Annotated[int, Meta(description="The HTTP status.")]
    detail: Annotated[str, Meta(description="What is wrong, and where.")]
    code: Annotated[str, _one_of(*Code, description="What is wrong, for programs; never renamed.")]
    param: Annotated[str | None, Meta(description="The field at fault.", examples=["to", "messages[3].body"])]
    suggested_action: Annotated[str, Meta(description="How to put it right.")]
    retryable: Annotated[bool, Meta(description="Whether the same request may succeed later.")]
    request_id: Annotated[str, Meta(examples=["req_0c7xk3m9p2q4r"])]
    retry_after_s: (
        Annotated[int, Meta(description="When to try again, in seconds; the Retry-After header too.")]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    rule: (
        Annotated[str, Meta(description="The guard's rule, where it was the guard.")] | msgspec.UnsetType
    ) = msgspec.UNSET
    rejected: (
        Annotated[
            list[RejectedItem], Meta(description="With batch_refused: the first 100 recipients at fault.")
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET


@lru_cache(maxsize=4096)
def _price(micro: int, currency: str) -> Price:
    return Price(from_micro(micro), currency)


_PURPOSES = {lane.value: lane.label for lane in Lane}
_metadata = msgspec.json.Decoder(dict[str, str])
_data = msgspec.json.Decoder(dict[str, Any])


def _attempt(attempt: AttemptRecord, exchange: dict[str, Any] | None) -> Attempt:
    return Attempt(
        number=attempt.number,
        channel=attempt.channel,
        vendor=attempt.vendor,
        outcome=attempt.outcome,
        reason=attempt.reason,
        vendor_code=attempt.code,
        vendor_text=attempt.text,
        started_at=rfc3339(attempt.started_at),
        answered_at=rfc3339_or_none(attempt.answered_at),
        settled_at=rfc3339_or_none(attempt.settled_at),
        exchange=exchange,
    )


def _event(event: EventRecord, data: dict[str, Any] | None) -> Event:
    if data is not None and "vendor_at" in data:
        data["vendor_at"] = rfc3339(data["vendor_at"])
    return Event(event.sequence, event.kind, rfc3339(event.at), data)
