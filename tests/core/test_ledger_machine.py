"""Double entry against a model: arbitrary transfers, never below zero, a chain that shows every change."""

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from posthouse.core.ledger import (
    AMOUNT_MAX,
    MICRO,
    PURSES,
    Balance,
    Book,
    Kind,
    Overdrawn,
    Purse,
    Transfer,
    balanced,
    from_micro,
    link,
    posted,
    to_micro,
)

AT = 1_795_852_800_000_000
ids = st.none() | st.integers(min_value=1, max_value=2**63 - 1)
amounts = st.integers(min_value=-5, max_value=200) | st.integers(min_value=0, max_value=AMOUNT_MAX)
transfers = st.builds(Transfer, st.sampled_from(Kind), amounts, ids, ids)


class Ledgers(RuleBasedStateMachine):
    """One account's book beside four plain numbers and the list of what was posted."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book(1, Balance())
        self.purses = dict.fromkeys(Purse, 0)
        self.history: list[tuple[Transfer, int]] = []

    @rule(transfer=transfers)
    def post(self, transfer: Transfer) -> None:
        debit, credit = PURSES[transfer.kind]
        before, at = self.book.balance(), AT + len(self.history)
        if transfer.amount < 0 or (debit is not Purse.OUTSIDE and self.purses[debit] < transfer.amount):
            with pytest.raises(Overdrawn):
                self.book.post(transfer, at)
            assert self.book.balance() == before
            return
        chain = self.book.post(transfer, at)
        assert posted(before, transfer, account_id=1, at=at) == self.book.balance()
        assert chain == self.book.chain == link(before.chain, 1, at, transfer) != before.chain
        self.purses[debit] -= transfer.amount
        self.purses[credit] += transfer.amount
        self.history.append((transfer, at))

    @invariant()
    def the_book_agrees_with_the_model(self) -> None:
        balance = self.book.balance()
        assert (balance.available, balance.held, balance.spent, -balance.funded) == (
            self.purses[Purse.AVAILABLE],
            self.purses[Purse.HELD],
            self.purses[Purse.SPENT],
            self.purses[Purse.OUTSIDE],
        )
        assert balance.transfers == len(self.history)

    @invariant()
    def money_comes_from_nowhere_and_no_purse_is_below_zero(self) -> None:
        assert sum(self.purses.values()) == 0
        assert balanced(self.book.balance())

    @invariant()
    def replaying_the_history_gives_the_same_balance_and_chain(self) -> None:
        replayed = Book(1, Balance())
        for transfer, at in self.history:
            replayed.post(transfer, at)
        assert replayed.balance() == self.book.balance()


test_the_book_balances_whatever_is_posted = Ledgers.TestCase
test_the_book_balances_whatever_is_posted.settings = settings(max_examples=60, stateful_step_count=30)


@given(transfers.filter(lambda transfer: transfer.amount >= 0), st.data())
def test_the_chain_shows_any_change_of_a_transfer(transfer, data):
    head = link(b"", 1, AT, transfer)
    other = data.draw(transfers.filter(lambda each: each != transfer))
    assert link(b"", 1, AT, other) != head
    assert link(b"", 2, AT, transfer) != head
    assert link(b"", 1, AT + 1, transfer) != head
    assert link(b"x", 1, AT, transfer) != head


@given(st.lists(transfers.filter(lambda transfer: transfer.amount >= 0), min_size=2, max_size=6, unique=True))
def test_the_chain_shows_transfers_left_out_or_in_another_order(history):
    def head(of):
        chain = b""
        for transfer in of:
            chain = link(chain, 1, AT, transfer)
        return chain

    assert head(history[1:]) != head(history)
    assert head(history[:-1]) != head(history)
    assert head(history[::-1]) != head(history)


def test_every_kind_of_transfer_joins_two_different_purses():
    assert set(PURSES) == set(Kind)
    assert all(debit is not credit for debit, credit in PURSES.values())


@pytest.mark.parametrize(
    "balance",
    [
        Balance(1, 0, 0, 0),
        Balance(-1, 1, 0, 0),
        Balance(0, -1, 1, 0),
        Balance(1, 0, -1, 0),
        Balance(funded=1),
    ],
)
def test_a_balance_that_does_not_add_up_is_not_balanced(balance):
    assert not balanced(balance)


@given(st.integers(min_value=0, max_value=AMOUNT_MAX))
@example(0)
@example(50_500)
@example(AMOUNT_MAX)
def test_amounts_survive_being_written_and_read(micro):
    text = from_micro(micro)
    assert to_micro(text) == micro
    assert Decimal(text) * MICRO == micro
    assert len(text.partition(".")[2]) >= 2


@pytest.mark.parametrize(
    ("text", "micro"),
    [("100.00", 100_000_000), ("0.05", 50_000), ("1", 1_000_000), ("0.000001", 1), ("007", 7_000_000)],
)
def test_amounts_are_read_in_currency_units(text, micro):
    assert to_micro(text) == micro


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ten",
        "1,5",
        "0x10",
        "NaN",
        "sNaN",
        "Infinity",
        "1e400",
        "1e999999999",
        "1e-7",
        "0.0000001",
        "999999.0000000000000000000000000000001",
        "1000000000.000001",
        "-2.5",
        "+5",
        "1_000",
        "1E2",
        "５",
        "٥",
        " 5",
        "5\n",
        ".5",
        "5.",
        "1.2.3",
    ],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is the caller's own text
        to_micro(text)


@pytest.mark.parametrize(
    ("micro", "text"),
    [(100_000_000, "100.00"), (50_500, "0.0505"), (0, "0.00"), (-1, "-0.000001"), (1_500_000, "1.50")],
)
def test_amounts_are_shown_with_two_decimals_or_as_many_as_they_need(micro, text):
    assert from_micro(micro) == text
