"""What dispatch sends of a template: the text or a vendor's own, and who waits or is left out."""

import json
from typing import Any

import pytest

from posthouse.core.message import Lane, Outcome
from posthouse.core.ports.changes import Postpone
from posthouse.core.ports.life import Claimed, EndMessages, PastAttempt, PutBack, StartAttempts
from posthouse.core.quiet import quiet_hours
from posthouse.core.routing import Channel
from posthouse.core.template import Binding
from posthouse.core.verdict import Reason, Refused
from posthouse.services.quarantine import TRIES_MAX
from posthouse.services.rendering import Unreadable
from tests.fakes import CIPHER, ScriptedVendor, claimed
from tests.services.desk import own, template
from tests.services.test_dispatch import World
from tests.virtual_time import START_US, in_virtual_time

SANDBOX = Channel(1, "sandbox", "sandbox", simulated=True)
STRICT = Channel(2, "tencent-1", "tencent", approval=True)
OTHER = Channel(3, "tencent-2", "tencent", approval=True)
PLAIN = Channel(4, "smpp-1", "smpp", cost=9, weight=0)

TEXT = "您的验证码是{code},{minutes}分钟内有效。"
BOUND = Binding("888", (("1", "code"), ("2", "minutes")))
PARAMS = '{"code":"123456","minutes":"5"}'


def of_template(number: int = 1, **fields: Any) -> Claimed:
    values: dict[str, Any] = {
        "body": None,
        "template_id": "code",
        "template_version": 1,
        "params": PARAMS,
        "signature": "驿站",
    }
    return claimed(number, now=START_US, **(values | fields))


def world(*channels: Channel, bindings: dict[str, Binding] | None = None, **signatures: set[str]) -> World:
    found = World(*channels)
    approved = {name: frozenset(where) for name, where in signatures.items()}
    things = template(TEXT, "code", bindings=bindings or {})
    found.directory.owned = own(things, approved_signatures=approved)
    return found


def decisions(found: World) -> dict[str, str]:
    """Why each channel was chosen or left out, as last written down."""
    starts = [start.decision for command in found.store.written(StartAttempts) for start in command.starts]
    ends = [ended.decision for command in found.store.written(EndMessages) for ended in command.ended]
    return {step["channel"]: step["why"] for step in json.loads([*starts, *ends][-1])["considered"]}


@in_virtual_time
async def test_a_channel_without_reviews_gets_the_rendered_and_signed_text_and_no_template():
    found = world(SANDBOX)
    await found.dispatch.carry([of_template()])
    [[outbound]] = found.vendors[1].calls
    assert outbound.text == "【驿站】您的验证码是123456,5分钟内有效。"
    assert (outbound.template_id, outbound.params, outbound.signature) == (None, None, "驿站")


@pytest.mark.parametrize("name", ["tencent", "tencent-1"])
def test_a_channel_that_reviews_gets_its_own_template_its_parameters_in_order_and_the_bare_signature(name):
    @in_virtual_time
    async def story() -> None:
        found = world(STRICT, bindings={name: BOUND}, 驿站={"tencent"})
        await found.dispatch.carry([of_template()])
        [[outbound]] = found.vendors[2].calls
        assert (outbound.text, outbound.template_id, outbound.signature) == (None, "888", "驿站")
        assert list((outbound.params or {}).items()) == [("1", "123456"), ("2", "5")]

    story()


@in_virtual_time
async def test_a_channels_own_binding_goes_before_its_vendors():
    bindings = {"tencent": BOUND, "tencent-2": BOUND._replace(template_id="999")}
    found = world(STRICT, OTHER, bindings=bindings, 驿站={"tencent"})
    await found.dispatch.carry([of_template(number) for number in range(1, 9)])
    sent = {channel: {each.template_id for each in found.vendors[channel].calls[0]} for channel in (2, 3)}
    assert sent == {2: {"888"}, 3: {"999"}}


