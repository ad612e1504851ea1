"""A code that is asked for: cooldown, caps, guard, then its verification and its message together."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from posthouse.core import otp
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import IN_DOUBT, Outcome, State
from posthouse.core.otp import VerificationState
from posthouse.core.ports.otp import Challenge, CodeSent, FindChallenge, SendCode, Verification
from posthouse.storage import guarding, idempotency
from posthouse.storage.accepting import Taking
from posthouse.storage.challenges import ChallengeRow, challenge_of, keep_challenge
from posthouse.storage.ending import withdraw
from posthouse.storage.ending_codes import carried, end_verification, find_verification
from posthouse.storage.fixed_codes import fixed_of
from posthouse.storage.group import Group
from posthouse.storage.moves import OUTCOMES, past_outcomes
from posthouse.storage.packing import pack, unpack
from posthouse.storage.schema import NONE_SKIPPED, code_counts, fixed, messages, verifications
from posthouse.storage.tx import Statement, Tx, Upsert

_KEY = ("account_id", "mode", "number")
_SENT = Statement(
    select(code_counts.c.sent_at).where(
        code_counts.c.account_id == bindparam("account"),
        code_counts.c.mode == bindparam("key_mode"),
        code_counts.c.number == bindparam("recipient"),
    ),
    "account",
    "key_mode",
    "recipient",
)
_COUNT = Upsert(
    code_counts,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=list(_KEY),
        set_={name: insert_.excluded[name] for name in ("sent_at", "touched_at")},
    ),
    *_KEY,
    "sent_at",
    "touched_at",
)
_BEGIN = Statement(insert(verifications), *Verification._fields)
_AGAIN = Statement(
    update(verifications)
    .ordered_values(
        (verifications.c.sends, verifications.c.sends + fixed(1)),
        (verifications.c.silent_at, bindparam("new_silent_at")),
    )
    .where(verifications.c.id == bindparam("verification")),
    "new_silent_at",
    "verification",
)
_NEWEST = Statement(
    select(messages.c.id, messages.c.state)
    .where(messages.c.verification_id == bindparam("verification"))
    .order_by(messages.c.id.desc())
    .limit(fixed(1))
    .offset(NONE_SKIPPED),
    "verification",
)
_CAME_TO_NOTHING = frozenset({State.FAILED.value, State.EXPIRED.value, State.CANCELED.value})
_IDLE = Statement(
    select(*(code_counts.c[name] for name in _KEY))
    .where(code_counts.c.touched_at < bindparam("before"))
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "before",
    "limit",
)
_DROP = Statement(
    delete(code_counts).where(*(code_counts.c[name] == bindparam(f"old_{name}") for name in _KEY)),
    *(f"old_{name}" for name in _KEY),
)


def find_challenge(tx: Tx, query: FindChallenge) -> Challenge:
    """How things stand before a code is asked for."""
    found = challenge_of(tx, query.account_id, query.mode, query.number, query.purpose)
    current = find_verification(tx, found.verification_id)
    had = [] if current is None else carried(tx, current.id)
    return Challenge(
        current,
        otp.of_last_day(found.sent_at, query.now),
        fixed_of(tx, query.account_id, query.mode, query.number, query.now),
        tuple(dict.fromkeys(channel_id for channel_id, outcome in had if OUTCOMES[outcome] in IN_DOUBT)),
        any(outcome == Outcome.DELIVERED.value for _, outcome in had),
        found.checks_left,
    )


def send_code(group: Group, commands: Sequence[SendCode]) -> list[CodeSent | Refusal]:
    """Accept codes one by one, and store their messages together."""
    taking = Taking(group, [command.accept for command in commands])
    answers: list[CodeSent | Refusal] = []
    for command in commands:
        try:
            answers.append(_send(group, taking, command))
        except Refusal as refusal:
            answers.append(refusal)
    taking.write()
    return answers


def _send(group: Group, taking: Taking, command: SendCode) -> CodeSent:
    """Accept a code, or say why not; the guard's objection is an answer, since it is written down."""
    tx, asked, wanted = group.tx, command.asked, command.accept
    if (replayed := taking.replay(wanted.once)) is not None:
        return CodeSent(replayed=replayed)
    verification = command.verification
    known = challenge_of(tx, asked.account_id, asked.mode, asked.number, verification.purpose)
    current = find_verification(tx, known.verification_id)
    if _seen(current, known.checks_left) != _seen(command.found.verification, command.found.checks_left):
        return CodeSent(stale=True)
    counted: tuple[int, ...] = ()
    if verification.fixed is None:
        counted = _check_counts(tx, command, known)
        weighed = guarding.weigh(tx, asked)
        if weighed.refused is not None:
            return CodeSent(refused=weighed.refused)
        taking.take(wanted)
        tx.run(_COUNT, asked.account_id, asked.mode.value, asked.number, pack((*counted, asked.at)), asked.at)
        guarding.count_sent(tx, asked, weighed.shadowed)
    else:
        idempotency.keep(tx, wanted.once, asked.at)
    _keep(group, verification, current, known)
    again = current is not None and current.id == verification.id
    sent_at = otp.of_last_day(known.sent_at, asked.at)
    now = known._replace(
        verification_id=verification.id,
        checks_left=known.checks_left if again else otp.CHECKS_MAX,
        sent_at=sent_at if verification.fixed is not None else (*sent_at, asked.at),
    )
    keep_challenge(tx, now, asked.at)
    return CodeSent()


