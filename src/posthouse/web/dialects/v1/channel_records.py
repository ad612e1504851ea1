"""What the calls about channels and vendor kinds answer."""

from typing import Annotated

from msgspec import Meta, Struct

from posthouse.core.catalogue import Language
from posthouse.core.health import BreakerState, HealthReport
from posthouse.core.ledger import from_micro
from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.ports.vendor import Kind, Receipts
from posthouse.core.routing import ChannelState
from posthouse.core.times import rfc3339, rfc3339_or_none
from posthouse.core.verdict import Reason
from posthouse.services.channels import Checked
from posthouse.web.dialects.v1.pages import NextCursor
from posthouse.web.dialects.v1.records import Time

_Name = Annotated[str, Meta(description="The channel's name.", examples=["tencent"])]


class ChannelRow(Struct):
    """A channel, without its secrets."""

    name: _Name
    vendor: Annotated[str, Meta(description="Its vendor kind.", examples=["tencent"])]
    account: Annotated[
        str | None, Meta(description="Whose own it is; null: the platform's.", examples=[None])
    ]
    state: Annotated[
        str,
        Meta(
            description="A draining one finishes what it has and gets nothing new.",
            examples=["active"],
            extra_json_schema={"enum": [ChannelState.ACTIVE, ChannelState.DRAINING]},
        ),
    ]
    simulated: Annotated[bool, Meta(description="Whether it is a simulator.", examples=[False])]
    settings: Annotated[
        dict[str, str],
        Meta(description="What it was told, but for its secrets.", examples=[{"sdk_app_id": "1400006666"}]),
    ]
    credentials: Annotated[list[str], Meta(description="Which secrets it has.", examples=[["secret_key"]])]
    broken: Annotated[
        str | None,
        Meta(description="Why it cannot be connected as it is; null: nothing shows.", examples=[None]),
    ]
    countries: Annotated[list[str], Meta(description="What it carries; empty: all.", examples=[["CN"]])]
    cost: Annotated[str, Meta(description="What a part costs us.", examples=["0.045"])]
    costs: Annotated[
        dict[str, str], Meta(description="Where it costs something else.", examples=[{"HK": "0.30"}])
    ]
    rate_per_s: Annotated[int, Meta(description="Messages a second at most; 0: any.", examples=[3000])]
    concurrency: Annotated[int, Meta(description="Calls at once.", examples=[8])]
    weight: Annotated[int, Meta(description="Its share among equals.", examples=[1])]
    callback_from: Annotated[
        list[str], Meta(description="Where callbacks may come from; empty: anywhere.", examples=[[]])
    ]
    callback_path: Annotated[
        str | None,
        Meta(
            description=(
                "Where its vendor calls back, behind this server's own address. It is a secret: who knows it "
                "can tell us anything. Null with a test key."
            ),
            examples=["/callbacks/tencent/k7x2…"],
        ),
    ]
    callback_url: Annotated[
        str | None,
        Meta(
            description="The whole address to give to the vendor; null where `public_url` is not set.",
            examples=["https://sms.example.com/callbacks/tencent/k7x2…"],
        ),
    ]
    created_at: Time
    changed_at: Time


class ChannelRows(Struct):
    """Channels, oldest first."""

    data: list[ChannelRow]
    next_cursor: NextCursor


class MoneyLeft(Struct):
    """What a vendor account has left."""

    amount: Annotated[str, Meta(description="As the vendor writes it.", examples=["1024.50"])]
    unit: Annotated[str, Meta(description="A currency, or `messages`.", examples=["CNY"])]


class CheckReply(Struct):
    """What a vendor says of a channel's credentials."""

    channel: _Name
    ok: Annotated[bool, Meta(description="It takes them, or cannot be asked.", examples=[True])]
    asked: Annotated[
        bool,
        Meta(
            description="Whether it was asked: of some kinds nothing can be, without sending.",
            examples=[True],
        ),
    ]
    reason: Annotated[
        str | None,
        Meta(description="Why it does not.", examples=[None], extra_json_schema={"enum": list(Reason)}),
    ]
    code: Annotated[str | None, Meta(description="The vendor's code.", examples=[None])]
    text: Annotated[str | None, Meta(description="The vendor's words.", examples=[None])]
    detail: Annotated[
        str | None, Meta(description="Why there is no answer that can be used.", examples=[None])
    ]
    balance: MoneyLeft | None


class HealthReply(Struct):
    """How a channel does, as this server sees it since it was started."""

    channel: _Name
    state: Annotated[
        str,
        Meta(
            description="closed: in use; open: left alone; probing: one message sees how it does.",
            examples=["closed"],
            extra_json_schema={"enum": list(BreakerState)},
        ),
    ]
    calls: Annotated[int, Meta(description="Calls of the last minute.", examples=[120])]
    failed: Annotated[int, Meta(description="How many of them failed.", examples=[0])]
    success_low: Annotated[
        float,
        Meta(
            description="The share that succeeds, at least, at 95 % confidence; 0 without calls.",
            examples=[0.97],
        ),
    ]
    receipt_p50_s: Annotated[
        float | None, Meta(description="How long half of the receipts take at most.", examples=[2.5])
    ]
    delivered: Annotated[int, Meta(description="Receipts of the last ten minutes.", examples=[118])]
    undelivered: Annotated[int, Meta(description="Those that say otherwise.", examples=[2])]
    opened_at: Annotated[
        str | None,
        Meta(description="Since when it is left alone.", extra_json_schema={"format": "date-time"}),
    ]
    why: Annotated[str, Meta(description="What it is left alone for.", examples=[""])]


