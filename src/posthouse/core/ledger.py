"""Double entry in integer micro-units (10⁻⁶ of the currency): a transfer debits one purse, credits another.

An account has three purses (available, held, spent); `outside` is the rest of the world. A purse
inside never goes below zero, and each transfer is chained to the one before it, so that a changed
or missing row shows.
"""

import hashlib
import re
import struct
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

MICRO = 1_000_000
CURRENCY = "CNY"
"""Of accounts that are not opened with another."""

AMOUNT_MAX = 10**15  # a thousand million currency units: far from the edge of 63 bits


FUNDED_MAX = 10**18
"""What one account may be credited in all its life: then its purses stay within 63 bits."""


class Purse(StrEnum):
    """Where money lies."""

    OUTSIDE = "outside"
    AVAILABLE = "available"
    HELD = "held"
    SPENT = "spent"


class Kind(StrEnum):
    """What a transfer is for."""

    CREDIT = "credit"
    HOLD = "hold"
    SETTLE = "settle"
    RELEASE = "release"
    REFUND = "refund"


PURSES: dict[Kind, tuple[Purse, Purse]] = {
    Kind.CREDIT: (Purse.OUTSIDE, Purse.AVAILABLE),
    Kind.HOLD: (Purse.AVAILABLE, Purse.HELD),
    Kind.SETTLE: (Purse.HELD, Purse.SPENT),
    Kind.RELEASE: (Purse.HELD, Purse.AVAILABLE),
    Kind.REFUND: (Purse.SPENT, Purse.AVAILABLE),
}
"""For each kind: the purse debited, the purse credited."""


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's purses, the number of its transfers and the head of their chain."""

    available: int = 0
    held: int = 0
    spent: int = 0
    funded: int = 0
    transfers: int = 0
    chain: bytes = b""


class Transfer(NamedTuple):
    """One movement of `amount` micro-units, for a message or a batch where there is one."""

    kind: Kind
    amount: int
    message_id: int | None = None
    batch_id: int | None = None


class Overdrawn(Exception):
    """A purse would go below zero."""


# As attributes of a `Book`: the names of an enumeration take five times as long to look up.
_SIDES = {kind: (debit._value_, credit._value_) for kind, (debit, credit) in PURSES.items()}
_OUTSIDE = Purse.OUTSIDE._value_

_LINK = struct.Struct(">BqqqqQ")
_KIND_BYTE = {kind: index for index, kind in enumerate(Kind)}


def link(chain: bytes, account_id: int, at: int, transfer: Transfer) -> bytes:
    """The chain's next head: 16 bytes over the head before and everything the transfer says."""
    packed = _LINK.pack(
        _KIND_BYTE[transfer.kind],
        account_id,
        transfer.amount,
        transfer.message_id or 0,
        transfer.batch_id or 0,
        at,
    )
    return hashlib.blake2b(chain + packed, digest_size=16).digest()


class Book:
    """One account's balance while transfers are posted to it, kept mutable for the writer's group."""

    __slots__ = ("account_id", "available", "chain", "funded", "held", "spent", "transfers")

    def __init__(self, account_id: int, balance: Balance) -> None:
        self.account_id = account_id
        self.available = balance.available
        self.held = balance.held
        self.spent = balance.spent
        self.funded = balance.funded
        self.transfers = balance.transfers
        self.chain = balance.chain

    def post(self, transfer: Transfer, at: int) -> bytes:
        """Apply one transfer and return the new head of the chain.

        Raises:
            Overdrawn: the debited purse holds less than the amount; nothing was changed.
        """
        debit, credit = _SIDES[transfer.kind]
        amount = transfer.amount
        if amount < 0 or (debit is not _OUTSIDE and getattr(self, debit) < amount):
            raise Overdrawn(transfer.kind)
        if debit is _OUTSIDE:
            self.funded += amount
        else:
            setattr(self, debit, getattr(self, debit) - amount)
        setattr(self, credit, getattr(self, credit) + amount)
        self.transfers += 1
        self.chain = link(self.chain, self.account_id, at, transfer)
        return self.chain

    def balance(self) -> Balance:
        """The balance as it now stands."""
        return Balance(self.available, self.held, self.spent, self.funded, self.transfers, self.chain)


def balanced(balance: Balance) -> bool:
    """Whether what came in equals what lies in the purses, none of them below zero."""
    purses = (balance.available, balance.held, balance.spent)
    return sum(purses) == balance.funded and min(purses) >= 0


def posted(balance: Balance, transfer: Transfer, *, account_id: int, at: int) -> Balance:
    """`balance` after one transfer; the immutable twin of `Book.post`, for tests and recomputation."""
    book = Book(account_id, balance)
    book.post(transfer, at)
    return replace(balance, **{name: getattr(book, name) for name in balance.__slots__})


AMOUNT = r"[0-9]{1,12}(\.[0-9]{1,6})?"
"""The one way to write an amount, as a regular expression."""

_AMOUNT = re.compile(AMOUNT)


def to_micro(amount: str) -> int:
    """Micro-units from an amount in currency units such as `"100.00"`.

    Raises:
        ValueError: not written as `AMOUNT` says, or out of range.
    """
    if _AMOUNT.fullmatch(amount) is None:
        raise ValueError(amount)
    whole, _, decimals = amount.partition(".")
    micro = int(whole) * MICRO + int(decimals.ljust(6, "0"))
    if micro > AMOUNT_MAX:
        raise ValueError(amount)
    return micro


def from_micro(micro: int) -> str:
    """Currency units with at least two decimals: `100000000` → `"100.00"`, `50500` → `"0.0505"`."""
    sign = "-" if micro < 0 else ""
    whole, rest = divmod(abs(micro), MICRO)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{decimals}"
