"""Codes that are asked for: which verification, which message."""

from dataclasses import replace

import pytest

from posthouse.core import otp
from posthouse.core.errors import Code
from posthouse.core.guard import Rule
from posthouse.core.message import Lane, Mode
from posthouse.core.otp import VerificationState
from posthouse.core.ports.guard import Objection
from posthouse.core.ports.otp import Challenge, CodeSent
from posthouse.core.text import measure
from posthouse.services.challenge import LOOKS_MAX, SILENT_US
from posthouse.services.passcode import decode
from tests.fakes import CIPHER, CODES
from tests.services.codes import ONCE, REAL, SANDBOX, SECOND, US, Counter, refused, text_of
from tests.services.desk import NOW, TO, caller, own, template


@pytest.fixture
def counter() -> Counter:
    return Counter()


# ------------------------------------------------------------------------------------------- the first one


async def test_a_new_code_has_six_digits_five_minutes_and_five_checks(counter):
    sending = await counter.sent()
    verification = sending.verification
    assert (verification.length, verification.checks_left, verification.sends) == (6, 5, 1)
    assert verification.expires_at - verification.created_at == 300 * SECOND
    assert (verification.number, verification.country, verification.mode) == (TO, "CN", "live")
    assert verification.silent_at == NOW + SILENT_US
    assert sending.resend_at == NOW + 60 * SECOND
    assert counter.wakeups.wakes == 1


async def test_no_two_codes_are_made_of_the_same_salt(counter):
    salts = {(await counter.sent()).verification.salt for _ in range(50)}
    assert len(salts) == 50
    assert {len(salt) for salt in salts} == {otp.SALT_BYTES}


async def test_the_message_holds_neither_code_nor_text(counter):
    sending = await counter.sent(params=None, domain="example.com")
    code = CODES.code(sending.verification.seed)
    message = sending.message
    assert (message.body, message.lane, message.verification_id) == (
        None,
        Lane.OTP.value,
        sending.verification.id,
    )
    assert message.expires_at == sending.verification.expires_at
    assert not message.params.startswith("{")
    assert code not in repr(counter.asked) + repr(counter.store.commands)
    assert code in text_of(sending)


@pytest.mark.parametrize(("to", "words"), [(TO, "您的验证码是"), (US, "Your verification code is ")])
async def test_the_usual_text_is_in_the_language_of_the_number(counter, to, words):
    sending = await counter.sent(to)
    assert text_of(sending).startswith(words + CODES.code(sending.verification.seed))


async def test_what_was_measured_and_priced_is_what_is_sent(counter):
    long = template("{name}" + "。" * 50 + "{code}{minutes}", "long")
    who = caller(own(long))
    for to in (TO, US):
        for fields in (
            {"length": 10},
            {"domain": "accounts.example.com", "signature": "驿站"},
            {"template_id": "long", "params": {"name": "欧阳" * 10}, "length": 10},
        ):
            sending = await counter.sent(to, who=who, **fields)
            chosen = long if "template_id" in fields else None
            measured = measure(text_of(sending, chosen), country=sending.verification.country)
            assert measured.parts == sending.message.parts
            assert measured.encoding.value == sending.message.encoding
            assert sending.message.price == 50_000 * measured.parts


async def test_a_template_is_remembered_by_its_version_and_brings_its_signature(counter):
    things = own(template("{code} {name}", "login", version=3, signature="驿站"))
    sending = await counter.sent(who=caller(things), template_id="login", params={"name": "Ada"})
    message = sending.message
    assert (message.template_id, message.template_version, message.signature) == ("login", 3, "驿站")
    code = CODES.code(sending.verification.seed)
    assert text_of(sending, things.templates["login"]) == f"【驿站】{code} Ada"


async def test_what_is_asked_for_goes_into_the_message_and_the_guards_question(counter):
    who = replace(caller(), mode=Mode.TEST)
    sending = await counter.sent(who=who, sender="1069", address="203.0.113.7", purpose="login", length=8)
    [command] = counter.asked
    assert (sending.message.sender, sending.message.mode, sending.message.simulated) == ("1069", "test", True)
    assert (sending.verification.purpose, sending.verification.length) == ("login", 8)
    asked = command.asked
    assert (asked.mode, asked.number, asked.country, asked.kind) == (Mode.TEST, TO, "CN", "mobile")
    assert (asked.price, asked.simulated, asked.begins) == (50_000, True, True)
    assert asked.address is not None


async def test_with_a_real_channel_only_test_keys_simulate():
    counter = Counter(SANDBOX, REAL)
    await counter.directory.refresh()
    assert not (await counter.sent()).message.simulated
    assert not counter.asked[0].asked.simulated
    assert (await counter.sent(who=replace(caller(), mode=Mode.TEST))).message.simulated


# ----------------------------------------------------------------------------------------------- once more


async def test_a_resend_is_the_same_verification_with_the_time_that_is_left(counter):
    first = await counter.once_sent()
    counter.at += 61 * SECOND - 1  # no whole number of seconds is left
    sending = await counter.sent()
    assert sending.verification == first._replace(sends=2, silent_at=counter.at + SILENT_US)
    assert sending.message.expires_at == first.expires_at
    assert decode(CIPHER.open(sending.message.params, sending.message.id)).minutes == "4"
    assert CODES.code(first.seed) in text_of(sending)
    assert sending.resend_at == counter.at + 120 * SECOND
    assert counter.asked[-1].asked.begins is False


