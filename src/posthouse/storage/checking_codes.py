"""A code that somebody typed: counted first, compared then, and all answers cost the same."""

from posthouse.core import otp
from posthouse.core.errors import Code, Refusal
from posthouse.core.otp import VerificationState
from posthouse.core.ports.life import Once
from posthouse.core.ports.otp import CancelVerification, CheckCode, Checked, Verification
from posthouse.storage import guarding, idempotency
from posthouse.storage.challenges import ChallengeRow, challenge_of, keep_challenge
from posthouse.storage.ending import withdraw
from posthouse.storage.ending_codes import end_newest, end_verification, find_verification
from posthouse.storage.group import Group
from posthouse.storage.singly import singly
from posthouse.storage.tx import Tx


@singly
def check_code(group: Group, command: CheckCode) -> Checked:
    """Check a code. A number that never got one is counted and compared like any other."""
    tx, once, at = group.tx, command.once, command.at
    if once is not None and (kept := idempotency.reply(tx, once)) is not None:
        return _read(kept)
    known = challenge_of(tx, command.account_id, command.mode, command.number, _purpose(tx, command))
    verification = find_verification(tx, known.verification_id)
    failed_at = otp.of_last_day(known.failed_at, at)
    live = _lives(command, verification, known, failures=len(failed_at))
    counted = known
    if live:  # until it is known to be right, it counts as wrong
        counted = known._replace(checks_left=known.checks_left - 1, failed_at=(*failed_at, at))
    keep_challenge(tx, counted, at)
    compared = verification or _nobody(known)
    right = command.codes.prove(compared.seed, command.code, binding=command.binding, fixed=compared.fixed)
    checked = Checked()
    if live and verification is not None:
        if right:
            checked = Checked(verification.id, at)
            _verified(tx, verification, known._replace(failed_at=failed_at), counted, at)
        else:
            checked = Checked(wrong=True, first=counted.checks_left == otp.CHECKS_MAX - 1)
            if not counted.checks_left:
                end_verification(tx, verification, VerificationState.LOCKED, checks_left=0)
        checked = checked._replace(test_number=verification.fixed is not None)
        if checked.valid or not counted.checks_left:
            withdraw(group, verification.id, at)
    if once is not None:
        idempotency.keep(tx, _written(once, checked), at)
    return checked


def _purpose(tx: Tx, command: CheckCode) -> str:
    """Which of the number's codes is meant: the caller's word, or that of the verification he names."""
    meant = find_verification(tx, command.verification_id)  # in any case: all checks take one way
    if command.purpose is not None:
        return command.purpose
    whose = (command.account_id, command.mode.value, command.number)
    if meant is None or (meant.account_id, meant.mode, meant.number) != whose:
        return otp.PURPOSE
    return meant.purpose


def _lives(
    command: CheckCode, verification: Verification | None, known: ChallengeRow, *, failures: int
) -> bool:
    """Whether a code could be right at all."""
    return (
        verification is not None
        and command.verification_id in (None, verification.id)
        and verification.state == VerificationState.PENDING.value
        and otp.lives(verification.created_at, verification.expires_at, command.at)
        and known.checks_left > 0
        and failures < otp.FAILURES_MAX
    )


def _nobody(known: ChallengeRow) -> Verification:
    """A verification that nobody asked for, to be compared as long as any other."""
    return Verification(
        id=0,
        account_id=known.account_id,
        mode=known.mode,
        number=known.number,
        country="",
        purpose=known.purpose,
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


def _verified(
    tx: Tx, verification: Verification, known: ChallengeRow, counted: ChallengeRow, at: int
) -> None:
    """It was right: nothing failed, and the next code may be asked for at once."""
    keep_challenge(tx, known._replace(checks_left=0, sent_at=()), at)
    left = counted.checks_left
    end_verification(tx, verification, VerificationState.VERIFIED, checks_left=left, verified_at=at)
    guarding.count_verified(tx, verification)


@singly
def cancel_verification(group: Group, command: CancelVerification) -> bool:
    """End a pending verification: its code counts no more."""
    tx, once = group.tx, command.once
    if once is not None and idempotency.reply(tx, once) is not None:
        return True
    verification = find_verification(tx, command.verification_id)
    if verification is None or verification.account_id != command.account_id:
        raise Refusal(Code.NOT_FOUND, resource="verification")
    if command.mode is not None and verification.mode != command.mode.value:
        raise Refusal(Code.NOT_FOUND, resource="verification")
    if verification.state != VerificationState.CANCELED.value:
        pending = verification.state == VerificationState.PENDING.value
        if not pending or verification.expires_at <= command.at:
            state = VerificationState.EXPIRED.value if pending else verification.state
            raise Refusal(Code.NOT_CANCELABLE, state=state, resource="verification")
        end_newest(tx, verification, VerificationState.CANCELED)
        withdraw(group, verification.id, command.at)
    idempotency.keep(tx, once, command.at)
    return False


def _written(once: Once, checked: Checked) -> Once:
    """The outcome in place of a reply, which the surface makes anew."""
    told = f"{checked.verification_id} {checked.verified_at}".encode() if checked.valid else b""
    return Once(once.account_id, once.operation, once.key, once.fingerprint, told)


def _read(kept: bytes) -> Checked:
    if not kept:
        return Checked(replayed=True)
    verification_id, verified_at = map(int, kept.split())
    return Checked(verification_id, verified_at, replayed=True)
