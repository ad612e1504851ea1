"""Codes and messages of which nothing was heard: found in time, and put into the line once more."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import bindparam, null, select, update

from posthouse.core.message import IN_DOUBT, Happened, Lane, Life, Mode, Outcome, State
from posthouse.core.otp import VerificationState
from posthouse.core.ports.silence import FindSilent, ResendSilent, Silent
from posthouse.storage.group import Group
from posthouse.storage.moves import OUTCOMES, Moves
from posthouse.storage.packing import channel_ids
from posthouse.storage.schema import NONE_SKIPPED, attempts, messages, unheard, verifications
from posthouse.storage.tx import Row, Statement, Tx

_COLUMNS = [verifications.c[name] for name in ("id", "account_id", "country", "mode", "state", "expires_at")]
_DUE = Statement(
    select(*_COLUMNS)
    .where(verifications.c.silent_at <= bindparam("now"))
    .order_by(verifications.c.silent_at)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "now",
    "limit",
)
_STILL_DUE = Statement(
    select(*_COLUMNS).where(
        verifications.c.silent_at <= bindparam("now"),
        verifications.c.id.in_(bindparam("ids", expanding=True)),
    ),
    "now",
    "ids",
)
_LOOKED = Statement(
    update(verifications)
    .ordered_values((verifications.c.silent_at, bindparam("again_at")))
    .where(verifications.c.id == bindparam("verification")),
    "again_at",
    "verification",
)
_SAID = ("id", "state", "look_at", "pin", "signature", "template_id", "template_version", "avoid")
_MESSAGES = Statement(
    select(messages.c.verification_id, *(messages.c[name] for name in _SAID))
    .where(messages.c.verification_id.in_(bindparam("ids", expanding=True)))
    .order_by(messages.c.id),
    "ids",
)
_PAST = Statement(
    select(attempts.c.message_id, attempts.c.channel_id, attempts.c.outcome, attempts.c.started_at)
    .where(attempts.c.message_id.in_(bindparam("ids", expanding=True)))
    .order_by(attempts.c.message_id, attempts.c.number),
    "ids",
)
_FORGET = Statement(
    update(verifications)
    .ordered_values((verifications.c.silent_at, null()))
    .where(verifications.c.silent_at.is_not(None))
)
_TOLD_OF = [
    messages.c[name]
    for name in ("id", "account_id", "country", "mode", "lane", "expires_at", "state", "look_at")
] + [messages.c[name] for name in ("pin", "signature", "template_id", "template_version", "avoid")]
_UNHEARD = Statement(
    select(*_TOLD_OF)
    .where(messages.c.silent_at <= bindparam("now"), unheard)
    .order_by(messages.c.silent_at)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "now",
    "limit",
)
_STILL_UNHEARD = Statement(
    select(*_TOLD_OF).where(
        messages.c.silent_at <= bindparam("now"), messages.c.id.in_(bindparam("ids", expanding=True))
    ),
    "now",
    "ids",
)
_SEEN = Statement(
    update(messages)
    .ordered_values((messages.c.silent_at, null()))
    .where(messages.c.id == bindparam("message")),
    "message",
)
_FORGET_UNHEARD = Statement(update(messages).ordered_values((messages.c.silent_at, null())).where(unheard))
_ON_ITS_WAY = frozenset({State.SCHEDULED, State.QUEUED, State.SENDING, State.UNKNOWN})
_WHY = msgspec.json.encode({"why": "no receipt came"}).decode()


def find_silent(tx: Tx, query: FindSilent) -> list[Silent]:
    """What there is to look at."""
    codes = _silent(tx, tx.rows(_DUE, query.now, query.limit), query.now)
    return codes + _without_word(tx, tx.rows(_UNHEARD, query.now, query.limit), query.now)


def resend_silent(group: Group, commands: Sequence[ResendSilent]) -> list[None]:
    """Forget when to look; queue once more what is still silent."""
    for command in commands:
        _resend(group, command)
    return [None] * len(commands)


def forget_silence(tx: Tx) -> None:
    """Resend nothing: what was heard of them is not known here."""
    tx.run(_FORGET)
    tx.run(_FORGET_UNHEARD)


def _resend(group: Group, command: ResendSilent) -> None:
    tx, later = group.tx, dict(command.later)
    # Sent anew since, they have a time of their own.
    rows = tx.rows_in(_STILL_DUE, dict.fromkeys(command.verification_ids), command.at)
    tx.many(_LOOKED, [(later.get(row[0]), row[0]) for row in rows])
    alone = tx.rows_in(_STILL_UNHEARD, dict.fromkeys(command.message_ids), command.at)
    tx.many(_SEEN, [(row[0],) for row in alone])
    wanted = set(command.resend)
    again = [
        each.message_id
        for each in (*_silent(tx, rows, command.at), *_without_word(tx, alone, command.at))
        if each.message_id in wanted and each.tried is not None and each.sent_at is not None
    ]
    moves = Moves(group, again)
    for message in moves.messages.values():
        life = Life(tuple(message.outcomes), more=True)
        moves.move(message, life, at=command.at, due_at=command.at, kind=Happened.RESEND, data=_WHY)
    moves.flush()


def _silent(tx: Tx, rows: Sequence[Row], now: int) -> list[Silent]:
    if not rows:
        return []
    sent: dict[int, list[Row]] = {}
    for verification_id, *message in tx.rows_in(_MESSAGES, [row[0] for row in rows]):
        sent.setdefault(verification_id, []).append(tuple(message))
    past: dict[int, list[Row]] = {}
    for message_id, *attempt in tx.rows_in(_PAST, [each[0] for some in sent.values() for each in some]):
        past.setdefault(message_id, []).append(tuple(attempt))
    return [_judged(row, sent.get(row[0], ()), past, now) for row in rows]


def _judged(verification: Row, sent: Sequence[Row], past: dict[int, list[Row]], now: int) -> Silent:
    verification_id, account_id, country, mode, state, expires_at = verification
    if not sent:
        return Silent(verification_id, 0, account_id, country, Mode(mode))
    message_id, stands, look_at, pin, signature, template_id, version, avoid = sent[-1]
    found = Silent(
        verification_id, message_id, account_id, country, Mode(mode), pin, signature, template_id, version
    )
    told = [attempt for each in sent for attempt in past.get(each[0], ())]
    over = state != VerificationState.PENDING.value or expires_at <= now
    if over or Outcome.DELIVERED in _outcomes(told):
        return found
    avoided = channel_ids(avoid)
    own = past.get(message_id, [])
    if State(stands) in _ON_ITS_WAY:
        return found._replace(tried=avoided)
    # Without a time to look again no receipt is awaited. An unanswered call was made up for by its policy.
    if stands != State.SENT.value or look_at is None or Outcome.UNKNOWN in _outcomes(own):
        return found
    had = [attempt for attempt in own if OUTCOMES[attempt[1]] in IN_DOUBT]
    refused = [attempt for attempt in own if attempt[1] == Outcome.REFUSED.value]
    tried = avoided | {channel_id for channel_id, _, _ in (*had, *refused)}
    return found._replace(tried=tried, sent_at=max(started_at for _, _, started_at in had))


def _without_word(tx: Tx, rows: Sequence[Row], now: int) -> list[Silent]:
    """The same of messages that are no codes."""
    past: dict[int, list[Row]] = {}
    for message_id, *attempt in tx.rows_in(_PAST, [row[0] for row in rows]):
        past.setdefault(message_id, []).append(tuple(attempt))
    return [_judged_alone(row, past.get(row[0], ()), now) for row in rows]


def _judged_alone(message: Row, own: Sequence[Row], now: int) -> Silent:
    message_id, account_id, country, mode, lane, expires_at, state, look_at, *said, avoid = message
    found = Silent(None, message_id, account_id, country, Mode(mode), *said)
    had = [attempt for attempt in own if OUTCOMES[attempt[1]] in IN_DOUBT]
    may_arrive = [outcome for _, outcome, _ in had if outcome != Outcome.UNDELIVERED.value]
    waits = state == State.SENT.value and look_at is not None and may_arrive == [Outcome.ACCEPTED.value]
    if not waits or lane == Lane.MARKETING.value or expires_at <= now:
        return found
    refused = [attempt for attempt in own if attempt[1] == Outcome.REFUSED.value]
    tried = channel_ids(avoid) | {channel_id for channel_id, _, _ in (*had, *refused)}
    return found._replace(tried=tried, sent_at=max(started_at for _, _, started_at in had))


def _outcomes(told: Iterable[Row]) -> set[Outcome]:
    return {OUTCOMES[outcome] for _, outcome, _ in told}
