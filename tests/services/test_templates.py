"""Templates and signatures over a real store: edits that meet, bindings, and what a preview says."""

import asyncio

import pytest

from posthouse.core.catalogue import explain
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids
from posthouse.core.message import Lane
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.templates import Approval
from posthouse.core.translation import Notation
from posthouse.services.administer import Administer
from posthouse.services.preview import preview
from posthouse.services.signatures import Signatures
from posthouse.services.templates import Foreign, Templates, made
from tests.contracts.backends import SQLiteBackend

VENDORS = frozenset({"sandbox", "aliyun"})


class Ticking:
    """Every look at it is a microsecond later."""

    def __init__(self) -> None:
        self.at = 1_795_852_800_000_000

    def now(self) -> int:
        self.at += 1
        return self.at


@pytest.fixture
def store(tmp_path):
    store = SQLiteBackend(tmp_path).open()
    yield store
    store.close()


@pytest.fixture
async def account_id(store):
    administer = Administer(store, Ticking(), pepper=b"p", fingerprint=1)
    return (await administer.create_account("acme", status=AccountStatus.APPROVED)).id


@pytest.fixture
def templates(store):
    return Templates(store, Ticking(), Ids(1), VENDORS)


@pytest.fixture
def signatures(store):
    return Signatures(store, Ticking(), Ids(1), VENDORS)


async def save(templates, account_id, text="Your code is {code}.", **more):
    draft = templates.draft(account_id, name="Code", kind=Lane.OTP, text=text, **more)
    assert await templates.save(draft) is None
    return await templates.get(account_id, draft.template_id)


async def test_a_template_is_stored_as_it_was_said_to_be(templates, account_id):
    draft = templates.draft(
        account_id, name="Code", kind=Lane.OTP, text="{a} {b}", signature="驿站", lengths={"a": 3}
    )
    await templates.save(draft)
    assert await templates.get(account_id, draft.template_id) == made(draft)


async def test_edits_of_different_fields_that_meet_both_stay(templates, account_id):
    template_id = (await save(templates, account_id)).template_id
    await asyncio.gather(
        templates.edit(account_id, template_id, text="{code}!"),
        templates.edit(account_id, template_id, signature="驿站"),
        templates.edit(account_id, template_id, name="Sign-in"),
        templates.edit(account_id, template_id, lengths={"code": 8}),
    )
    known = await templates.get(account_id, template_id)
    assert (known.text, known.signature, known.name) == ("{code}!", "驿站", "Sign-in")
    assert known.variables == (("code", 8),)
    assert known.newest == 4


async def test_an_edit_checks_the_whole_that_comes_of_it(templates, account_id):
    record = await save(templates, account_id, "短" * 665)
    with pytest.raises(Refusal) as refused:
        await templates.edit(account_id, record.template_id, signature="驿站驿站")
    assert refused.value.code is Code.TEXT_TOO_LONG
    assert await templates.get(account_id, record.template_id) == record


async def test_a_binding_said_twice_is_the_first_one(templates, account_id):
    record = await save(templates, account_id)
    once, again = [
        await templates.bind(account_id, record.template_id, "aliyun", vendor_template_id="SMS_1")
        for _ in range(2)
    ]
    assert once == again
    assert once.state is Approval.DRAFT
    assert await templates.approvals(account_id, record.template_id) == [once]


async def test_two_processes_that_edit_different_fields_lose_neither(store, account_id):
    here, there = (Templates(store, Ticking(), Ids(number), VENDORS) for number in (1, 2))
    template_id = (await save(here, account_id)).template_id
    await asyncio.gather(
        here.edit(account_id, template_id, text="{code}!"),
        there.edit(account_id, template_id, signature="驿站"),
    )
    known = await here.get(account_id, template_id)
    assert (known.text, known.signature) == ("{code}!", "驿站")


async def test_a_vendors_template_is_taken_over_with_its_binding_at_once(templates, account_id):
    wanted = templates.draft_import(
        account_id,
        Foreign(
            vendor=Notation.ALIYUN,
            text="${code}是您的验证码",
            vendor_template_id="SMS_1",
            name="Code",
            kind=Lane.OTP,
            template_id="login",
        ),
    )
    await templates.save(wanted)
    assert await templates.get(account_id, "login") == made(wanted)
    assert await templates.approvals(account_id, "login") == [wanted.binding]


async def test_all_variables_are_bound_by_name_where_the_vendor_has_names(templates, account_id):
    record = await save(templates, account_id, "{code} {minutes}")
    found = {
        vendor: (
            await templates.bind(account_id, record.template_id, vendor, vendor_template_id="1")
        ).parameters
        for vendor in ("aliyun", "tencent")
    }
    assert found["aliyun"] == (("code", "code"), ("minutes", "minutes"))
    assert found["tencent"] == (("1", "code"), ("2", "minutes"))


async def test_a_version_that_is_not_there_is_told_with_the_newest(templates, account_id):
    record = await save(templates, account_id, template_id="parcel")
    await templates.edit(account_id, record.template_id, text="{code}!")
    with pytest.raises(Refusal) as refused:
        await templates.get(account_id, "parcel", 9)
    said = explain(refused.value, "en")
    assert (said.code, said.param) == (Code.NOT_FOUND, "version")
    assert said.detail.startswith("The template 'parcel' has no version 9; the newest is 2.")


async def test_a_signatures_review_said_twice_is_one_step(signatures, account_id):
    draft = signatures.draft(account_id, name="驿站")
    await signatures.save(draft)
    for _ in range(2):
        await signatures.approve(account_id, draft.signature_id, "aliyun", state=Approval.APPROVED)
    assert len(await signatures.history(account_id, draft.signature_id, 10)) == 1


@pytest.mark.parametrize("name", ["", " ", "x" * 21, "【驿站】", "驿站 ", "a\nb", "\u200b", "\ufe0f"])
async def test_a_signature_that_nobody_could_read_is_none(signatures, account_id, name):
    with pytest.raises(Refusal) as refused:
        signatures.draft(account_id, name=name)
    assert (refused.value.code, refused.value.param) == (Code.INVALID_SIGNATURE, "name")


async def test_a_preview_holds_what_is_sent_and_what_could_be(templates, account_id):
    record = await save(templates, account_id, signature="驿站", lengths={"code": 60})
    seen = preview(record, {"code": "1234"}, country="CN")
    assert seen.rendered is not None
    assert seen.rendered.text == "【驿站】Your code is 1234."
    assert (seen.rendered.measure.units, seen.rendered.measure.parts) == (22, 1)
    assert (seen.worst_case.units, seen.worst_case.parts) == (78, 2)
    assert preview(record, None, country="CN").rendered is None
    other = preview(record, {"code": "1"}, country="CN", signature="邮局")
    assert other.rendered is not None
    assert other.rendered.text.startswith("【邮局】")
