"""Channels: configured, changed, forgotten, listed."""

import msgspec
from sqlalchemy import bindparam, func, insert, select, update

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.channels import (
    AddChannel,
    ChannelRecord,
    ListChannelRecords,
    ListChannels,
    RemoveChannel,
    SaveChannel,
)
from posthouse.core.routing import Channel, ChannelState
from posthouse.storage import idempotency
from posthouse.storage.counters import raising_version
from posthouse.storage.group import Group
from posthouse.storage.schema import channels, fixed, there
from posthouse.storage.tx import Row, Statement, Tx

_OWNED = ("name", "vendor", "account_id", "simulated", "created_at")
_CHANGED = (
    "state",
    "countries",
    "weight",
    "rate_per_s",
    "concurrency",
    "cost",
    "costs",
    "settings",
    "credentials",
    "callback_from",
    "generation",
    "changed_at",
)
_FIELDS = ("id", *_OWNED, *_CHANGED)
_COLUMNS = [channels.c[name] for name in _FIELDS]

_TWIN = Statement(
    select(channels.c.id).where(
        channels.c.name == bindparam("wanted"),
        channels.c.account_id.is_not_distinct_from(bindparam("owner")),
        there,
    ),
    "wanted",
    "owner",
)
_NEW = tuple(column.name for column in channels.c if column.name in (*_OWNED, *_CHANGED))
_ADD = Statement(insert(channels), *_NEW)
_SAVE = Statement(
    update(channels)
    .ordered_values(*((channels.c[name], bindparam(f"new_{name}")) for name in _CHANGED))
    .where(
        channels.c.id == bindparam("channel"),
        there,
        func.coalesce(channels.c.changed_at, fixed(0)) == bindparam("read_at"),
    ),
    *(f"new_{name}" for name in _CHANGED),
    "channel",
    "read_at",
)
_THERE = Statement(select(channels.c.id).where(channels.c.id == bindparam("channel"), there), "channel")
_REMOVE = Statement(
    update(channels)
    .ordered_values(
        (channels.c.state, bindparam("off")),
        (channels.c.credentials, bindparam("nothing")),
        (channels.c.removed_at, bindparam("at")),
    )
    .where(channels.c.id == bindparam("channel"), there),
    "off",
    "nothing",
    "at",
    "channel",
)
_ALL = Statement(select(*_COLUMNS).where(there).order_by(channels.c.id))
_NAMED = Statement(
    select(*_COLUMNS).where(there, channels.c.name == bindparam("wanted")).order_by(channels.c.id), "wanted"
)

_JSON = msgspec.json.Encoder()


@raising_version
def add_channel(group: Group, command: AddChannel) -> bytes | None:
    """Store a channel under a name that its owner has not used."""
    tx, record, once = group.tx, command.record, command.once
    if once is not None and (replayed := idempotency.reply(tx, once)) is not None:
        return replayed
    channel = record.channel
    if tx.row(_TWIN, channel.name, channel.account_id) is not None:
        raise Refusal(Code.ALREADY_EXISTS, param="name", resource="channel")
    owned = (channel.name, channel.vendor, channel.account_id, channel.simulated, command.at)
    values = dict(zip((*_OWNED, *_CHANGED), (*owned, *_changed(record, command.at)), strict=True))
    tx.run(_ADD, *(values[name] for name in _NEW))
    idempotency.keep(tx, once, command.at)
    return None


@raising_version
def save_channel(group: Group, command: SaveChannel) -> bool:
    """Write what can be changed of it, unless somebody else has."""
    tx, record = group.tx, command.record
    if tx.run(_SAVE, *_changed(record, command.at), record.channel.id, record.changed_at):
        return True
    if tx.row(_THERE, record.channel.id) is None:
        raise Refusal(Code.NOT_FOUND, resource="channel")
    return False


@raising_version
def remove_channel(group: Group, command: RemoveChannel) -> None:
    """Hide it, and wipe what it knew."""
    if not group.tx.run(_REMOVE, ChannelState.OFF.value, b"", command.at, command.channel_id):
        raise Refusal(Code.NOT_FOUND, resource="channel")


def list_channels(tx: Tx, _query: ListChannels) -> list[Channel]:
    """Oldest first."""
    return [_record(row).channel for row in tx.rows(_ALL)]


def list_channel_records(tx: Tx, query: ListChannelRecords) -> list[ChannelRecord]:
    """Oldest first."""
    rows = tx.rows(_ALL) if query.name is None else tx.rows(_NAMED, query.name)
    return [_record(row) for row in rows]


def _changed(record: ChannelRecord, at: int) -> Row:
    channel = record.channel
    return (
        channel.state.value,
        " ".join(sorted(channel.countries)),
        channel.weight,
        channel.rate_per_s,
        channel.concurrency,
        channel.cost,
        _JSON.encode(dict(channel.costs)).decode(),
        _JSON.encode(record.settings).decode(),
        record.credentials,
        " ".join(record.callback_from),
        record.generation,
        at,
    )


def _record(row: Row) -> ChannelRecord:
    of = dict(zip(_FIELDS, row, strict=True))
    costs: dict[str, int] = msgspec.json.decode(of["costs"])
    channel = Channel(
        id=of["id"],
        name=of["name"],
        vendor=of["vendor"],
        account_id=of["account_id"],
        state=ChannelState(of["state"]),
        countries=frozenset(of["countries"].split()),
        weight=of["weight"],
        rate_per_s=of["rate_per_s"],
        concurrency=of["concurrency"],
        cost=of["cost"],
        simulated=bool(of["simulated"]),
        costs=tuple(sorted(costs.items())),
        version=of["changed_at"] or 0,
    )
    return ChannelRecord(
        channel,
        settings=msgspec.json.decode(of["settings"]),
        credentials=bytes(of["credentials"]),
        callback_from=tuple(of["callback_from"].split()),
        generation=of["generation"],
        created_at=of["created_at"],
        changed_at=of["changed_at"] or 0,
    )
