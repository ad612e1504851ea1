"""A batch's messages are what each would be alone, however much they have in common."""

import json
from itertools import product
from typing import Any

import pytest

from posthouse.core.errors import Refusal
from posthouse.core.message import Lane
from posthouse.core.ports.life import NewMessage
from posthouse.core.quiet import quiet_hours
from posthouse.services.directory import Caller
from posthouse.services.submission import Submission
from tests.fakes import CIPHER
from tests.services.desk import HOUR, NOW, Desk, caller, own, template

NUMBERS = ("+8613800138000", "13900139000", "+15555550123", "nonsense", "+8613800138001", "+447400123456")
GREETING = template("Hello {name}", "hi", kind=Lane.NOTIFICATION)
ASKED: tuple[dict[str, Any], ...] = (
    {"body": "hello"},
    {"body": "hello", "lane": Lane.MARKETING},
    {"body": "x" * 165},
    {"body": ""},
    {"template_id": "hi", "params": {"name": "Li"}},
    {"template_id": "hi", "params": {"nobody": "Li"}},
    {"template_id": "SMS_1", "params": {"1": "a", "2": "b"}},
    {"template_id": "SMS_1", "params": {"2": "b", "1": "a"}},
    {"template_id": "SMS_1", "values": ["a", "b"], "reference": "r", "metadata": "{}", "sender": "acme"},
    {"body": "hello", "send_at": NOW + HOUR, "validity_s": 60},
    {"body": "hello", "pin": "nobody"},
)


@pytest.mark.parametrize("in_turn", [False, True])
async def test_a_message_of_a_batch_is_what_it_would_be_alone(in_turn: bool) -> None:
    desk = Desk()
    who = caller(own(GREETING), quiet_hours=quiet_hours("15:00-17:00"))
    pairs = product(NUMBERS, ASKED) if in_turn else ((to, asked) for asked in ASKED for to in NUMBERS)
    wanted = [Submission(to, **asked) for to, asked in pairs]
    draft = await desk.submit.draft_batch(who, wanted)
    together: dict[int, Any] = {each.index: _told(each.refusal) for each in draft.rejected}
    others = (index for index in range(len(wanted)) if index not in together)
    together |= zip(others, map(_alike, draft.messages), strict=True)
    assert [together[index] for index in range(len(wanted))] == [_alone(desk, who, each) for each in wanted]


def _alone(desk: Desk, who: Caller, wanted: Submission) -> Any:
    try:
        return _alike(desk.submit.draft(who, wanted))
    except Refusal as refusal:
        return _told(refusal)


def _alike(message: NewMessage) -> NewMessage:
    return message._replace(id=0, batch_id=None)


def _told(refusal: Refusal) -> tuple[Any, ...]:
    return refusal.code, refusal.param, refusal.facts


async def test_what_a_batch_of_one_time_passwords_says_is_sealed_for_each_message() -> None:
    draft = await Desk().submit.draft_batch(
        caller(), [Submission(to, "123456", lane=Lane.OTP) for to in ("+8613800138000", "+8613800138001")]
    )
    one, other = draft.messages
    assert one.params != other.params
    for message in (one, other):
        assert json.loads(CIPHER.open(message.params or "", message.id)) == "123456"
