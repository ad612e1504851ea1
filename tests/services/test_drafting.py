"""What a submission becomes: texts and templates checked, rendered, measured, priced and timed."""

import json
from typing import Any

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import VALIDITY_S, Lane, State
from posthouse.core.ports.life import NewMessage
from posthouse.core.quiet import quiet_hours
from posthouse.core.template import Variable, variables_of
from posthouse.core.vault import Unreadable
from posthouse.services.submission import Submission
from tests.fakes import CIPHER
from tests.services.desk import CODE, HOUR, NOW, TO, Desk, caller, own, template

PARAMS = {"name": "张三", "code": "123456"}
NEWS = template("{offer}，退订回T", "news", kind=Lane.MARKETING)


def draft(things: Any = None, *, account: dict[str, Any] | None = None, **wanted: Any) -> NewMessage:
    desk = Desk()
    who = caller(things if things is not None else own(template(), NEWS), **(account or {}))
    return desk.submit.draft(who, Submission(TO, **wanted))


def said(message: NewMessage) -> str:
    """The parameters, opened."""
    return CIPHER.open(message.params or "", message.id)


def refused(things: Any = None, **wanted: Any) -> tuple[Code, str | None]:
    with pytest.raises(Refusal) as caught:
        draft(things, **wanted)
    return caught.value.code, caught.value.param


def test_a_message_remembers_its_template_its_version_and_its_parameters_in_the_templates_order():
    message = draft(own(template(version=3)), template_id="1", params={"code": "123456", "name": "张三"})
    assert (message.template_id, message.template_version, message.body) == ("1", 3, None)
    assert said(message) == '{"name":"张三","code":"123456"}'
    assert message.lane == Lane.OTP


@pytest.mark.parametrize("template_id", ["1", "SMS_123"])
def test_what_a_one_time_password_is_filled_with_is_sealed_and_bound_to_its_message(template_id):
    one, other = (draft(template_id=template_id, params=PARAMS, lane=Lane.OTP) for _ in range(2))
    assert one.params != other.params
    assert not [clear for clear in ("{", "123456", "张三") if clear in (one.params or "")]
    assert json.loads(said(one)) == PARAMS
    with pytest.raises(Unreadable):
        CIPHER.open(one.params or "", other.id + 1)


def test_the_text_of_a_one_time_password_is_sealed_bound_to_its_message_and_nowhere_else():
    one, other = (draft(body="123456 张三", lane=Lane.OTP) for _ in range(2))
    assert (one.body, one.template_id) == (None, None)
    assert one.params != other.params
    assert not [clear for clear in ("123456", "张三") if clear in repr(one)]
    assert json.loads(said(one)) == "123456 张三"
    with pytest.raises(Unreadable):
        CIPHER.open(one.params or "", other.id + 1)


@pytest.mark.parametrize("lane", [None, Lane.NOTIFICATION, Lane.MARKETING])
def test_the_text_of_other_messages_stays_as_it_is(lane):
    message = draft(body="hello", lane=lane)
    assert (message.body, message.params) == ("hello", None)


@pytest.mark.parametrize("lane", [Lane.NOTIFICATION, Lane.MARKETING])
def test_what_other_messages_are_filled_with_stays_as_it_is(lane):
    assert json.loads(draft(template_id="SMS_123", params=PARAMS, lane=lane).params or "") == PARAMS


def test_values_by_position_fill_the_variables_in_their_order():
    by_name = draft(template_id="1", params=PARAMS)
    assert said(draft(template_id="1", values=["张三", "123456"])) == said(by_name)


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"params": {"name": "x"}}, Code.MISSING_PARAM, "params.code"),
        ({"params": {**PARAMS, "size": "9"}}, Code.UNKNOWN_PARAM, "params.size"),
        ({"params": {**PARAMS, "code": "9" * 65}}, Code.INVALID_PARAM, "params.code"),
        ({"params": {**PARAMS, "name": "【他】"}}, Code.INVALID_PARAM, "params.name"),
        ({"params": {**PARAMS, "name": "a\nb"}}, Code.INVALID_PARAM, "params.name"),
        ({"params": {**PARAMS, "name": "a\x00b"}}, Code.INVALID_TEXT, "params.name"),
        ({}, Code.MISSING_PARAM, "params.name"),
        ({"values": ["x"]}, Code.MISSING_PARAM, "params.code"),
        ({"values": ["x", "1", "2"]}, Code.UNKNOWN_PARAM, "params.3"),
        ({"values": ["x", "1" * 65]}, Code.INVALID_PARAM, "params.code"),
        ({"params": PARAMS, "body": "hello"}, Code.CONTENT_CONFLICT, "body"),
    ],
)
def test_parameters_that_do_not_fit_are_refused_by_the_variables_name(given, code, param):
    assert refused(template_id="1", **given) == (code, param)


