"""Send a code: a new one, or the one that still lives; guarded, counted and accepted in one command."""

import secrets
from collections.abc import Callable, Mapping
from typing import NamedTuple

from posthouse.core import guard, otp, phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids
from posthouse.core.message import Lane
from posthouse.core.otp import VerificationState
from posthouse.core.ports.guard import Asked
from posthouse.core.ports.life import Accept, NewMessage, Once
from posthouse.core.ports.otp import Challenge, CodeSent, FindChallenge, SendCode, Verification
from posthouse.core.ports.store import Clock, Store
from posthouse.core.pumping import address_of
from posthouse.core.template import Template
from posthouse.core.text import with_signature
from posthouse.services.directory import Caller
from posthouse.services.drafting import Drafting
from posthouse.services.passcode import RETRIEVER_BYTES_MAX, Passcode, ending_of, passcode, template_of
from posthouse.services.sealing import ParamsCipher
from posthouse.services.submission import Submission
from posthouse.services.submit import Submit

LOOKS_MAX = 5
"""How often to look anew when other codes for the same number and purpose come in between."""

SOON_S = 1
"""When to ask again for a number that many ask for at once."""

SILENT_US = 20_000_000
"""A code without a receipt for so long may go out over another channel."""


class CodeWanted(NamedTuple):
    """A code that is asked for, in the core's terms.

    Attributes:
        purpose: the caller's own label.
        params: of the template, beside the code and its minutes.
        amount, payee: what the code is bound to; a check must name the same.
        address: the end user's.
        domain, app_hash: of whom the phone may fill the code in for.
        another_channel: go another way than before, though the handset may have had it.
    """

    to: str
    purpose: str = otp.PURPOSE
    length: int = otp.LENGTH
    ttl_s: int = otp.TTL_S
    template_id: str | None = None
    params: Mapping[str, str] | None = None
    signature: str | None = None
    sender: str | None = None
    pin: str | None = None
    address: str | None = None
    domain: str | None = None
    app_hash: str | None = None
    amount: str | None = None
    payee: str | None = None
    another_channel: bool = False


class Sending(NamedTuple):
    """What would be accepted: the verification, its message (None: a test number); when another may be."""

    verification: Verification
    message: NewMessage | None
    resend_at: int


