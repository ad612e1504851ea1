"""What the calls about accounts, keys and prices answer."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from posthouse.core.ledger import Balance, from_micro
from posthouse.core.message import Mode
from posthouse.core.ports.admin import AccountStatus, CreateAccount, NewKey, Role
from posthouse.core.ports.queries import AccountRecord, KeyRecord
from posthouse.core.routing import UnknownPolicy
from posthouse.core.times import rfc3339, rfc3339_or_none
from posthouse.services.administer import Issued
from posthouse.web.dialects.v1.account_rules import Limited, LimitsByPurpose, QuietHours, of_limits
from posthouse.web.dialects.v1.pages import NextCursor
from posthouse.web.dialects.v1.records import BalanceReply, Time

_Account = Annotated[str, Meta(description="Its name.", examples=["acme"])]
_KeyId = Annotated[str, Meta(description="Names the key; no secret.", examples=["sk_9hTq2LmXw4"])]
_ApiSecret = Annotated[
    str,
    Meta(description="The secret that goes with api_key; shown once.", examples=["8CkYw…"]),
]
_BearerKey = Annotated[
    str, Meta(description="The Bearer key for `/v1`; shown once.", examples=["ph_live_9hTq2LmXw4…"])
]


class AccountRow(Struct):
    """An account as operators see it."""

    account: _Account
    status: Annotated[str, Meta(examples=["approved"], extra_json_schema={"enum": list(AccountStatus)})]
    balance: BalanceReply
    region: Annotated[str, Meta(description="Where bare numbers are read.", examples=["CN"])]
    unknown_policy: Annotated[str, Meta(examples=["leave"], extra_json_schema={"enum": list(UnknownPolicy)})]
    strict_numbers: Annotated[bool, Meta(examples=[False])]
    rate_limit: Annotated[
        int | None, Meta(description="Calls a second a key; null: the usual.", examples=[None])
    ]
    quiet_hours: QuietHours | None
    recipient_limits: Limited
    created_at: Time


class AccountRows(Struct):
    """Accounts, oldest first."""

    data: list[AccountRow]
    next_cursor: NextCursor


class CreditReply(Struct):
    """What an account has after a credit."""

    account: _Account
    amount: Annotated[str, Meta(description="What was added.", examples=["100.00"])]
    balance: BalanceReply


class WordsReply(Struct):
    """What no message of an account may hold."""

    account: _Account
    count: Annotated[int, Meta(description="How many words there are.", examples=[2])]
    words: Annotated[
        list[str], Meta(description="In the order they were given.", examples=[["稳赚不赔", "free money"]])
    ]


class WordsCount(Struct):
    """A list of words that was set."""

    account: _Account
    count: Annotated[int, Meta(description="How many words there are now, each once.", examples=[2])]


class PricesReply(Struct):
    """A price list."""

    account: Annotated[
        str | None, Meta(description="Whose it is; null: what new accounts begin with.", examples=["acme"])
    ]
    currency: Annotated[str, Meta(examples=["CNY"])]
    prices: Annotated[
        dict[str, str],
        Meta(
            description="Country, or * for all others → price of a part.",
            examples=[{"*": "0.05", "US": "0.08"}],
        ),
    ]


class _Key(Struct):
    """What a key is and may do; whose, and by which id."""

    key_id: _KeyId
    account: _Account
    name: Annotated[str | None, Meta(examples=["billing service"])]
    role: Annotated[str, Meta(examples=["account"], extra_json_schema={"enum": list(Role)})]
    mode: Annotated[str, Meta(examples=["live"], extra_json_schema={"enum": list(Mode)})]
    scopes: Annotated[list[str], Meta(examples=[["messages:read", "messages:write"]])]


class KeyRow(_Key):
    """A key, without its secrets: they are not stored."""

    rate_limit: Annotated[
        int | None, Meta(description="Calls a second it may make; null: any number.", examples=[5000])
    ]
    created_at: Time
    revoked_at: Time | None


class KeyRows(Struct):
    """Keys, oldest first, revoked ones too."""

    data: list[KeyRow]
    next_cursor: NextCursor


class IssuedReply(_Key):
    """A new key; its secrets are shown here and never again."""

    created_at: Time
    key: _BearerKey
    api_key: _KeyId
    api_secret: _ApiSecret


class TrialReply(Struct):
    """An account on trial with its key, whose secrets are shown here and never again."""

    account: Annotated[str, Meta(examples=["trial-9hTq2LmXw4"])]
    status: Annotated[str, Meta(description="It sends to the simulator only.", examples=["trial"])]
    balance: BalanceReply
    key: _BearerKey
    api_key: _KeyId
    api_secret: _ApiSecret
    base_url: Annotated[str, Meta(description="Where to call.", examples=["http://127.0.0.1:8025"])]


def of_account(account: AccountRecord, balance: Balance) -> AccountRow:
    """An account that is stored."""
    return AccountRow(
        account.name,
        account.status.value,
        of_balance(balance, account.currency),
        account.region,
        account.unknown_policy.value,
        account.strict_numbers,
        account.rate_limit,
        None if account.quiet_hours is None else str(account.quiet_hours),
        of_limits(account.recipient_limits),
        rfc3339(account.created_at),
    )


def of_opening(wanted: CreateAccount) -> AccountRow:
    """An account that is being opened."""
    return AccountRow(
        wanted.name,
        wanted.status.value,
        of_balance(Balance(wanted.credit), wanted.currency),
        wanted.region,
        wanted.unknown_policy.value,
        wanted.strict_numbers,
        wanted.rate_limit,
        None,
        LimitsByPurpose(),
        rfc3339(wanted.at),
    )


def of_balance(balance: Balance, currency: str) -> BalanceReply:
    """Money in currency units."""
    return BalanceReply(
        from_micro(balance.available), from_micro(balance.held), from_micro(balance.spent), currency
    )


def of_prices(prices: Mapping[str, int], account: str | None, currency: str) -> PricesReply:
    """A price list, by country."""
    return PricesReply(
        account, currency, {country: from_micro(prices[country]) for country in sorted(prices)}
    )


def of_key(key: KeyRecord, account: str) -> KeyRow:
    """A key that is stored, and whose it is."""
    return KeyRow(
        f"sk_{key.lookup}",
        account,
        key.name,
        key.role.value,
        key.mode.value,
        sorted(key.scopes),
        key.rate_limit,
        rfc3339(key.created_at),
        rfc3339_or_none(key.revoked_at),
    )


def of_issued(issued: Issued, key: NewKey) -> IssuedReply:
    """A key that is being issued."""
    credential = issued.credential
    return IssuedReply(
        credential.api_key,
        issued.account,
        key.name,
        key.role.value,
        key.mode.value,
        sorted(key.scopes),
        rfc3339(key.created_at),
        credential.key,
        credential.api_key,
        credential.api_secret,
    )
