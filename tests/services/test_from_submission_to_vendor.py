"""Templates, suppressions and quiet hours from submission to vendor, over a real store."""

import itertools
from typing import Any

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids
from posthouse.core.limits import RecipientLimits
from posthouse.core.message import Lane, Mode, State
from posthouse.core.ports.admin import Role, UpdateAccount
from posthouse.core.ports.admission import Suppress, Suppression
from posthouse.core.ports.life import NewMessage, QueueScheduled
from posthouse.core.ports.templates import DeleteTemplate, EditTemplate, SaveTemplate
from posthouse.core.ports.vendor import Outbound
from posthouse.core.quiet import quiet_hours
from posthouse.core.routing import Channel
from posthouse.core.template import variables_of
from posthouse.core.verdict import Accepted, Deferred, Reason, Verdict
from posthouse.observe import Metrics
from posthouse.services.arrange import Arranger
from posthouse.services.directory import Caller, Directory
from posthouse.services.dispatch import Dispatch
from posthouse.services.drafting import Drafting
from posthouse.services.rendering import Unreadable
from posthouse.services.submission import Submission
from posthouse.services.submit import Submit
from tests.contracts.backends import SQLiteBackend
from tests.contracts.build import HOUR, TO, World
from tests.fakes import CIPHER, CountedWakeups, ScriptedVendor
from tests.services.desk import SHANGHAI

PARAMS = {"name": "张三", "code": "123456"}
TEXT = "尊敬的张三,您的验证码是123456,请及时输入。"
OTHER = "+8613900139000"


class _Routed(Directory):
    """A directory with one channel, whatever the store has."""

    def channels(self) -> tuple[Channel, ...]:
        return (Channel(1, "sandbox", "sandbox", simulated=True),)


class House(World):
    """A store with what takes messages in and what carries them."""

    async def open(self) -> "House":
        await self.begin()
        self.verdicts: list[Verdict] = []
        self.vendor = ScriptedVendor(self._verdict, recipients_max=100)
        wakeups, metrics = CountedWakeups(), Metrics()
        self.directory = _Routed(self.store, pepper=b"p" * 32, vendors=frozenset({"sandbox"}))
        self.submit = Submit(
            self.store,
            self._clock(),
            Ids(7),
            wakeups,
            Drafting(self.directory, SHANGHAI, CIPHER),
            zone=SHANGHAI,
            pepper=b"p" * 32,
            metrics=metrics,
        )
        self.dispatch = Dispatch(
            store=self.store,
            clock=self._clock(),
            arranger=Arranger(self.directory, self._clock(), SHANGHAI, CIPHER),
            vendors={1: self.vendor},
            wakeups=wakeups,
            owner=self.owner,
            tokens=itertools.count(1000).__next__,
            metrics=metrics,
        )
        return self

    def _verdict(self, outbound: Outbound) -> Verdict:
        """The next of `verdicts`; where there is none, the vendor takes it."""
        return self.verdicts.pop(0) if self.verdicts else Accepted(f"ref-{outbound.key}")

    def _clock(self) -> Any:
        house = self

        class Told:
            def now(self) -> int:
                return house.now

        return Told()

    async def caller(self, mode: Mode = Mode.LIVE) -> Caller:
        await self.directory.refresh()
        account, own = (
            await self.directory.account(self.account_id),
            await self.directory.own(self.account_id),
        )
        scopes = frozenset({"messages:write"})
        return Caller(account, {"*": 50_000}, "", Role.ACCOUNT, mode, scopes, None, own)

    async def send(self, mode: Mode = Mode.LIVE, **wanted: Any) -> NewMessage:
        caller = await self.caller(mode)
        message = self.submit.draft(caller, Submission(**({"to": TO} | wanted)))
        await self.submit.accept(caller, message)
        return message

    async def carry(self, lane: Lane = Lane.OTP) -> list[str | None]:
        """Carry what is due; the texts that the vendor got."""
        self.vendor.calls.clear()
        await self.directory.refresh()
        await self.dispatch.carry(await self.dispatch.claim(lane, 100))
        return [outbound.text for call in self.vendor.calls for outbound in call]

    async def suppress(self, number: str, lane: Lane | None = None) -> None:
        await self.write(Suppress(self.account_id, Suppression(1, number, lane, None, self.now)))


