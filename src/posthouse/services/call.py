"""One vendor call: what is offered, under which deadline, and what no answer means."""

import asyncio
from collections.abc import Sequence

import structlog

from posthouse.core.ids import MESSAGE, show
from posthouse.core.ports.life import Claimed
from posthouse.core.ports.vendor import Outbound, Question, Vendor
from posthouse.core.routing import Channel
from posthouse.core.verdict import NotSent, Unknown, Verdict
from posthouse.services.rendering import Rendering

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def key_of(message_id: int, attempt: int) -> str:
    """Our own reference of an attempt, unique for ever, by which a vendor can be asked about it."""
    return f"{show(MESSAGE, message_id)}.{attempt}"


def call_of(channel_id: int, started_at: int) -> str:
    """Our own reference of a call, by the channel and when its attempts began (microseconds UTC).

    No two calls over a channel begin in the same microsecond.
    """
    return f"{channel_id:x}-{started_at:x}"


def question_of(
    message_id: int, attempt: int, *, channel_id: int, to: str, started_at: int, reference: str | None = None
) -> Question:
    """What a vendor is asked about an attempt; `reference`: its own, where it is known."""
    return Question(key_of(message_id, attempt), call_of(channel_id, started_at), to, started_at, reference)


def outbound(
    message: Claimed, rendering: Rendering, channel: Channel, attempt: int, call: str = ""
) -> Outbound:
    """A claimed message as it is offered to the vendor of a channel; `call` is our reference of the call."""
    text, template_id, params = rendering.text, message.template_id, rendering.params
    if rendering.bindings is not None:
        binding = rendering.binding(channel)
        if binding is None:
            template_id = params = None
        else:
            text, template_id, params = None, binding.template_id, binding.filled(params or {})
    # By position: there is one for each message that is sent, and names cost half as much again.
    return Outbound(
        key_of(message.id, attempt),
        message.id,
        message.account_id,
        attempt,
        message.recipient,
        message.country,
        message.lane,
        message.sender,
        text,
        template_id,
        params,
        message.parts,
        message.signature,
        rendering.extend,
        call,
    )


async def offer(
    vendor: Vendor, outbounds: Sequence[Outbound], *, channel: str, deadline_s: float
) -> Sequence[Verdict]:
    """Make the call and return one verdict each, in order; `deadline_s` is in the event loop's time."""
    count = len(outbounds)
    if asyncio.get_running_loop().time() >= deadline_s:
        return [NotSent("the lease would have ended before the answer")] * count
    try:
        async with asyncio.timeout_at(deadline_s):
            verdicts = await vendor.send(outbounds)
    # Whatever went wrong, bytes may have left; that nobody knows is an answer too.
    except Exception as error:  # noqa: BLE001 - see above
        log.debug("vendor_failed", channel=channel, error=type(error).__name__, count=count)
        return [Unknown(type(error).__name__)] * count
    if len(verdicts) != count:
        log.warning("vendor_miscounted", channel=channel, count=count, verdicts=len(verdicts))
        return [Unknown(f"{len(verdicts)} verdicts for {count} messages")] * count
    return verdicts