async def test_a_resend_extends_nothing_whatever_time_is_asked_for(counter):
    first = await counter.once_sent(ttl_s=60)
    counter.at += 59 * SECOND
    assert (await counter.sent(ttl_s=600)).verification.expires_at == first.expires_at


@pytest.mark.parametrize(
    "fields", [{"length": 7}, {"amount": "1"}, {"payee": "ACME"}, {"amount": "1", "payee": "ACME"}]
)
async def test_another_length_or_binding_is_another_code(counter, fields):
    first = await counter.once_sent()
    sending = await counter.sent(**fields)
    assert sending.verification.id != first.id
    assert sending.verification.salt != first.salt


async def test_a_bound_code_is_repeated_for_the_same_binding_only(counter):
    first = await counter.once_sent(amount="1", payee="ACME")
    assert (await counter.sent(amount="1", payee="ACME")).verification.id == first.id
    assert (await counter.sent(amount="\uff11", payee="ACME")).verification.id != first.id  # another text
    for fields in ({}, {"amount": "1"}, {"amount": "ACME", "payee": "1"}, {"amount": "2", "payee": "ACME"}):
        assert (await counter.sent(**fields)).verification.id != first.id


async def test_a_binding_is_the_same_however_its_letters_are_composed(counter):
    first = await counter.once_sent(amount="5 \u20ac", payee="Caf\u00e9")
    again = await counter.sent(amount="5 \u20ac", payee="Cafe\u0301")
    assert again.verification.id == first.id
    assert first.binding == CODES.binding("5 \u20ac", "Cafe\u0301") != CODES.binding("5 \u20ac", "Cafe")


@pytest.mark.parametrize("state", [state for state in VerificationState if state != "pending"])
async def test_what_is_over_is_replaced(counter, state):
    first = await counter.once_sent()
    counter.found = replace(counter.found, verification=first._replace(state=state.value))
    assert (await counter.sent()).verification.id != first.id


async def test_without_checks_left_or_time_it_is_replaced(counter):
    first = await counter.once_sent()
    counter.found = replace(counter.found, checks_left=0)
    assert (await counter.sent()).verification.id != first.id
    counter.found = replace(counter.found, checks_left=5)
    counter.at = first.expires_at
    assert (await counter.sent()).verification.id != first.id
    counter.at = first.created_at - 61 * SECOND
    assert (await counter.sent()).verification.id != first.id


@pytest.mark.parametrize(
    ("avoid", "delivered", "another", "told"),
    [
        ((1, 2), False, False, "1 2"),
        ((1,), True, False, None),
        ((1,), True, True, "1"),
        ((), False, True, None),
    ],
)
async def test_a_resend_goes_another_way_unless_the_handset_has_the_code(
    counter, avoid, delivered, another, told
):
    await counter.once_sent()
    counter.found = replace(counter.found, avoid=avoid, delivered=delivered)
    assert (await counter.sent(another_channel=another)).message.avoid == told
    assert (await counter.sent(another_channel=another, length=8)).message.avoid is None  # another code


async def test_who_comes_in_between_is_looked_at_anew_and_not_for_ever(counter):
    counter.answers = [CodeSent(stale=True)] * 2
    await counter.sent()
    assert len(counter.asked) == 3
    counter.answers = [CodeSent(stale=True)] * LOOKS_MAX
    refusal = await refused(counter)
    assert (refusal.code, refusal.facts["retry_after_s"]) == (Code.OTP_COOLDOWN, 1)
    assert len(counter.asked) == 3 + LOOKS_MAX


async def test_a_reply_of_before_is_given_again_and_wakes_nobody(counter):
    counter.answers = [CodeSent(replayed=b"before")]
    assert await counter.ask(once=ONCE) == (b"before", True)
    assert counter.asked[0].accept.once == ONCE
    assert counter.wakeups.wakes == 0


async def test_what_the_guard_says_is_a_refusal(counter):
    counter.answers = [CodeSent(refused=Objection(Rule.COUNTRY))]
    assert (await refused(counter)).code is Code.COUNTRY_NOT_ALLOWED
    assert counter.wakeups.wakes == 0


# -------------------------------------------------------------------------------------------- test numbers


async def test_a_test_number_gets_no_message_and_costs_nothing(counter):
    counter.found = Challenge(fixed=b"f" * 32)
    sending = await counter.sent()
    assert sending.message is None
    assert (sending.verification.fixed, sending.verification.silent_at) == (b"f" * 32, None)
    assert sending.resend_at == NOW
    [command] = counter.asked
    assert (command.accept.messages, command.accept.amount, command.asked.price) == ((), 0, 0)
    assert counter.wakeups.wakes == 0


async def test_a_number_that_became_a_test_number_or_ceased_to_be_one_gets_a_new_code(counter):
    first = await counter.once_sent()
    counter.found = replace(counter.found, fixed=b"f" * 32)
    second = (await counter.sent()).verification
    assert second.id != first.id
    counter.found = Challenge(second, checks_left=5)
    assert (await counter.sent()).verification.id != second.id


async def test_what_is_wrong_is_refused_for_test_numbers_too(counter):
    counter.found = Challenge(fixed=b"f" * 32)
    assert (await refused(counter, template_id="none")).code is Code.TEMPLATE_NOT_OTP
    assert (await refused(counter, pin="nobody")).code is Code.UNKNOWN_VENDOR
