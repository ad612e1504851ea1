"""A code that is asked for: cooldown, caps, guard, then its verification and its message together."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, null, select, update

from posthouse.core import otp
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Outcome
from posthouse.core.otp import VerificationState
from posthouse.core.ports.otp import Challenge, CodeSent, FindChallenge, SendCode, Verification
from posthouse.storage import guarding, idempotency
from posthouse.storage.accepting import Taking
from posthouse.storage.challenges import Attempts, attempts_of, keep_attempts
from posthouse.storage.group import Group
from posthouse.storage.packing import pack, unpack
from posthouse.storage.schema import attempts, code_counts, fixed, fixed_codes, messages, verifications
from posthouse.storage.tx import Statement, Tx, Upsert

_VERIFICATION = [verifications.c[name] for name in Verification._fields]
_ONE = Statement(
    select(*_VERIFICATION).where(verifications.c.id == bindparam("verification")), "verification"
)
_FIXED = Statement(
    select(fixed_codes.c.fixed).where(
        fixed_codes.c.account_id == bindparam("account"),
        fixed_codes.c.number == bindparam("recipient"),
        fixed_codes.c.expires_at > bindparam("now"),
    ),
    "account",
    "recipient",
    "now",
)
_CARRIED = Statement(
    select(attempts.c.channel_id, attempts.c.outcome)
    .join(messages, messages.c.id == attempts.c.message_id)
    .where(messages.c.verification_id == bindparam("verification"))
    .order_by(attempts.c.message_id, attempts.c.number),
    "verification",
)
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
        index_elements=["account_id", "mode", "number"],
        set_={name: insert_.excluded[name] for name in ("sent_at", "touched_at")},
    ),
    "account_id",
    "mode",
    "number",
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
END = Statement(
    update(verifications)
    .ordered_values(
        (verifications.c.state, bindparam("new_state")),
        (verifications.c.checks_left, bindparam("left")),
        (verifications.c.verified_at, bindparam("when")),
        (verifications.c.silent_at, null()),
    )
    .where(verifications.c.id == bindparam("verification")),
    "new_state",
    "left",
    "when",
    "verification",
)
"""Writes down what became of a verification."""


def find_challenge(tx: Tx, query: FindChallenge) -> Challenge:
    """How things stand before a code is asked for."""
    found = attempts_of(tx, query.account_id, query.mode, query.number, query.purpose)
    fixed = tx.row(_FIXED, query.account_id, query.number, query.now)
    current = find_verification(tx, found.verification_id)
    carried = [] if current is None else tx.rows(_CARRIED, current.id)
    return Challenge(
        current,
        otp.of_last_day(found.sent_at, query.now),
        None if fixed is None else bytes(fixed[0]),
        tuple(dict.fromkeys(channel_id for channel_id, _ in carried)),
        any(outcome == Outcome.DELIVERED.value for _, outcome in carried),
        found.checks_left,
    )


def send_code(group: Group, commands: Sequence[SendCode]) -> list[CodeSent | Refusal]:
    """Accept codes one by one, and store their messages together."""
    taking = Taking(group, [command.accept for command in commands])
    answers: list[CodeSent | Refusal] = []
    for command in commands:
        try:
            answers.append(_send(group.tx, taking, command))
        except Refusal as refusal:
            answers.append(refusal)
    taking.write()
    return answers


def _send(tx: Tx, taking: Taking, command: SendCode) -> CodeSent:
    """Accept a code, or say why not; the guard's objection is an answer, since it is written down."""
    asked, wanted = command.asked, command.accept
    if (replayed := taking.replay(wanted.once)) is not None:
        return CodeSent(replayed=replayed)
    verification = command.verification
    known = attempts_of(tx, asked.account_id, asked.mode, asked.number, verification.purpose)
    current = find_verification(tx, known.verification_id)
    if (current, known.checks_left) != (command.found.verification, command.found.checks_left):
        return CodeSent(stale=True)
    counted: tuple[int, ...] = ()
    if verification.fixed is None:
        counted = _check_counts(tx, command, known)
        weighed = guarding.weigh(tx, asked)
        if weighed.refused is not None:
            return CodeSent(refused=weighed.refused)
        taking.take(wanted)
        tx.run(_COUNT, asked.account_id, asked.mode.value, asked.number, pack((*counted, asked.at)), asked.at)
        guarding.count_sent(tx, asked)
    else:
        idempotency.keep(tx, wanted.once, asked.at)
    _keep(tx, verification, current, known)
    again = current is not None and current.id == verification.id
    sent_at = otp.of_last_day(known.sent_at, asked.at)
    now = known._replace(
        verification_id=verification.id,
        checks_left=known.checks_left if again else otp.CHECKS_MAX,
        sent_at=sent_at if verification.fixed is not None else (*sent_at, asked.at),
    )
    keep_attempts(tx, now, asked.at)
    return CodeSent()


def _check_counts(tx: Tx, command: SendCode, known: Attempts) -> tuple[int, ...]:
    """Refuse one that comes too soon or too often; answers when the last day's were sent."""
    asked = command.asked
    if wait_us := otp.cooldown_us(known.sent_at, asked.at):
        raise Refusal(Code.OTP_COOLDOWN, param="to", retry_after_s=-(-wait_us // 1_000_000))
    row = tx.row(_SENT, asked.account_id, asked.mode.value, asked.number)
    sent_at = otp.of_last_day(() if row is None else unpack(row[0]), asked.at)
    otp.SENDS.check(sent_at, asked.at)
    return sent_at


def _keep(tx: Tx, verification: Verification, current: Verification | None, known: Attempts) -> None:
    """Write the verification: once more, or a new one in place of one that is still pending."""
    if current is not None and current.id == verification.id:
        tx.run(_AGAIN, verification.silent_at, verification.id)
        return
    if current is not None and current.state == VerificationState.PENDING.value:
        over = current.expires_at <= verification.created_at
        state = VerificationState.EXPIRED if over else VerificationState.CANCELED
        tx.run(END, state.value, known.checks_left, None, current.id)
        guarding.count_ended(tx, current, channel_of(tx, current.id), verified=False)
    tx.run(_BEGIN, *verification)


def find_verification(tx: Tx, verification_id: int | None) -> Verification | None:
    """A verification, if there is one of this id; the look-up is made in any case."""
    row = tx.row(_ONE, verification_id or 0)
    if row is None:
        return None
    found = Verification(*row)
    fixed = None if found.fixed is None else bytes(found.fixed)
    return found._replace(salt=bytes(found.salt), binding=bytes(found.binding), fixed=fixed)


_TAKEN = (Outcome.ACCEPTED.value, Outcome.DELIVERED.value, Outcome.UNDELIVERED.value)


def channel_of(tx: Tx, verification_id: int) -> int:
    """The channel that took its code last; 0: none did."""
    took = [channel_id for channel_id, outcome in tx.rows(_CARRIED, verification_id) if outcome in _TAKEN]
    return int(took[-1]) if took else 0
