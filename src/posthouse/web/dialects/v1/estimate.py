"""Say what a message would be, cost and take for its way, without sending it."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from posthouse.core.errors import Code
from posthouse.core.ledger import from_micro
from posthouse.core.respelling import Misfit
from posthouse.core.text import Encoding
from posthouse.core.times import rfc3339, rfc3339_or_none
from posthouse.services.estimate import Estimate, Estimator, Size
from posthouse.web.body import Form
from posthouse.web.dialects.v1.records import Price, Time
from posthouse.web.dialects.v1.submission import REFUSALS, submission
from posthouse.web.dialects.v1.wire import FAULTS, RESERVED, SendRequest
from posthouse.web.endpoint import Call, Route
from posthouse.web.idempotency import mark_of
from posthouse.web.services import Services


class Characters(Struct):
    """How the text, signature included, fills its segments: in septets of GSM-7, or UTF-16 units of UCS-2."""

    used: Annotated[int, Meta(description="Units of the whole text; some characters take two.")]
    per_segment: Annotated[int, Meta(description="Units one segment holds.", examples=[160, 153, 70, 67])]
    left: Annotated[int, Meta(description="Units that still fit into the last segment.")]


class CulpritCharacter(Struct):
    """A character that GSM-7 has not, so that the whole text takes more than twice the room."""

    character: Annotated[str, Meta(examples=["\u2019"])]
    codepoint: Annotated[str, Meta(examples=["U+2019"])]
    name: Annotated[str, Meta(examples=["RIGHT SINGLE QUOTATION MARK"])]
    positions: Annotated[
        list[int],
        Meta(description="Where it stands in the text as sent, signature included, from 0; the first 100."),
    ]
    suggestion: Annotated[
        str | None,
        Meta(
            description="What GSM-7 has in its place; empty: leave it out; null: nothing.",
            examples=["'"],
        ),
    ]


class Candidate(Struct):
    """A channel, and why it would or would not carry the message."""

    channel: Annotated[str, Meta(examples=["sandbox"])]
    vendor: Annotated[str, Meta(examples=["sandbox"])]
    chosen: bool
    why: Annotated[str, Meta(examples=["chosen"])]


class EstimateReply(Struct):
    """What a message would be; nothing was sent, stored or held."""

    to: Annotated[str, Meta(description="E.164.", examples=["+15555550123"])]
    country: Annotated[str, Meta(examples=["US"])]
    segments: Annotated[int, Meta(description="Parts on the air; each is charged.")]
    encoding: Annotated[str, Meta(extra_json_schema={"enum": list(Encoding)})]
    characters: Annotated[Characters | None, Meta(description="Null for a vendor's own template.")]
    culprits: Annotated[
        list[CulpritCharacter],
        Meta(description="The first 20; none where every text is UCS-2, as in mainland China."),
    ]
    segments_if_replaced: Annotated[
        int | None, Meta(description="Segments with every suggestion followed; null without culprits.")
    ]
    price: Annotated[Price, Meta(description="What would be held.")]
    price_per_segment: Price
    affordable: Annotated[bool, Meta(description="Whether the balance suffices now.")]
    vendor: Annotated[str | None, Meta(description="Who would carry it first; null: no channel would.")]
    simulated: Annotated[bool, Meta(description="It would go to the simulator and to no handset.")]
    candidates: Annotated[
        list[Candidate], Meta(description="In the order they would be tried, then those left out.")
    ]
    send_at: Time | None
    postponed_from: Annotated[
        Time | None, Meta(description="When it would go, were it not to be moved out of quiet hours.")
    ]
    expires_at: Time


class Estimates:
    """The call that estimates."""

    def __init__(self, services: Services) -> None:
        self._estimator = Estimator(services.submit, services.directory, services.store, services.foresight)

    async def estimate(self, call: Call[SendRequest]) -> EstimateReply:
        """What sending the same request would do."""
        mark_of(call.headers, call.wanted)  # refused as sending refuses it; without effect, it marks nothing
        wanted = submission(call.wanted.to, call.wanted)
        found = await self._estimator.estimate(call.caller, wanted)
        return of_estimate(found, call.caller.account.currency)


def of_estimate(found: Estimate, currency: str) -> EstimateReply:
    """The reply, in our callers' words."""
    message, size, candidates = found.message, found.size, found.decision.candidates
    chosen = candidates[0] if candidates else None
    return EstimateReply(
        to=message.recipient,
        country=message.country,
        segments=message.parts,
        encoding=message.encoding,
        characters=None if size is None else _characters(size),
        culprits=[] if size is None else [of_misfit(misfit) for misfit in size.misfits],
        segments_if_replaced=None if size is None else size.parts_respelled,
        price=Price(from_micro(message.price), currency),
        price_per_segment=Price(from_micro(message.price // message.parts), currency),
        affordable=found.affordable,
        vendor=None if chosen is None else chosen.vendor,
        simulated=message.simulated if chosen is None else chosen.simulated,
        candidates=[
            Candidate(
                step.channel,
                found.channels[step.channel].vendor,
                chosen is not None and step.channel == chosen.name,
                step.why,
            )
            for step in found.decision.steps
        ],
        send_at=rfc3339_or_none(message.send_at),
        postponed_from=rfc3339_or_none(message.postponed_from),
        expires_at=rfc3339(message.expires_at),
    )


def _characters(size: Size) -> Characters:
    return Characters(size.units, size.per_part, size.left)


def of_misfit(misfit: Misfit) -> CulpritCharacter:
    """A character that GSM-7 has not."""
    codepoint = f"U+{ord(misfit.char):04X}"
    return CulpritCharacter(misfit.char, codepoint, misfit.name, list(misfit.positions), misfit.instead)


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The call that estimates."""
    return (
        Route(
            method="POST",
            path="/v1/sms/estimate",
            name="sms.estimate",
            summary="What a message would cost and which way it would go, without sending it",
            form=Form(SendRequest, RESERVED, FAULTS),
            handle=Estimates(services).estimate,
            reply=EstimateReply,
            scope="messages:write",
            refusals=(
                *(code for code in REFUSALS if code is not Code.INSUFFICIENT_BALANCE),
                Code.IDEMPOTENCY_KEY_INVALID,
                Code.IDEMPOTENCY_KEY_CONFLICT,
            ),
            example={"to": "+15555550123", "body": "We\u2019re open from nine."},
        ),
    )