@pytest.mark.parametrize(
    ("bindings", "signatures", "fields", "why"),
    [
        ({}, {"驿站": {"tencent"}}, {}, "template code version 1 has no approved binding there"),
        ({"aliyun": BOUND}, {}, {}, "template code version 1 has no approved binding there"),
        ({"tencent": BOUND}, {}, {}, "the signature is not approved there"),
        ({"tencent": BOUND}, {"驿站": {"aliyun"}}, {}, "the signature is not approved there"),
        (
            {"tencent": Binding("1", (("1", "gone"),))},
            {"驿站": {"tencent"}},
            {},
            "template code version 1 has no approved binding there",
        ),
        (
            {"tencent": BOUND},
            {},
            {"template_id": None, "template_version": None, "body": "hello", "params": None},
            "it takes approved templates only",
        ),
    ],
)
def test_what_a_vendor_has_not_approved_goes_another_way_and_the_decision_says_why(
    bindings, signatures, fields, why
):
    @in_virtual_time
    async def story() -> None:
        found = world(STRICT, PLAIN, bindings=bindings, **signatures)
        await found.dispatch.carry([of_template(**fields)])
        assert found.vendors[2].calls == []
        assert found.vendors[4].calls[0][0].text is not None
        assert decisions(found) == {"smpp-1": "chosen", "tencent-1": why}

    story()


@in_virtual_time
async def test_without_another_way_it_is_unroutable():
    found = world(STRICT)
    await found.dispatch.carry([of_template()])
    [ended] = found.store.written(EndMessages)[0].ended
    assert ended.reason is Reason.UNROUTABLE
    assert "no approved binding" in ended.decision


@in_virtual_time
async def test_a_message_without_signature_needs_no_approval_of_one():
    found = world(STRICT, bindings={"tencent": BOUND})
    await found.dispatch.carry([of_template(signature=None)])
    assert len(found.vendors[2].calls) == 1


@in_virtual_time
async def test_an_approval_counts_from_the_next_message_on():
    found = world(STRICT, PLAIN, 驿站={"tencent"})
    await found.dispatch.carry([of_template(1)])
    bound = template(TEXT, "code", bindings={"tencent": BOUND})
    found.directory.owned = own(bound, approved_signatures={"驿站": frozenset({"tencent"})})
    await found.dispatch.carry([of_template(2)])
    assert [len(found.vendors[channel].calls) for channel in (2, 4)] == [1, 1]


@in_virtual_time
async def test_a_refused_template_fails_over_to_a_channel_that_takes_its_text():
    found = world(STRICT, PLAIN, bindings={"tencent": BOUND}, 驿站={"tencent"})
    vendor = ScriptedVendor(lambda _: Refused(Reason.TEMPLATE))
    found.vendors[2] = vendor
    await found.dispatch.carry([of_template()])
    [finish] = found.finishes()
    assert finish.next.more
    await found.dispatch.carry([of_template(attempts=(PastAttempt(2, Outcome.REFUSED),))])
    assert found.vendors[4].calls[0][0].text == "【驿站】您的验证码是123456,5分钟内有效。"


@in_virtual_time
async def test_a_vendors_own_template_goes_to_a_channel_that_reviews_as_it_is():
    found = world(STRICT)
    await found.dispatch.carry([of_template(template_id="SMS_1", template_version=None)])
    [[outbound]] = found.vendors[2].calls
    assert (outbound.text, outbound.template_id, outbound.signature) == (None, "SMS_1", "驿站")
    assert outbound.params == {"code": "123456", "minutes": "5"}


@in_virtual_time
async def test_extension_codes_reach_the_vendor():
    found = world(SANDBOX)
    await found.dispatch.carry([of_template(extend='{"up":"12"}'), claimed(2, now=START_US)])
    assert [outbound.extend for outbound in found.vendors[1].calls[0]] == [{"up": "12"}, None]


@in_virtual_time
async def test_messages_of_one_claim_that_differ_in_anything_they_say_are_told_apart():
    found = world(SANDBOX)
    other = '{"code":"654321","minutes":"5"}'
    plain = {"template_id": None, "template_version": None, "params": None, "body": TEXT}
    told: list[tuple[dict[str, Any], str]] = [
        ({}, "【驿站】您的验证码是123456,5分钟内有效。"),
        ({"account_id": 1}, "【驿站】您的验证码是123456,5分钟内有效。"),
        ({"params": other}, "【驿站】您的验证码是654321,5分钟内有效。"),
        ({"signature": None}, "您的验证码是123456,5分钟内有效。"),
        (plain, f"【驿站】{TEXT}"),
        (plain | {"body": "hello"}, "【驿站】hello"),
    ]
    await found.dispatch.carry([of_template(number, **fields) for number, (fields, _) in enumerate(told, 1)])
    [call] = found.vendors[1].calls
    assert [outbound.text for outbound in call] == [text for _, text in told]


