"""One-time passwords: send a code, check a code."""

from typing import Any

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, VERIFICATION, read, show
from posthouse.core.ports.life import Once
from posthouse.core.ports.otp import Checked
from posthouse.core.times import rfc3339
from posthouse.services.challenge import CodeWanted, Sending
from posthouse.services.verify import CodeGiven
from posthouse.web.body import Form, check_sendable
from posthouse.web.dialects.v1.otp_wire import FAULTS, OtpReply, OtpRequest, VerifyReply, VerifyRequest
from posthouse.web.dialects.v1.submission import REFUSALS, check_origin, texts_of
from posthouse.web.endpoint import Call, Route
from posthouse.web.idempotency import mark_of
from posthouse.web.services import Services

OTP, VERIFY = "sms.otp", "sms.verify"
"""The operations' names in the scope of idempotency keys."""


class Otp:
    """The two calls."""

    def __init__(self, services: Services) -> None:
        self._challenges = services.challenges
        self._verify = services.verify
        self._submit = services.submit

    async def send(self, call: Call[OtpRequest]) -> bytes:
        """Send a code, or the same one again."""
        caller, mark = call.caller, mark_of(call.headers, call.wanted)

        def once(reply: bytes) -> Once | None:
            return None if mark is None else self._submit.once(caller, OTP, mark.key, mark.request, reply)

        try:
            reply, call.replayed = await self._challenges.send(
                caller, code_wanted(call.wanted), _encoded, once
            )
        except Refusal:
            # What was accepted under this key before stays so, whatever would be refused by now.
            kept = None if mark is None else await self._submit.replay(caller, OTP, mark.key, mark.request)
            if kept is None:
                raise
            reply, call.replayed = kept, True
        return reply

    async def check(self, call: Call[VerifyRequest]) -> VerifyReply:
        """Check a code."""
        caller, mark = call.caller, mark_of(call.headers, call.wanted)
        once = None
        if mark is not None:
            once = self._submit.once(caller, VERIFY, mark.key, mark.request, b"")
        checked = await self._verify.check(caller, code_given(call.wanted), once)
        call.replayed = checked.replayed
        return of_checked(checked)


def code_wanted(asked: OtpRequest) -> CodeWanted:
    """A request for a code in the core's terms.

    Refuses with INVALID_SENDER, INVALID_VALUE and what signatures and parameters are refused with.
    """
    check_origin(asked.from_, asked.signature)
    for name in ("amount", "payee"):
        check_sendable(getattr(asked, name) or "", name)
    return CodeWanted(
        asked.to,
        purpose=_label(asked.purpose),
        length=asked.length,
        ttl_s=asked.ttl_s,
        template_id=asked.template_id,
        params=None if asked.params is None else texts_of(asked.params, "params"),
        signature=asked.signature,
        sender=asked.from_,
        pin=asked.vendor,
        address=asked.ip,
        domain=asked.domain,
        app_hash=asked.app_hash,
        amount=asked.amount,
        payee=asked.payee,
        another_channel=asked.another_channel,
    )


def code_given(asked: VerifyRequest) -> CodeGiven:
    """A check in the core's terms; what is no id is that of no verification. Refuses with INVALID_VALUE."""
    verification_id = None if asked.request_id is None else read(VERIFICATION, asked.request_id) or 0
    purpose = None if asked.purpose is None else _label(asked.purpose)
    return CodeGiven(asked.to, asked.code, purpose, verification_id, asked.amount, asked.payee)


def _label(purpose: str) -> str:
    if not (purpose.isprintable() and purpose.strip()):
        raise Refusal(Code.INVALID_VALUE, param="purpose", kind="line")
    return purpose


def of_sending(sending: Sending) -> OtpReply:
    """A code that is accepted, or about to be."""
    verification, message = sending.verification, sending.message
    return OtpReply(
        request_id=show(VERIFICATION, verification.id),
        expires_at=rfc3339(verification.expires_at),
        state=verification.state,
        sms_id=None if message is None else show(MESSAGE, message.id),
        to=verification.number,
        purpose=verification.purpose,
        resend_at=rfc3339(sending.resend_at),
    )


def of_checked(checked: Checked) -> VerifyReply:
    """What came of a check."""
    if checked.verification_id is None or checked.verified_at is None:
        return VerifyReply(valid=False)
    return VerifyReply(
        valid=True,
        request_id=show(VERIFICATION, checked.verification_id),
        verified_at=rfc3339(checked.verified_at),
    )


def _encoded(sending: Sending) -> bytes:
    return _encoder.encode(of_sending(sending))


_encoder = msgspec.json.Encoder()

_OF_SENDING = tuple(
    code
    for code in REFUSALS
    if code
    not in {
        Code.CONTENT_MISSING,
        Code.CONTENT_CONFLICT,
        Code.EMPTY_TEXT,
        Code.INVALID_TIME,
        Code.SEND_AT_IN_PAST,
        Code.SEND_AT_TOO_FAR,
        Code.INVALID_VALIDITY,
        Code.INVALID_PURPOSE,
        Code.INVALID_METADATA,
        Code.UNSUPPORTED_FIELD,
        Code.MARKETING_TEMPLATE,
    }
)


_SENT = (
    "Within its life a code that is asked for again is the same one, under the same request_id; one that was "
    "used, canceled or tried five times is replaced. The second may follow after 60 s, the third after "
    "120 s, any other after 300 s; a number gets at most 5 in an hour and 10 in a day, for all purposes. A "
    "test number is sent nothing."
)
_CHECKED = (
    "A code is right once, within its life, and may be checked five times; after 20 wrong ones in a day none "
    "is right any more for that number and purpose. Whatever is wrong with a code, the answer is the same."
)


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about one-time passwords."""
    codes = Otp(services)
    return (
        Route(
            method="POST",
            path="/v1/sms/otp",
            name=OTP,
            summary="Send a one-time password",
            about=_SENT,
            form=Form(OtpRequest, frozenset({"callback_url"}), FAULTS),
            handle=codes.send,
            reply=OtpReply,
            scope="messages:write",
            refusals=(
                *_OF_SENDING,
                Code.UNSUPPORTED_FIELD,
                Code.TEMPLATE_NOT_OTP,
                Code.OTP_COOLDOWN,
                Code.COUNTRY_NOT_ALLOWED,
                Code.NUMBER_TYPE_NOT_ALLOWED,
                Code.GUARD_BLOCKED,
                Code.GUARD_LIMITED,
            ),
            idempotent=True,
            example={"to": "+15555550123"},
        ),
        Route(
            method="POST",
            path="/v1/sms/verify",
            name=VERIFY,
            summary="Check a one-time password",
            about=_CHECKED,
            form=Form(VerifyRequest, faults=FAULTS),
            handle=codes.check,
            reply=VerifyReply,
            scope="messages:write",
            refusals=(
                Code.INVALID_NUMBER,
                Code.INVISIBLE_CHARACTERS,
                Code.CHECKS_PAUSED,
                Code.ACCOUNT_NOT_VERIFIED,
            ),
            idempotent=True,
            example={"to": "+15555550123", "code": "123456"},
        ),
    )