def _seen(verification: Verification | None, checks_left: int) -> tuple[object, ...]:
    """What must not have changed since it was looked at.

    Of a test number only what decides: many who test at once do not keep each other waiting.
    """
    if verification is None or verification.fixed is None:
        return verification, checks_left
    return verification.id, verification.state, verification.binding, verification.fixed, checks_left > 0


def _check_counts(tx: Tx, command: SendCode, known: ChallengeRow) -> tuple[int, ...]:
    """Refuse one that comes too soon or too often; answers when the last day's were sent."""
    asked = command.asked
    wait_us = otp.cooldown_us(known.sent_at, asked.at)
    if wait_us and not _came_to_nothing(tx, known.verification_id):
        raise Refusal(Code.OTP_COOLDOWN, param="to", retry_after_s=-(-wait_us // 1_000_000))
    row = tx.row(_SENT, asked.account_id, asked.mode.value, asked.number)
    sent_at = otp.of_last_day(() if row is None else unpack(row[0]), asked.at)
    otp.SENDS.check(sent_at, asked.at)
    return sent_at


def _came_to_nothing(tx: Tx, verification_id: int | None) -> bool:
    """Whether the code that was sent last cannot have reached a handset, and will not."""
    row = tx.row(_NEWEST, verification_id or 0)
    if row is None or row[1] not in _CAME_TO_NOTHING:
        return False
    return IN_DOUBT.isdisjoint(past_outcomes(tx, [row[0]]).get(row[0], ()))


def _keep(
    group: Group, verification: Verification, current: Verification | None, known: ChallengeRow
) -> None:
    """Write the verification: once more, or a new one in place of one that is still pending."""
    tx = group.tx
    if current is not None and current.id == verification.id:
        tx.run(_AGAIN, verification.silent_at, verification.id)
        return
    if current is not None and current.state == VerificationState.PENDING.value:
        over = current.expires_at <= verification.created_at
        state = VerificationState.EXPIRED if over else VerificationState.CANCELED
        end_verification(tx, current, state, checks_left=known.checks_left)
        if not over:
            withdraw(group, current.id, verification.created_at)
    tx.run(_BEGIN, *verification)


def forget_sent(tx: Tx, before: int, limit: int) -> int:
    """Drop up to `limit` counts of numbers that got no code since then; answers how many."""
    idle = tx.rows(_IDLE, before, limit)
    tx.many(_DROP, idle)
    return len(idle)
