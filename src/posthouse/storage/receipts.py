"""What became of what vendors took: receipts matched by reference, parked when nobody knows it yet."""

from collections.abc import Sequence

from posthouse.core.message import AGE_LIMIT_US, Outcome, State
from posthouse.core.ports.life import Settlement, SettleReceipts
from posthouse.core.verdict import Receipt
from posthouse.storage.echoes import Echoed, echoed_of, recover_answers
from posthouse.storage.fates import Told, apply_told, told_of
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves
from posthouse.storage.parking import park
from posthouse.storage.references import Known, Reference
from posthouse.storage.tx import Tx

_Pairs = list[tuple[Receipt, Reference | None]]


def settle_receipts(group: Group, commands: Sequence[SettleReceipts]) -> list[Settlement]:
    """Apply what is known, park what is not."""
    tx = group.tx
    matched = [_matched(tx, command) for command in commands]
    echoed = [
        echoed_of(tx, command.channel_id, pairs) for command, pairs in zip(commands, matched, strict=True)
    ]
    moves = Moves(
        group,
        [
            *(found.message_id for pairs in matched for _, found in pairs if found is not None),
            *(each.message_id for named in echoed for each in named.values()),
        ],
    )
    answers = [
        _settle(group, moves, command, pairs, named)
        for command, pairs, named in zip(commands, matched, echoed, strict=True)
    ]
    moves.flush()
    return answers


def _matched(tx: Tx, command: SettleReceipts) -> _Pairs:
    known = Known(tx, command.channel_id, [receipt.reference for receipt in command.receipts])
    return [(receipt, known.find(receipt.reference, receipt.recipient)) for receipt in command.receipts]


def _settle(
    group: Group, moves: Moves, command: SettleReceipts, pairs: _Pairs, named: dict[str, Echoed]
) -> Settlement:
    tx = group.tx
    if named:
        pairs = recover_answers(group, moves, command, pairs, named)
    news: list[Told] = []
    strangers: list[Receipt] = []
    heard = ignored = 0
    for receipt, found in pairs:
        if found is None:
            strangers.append(receipt)
            continue
        told = told_of(tx, moves, found, receipt, command.at)
        if isinstance(told, Told):
            news.append(told)
        else:
            heard, ignored = heard + told, ignored + (not told)
    lags_us = _lags_us(moves, news)
    applied = apply_told(group, moves, news, elsewhere=command.elsewhere)
    dropped = park(tx, command.channel_id, [each for each in strangers if each.reference], command.at)
    return Settlement(
        applied.news + heard,
        len(strangers),
        len(news) - applied.news + ignored,
        lags_us,
        applied.resent,
        dropped,
    )


def _lags_us(moves: Moves, news: Sequence[Told]) -> tuple[int, ...]:
    """How long ago those were sent that are delivered now: a sent message ages at a fixed time after that."""
    lags: dict[int, int] = {}
    for item in news:
        message = moves.messages.get(item.message_id)
        if message is None or message.state is not State.SENT or message.look_at is None:
            continue
        if item.outcome is Outcome.DELIVERED:
            lags[item.message_id] = max(0, item.at - (message.look_at - AGE_LIMIT_US))
    return tuple(lags.values())