class Challenges:
    """Sends codes."""

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, submit: Submit, drafting: Drafting, cipher: ParamsCipher
    ) -> None:
        """`cipher` computes the codes and seals what they are computed from."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._submit = submit
        self._drafting = drafting
        self._cipher = cipher

    async def send(
        self,
        caller: Caller,
        wanted: CodeWanted,
        render: Callable[[Sending], bytes],
        once: Callable[[bytes], Once | None],
    ) -> tuple[bytes, bool]:
        """Accept a code. Answers the reply, and whether it is that of an earlier request with the same key.

        `render` makes the reply of what is accepted, `once` the record of the key it is kept under.

        Refuses with what sending does, and with OTP_COOLDOWN (also when others come in between all the time),
        RECIPIENT_LIMITED, TEMPLATE_NOT_OTP, INVALID_VALUE and what the guard says.
        """
        self._submit.may_send(caller)
        number = phone.read_field(wanted.to, "to", region=caller.account.region)
        address = None if wanted.address is None else address_of(wanted.address)
        for _ in range(LOOKS_MAX):
            now = self._clock.now()
            found = await self._store.read(
                FindChallenge(caller.account.id, caller.mode, number.e164, wanted.purpose, now)
            )
            sending = self._draft(caller, wanted, number, found, now)
            reply = render(sending)
            asked = self._asked(caller, sending, number, address, now)
            sent = await self._store.write(
                SendCode(
                    self._acceptance(caller, sending, once(reply), now), sending.verification, found, asked
                )
            )
            if sent.stale:
                continue
            return self._answer(sent, sending, asked, reply)
        raise Refusal(Code.OTP_COOLDOWN, param="to", retry_after_s=SOON_S)

    def _answer(self, sent: CodeSent, sending: Sending, asked: Asked, reply: bytes) -> tuple[bytes, bool]:
        if sent.replayed is not None:
            return sent.replayed, True
        if sent.refused is not None:
            raise guard.refusal(sent.refused, asked)
        if sending.message is not None:
            self._submit.accepted(sending.message)
        return reply, False

    def _draft(
        self, caller: Caller, wanted: CodeWanted, number: phone.Number, found: Challenge, now: int
    ) -> Sending:
        verification = self._again(wanted, found, now) or self._new(caller, wanted, number, found, now)
        last_line = ending_of(wanted.domain, wanted.app_hash)
        params = wanted.params or {}
        template = None
        if wanted.template_id is not None:
            template = template_of(caller.own, wanted.template_id, params, verification.length)
        elif params:
            raise Refusal(Code.UNKNOWN_PARAM, param=f"params.{next(iter(params))[:40]}", known="")
        said = passcode(verification.seed, ttl_s=_left_s(verification, now), params=params, ending=last_line)
        message = self._message(caller, wanted, found, verification, template, said, now)
        if verification.fixed is not None:
            return Sending(verification, None, now)
        sent_at = (*otp.of_last_day(found.sent_at, now), now)
        return Sending(verification, message, now + otp.cooldown_us(sent_at, now))

    def _again(self, wanted: CodeWanted, found: Challenge, now: int) -> Verification | None:
        """The verification that lives, if a resend may repeat its code."""
        current = found.verification
        if (
            current is None
            or current.state != VerificationState.PENDING.value
            or not otp.lives(current.created_at, current.expires_at, now)
            or not found.checks_left
            or current.length != wanted.length
            or current.fixed != found.fixed
            or current.binding != self._cipher.codes.binding(wanted.amount, wanted.payee)
        ):
            return None
        silent_at = now + SILENT_US if current.fixed is None else None
        return current._replace(sends=current.sends + 1, silent_at=silent_at)

    def _new(
        self, caller: Caller, wanted: CodeWanted, number: phone.Number, found: Challenge, now: int
    ) -> Verification:
        return Verification(
            id=self._ids.take(now),
            account_id=caller.account.id,
            mode=caller.mode.value,
            number=number.e164,
            country=number.country,
            purpose=wanted.purpose,
            length=wanted.length,
            salt=secrets.token_bytes(otp.SALT_BYTES),
            binding=self._cipher.codes.binding(wanted.amount, wanted.payee),
            fixed=found.fixed,
            state=VerificationState.PENDING.value,
            checks_left=otp.CHECKS_MAX,
            sends=1,
            created_at=now,
            expires_at=now + wanted.ttl_s * 1_000_000,
            silent_at=now + SILENT_US if found.fixed is None else None,
        )

    def _message(
        self,
        caller: Caller,
        wanted: CodeWanted,
        found: Challenge,
        verification: Verification,
        template: Template | None,
        said: Passcode,
        now: int,
    ) -> NewMessage:
        """The message, measured with a code of zeros in it, and stored without any."""
        country = verification.country
        text = said.text(template, country, "0" * verification.length)
        signature = wanted.signature
        if signature is None and template is not None:
            signature = template.signature
        said_whole = with_signature(text, signature)
        if wanted.app_hash is not None and len(said_whole.encode()) > RETRIEVER_BYTES_MAX:
            raise Refusal(Code.INVALID_VALUE, param="app_hash", kind="retriever")
        submission = Submission(
            verification.number,
            body=text,
            sender=wanted.sender,
            signature=signature,
            validity_s=_left_s(verification, now),
            lane=Lane.OTP,
            pin=wanted.pin,
        )
        try:
            drafted = self._drafting.draft(caller, submission, now, self._ids.take(now), None)
        except Refusal as refusal:
            if refusal.param != "body":
                raise
            # No text was given: what is wrong with it is the template's fault, or that of all that is put in.
            raise Refusal(refusal.code, param="template_id", **refusal.facts) from None
        return drafted._replace(
            body=None,
            template_id=None if template is None else template.id,
            template_version=None if template is None else template.version,
            params=self._cipher.seal(said.encode(), drafted.id),
            expires_at=verification.expires_at,
            verification_id=verification.id,
            avoid=self._avoid(wanted, found, verification),
        )

    def _avoid(self, wanted: CodeWanted, found: Challenge, verification: Verification) -> str | None:
        """The channels that carried the same code, unless the handset has it and nobody asks for another."""
        if verification.sends == 1 or not found.avoid or (found.delivered and not wanted.another_channel):
            return None
        return " ".join(map(str, found.avoid))

    def _asked(
        self, caller: Caller, sending: Sending, number: phone.Number, address: str | None, now: int
    ) -> Asked:
        verification, message = sending.verification, sending.message
        return Asked(
            account_id=caller.account.id,
            mode=caller.mode,
            number=verification.number,
            country=verification.country,
            kind=phone.kind(number),
            address=address,
            price=0 if message is None else message.price,
            simulated=message is None or message.simulated,
            begins=verification.sends == 1,
            guard=caller.account.guard,
            at=now,
        )

    def _acceptance(self, caller: Caller, sending: Sending, once: Once | None, now: int) -> Accept:
        if sending.message is None:
            return Accept(caller.account.id, (), 0, now, 0, once)
        return self._submit.acceptance(caller, sending.message, once)


def _left_s(verification: Verification, now: int) -> int:
    """For how many seconds more its code can be used, the last one begun included."""
    return -(-(verification.expires_at - now) // 1_000_000)