@pytest.fixture
async def house(tmp_path):
    house = await House(SQLiteBackend(tmp_path)).open()
    yield house
    await house.end()


async def test_the_first_template_is_sent_as_the_document_has_it(house):
    message = await house.send(template_id="1", params=PARAMS)
    assert (message.template_version, message.lane) == (1, Lane.OTP)
    assert await house.carry() == [TEXT]
    assert (await house.get(message)).state == State.SENT


async def test_a_message_is_sent_in_the_version_it_was_accepted_with(house):
    await house.send(template_id="1", params=PARAMS)
    await house.write(EditTemplate(house.account_id, "1", house.now, text="{code}"))
    await house.send(template_id="1", params={"code": "9"})
    assert sorted(str(each) for each in await house.carry()) == ["9", TEXT]


async def test_a_template_that_is_made_after_a_message_was_accepted_does_not_change_it(house):
    """Its id was the vendor's own then, and so it is sent."""
    await house.send(template_id="new", params={"code": "1"}, lane=Lane.OTP)
    text = "{code} is your code"
    await house.write(
        SaveTemplate(house.account_id, 9, "new", "New", Lane.OTP, text, None, variables_of(text), house.now)
    )
    await house.send(template_id="new", params={"code": "2"})
    await house.carry()
    sent = [(each.template_id, each.params, each.text) for call in house.vendor.calls for each in call]
    assert sorted(sent, key=str) == [("new", {"code": "1"}, None), (None, None, "2 is your code")]


async def test_a_template_that_is_deleted_after_a_message_was_accepted_is_still_sent_as_it_was(house):
    await house.send(template_id="1", params=PARAMS)
    await house.write(DeleteTemplate(house.account_id, "1", house.now))
    assert await house.carry() == [TEXT]


async def test_parameters_that_an_earlier_release_stored_in_clear_are_sent(house):
    await house.send(template_id="1", params=PARAMS)
    house.backend.plant("""UPDATE messages SET params = '{"name":"张三","code":"123456"}'""")
    assert await house.carry() == [TEXT]


async def test_parameters_that_were_sealed_for_another_message_are_not_sent(house):
    one, _ = [await house.send(template_id="1", params=PARAMS) for _ in range(2)]
    house.backend.plant("UPDATE messages SET params = (SELECT params FROM messages ORDER BY id LIMIT 1)")
    with pytest.raises(Unreadable):
        await house.carry()
    sent = [outbound.message_id for call in house.vendor.calls for outbound in call]
    assert sent == [one.id]


async def test_the_text_of_a_one_time_password_is_stored_sealed_and_sent_as_it_was(house):
    wanted = [Submission(OTHER, body=f"{code} “code”\n{{x}}", lane=Lane.OTP) for code in ("111111", "222222")]
    message = await house.send(body='{"a": 123456}', lane=Lane.OTP, signature="驿站")
    await house.submit.accept_batch(await house.submit.draft_batch(await house.caller(), wanted))
    assert not [each.body for each in await house.listed() if each.body is not None]
    assert sorted(str(text) for text in await house.carry()) == [
        "111111 “code”\n{x}",
        "222222 “code”\n{x}",
        '【驿站】{"a": 123456}',
    ]
    [outbound] = [each for call in house.vendor.calls for each in call if each.message_id == message.id]
    assert (outbound.params, outbound.template_id) == (None, None)


async def test_a_text_that_an_earlier_release_stored_in_clear_is_sent(house):
    await house.send(body="123456", lane=Lane.OTP)
    house.backend.plant("UPDATE messages SET params = NULL, body = '654321'")
    assert await house.carry() == ["654321"]


async def test_a_text_that_was_sealed_for_another_message_is_not_sent(house):
    one, _ = [await house.send(body="123456", lane=Lane.OTP) for _ in range(2)]
    house.backend.plant("UPDATE messages SET params = (SELECT params FROM messages ORDER BY id LIMIT 1)")
    with pytest.raises(Unreadable):
        await house.carry()
    assert [outbound.message_id for call in house.vendor.calls for outbound in call] == [one.id]


