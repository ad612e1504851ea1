"""How many codes came to be used: sums over the hours, at a price that can be paid every few seconds."""

from collections.abc import Mapping

from sqlalchemy import bindparam, case, func, select

from posthouse.core.conversion import Conversion
from posthouse.core.message import Mode
from posthouse.core.ports.conversions import OTHER, Converted, GetConversions, ListConversions
from posthouse.storage.schema import NONE_SKIPPED, channels, conversions, fixed
from posthouse.storage.tx import Statement, Tx

_ENDED, _VERIFIED = func.sum(conversions.c.ended), func.sum(conversions.c.verified)
_LIVE = conversions.c.mode == fixed(Mode.LIVE.value)
_BY_CHANNEL = Statement(
    select(conversions.c.country, conversions.c.channel_id, _ENDED, _VERIFIED)
    .where(conversions.c.hour >= bindparam("since"), _LIVE, conversions.c.channel_id != fixed(0))
    .group_by(conversions.c.country, conversions.c.channel_id)
    .order_by(conversions.c.country, conversions.c.channel_id),
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
_NAMED = func.coalesce(channels.c.name, fixed("")).label("named")
_BY_PREFIX = Statement(
    select(conversions.c.country, _NAMED, _SHOWN, _ENDED, _VERIFIED)
    .join(channels, channels.c.id == conversions.c.channel_id, isouter=True)
    .where(conversions.c.hour >= bindparam("since_then"), _LIVE)
    .group_by(conversions.c.country, "named", "shown"),
    "since",
    "most",
    "since_then",
)


def get_conversions(tx: Tx, query: GetConversions) -> Mapping[str, tuple[Conversion, ...]]:
    """For routing."""
    found: dict[str, list[Conversion]] = {}
    for country, channel_id, ended, verified in tx.rows(_BY_CHANNEL, _begin(query.since)):
        found.setdefault(country, []).append(Conversion(channel_id, int(ended), int(verified)))
    return {country: tuple(figures) for country, figures in found.items()}


def list_conversions(tx: Tx, query: ListConversions) -> list[Converted]:
    """For the metrics."""
    since = _begin(query.since)
    return [
        Converted(country, channel, prefix, int(ended), int(verified))
        for country, channel, prefix, ended, verified in tx.rows(_BY_PREFIX, since, query.prefixes, since)
    ]


def _begin(at: int) -> int:
    """Of the hour."""
    return at - at % _HOUR_US


_HOUR_US = 3_600_000_000