class SettingRow(Struct):
    """One thing that a channel of a kind is told."""

    name: Annotated[str, Meta(examples=["secret_key"])]
    about: Annotated[str, Meta(description="What it is, in your language.", examples=["its SecretKey"])]
    required: Annotated[bool, Meta(examples=[True])]
    secret: Annotated[bool, Meta(description="Sealed, and never shown.", examples=[True])]
    default: Annotated[str, Meta(description="Its value when it is not given.", examples=[""])]
    choices: Annotated[list[str], Meta(description="Its values, where only some are allowed.", examples=[[]])]


class VendorRow(Struct):
    """A vendor kind: what a channel can be made of."""

    vendor: Annotated[str, Meta(description="Its name.", examples=["tencent"])]
    title: Annotated[str, Meta(description="For people, in your language.", examples=["Tencent Cloud SMS"])]
    proven: Annotated[
        str,
        Meta(
            description="How its wire format was checked: official SDK, documents, live account, or our own.",
            examples=["sdk"],
            extra_json_schema={"enum": ["sdk", "docs", "live", "own"]},
        ),
    ]
    recipients_max: Annotated[int, Meta(description="Recipients of one call.", examples=[200])]
    receipts: Annotated[
        str,
        Meta(
            description="How it reports deliveries.",
            examples=["both"],
            extra_json_schema={"enum": list(Receipts)},
        ),
    ]
    query: Annotated[bool, Meta(description="It can be asked what became of a message.", examples=[True])]
    inbound: Annotated[bool, Meta(description="It hands over what handsets send.", examples=[True])]
    approval: Annotated[bool, Meta(description="It takes approved templates only.", examples=[True])]
    senders: Annotated[bool, Meta(description="It takes a sender of your choice.", examples=[True])]
    idempotent: Annotated[
        bool, Meta(description="It takes the same request twice without sending twice.", examples=[False])
    ]
    simulated: Annotated[bool, Meta(description="It is a simulator.", examples=[False])]
    balance: Annotated[
        bool, Meta(description="Its credentials can be tried without sending.", examples=[True])
    ]
    countries: Annotated[list[str], Meta(description="What it carries at most; empty: all.", examples=[[]])]
    rate_per_s: Annotated[int, Meta(description="The usual limit of its API; 0: not known.", examples=[3000])]
    settings: list[SettingRow]


class VendorRows(Struct):
    """The vendor kinds there are."""

    data: list[VendorRow]


def of_channel(
    record: ChannelRecord,
    account: str | None,
    *,
    secrets: list[str],
    broken: str | None,
    callback: tuple[str | None, str | None] = (None, None),
) -> ChannelRow:
    """A channel that is stored, or is being."""
    channel = record.channel
    return ChannelRow(
        channel.name,
        channel.vendor,
        account,
        channel.state.value,
        channel.simulated,
        record.settings,
        secrets,
        broken,
        sorted(channel.countries),
        from_micro(channel.cost),
        {country: from_micro(cost) for country, cost in channel.costs},
        channel.rate_per_s,
        channel.concurrency,
        channel.weight,
        list(record.callback_from),
        *callback,
        rfc3339(record.created_at),
        rfc3339(record.changed_at),
    )


def of_check(channel: str, said: Checked) -> CheckReply:
    """What a vendor said."""
    balance = None if said.balance is None else MoneyLeft(*said.balance)
    return CheckReply(
        channel, said.ok, said.asked, said.reason, said.code or None, said.text or None, said.detail, balance
    )


def of_health(channel: str, report: HealthReport) -> HealthReply:
    """Its figures."""
    return HealthReply(
        channel,
        report.state.value,
        report.calls,
        report.failed,
        round(report.success_low, 4),
        None if report.receipt_p50_s is None else round(report.receipt_p50_s, 3),
        report.delivered,
        report.undelivered,
        rfc3339_or_none(report.opened_at),
        report.why,
    )


def of_kind(kind: Kind, language: Language) -> VendorRow:
    """A vendor kind in the caller's language."""
    place, can = int(language == "zh"), kind.capabilities
    return VendorRow(
        kind.name,
        kind.title[place],
        kind.proven,
        can.recipients_max,
        can.receipts.value,
        can.query,
        can.inbound,
        can.approval,
        can.senders,
        can.idempotent,
        can.simulated,
        kind.balance,
        sorted(can.countries),
        can.rate_per_s,
        [
            SettingRow(
                each.name, each.about[place], each.required, each.secret, each.default, list(each.choices)
            )
            for each in kind.settings
        ],
    )
