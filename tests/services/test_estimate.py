"""What an estimate says of templates: their rendered size, and which vendors would take them."""

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ledger import Balance
from posthouse.core.message import Lane
from posthouse.core.ports.admission import FindSuppressed
from posthouse.core.ports.queries import GetStanding, Standing
from posthouse.core.quiet import quiet_hours
from posthouse.core.routing import Channel
from posthouse.core.template import Binding
from posthouse.services.estimate import Estimate, Estimator
from posthouse.services.explain import Foresight
from posthouse.services.submission import Submission
from tests.services.desk import HOUR, NOW, SHANGHAI, TO, Desk, caller, own, template

STRICT = Channel(2, "tencent-1", "tencent")
PLAIN = Channel(4, "smpp-1", "smpp", cost=9)
BOUND = Binding("888", (("1", "code"),))


def estimator_of(desk: Desk) -> Estimator:
    return Estimator(desk.submit, desk.directory, desk.store, Foresight(desk.directory, desk, SHANGHAI))


async def estimate(things=None, **wanted) -> Estimate:
    desk = Desk(STRICT, PLAIN, approving=frozenset({"tencent"}))
    desk.store.answers[GetStanding] = lambda _: Standing(Balance(), 0, 0)
    await desk.directory.refresh()
    estimator = estimator_of(desk)
    return await estimator.estimate(caller(things or own()), Submission("+15555550123", **wanted))


async def test_a_templates_size_is_that_of_its_rendered_and_signed_text():
    things = own(template("Your code: {code}…", "code", signature="Acme"))
    found = await estimate(things, template_id="code", params={"code": "123456"})
    text = "【Acme】Your code: 123456…"
    assert found.size is not None
    assert found.size.units == len(text)
    assert [misfit.char for misfit in found.size.misfits] == ["【", "】", "…"]


async def test_a_vendors_own_template_has_no_size_we_know():
    found = await estimate(template_id="SMS_1", params={"code": "1"})
    assert (found.size, found.message.parts) == (None, 1)
    assert [channel.name for channel in found.decision.candidates] == ["tencent-1"]


async def test_an_estimate_shows_who_has_approved_of_a_template_and_who_has_not():
    unbound = await estimate(own(template("{code}", "code")), template_id="code", params={"code": "1"})
    assert {step.channel: step.why for step in unbound.decision.steps} == {
        "smpp-1": "chosen",
        "tencent-1": "template code version 1 has no approved binding there",
    }
    bound = own(template("{code}", "code", bindings={"tencent": BOUND}))
    found = await estimate(bound, template_id="code", params={"code": "1"})
    assert {channel.name for channel in found.decision.candidates} == {"smpp-1", "tencent-1"}


async def test_an_estimate_leaves_out_a_channel_without_a_connection_as_sending_would():
    desk = Desk(STRICT, PLAIN)
    desk.store.answers[GetStanding] = lambda _: Standing(Balance(), 0, 0)
    await desk.directory.refresh()
    connected = {STRICT.id, PLAIN.id}
    foresight = Foresight(desk.directory, desk, SHANGHAI, connected=connected)
    estimator = Estimator(desk.submit, desk.directory, desk.store, foresight)
    for gone, chosen in (0, "tencent-1"), (STRICT.id, "smpp-1"):
        connected.discard(gone)
        found = await estimator.estimate(caller(), Submission(TO, "hello"))
        assert found.decision.candidates[0].name == chosen


async def test_an_estimate_refuses_a_recipient_on_the_suppression_list_as_sending_would():
    desk = Desk(PLAIN)
    desk.store.answers[FindSuppressed] = lambda asked: [
        each.lane is Lane.MARKETING for each in asked.recipients
    ]
    desk.store.answers[GetStanding] = lambda _: Standing(Balance(), 0, 0)
    estimator = estimator_of(desk)
    with pytest.raises(Refusal) as caught:
        await estimator.estimate(caller(), Submission(TO, "news", lane=Lane.MARKETING))
    assert (caught.value.code, caught.value.param) == (Code.RECIPIENT_SUPPRESSED, "to")
    assert (await estimator.estimate(caller(), Submission(TO, "hello"))).message.recipient == TO


async def test_an_estimate_says_when_quiet_hours_would_let_a_message_go_and_when_it_was_meant_to():
    desk = Desk(PLAIN)
    desk.store.answers[GetStanding] = lambda _: Standing(Balance(), 0, 0)
    estimator = estimator_of(desk)
    who = caller(quiet_hours=quiet_hours("15:00-18:00"))  # it is 16:00
    found = await estimator.estimate(who, Submission(TO, "news", lane=Lane.MARKETING))
    assert (found.message.send_at, found.message.postponed_from) == (NOW + 2 * HOUR, NOW)


async def test_a_one_time_passwords_size_is_that_of_what_is_sealed():
    found = await estimate(own(template("{code}", "code")), template_id="code", params={"code": "1" * 9})
    assert found.size is not None
    assert found.size.units == 9
