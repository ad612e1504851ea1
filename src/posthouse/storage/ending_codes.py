"""The end of a verification, whichever way: written down with what was left of its checks, and counted."""

from sqlalchemy import bindparam, null, select, update

from posthouse.core.message import TAKEN, Mode
from posthouse.core.otp import VerificationState
from posthouse.core.ports.otp import Verification
from posthouse.storage.challenges import challenge_of
from posthouse.storage.converting import count_ended
from posthouse.storage.moves import OUTCOMES
from posthouse.storage.schema import attempts, messages, verifications
from posthouse.storage.tx import Row, Statement, Tx

_ONE = Statement(
    select(*(verifications.c[name] for name in Verification._fields)).where(
        verifications.c.id == bindparam("verification")
    ),
    "verification",
)
_CARRIED = Statement(
    select(attempts.c.channel_id, attempts.c.outcome)
    .join(messages, messages.c.id == attempts.c.message_id)
    .where(messages.c.verification_id == bindparam("verification"))
    .order_by(attempts.c.message_id, attempts.c.number),
    "verification",
)
_END = Statement(
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


def find_verification(tx: Tx, verification_id: int | None) -> Verification | None:
    """A verification, if there is one of this id; the look-up is made in any case."""
    row = tx.row(_ONE, verification_id or 0)
    if row is None:
        return None
    found = Verification(*row)
    fixed = None if found.fixed is None else bytes(found.fixed)
    return found._replace(salt=bytes(found.salt), binding=bytes(found.binding), fixed=fixed)


def carried(tx: Tx, verification_id: int) -> list[Row]:
    """The channels that its code was given to, in order, each with the outcome."""
    return tx.rows(_CARRIED, verification_id)


def end_verification(
    tx: Tx,
    verification: Verification,
    state: VerificationState,
    *,
    checks_left: int,
    verified_at: int | None = None,
) -> None:
    """Write down what became of it, and count it for the channel that took its code last."""
    tx.run(_END, state.value, checks_left, verified_at, verification.id)
    took = [channel_id for channel_id, outcome in carried(tx, verification.id) if OUTCOMES[outcome] in TAKEN]
    count_ended(tx, verification, took[-1] if took else 0, verified=verified_at is not None)


def end_newest(tx: Tx, verification: Verification, state: VerificationState) -> None:
    """The same for the newest of its number and purpose, whose row says how many checks are left."""
    known = challenge_of(
        tx, verification.account_id, Mode(verification.mode), verification.number, verification.purpose
    )
    end_verification(tx, verification, state, checks_left=known.checks_left)
