"""What stories about receipts share: any receipt, over any channel, and a second channel to fail over to."""

from typing import Any

from posthouse.core.message import Lane
from posthouse.core.ports.life import Claimed, Finish, RecordVerdicts, Settlement, SettleReceipts
from posthouse.core.ports.queries import MessageRecord
from posthouse.core.routing import after
from posthouse.core.verdict import Accepted, Fate, Receipt, Verdict
from tests.contracts.build import CHANNEL, TO, World

DELIVERED, UNDELIVERED = Fate.DELIVERED, Fate.UNDELIVERED
OTHER = 2


def receipt(reference: str = "ref", to: str = TO, fate: Fate = DELIVERED, **fields: Any) -> Receipt:
    """A receipt as a vendor would tell it."""
    return Receipt(reference, to, fate, **({"code": "RAW"} | fields))


async def settle(
    world: World, *receipts: Receipt, channel: int = CHANNEL, elsewhere: bool = False
) -> Settlement:
    """Hear of receipts now."""
    return await world.write(SettleReceipts(channel, receipts, world.now, elsewhere))


async def take(
    world: World,
    verdict: Verdict | None = None,
    *,
    channel: int = CHANNEL,
    lane: Lane = Lane.NOTIFICATION,
    hear_within_us: int | None = None,
    others_left: bool = False,
) -> Claimed:
    """Whatever is next in line goes to a channel, whose vendor answers."""
    [claimed] = await world.claim(1, lane=lane)
    number = await world.start(claimed, channel=channel)
    assert number is not None
    verdict = verdict or Accepted(f"ref {channel}")
    following = after(
        verdict, lane=lane, attempt=number, others_left=others_left, now=world.now, receipts=True
    )
    finish = Finish(
        claimed.id, claimed.token, number, channel, claimed.recipient, verdict, following, hear_within_us
    )
    await world.write(RecordVerdicts((finish,), world.now))
    return claimed


async def kinds(world: World, message: Any) -> list[str]:
    """What happened to it, in order."""
    return [event.kind for event in await world.events(message)]


async def look(world: World, message: Any) -> MessageRecord:
    """How it stands."""
    return await world.get(message)
