"""The story of a message: each call over HTTP is a line of its own."""

import json
from typing import Any

import pytest

from posthouse.cli import story
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.queries import AccountRecord, EventRecord, MessageRecord, Trace
from posthouse.core.routing import UnknownPolicy
from tests.contracts.build import NOW, TO

CALL = {"request": "POST https://api.acme.example/v2/sms", "recipients": 1, "ms": 35}
ACCOUNT = AccountRecord(1, "acme", AccountStatus.APPROVED, "CN", "CNY", UnknownPolicy.LEAVE, NOW)


def trace(**data: Any) -> Trace:
    """A message that a vendor took, and what it told with that."""
    columns: dict[str, Any] = dict.fromkeys(MessageRecord._fields)
    columns |= {"id": 1, "recipient": TO, "lane": 1, "state": "sent", "charge": "settled"}
    columns |= {"parts": 1, "encoding": "gsm7", "price": 50_000, "created_at": NOW}
    told = json.dumps({"attempt": 1} | data)
    return Trace(MessageRecord(**columns), (), (EventRecord(1, "sent", NOW, told),))


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (CALL | {"status": 200, "bytes": 187}, "POST https://api.acme.example/v2/sms: HTTP 200, 35 ms"),
        (CALL, "POST https://api.acme.example/v2/sms: no answer, 35 ms"),
    ],
)
def test_a_call_is_told_in_one_line(call, line, capsys):
    story.tell(trace(reference="r", exchange=call), ACCOUNT)
    assert line in [said.strip() for said in capsys.readouterr().out.splitlines()]


def test_without_a_call_nothing_is_told_of_one(capsys):
    story.tell(trace(reference="r"), ACCOUNT)
    assert "HTTP" not in capsys.readouterr().out
