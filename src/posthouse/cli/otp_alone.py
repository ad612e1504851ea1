"""What `posthouse otp send` and `verify` do where no server runs: what a server would, and its replies."""

import json
from pathlib import Path
from typing import Any

from posthouse.cli import show
from posthouse.cli.frame import in_house


def sent(place: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Take a code in, for the next server to send; answers what `/v1/sms/otp` would."""
    from posthouse.bootstrap.alone import send_code_alone
    from posthouse.core.ids import MESSAGE, VERIFICATION
    from posthouse.core.ids import show as public
    from posthouse.core.text import check_signature
    from posthouse.core.times import rfc3339
    from posthouse.services.challenge import CodeWanted
    from posthouse.web.body import Form, check_sendable
    from posthouse.web.dialects.v1.otp_wire import FAULTS, OtpReply, OtpRequest
    from posthouse.web.dialects.v1.submission import texts_of

    asked = Form(OtpRequest, faults=FAULTS).read(json.dumps(wanted).encode())
    if asked.signature is not None:
        check_signature(asked.signature, "signature")
    for name in ("amount", "payee"):
        check_sendable(getattr(asked, name) or "", name)
    code = CodeWanted(
        asked.to,
        purpose=_line(asked.purpose),
        length=asked.length,
        ttl_s=asked.ttl_s,
        template_id=asked.template_id,
        params=None if asked.params is None else texts_of(asked.params, "params"),
        signature=asked.signature,
        pin=asked.vendor,
        address=asked.ip,
        domain=asked.domain,
        app_hash=asked.app_hash,
        amount=asked.amount,
        payee=asked.payee,
        another_channel=asked.another_channel,
    )
    verification, message, resend_at = in_house(place, lambda house: send_code_alone(house, code))
    return show.as_document(
        OtpReply(
            request_id=public(VERIFICATION, verification.id),
            expires_at=rfc3339(verification.expires_at),
            state=verification.state,
            sms_id=None if message is None else public(MESSAGE, message.id),
            to=verification.number,
            purpose=verification.purpose,
            resend_at=rfc3339(resend_at),
        )
    )


def checked(place: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Check a code; answers what `/v1/sms/verify` would."""
    from posthouse.bootstrap.alone import check_code_alone
    from posthouse.core.ids import VERIFICATION, read
    from posthouse.core.ids import show as public
    from posthouse.core.times import rfc3339
    from posthouse.services.verify import CodeGiven
    from posthouse.web.body import Form
    from posthouse.web.dialects.v1.otp_wire import FAULTS, VerifyReply, VerifyRequest

    asked = Form(VerifyRequest, faults=FAULTS).read(json.dumps(wanted).encode())
    # An id that is none is that of no verification: the answer is the same as for a wrong code.
    verification_id = None if asked.request_id is None else read(VERIFICATION, asked.request_id) or 0
    given = CodeGiven(asked.to, asked.code, _line(asked.purpose), verification_id, asked.amount, asked.payee)
    found = in_house(place, lambda house: check_code_alone(house, given))
    if found.verification_id is None or found.verified_at is None:
        return show.as_document(VerifyReply(valid=False))
    return show.as_document(
        VerifyReply(
            valid=True,
            request_id=public(VERIFICATION, found.verification_id),
            verified_at=rfc3339(found.verified_at),
        )
    )


def _line(purpose: str) -> str:
    from posthouse.core.errors import Code, Refusal

    if not (purpose.isprintable() and purpose.strip()):
        raise Refusal(Code.INVALID_VALUE, param="purpose", kind="line")
    return purpose
