"""What `posthouse otp send` and `verify` do where no server runs: what a server would, and its replies."""

import json
from pathlib import Path
from typing import Any

from posthouse.cli import show
from posthouse.cli.frame import in_house


def sent(place: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Take a code in, for the next server to send; answers what `/v1/sms/otp` would."""
    from posthouse.bootstrap.alone import send_code_alone
    from posthouse.web.body import Form
    from posthouse.web.dialects.v1.otp import code_wanted, of_sending
    from posthouse.web.dialects.v1.otp_wire import FAULTS, OtpRequest

    code = code_wanted(Form(OtpRequest, faults=FAULTS).read(json.dumps(wanted).encode()))
    return show.as_document(of_sending(in_house(place, lambda house: send_code_alone(house, code))))


def checked(place: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Check a code; answers what `/v1/sms/verify` would."""
    from posthouse.bootstrap.alone import check_code_alone
    from posthouse.web.body import Form
    from posthouse.web.dialects.v1.otp import code_given, of_checked
    from posthouse.web.dialects.v1.otp_wire import FAULTS, VerifyRequest

    given = code_given(Form(VerifyRequest, faults=FAULTS).read(json.dumps(wanted).encode()))
    return show.as_document(of_checked(in_house(place, lambda house: check_code_alone(house, given))))
