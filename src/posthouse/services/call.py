"""One vendor call: what is offered, under which deadline, and what no answer means."""

import asyncio
import json
from collections.abc import Sequence

import structlog

from posthouse.core.ids import MESSAGE, show
from posthouse.core.ports.life import Claimed
from posthouse.core.ports.vendor import Outbound, Vendor
from posthouse.core.text import with_signature
from posthouse.core.verdict import NotSent, Unknown, Verdict

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def key_of(message_id: int, attempt: int) -> str:
    """Our own reference of an attempt, unique for ever, by which a vendor can be asked about it."""
    return f"{show(MESSAGE, message_id)}.{attempt}"


def outbound(message: Claimed, attempt: int) -> Outbound:
    """A claimed message as it is offered to a vendor."""
    return Outbound(
        key=key_of(message.id, attempt),
        message_id=message.id,
        account_id=message.account_id,
        attempt=attempt,
        to=message.recipient,
        country=message.country,
        lane=message.lane,
        sender=message.sender,
        text=None if message.body is None else with_signature(message.body, message.signature),
        template_id=message.template_id,
        params=json.loads(message.params) if message.params else None,
        parts=message.parts,
    )


def readable(message: Claimed) -> None:
    """Raise ValueError where no `outbound` can be made of a message, while nothing is begun."""
    if message.params:
        json.loads(message.params)


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
