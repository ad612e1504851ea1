"""How many codes came to be used: counted by the hour as verifications end, summed up for who asks."""

from collections.abc import Mapping

from sqlalchemy import bindparam, case, delete, func, select

from posthouse.core.conversion import Conversion, Share, by_country
from posthouse.core.limits import DAY_US
from posthouse.core.message import Mode
from posthouse.core.ports.conversions import OTHER, Converted, GetConversions, ListConversions
from posthouse.core.ports.otp import Verification
from posthouse.core.pumping import HOUR_US, ten_thousand
from posthouse.storage.schema import NONE_SKIPPED, channels, conversions, fixed
from posthouse.storage.tx import Statement, Tx, Upsert

KEPT_US = 2 * DAY_US
"""The metrics show a day."""

_ENDED, _VERIFIED = func.sum(conversions.c.ended), func.sum(conversions.c.verified)
_LIVE = conversions.c.mode == fixed(Mode.LIVE.value)
_BY_CHANNEL = Statement(
    select(conversions.c.account_id, conversions.c.country, conversions.c.channel_id, _ENDED, _VERIFIED)
    .where(conversions.c.hour >= bindparam("since"), _LIVE, conversions.c.channel_id != fixed(0))
    .group_by(conversions.c.account_id, conversions.c.country, conversions.c.channel_id)
    .order_by(conversions.c.country),
    "since",
)
_MOST_USED = (
    select(conversions.c.prefix)
    .where(conversions.c.hour >= bindparam("since"), _LIVE)
    .group_by(conversions.c.prefix)
    .order_by(_ENDED.desc(), conversions.c.prefix)
    .limit(bindparam("most"))
    .offset(NONE_SKIPPED)
)
_SHOWN = case((conversions.c.prefix.in_(_MOST_USED), conversions.c.prefix), else_=fixed(OTHER)).label("shown")
# As core.routing.Channel.label says it; what joins no channel has no name.
_OWNED = channels.c.name.concat(fixed("@")).concat(channels.c.account_id)
_NAMED = func.coalesce(_OWNED, channels.c.name, fixed("")).label("named")
_BY_PREFIX = Statement(
    select(conversions.c.country, _NAMED, _SHOWN, _ENDED, _VERIFIED)
    .join(channels, channels.c.id == conversions.c.channel_id, isouter=True)
    .where(conversions.c.hour >= bindparam("since_then"), _LIVE)
    .group_by(conversions.c.country, "named", "shown"),
    "since",
    "most",
    "since_then",
)
_KEY = ("account_id", "hour", "country", "prefix", "channel_id", "mode")
_COUNT = Upsert(
    conversions,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: conversions.c[name] + insert_.excluded[name] for name in ("ended", "verified")},
    ),
    *_KEY,
    "ended",
    "verified",
)
_OLD = Statement(
    select(*(conversions.c[name] for name in _KEY))
    .where(conversions.c.hour < bindparam("before"))
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "before",
    "limit",
)
_DROP = Statement(
    delete(conversions).where(*(conversions.c[name] == bindparam(f"old_{name}") for name in _KEY)),
    *(f"old_{name}" for name in _KEY),
)


def count_ended(tx: Tx, verification: Verification, channel_id: int, *, verified: bool) -> None:
    """Count a verification that is over, by the hour it began and the channel that took its code last.

    Channel 0: none did. Test numbers do not count.
    """
    if verification.fixed is None:
        key = (
            verification.account_id,
            _begin(verification.created_at),
            verification.country,
            ten_thousand(verification.number),
            channel_id,
            verification.mode,
        )
        tx.run(_COUNT, *key, 1, int(verified))


def forget_conversions(tx: Tx, now: int, limit: int) -> int:
    """Drop up to `limit` sums of hours long past; answers how many."""
    old = tx.rows(_OLD, now - KEPT_US, limit)
    tx.many(_DROP, old)
    return len(old)


def get_conversions(tx: Tx, query: GetConversions) -> Mapping[str, tuple[Conversion, ...]]:
    """For routing."""
    return by_country(
        Share(account_id, country, Conversion(channel_id, int(ended), int(verified)))
        for account_id, country, channel_id, ended, verified in tx.rows(_BY_CHANNEL, _begin(query.since))
    )


def list_conversions(tx: Tx, query: ListConversions) -> list[Converted]:
    """For the metrics."""
    since = _begin(query.since)
    return [
        Converted(country, channel, prefix, int(ended), int(verified))
        for country, channel, prefix, ended, verified in tx.rows(_BY_PREFIX, since, query.prefixes, since)
    ]


def _begin(at: int) -> int:
    """Of the hour."""
    return at - at % HOUR_US
