"""Claims and attempts: lease due messages by turns, commit "attempt started", put back."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import bindparam, case, insert, null, or_, select, update

from posthouse.core.message import Lane, Mode, State
from posthouse.core.otp import VerificationState
from posthouse.core.ports.life import Claim, Claimed, PastAttempt, PutBack, StartAttempts
from posthouse.storage.group import Group
from posthouse.storage.moves import OUTCOMES
from posthouse.storage.packing import channel_ids
from posthouse.storage.schema import (
    NONE_SKIPPED,
    attempts,
    batches,
    fixed,
    messages,
    staged,
    verifications,
    waiting,
)
from posthouse.storage.suppressing import listed_since
from posthouse.storage.tx import Row, Statement, Tx

_ACCOUNTS_MAX = 64

published = or_(messages.c.batch_id.is_(None), messages.c.batch_id.not_in(select(batches.c.id).where(staged)))

_NEXT_ACCOUNT = Statement(
    select(messages.c.account_id, messages.c.due_at)
    .where(waiting, messages.c.lane == bindparam("lane"), messages.c.account_id > bindparam("account"))
    .order_by(messages.c.account_id, messages.c.due_at)
    .limit(fixed(1))
    .offset(NONE_SKIPPED),
    "lane",
    "account",
)
_CLAIMED = (
    "id",
    "account_id",
    "recipient",
    "country",
    "mode",
    "sender",
    "signature",
    "body",
    "template_id",
    "params",
    "encoding",
    "parts",
    "pin",
    "expires_at",
    "template_version",
    "extend",
    "attempts",
    "verification_id",
    "avoid",
)
_MODE, _ATTEMPTS, _VERIFICATION, _AVOID = map(
    _CLAIMED.index, ("mode", "attempts", "verification_id", "avoid")
)
_LEASE = Statement(
    update(messages)
    .ordered_values(
        (messages.c.due_at, null()),
        (messages.c.lease, bindparam("token")),
        (messages.c.lease_owner, bindparam("owner")),
        (messages.c.lease_until, bindparam("until")),
    )
    .where(
        messages.c.id.in_(
            select(messages.c.id)
            .where(
                waiting,
                messages.c.lane == bindparam("lane"),
                messages.c.account_id == bindparam("account"),
                messages.c.due_at <= bindparam("now"),
                published,
            )
            .order_by(messages.c.due_at)
            .limit(bindparam("limit"))
            .offset(NONE_SKIPPED)
        )
    )
    .returning(*(messages.c[name] for name in _CLAIMED)),
    "token",
    "owner",
    "until",
    "lane",
    "account",
    "now",
    "limit",
)
_PAST = Statement(
    select(attempts.c.message_id, attempts.c.channel_id, attempts.c.outcome)
    .where(attempts.c.message_id.in_(bindparam("ids", expanding=True)))
    .order_by(attempts.c.message_id, attempts.c.number),
    "ids",
)
_OVER = Statement(
    select(verifications.c.id).where(
        verifications.c.state != fixed(VerificationState.PENDING.value),
        verifications.c.id.in_(bindparam("ids", expanding=True)),
    ),
    "ids",
)

_MODES = {mode.value: mode for mode in Mode}


def claim(group: Group, commands: Sequence[Claim]) -> list[list[Claimed]]:
    """Lease for each command in turn."""
    return [_claim(group.tx, command) for command in commands]


def _claim(tx: Tx, command: Claim) -> list[Claimed]:
    accounts = _turns(tx, command)
    rows: list[Row] = []
    left = command.limit
    lease = command.lease
    hungry = accounts
    while hungry and left > 0:
        share = max(1, left // len(hungry))
        still: list[int] = []
        for account_id in hungry:
            want = min(share, left)
            if want <= 0:
                break
            got = tx.rows(
                _LEASE,
                lease.token,
                lease.owner,
                lease.until,
                command.lane.value,
                account_id,
                command.now,
                want,
            )
            rows += got
            left -= len(got)
            if len(got) == want:
                still.append(account_id)
        hungry = still
    past = _past(tx, [row[0] for row in rows if row[_ATTEMPTS]])
    suppressed = listed_since(tx, [row[0] for row in rows])
    over = _over(tx, rows) if command.lane is Lane.OTP else ()
    return [
        Claimed._make(
            (
                row[0],
                lease.token,
                *row[1:_MODE],
                command.lane,
                _MODES[row[_MODE]],
                *row[_MODE + 1 : _ATTEMPTS],
                tuple(past[row[0]]) if row[_ATTEMPTS] else (),
                row[_VERIFICATION],
                channel_ids(row[_AVOID]),
                row[0] in suppressed,
                row[_VERIFICATION] in over,
            )
        )
        for row in rows
    ]


def _over(tx: Tx, rows: Sequence[Row]) -> set[int]:
    """The verifications of claimed messages whose codes count no more."""
    codes = {row[_VERIFICATION] for row in rows if row[_VERIFICATION] is not None}
    return {row[0] for row in tx.rows_in(_OVER, codes)}


def _turns(tx: Tx, command: Claim) -> list[int]:
    """Up to 64 accounts with a due message in the lane, starting after the last one served."""
    found: list[int] = []
    after, wrapped = command.after_account, False
    account = after
    while len(found) < _ACCOUNTS_MAX:
        following = tx.row(_NEXT_ACCOUNT, command.lane.value, account)
        if following is None:
            if wrapped or after == 0:
                break
            account, wrapped = 0, True
            continue
        account, due_at = following
        if wrapped and account > after:
            break
        if due_at <= command.now:
            found.append(account)
    return found


def _past(tx: Tx, message_ids: list[int]) -> dict[int, list[PastAttempt]]:
    found: dict[int, list[PastAttempt]] = defaultdict(list)
    for message_id, channel_id, outcome in tx.rows_in(_PAST, message_ids):
        found[message_id].append(PastAttempt(channel_id, OUTCOMES[outcome]))
    return found


_ATTEMPT = Statement(
    insert(attempts), "message_id", "number", "channel_id", "vendor", "outcome", "started_at"
)
_SENDING = Statement(
    update(messages)
    .ordered_values(
        (messages.c.state, fixed(State.SENDING.value)),
        (messages.c.attempts, bindparam("attempt")),
        (messages.c.events, bindparam("sequence")),
        (messages.c.vendor, bindparam("vendor_name")),
        (messages.c.simulated, bindparam("simulator")),
        (messages.c.updated_at, bindparam("at")),
        (messages.c.lease_until, bindparam("until")),
    )
    .where(messages.c.id == bindparam("message")),
    "attempt",
    "sequence",
    "vendor_name",
    "simulator",
    "at",
    "until",
    "message",
)
_FENCE = Statement(
    select(
        messages.c.id, messages.c.lease, messages.c.account_id, messages.c.attempts, messages.c.events
    ).where(
        messages.c.state == fixed(State.QUEUED.value), messages.c.id.in_(bindparam("ids", expanding=True))
    ),
    "ids",
)


def start_attempts(group: Group, commands: Sequence[StartAttempts]) -> list[dict[int, int]]:
    """Write the attempts whose fencing token still holds."""
    tx = group.tx
    wanted = [start.message_id for command in commands for start in command.starts]
    held = {row[0]: row for row in tx.rows_in(_FENCE, wanted)}
    new: list[Row] = []
    moved: list[Row] = []
    answers: list[dict[int, int]] = []
    for command in commands:
        started: dict[int, int] = {}
        for start in command.starts:
            row = held.get(start.message_id)
            if row is None or row[1] != start.token:
                continue
            del held[start.message_id]
            _, _, account_id, tried, sequence = row
            attempt, sequence = tried + 1, sequence + 1
            new.append((start.message_id, attempt, start.channel_id, start.vendor, "started", command.at))
            moved.append(
                (
                    attempt,
                    sequence,
                    start.vendor,
                    start.simulated,
                    command.at,
                    command.lease_until,
                    start.message_id,
                )
            )
            group.event(start.message_id, sequence, account_id, State.SENDING, command.at, start.decision)
            group.moved(account_id, start.message_id, State.QUEUED, State.SENDING)
            started[start.message_id] = attempt
        answers.append(started)
    tx.many(_ATTEMPT, new)
    tx.many(_SENDING, moved)
    return answers


_RETURN = Statement(
    update(messages)
    # Who waits longer than it is valid would be told so late.
    .ordered_values(
        (
            messages.c.due_at,
            case((messages.c.expires_at < bindparam("late"), messages.c.expires_at), else_=bindparam("due")),
        ),
        (messages.c.lease, null()),
    )
    .where(
        messages.c.id == bindparam("message"),
        messages.c.lease == bindparam("token"),
        messages.c.state == fixed(State.QUEUED.value),
    ),
    "late",
    "due",
    "message",
    "token",
)


def put_back(group: Group, commands: Sequence[PutBack]) -> list[None]:
    """End leases without an attempt; what expires before it is due is due when it does."""
    group.tx.many(
        _RETURN,
        [
            (due_at, due_at, message_id, token)
            for command in commands
            for message_id, token, due_at in command.messages
        ],
    )
    return [None] * len(commands)