async def test_who_is_suppressed_gets_nothing_accepted_and_nothing_sent(house):
    message = await house.send(template_id="1", params=PARAMS)
    await house.suppress(TO)
    with pytest.raises(Refusal) as caught:
        await house.send(template_id="1", params=PARAMS)
    assert caught.value.code is Code.RECIPIENT_SUPPRESSED
    assert await house.carry() == []
    found = await house.get(message)
    assert (found.state, found.reason, found.charge) == (State.FAILED, "blocked", "released")
    last = (await house.events(message))[-1]
    assert "on the suppression list" in (last.data or "")


async def test_of_a_batch_only_those_are_accepted_who_may_get_it(house):
    await house.suppress(OTHER, Lane.NOTIFICATION)
    wanted = [Submission(to, "hello") for to in (TO, OTHER)]
    draft = await house.submit.draft_batch(await house.caller(), wanted)
    assert [each.index for each in draft.rejected] == [1]
    await house.submit.accept_batch(draft)
    assert await house.carry(Lane.NOTIFICATION) == ["hello"]


async def test_limits_hold_over_single_messages_and_batches_and_count_back_what_is_not_accepted(house):
    limits = {Lane.NOTIFICATION: RecipientLimits(hour=2)}
    await house.write(UpdateAccount("acme", recipient_limits=limits))
    wanted = [Submission(TO, "hello"), Submission(OTHER, "hello")]

    def judge(draft: Any) -> None:
        if draft.rejected:
            raise Refusal(Code.BATCH_REFUSED)

    await house.send(body="hello")
    await house.send(body="hello")
    for _ in range(3):  # each of these would count the other number, were it not counted back
        with pytest.raises(Refusal):
            await house.submit.draft_batch(await house.caller(), wanted, judge=judge)
    draft = await house.submit.draft_batch(await house.caller(), wanted)
    assert [each.refusal.code for each in draft.rejected] == [Code.RECIPIENT_LIMITED]
    await house.submit.accept_batch(draft)
    await house.send(to=OTHER, body="hello")
    with pytest.raises(Refusal) as caught:
        await house.send(to=OTHER, body="hello")
    assert caught.value.code is Code.RECIPIENT_LIMITED


async def test_a_rehearsal_in_test_mode_uses_up_nothing_of_what_recipients_may_get(house):
    await house.write(UpdateAccount("acme", recipient_limits={Lane.NOTIFICATION: RecipientLimits(day=2)}))
    wanted = [Submission(TO, "hello")] * 2
    draft = await house.submit.draft_batch(await house.caller(Mode.TEST), wanted)
    await house.submit.accept_batch(draft)
    with pytest.raises(Refusal):
        await house.send(Mode.TEST, body="hello")
    await house.send(body="hello")
    draft = await house.submit.draft_batch(await house.caller(), wanted)
    assert [each.index for each in draft.rejected] == [1]


async def test_marketing_waits_for_the_end_of_quiet_hours_wherever_they_catch_it(house):
    # It is 16:00 in Shanghai.
    early = await house.send(body="before", lane=Lane.MARKETING)
    await house.write(UpdateAccount("acme", quiet_hours=quiet_hours("15:00-18:00")))
    assert await house.carry(Lane.MARKETING) == []
    late = await house.send(body="within", lane=Lane.MARKETING)
    for message in (early, late):
        found = await house.get(message)
        assert (found.state, found.send_at) == (State.SCHEDULED, house.now + 2 * HOUR)
        assert found.postponed_from is not None
    house.now += 2 * HOUR
    assert await house.write(QueueScheduled(house.now, 100)) == 2
    assert sorted(str(text) for text in await house.carry(Lane.MARKETING)) == ["before", "within"]


async def test_marketing_that_a_vendor_put_off_in_the_evening_is_not_tried_again_at_night(house):
    # It is 16:00 in Shanghai.
    message = await house.send(body="put off", lane=Lane.MARKETING)
    house.verdicts = [Deferred(Reason.RATE_LIMITED)]
    assert await house.carry(Lane.MARKETING) == ["put off"]
    await house.write(UpdateAccount("acme", quiet_hours=quiet_hours("16:00-18:00")))
    house.now += HOUR
    assert await house.carry(Lane.MARKETING) == []
    found = await house.get(message)
    assert (found.state, found.send_at) == (State.SCHEDULED, house.now + HOUR)
    house.now += HOUR
    assert await house.write(QueueScheduled(house.now, 100)) == 1
    assert await house.carry(Lane.MARKETING) == ["put off"]
    assert (await house.get(message)).state == State.SENT