def test_a_control_character_in_a_value_is_told_by_its_place_in_that_value():
    with pytest.raises(Refusal) as caught:
        draft(template_id="1", params={**PARAMS, "name": "ab\x1b"})
    assert caught.value.facts == {"codepoint": "U+001B", "position": 3}


def test_a_deleted_template_sends_nothing():
    gone = own(template(deleted=True))
    assert refused(gone, template_id="1", params=PARAMS) == (Code.TEMPLATE_DELETED, "template_id")


@pytest.mark.parametrize("lane", [Lane.OTP, Lane.NOTIFICATION])
def test_a_marketing_template_serves_no_other_purpose(lane):
    found = refused(template_id="news", params={"offer": "x"}, lane=lane)
    assert found == (Code.MARKETING_TEMPLATE, "purpose")


@pytest.mark.parametrize(
    ("template_id", "lane", "becomes"),
    [
        ("1", None, Lane.OTP),
        ("1", Lane.NOTIFICATION, Lane.NOTIFICATION),
        ("news", None, Lane.MARKETING),
        ("news", Lane.MARKETING, Lane.MARKETING),
        ("SMS_1", None, Lane.NOTIFICATION),
    ],
)
def test_the_purpose_is_the_templates_unless_the_sender_says_another(template_id, lane, becomes):
    params = {"1": PARAMS, "news": {"offer": "x"}}.get(template_id)
    message = draft(template_id=template_id, params=params, lane=lane)
    assert message.lane == becomes
    assert message.expires_at == NOW + VALIDITY_S[becomes] * 1_000_000


@pytest.mark.parametrize(
    ("asked", "stored"),
    [(None, "驿站"), ("顺丰", "顺丰")],
)
def test_the_requests_signature_goes_before_the_templates(asked, stored):
    signed = own(template(signature="驿站"))
    assert draft(signed, template_id="1", params=PARAMS, signature=asked).signature == stored


def test_a_template_is_measured_and_priced_as_rendered_with_its_signature():
    # 70 characters are one part in mainland China; the signature 【驿站】 takes four of them.
    things = own(template("{x}", signature="驿站", variables=(Variable("x", 1000),)))
    one = draft(things, template_id="1", params={"x": "好" * 66})
    two = draft(things, template_id="1", params={"x": "好" * 67})
    assert [(m.parts, m.price) for m in (one, two)] == [(1, 50_000), (2, 100_000)]


def test_each_message_of_a_template_is_measured_by_its_own_parameters():
    desk, things = Desk(), own(template("{x}", variables=(Variable("x", 1000),)))
    lengths = [10, 600, 10, 71]
    drafts = [
        desk.submit.draft(caller(things), Submission(TO, template_id="1", params={"x": "好" * length}))
        for length in lengths
    ]
    assert [message.parts for message in drafts] == [1, 9, 1, 2]


@pytest.mark.parametrize(
    ("text", "params", "code", "param"),
    [
        ("{x}", {"x": "   "}, Code.EMPTY_TEXT, "params"),
        ("{x}", {"x": "好" * 671}, Code.TEXT_TOO_LONG, "params"),
        ("好" * 671, {}, Code.TEXT_TOO_LONG, "template_id"),
    ],
)
def test_what_a_template_becomes_is_checked_as_any_text_is(text, params, code, param):
    things = own(template(text, variables=variables_of(text, {"x": 1000} if params else None)))
    assert refused(things, template_id="1", params=params) == (code, param)


def test_a_template_that_is_not_the_accounts_passes_as_the_vendors_own_in_one_part():
    message = draft(template_id="SMS_123", params={"code": "x" * 500}, signature="驿站")
    assert (message.template_version, message.parts, message.signature) == (None, 1, "驿站")
    assert json.loads(message.params or "") == {"code": "x" * 500}


def test_values_of_a_vendors_own_template_are_named_by_their_places():
    assert draft(template_id="SMS_123", values=["123456", "5"]).params == '{"1":"123456","2":"5"}'


