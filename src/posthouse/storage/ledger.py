"""Balances and transfers: loaded once per group, posted in order, written back together."""

from sqlalchemy import bindparam, insert, select, update

from posthouse.core.ledger import Balance, Book, Transfer
from posthouse.storage.schema import balances, transfers
from posthouse.storage.tx import Row, Statement, Tx

PURSES = ("available", "held", "spent", "funded", "transfers", "chain")

_LOAD = Statement(
    select(balances.c.account_id, *(balances.c[name] for name in PURSES))
    .where(balances.c.account_id == bindparam("account"))
    .with_for_update(),
    "account",
)
_SAVE = Statement(
    update(balances)
    .ordered_values(*((balances.c[name], bindparam(f"new_{name}")) for name in PURSES))
    .where(balances.c.account_id == bindparam("account")),
    *(f"new_{name}" for name in PURSES),
    "account",
)
_POST_COLUMNS = ("account_id", "kind", "amount", "message_id", "batch_id", "at", "chain")
_POST = Statement(insert(transfers), *_POST_COLUMNS)
_OPEN = Statement(insert(balances), "account_id", *PURSES)


def balance_of(row: Row) -> Balance:
    """From the columns of `PURSES`."""
    available, held, spent, funded, count, chain = row
    return Balance(available, held, spent, funded, count, bytes(chain))


class Ledger:
    """The books that one group touches."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._books: dict[int, Book] = {}
        self._posted: list[Row] = []

    def open(self, account_id: int) -> None:
        """Give a new account its empty balance."""
        self._tx.run(_OPEN, account_id, 0, 0, 0, 0, 0, b"")

    def book(self, account_id: int) -> Book:
        """The account's book, as this group has changed it so far."""
        book = self._books.get(account_id)
        if book is None:
            row = self._tx.row(_LOAD, account_id)
            if row is None:
                raise LookupError(account_id)
            book = self._books[account_id] = Book(account_id, balance_of(row[1:]))
        return book

    def post(self, account_id: int, transfer: Transfer, at: int) -> None:
        """Post a transfer; raises Overdrawn where a purse would go below zero."""
        if transfer.amount == 0:
            return
        chain = self.book(account_id).post(transfer, at)
        self._posted.append(
            (
                account_id,
                transfer.kind._value_,
                transfer.amount,
                transfer.message_id,
                transfer.batch_id,
                at,
                chain,
            )
        )

    def flush(self) -> None:
        """Write what was posted."""
        if not self._posted:
            return
        self._tx.many(_POST, self._posted)
        books = self._books.values()
        self._tx.many(
            _SAVE,
            [(b.available, b.held, b.spent, b.funded, b.transfers, b.chain, b.account_id) for b in books],
        )
        self._posted = []