@in_virtual_time
async def test_what_is_sealed_for_one_message_is_readable_for_no_other_of_its_claim():
    found = world(SANDBOX)
    fields = {"lane": Lane.OTP, "params": CIPHER.seal(PARAMS, of_template(1).id)}
    with pytest.raises(Unreadable):
        await found.dispatch.carry([of_template(1, **fields), of_template(2, **fields)])
    assert [outbound.message_id for [outbound] in found.vendors[1].calls] == [of_template(1).id]


@pytest.mark.parametrize(
    "fields",
    [
        {"template_version": 9},
        {"params": '{"code":"123456"}'},
        {"params": '["123456"]'},
        {"params": '{"code":1,"minutes":"5"}'},
        {"params": None},
        {"template_id": None, "template_version": None},
        {"extend": "{broken"},
    ],
)
def test_a_template_that_cannot_be_rendered_is_ended_at_the_fifth_try_and_the_others_go(fields):
    @in_virtual_time
    async def story() -> None:
        found = world(SANDBOX)
        for number in range(TRIES_MAX):
            with pytest.raises(Unreadable):
                await found.dispatch.carry([of_template(**fields), of_template(10 + number)])
        [ended] = found.store.written(EndMessages)[0].ended
        assert (ended.message_id, ended.reason) == (of_template().id, Reason.INVALID_REQUEST)
        assert len(found.vendors[1].calls) == TRIES_MAX
        assert len(found.store.written(PutBack)) == TRIES_MAX - 1

    story()


@in_virtual_time
async def test_a_recipient_who_was_suppressed_meanwhile_gets_nothing_and_the_story_says_why():
    found, counts = world(SANDBOX), list[int]()
    tried = (PastAttempt(1, Outcome.DEFERRED),)
    await found.dispatch.carry(
        [of_template(1, suppressed=True), of_template(2, suppressed=True, attempts=tried)], counts.append
    )
    assert found.vendors[1].calls == []
    [command] = found.store.written(EndMessages)
    assert {(each.ending, each.reason) for each in command.ended} == {(None, Reason.BLOCKED)}
    assert {json.loads(each.decision)["why"] for each in command.ended} == {
        "the recipient is on the suppression list"
    }
    assert sum(counts) == 2


@in_virtual_time
async def test_a_suppressed_message_past_its_validity_is_expired():
    found = world(SANDBOX)
    await found.dispatch.carry([of_template(suppressed=True, expires_at=START_US)])
    assert found.store.written(EndMessages)[0].ended[0].reason is Reason.EXPIRED


QUIET = quiet_hours("00:00-23:00")
"""At the start of these stories it is 16:00 in Shanghai."""
UNTIL = START_US + 7 * 3_600_000_000


@in_virtual_time
async def test_marketing_that_no_handset_can_have_waits_for_the_end_of_quiet_hours():
    found, counts = world(SANDBOX), list[int]()
    found.directory.quiet_hours = QUIET
    deferred, unknown = (PastAttempt(1, Outcome.DEFERRED),), (PastAttempt(1, Outcome.UNKNOWN),)
    messages = [
        of_template(1, lane=Lane.MARKETING, attempts=deferred),
        of_template(2, lane=Lane.MARKETING, attempts=unknown),
        of_template(3, lane=Lane.NOTIFICATION),
        of_template(4, lane=Lane.OTP),
        of_template(5, lane=Lane.MARKETING, expires_at=START_US),
    ]
    await found.dispatch.carry(messages, counts.append)
    [postpone] = found.store.written(Postpone)
    [late] = postpone.messages
    assert (late.message_id, late.until) == (messages[0].id, UNTIL)
    assert {outbound.message_id for call in found.vendors[1].calls for outbound in call} == {
        each.id for each in messages[1:4]
    }
    assert [each.message_id for each in found.store.written(EndMessages)[0].ended] == [messages[4].id]
    assert sum(counts) == 5


@in_virtual_time
async def test_marketing_goes_while_hours_are_not_quiet():
    found = world(SANDBOX)
    found.directory.quiet_hours = quiet_hours("21:00-08:00")
    await found.dispatch.carry([of_template(lane=Lane.MARKETING)])
    assert len(found.vendors[1].calls) == 1
