"""Codes that are refused before the store is asked."""

import pytest

from posthouse.core.errors import Code
from posthouse.core.ports.admin import AccountStatus
from tests.services.codes import REAL, SANDBOX, Counter, refused, text_of
from tests.services.desk import caller, own, template


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"to": "12"}, Code.INVALID_NUMBER, "to"),
        ({"to": "+86\u200b13800138000"}, Code.INVISIBLE_CHARACTERS, "to"),
        ({"pin": "nobody"}, Code.UNKNOWN_VENDOR, "vendor"),
        ({"params": {"name": "Ada"}}, Code.UNKNOWN_PARAM, "params.name"),
        ({"template_id": "none"}, Code.TEMPLATE_NOT_OTP, "template_id"),
        ({"template_id": "1", "params": {}}, Code.MISSING_PARAM, "params.name"),
        ({"template_id": "1", "params": {"name": "a 赌博"}}, Code.SENSITIVE_WORD, "params.name"),
        ({"template_id": "bad"}, Code.SENSITIVE_WORD, "template_id"),
        ({"template_id": "1", "params": {"name": "a\x00"}}, Code.INVALID_TEXT, "params.name"),
        ({"template_id": "much"}, Code.TEXT_TOO_LONG, "template_id"),
        ({"signature": "赌博"}, Code.SENSITIVE_WORD, "signature"),
        ({"address": "nowhere"}, Code.INVALID_VALUE, "ip"),
        ({"domain": "Example"}, Code.INVALID_VALUE, "domain"),
        ({"app_hash": "short"}, Code.INVALID_VALUE, "app_hash"),
        ({"domain": "example.com", "app_hash": "FA+9qCX9VSu"}, Code.INVALID_VALUE, "app_hash"),
        ({"template_id": "wide", "app_hash": "FA+9qCX9VSu"}, Code.INVALID_VALUE, "app_hash"),
    ],
)
async def test_what_is_wrong_is_refused_by_the_name_of_its_field(counter, fields, code, param):
    things = own(
        template(),
        template("{code} 赌博", "bad"),
        template("{code}" + "短" * 670, "much"),
        template("{code}" + "短" * 42, "wide"),
        words=("赌博",),
    )
    refusal = await refused(counter, who=caller(things), **fields)
    assert (refusal.code, refusal.param) == (code, param)
    assert counter.asked == []


async def test_a_text_for_android_may_have_140_bytes_and_no_more(counter):
    for size, fits in ((122, True), (123, False)):
        things = own(template("{code}" + "x" * size, "t"))
        wanted = {"who": caller(things), "template_id": "t", "app_hash": "FA+9qCX9VSu"}
        if fits:
            text = text_of(await counter.sent(**wanted), things.templates["t"])
            assert len(text.encode()) == 140
        else:
            assert (await refused(counter, **wanted)).param == "app_hash"


async def test_a_signature_counts_among_the_bytes_android_looks_at(counter):
    things = own(template("{code}" + "x" * 115, "t", signature="驿站"))
    refusal = await refused(counter, who=caller(things), template_id="t", app_hash="FA+9qCX9VSu")
    assert refusal.param == "app_hash"


@pytest.mark.parametrize("status", [AccountStatus.PENDING, AccountStatus.REJECTED])
async def test_an_unverified_account_sends_no_codes(counter, status):
    assert (await refused(counter, who=caller(status=status))).code is Code.ACCOUNT_NOT_VERIFIED
    assert counter.store.asked == []


async def test_an_account_on_trial_sends_simulated_ones():
    counter = Counter(SANDBOX, REAL)
    await counter.directory.refresh()
    assert (await counter.sent(who=caller(status=AccountStatus.TRIAL))).message.simulated