def test_extension_codes_are_kept_with_the_message():
    assert draft(body="hello", extend={"up": "12", "sdk": "34"}).extend == '{"up":"12","sdk":"34"}'
    assert draft(body="hello", extend={}).extend is None


@pytest.mark.parametrize(
    ("wanted", "param"),
    [
        ({"body": "Visit the Casino"}, "body"),
        ({"body": "hello", "signature": "casino"}, "signature"),
        ({"body": "Casino", "signature": "casino"}, "signature"),
        ({"template_id": "1", "params": {**PARAMS, "name": "ＣＡＳＩＮＯ"}}, "params.name"),
        ({"template_id": "bet", "params": {"x": "now"}}, "template_id"),
        ({"template_id": "1", "params": PARAMS, "signature": "Casino"}, "signature"),
        ({"template_id": "signed", "params": {"x": "casino"}}, "template_id"),
        ({"template_id": "signed", "params": {"x": "casino"}, "signature": "驿站"}, "params.x"),
        ({"template_id": "SMS_1", "params": {"a": "casino"}, "signature": "Casino"}, "signature"),
        ({"template_id": "SMS_1", "params": {"a": "fine", "b": "casino"}}, "params.b"),
        ({"template_id": "SMS_1", "values": ["fine", "casino"]}, "params.2"),
    ],
)
def test_a_word_of_the_accounts_list_is_refused_wherever_it_stands(wanted, param):
    signed = template("{x}", "signed", signature="Casino")
    things = own(template(), template("Casino {x}", "bet"), signed, words=("casino",))
    assert refused(things, **wanted) == (Code.SENSITIVE_WORD, param)


def test_what_holds_no_such_word_passes():
    things = own(template(), words=("casino",))
    assert draft(things, body="hello").parts == 1
    assert draft(things, template_id="1", params=PARAMS).parts == 1


def test_one_accounts_words_are_not_anothers():
    desk, wanted = Desk(), Submission(TO, "Casino")
    assert desk.submit.draft(caller(own()), wanted).parts == 1
    with pytest.raises(Refusal):
        desk.submit.draft(caller(own(words=("casino",))), wanted)
    assert desk.submit.draft(caller(own()), wanted).parts == 1


NIGHT = {"quiet_hours": quiet_hours("15:00-18:30")}
MORNING = NOW + 2 * HOUR + HOUR // 2


def test_marketing_in_quiet_hours_waits_for_their_end_and_says_so():
    message = draft(account=NIGHT, body="news", lane=Lane.MARKETING, validity_s=3600)
    assert (message.state, message.send_at, message.look_at) == (State.SCHEDULED, MORNING, MORNING)
    assert (message.due_at, message.postponed_from) == (None, NOW)
    assert message.expires_at == MORNING + HOUR


def test_marketing_scheduled_into_quiet_hours_is_moved_from_its_own_time():
    message = draft(account=NIGHT, template_id="news", params={"offer": "x"}, send_at=NOW + 25 * HOUR)
    assert (message.send_at, message.postponed_from) == (MORNING + 24 * HOUR, NOW + 25 * HOUR)


@pytest.mark.parametrize(
    "wanted",
    [
        {"lane": Lane.NOTIFICATION},
        {"lane": Lane.OTP},
        {"lane": Lane.MARKETING, "send_at": MORNING},
    ],
)
def test_nothing_else_is_moved(wanted):
    message = draft(account=NIGHT, body="news", **wanted)
    assert (message.send_at, message.postponed_from) == (wanted.get("send_at"), None)


def test_the_memory_of_the_last_text_keeps_texts_signatures_and_countries_apart():
    desk, who = Desk(), caller()
    asked = [
        ("a" * 100, None, TO),
        ("a" * 100, None, "+15555550123"),
        ("a" * 100, "b" * 70, TO),
        ("", None, TO),
    ]
    parts: list[int | Code] = []
    for _ in range(2):
        for body, signature, to in asked:
            try:
                parts.append(desk.submit.draft(who, Submission(to, body, signature=signature)).parts)
            except Refusal as refusal:
                parts.append(refusal.code)
    assert parts == [2, 1, 3, Code.EMPTY_TEXT] * 2


def test_a_list_of_words_that_changed_is_asked_anew_for_the_same_text():
    desk, wanted = Desk(), Submission(TO, CODE)
    desk.submit.draft(caller(own(words=("casino",))), wanted)
    with pytest.raises(Refusal):
        desk.submit.draft(caller(own(words=("验证码",))), wanted)
