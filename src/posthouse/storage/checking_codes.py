"""A code that somebody typed: counted first, compared then, and all answers cost the same."""

from posthouse.core import otp
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Mode
from posthouse.core.otp import VerificationState
from posthouse.core.ports.life import Once
from posthouse.core.ports.otp import CancelVerification, CheckCode, Checked, Verification
from posthouse.storage import guarding, idempotency
from posthouse.storage.challenges import Attempts, attempts_of, keep_attempts
from posthouse.storage.group import Group
from posthouse.storage.sending_codes import END, channel_of, find_verification
from posthouse.storage.singly import singly
from posthouse.storage.tx import Tx


@singly
def check_code(group: Group, command: CheckCode) -> Checked:
    """Check a code. A number that never got one is counted and compared like any other."""
    tx, once, at = group.tx, command.once, command.at
    if once is not None and (kept := idempotency.reply(tx, once)) is not None:
        return _read(kept)
    known = attempts_of(tx, command.account_id, command.mode, command.number, command.purpose)
    verification = find_verification(tx, known.verification_id)
    failed_at = otp.of_last_day(known.failed_at, at)
    live = _lives(command, verification, known, failures=len(failed_at))
    counted = known
    if live:  # until it is known to be right, it counts as wrong
        counted = known._replace(checks_left=known.checks_left - 1, failed_at=(*failed_at, at))
    keep_attempts(tx, counted, at)
    compared = verification or _nobody(command)
    right = command.codes.prove(compared.seed, command.code, binding=command.binding, fixed=compared.fixed)
    checked = Checked()
    if live and verification is not None:
        if right:
            checked = Checked(verification.id, at)
            _verified(tx, verification, known._replace(failed_at=failed_at), counted, at)
        else:
            checked = Checked(wrong=True, first=counted.checks_left == otp.CHECKS_MAX - 1)
            if not counted.checks_left:
                end(tx, verification, VerificationState.LOCKED)
    if once is not None:
        idempotency.keep(tx, _written(once, checked), at)
    return checked


def _lives(command: CheckCode, verification: Verification | None, known: Attempts, *, failures: int) -> bool:
    """Whether a code could be right at all."""
    return (
        verification is not None
        and command.verification_id in (None, verification.id)
        and verification.state == VerificationState.PENDING.value
        and otp.lives(verification.created_at, verification.expires_at, command.at)
        and known.checks_left > 0
        and failures < otp.FAILURES_MAX
    )


def _nobody(command: CheckCode) -> Verification:
    """A verification that nobody asked for, to be compared as long as any other."""
    return Verification(
        id=0,
        account_id=command.account_id,
        mode=command.mode.value,
        number=command.number,
        country="",
        purpose=command.purpose,
        length=otp.LENGTH,
        salt=bytes(otp.SALT_BYTES),
        binding=b"",
        fixed=None,
        state="",
        checks_left=0,
        sends=0,
        created_at=0,
        expires_at=0,
    )


def _verified(tx: Tx, verification: Verification, known: Attempts, counted: Attempts, at: int) -> None:
    """It was right: nothing failed, and the next code may be asked for at once."""
    keep_attempts(tx, known._replace(checks_left=0, sent_at=()), at)
    tx.run(END, VerificationState.VERIFIED.value, counted.checks_left, at, verification.id)
    guarding.count_verified(tx, verification)
    guarding.count_ended(tx, verification, channel_of(tx, verification.id), verified=True)


def end(tx: Tx, verification: Verification, state: VerificationState) -> None:
    """Write down what became of the newest verification of its number, and count it."""
    known = attempts_of(
        tx, verification.account_id, Mode(verification.mode), verification.number, verification.purpose
    )
    tx.run(END, state.value, known.checks_left, None, verification.id)
    guarding.count_ended(tx, verification, channel_of(tx, verification.id), verified=False)


@singly
def cancel_verification(group: Group, command: CancelVerification) -> None:
    """End a pending verification: its code counts no more."""
    tx = group.tx
    verification = find_verification(tx, command.verification_id)
    if verification is None or verification.account_id != command.account_id:
        raise Refusal(Code.NOT_FOUND, resource="verification")
    if verification.state == VerificationState.CANCELED.value:
        return
    pending = verification.state == VerificationState.PENDING.value
    if not pending or verification.expires_at <= command.at:
        state = VerificationState.EXPIRED.value if pending else verification.state
        raise Refusal(Code.NOT_CANCELABLE, state=state)
    end(tx, verification, VerificationState.CANCELED)


def _written(once: Once, checked: Checked) -> Once:
    """The outcome in place of a reply, which the surface makes anew."""
    told = f"{checked.verification_id} {checked.verified_at}".encode() if checked.valid else b""
    return Once(once.account_id, once.operation, once.key, once.fingerprint, told)


def _read(kept: bytes) -> Checked:
    if not kept:
        return Checked(replayed=True)
    verification_id, verified_at = map(int, kept.split())
    return Checked(verification_id, verified_at, replayed=True)
