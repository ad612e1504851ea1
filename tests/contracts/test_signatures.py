"""Signatures: registered once by id and by name, approved vendor by vendor."""

from dataclasses import replace
from typing import Any

import pytest

from posthouse.core.errors import Code
from posthouse.core.ports.queries import DirectoryVersion
from posthouse.core.ports.store import Command
from posthouse.core.ports.templates import (
    SIGNATURES_MAX,
    Approval,
    DeleteSignature,
    DropApproval,
    GetApprovals,
    GetHistory,
    GetSignature,
    ListSignatures,
    SignatureRecord,
    Subject,
)
from tests.contracts.administering import refused
from tests.contracts.build import World
from tests.contracts.wording import ROW, a_signature, a_template, an_approval, approved, bound, own


async def test_a_signature_is_found_as_it_was_registered(world: World):
    assert await world.write(a_signature(world)) is None
    record = SignatureRecord(ROW, "house", "驿站", world.now)
    assert await world.read(GetSignature(world.account_id, "house")) == record
    assert await world.read(GetSignature(world.account_id, "nothing")) is None
    assert (await own(world)).signatures == {"house": "驿站"}
    assert (await own(world)).approved_signatures == {}


@pytest.mark.parametrize(
    ("twin", "param"), [({"signature_id": "other"}, "name"), ({"name": "另一个"}, "id"), ({}, "id")]
)
async def test_an_id_and_a_name_are_taken_once_even_within_one_commit(
    world: World, twin: dict[str, Any], param: str
):
    first = a_signature(world)
    answers = await world.together(first, replace(first, row=ROW + 1, **twin))
    assert answers[0] is None
    assert (answers[1].code, answers[1].param) == (Code.ALREADY_EXISTS, param)
    assert answers[1].facts == {"resource": "signature", "id": "house"}
    assert (await own(world)).signatures == {"house": "驿站"}


async def test_two_accounts_may_have_the_same_signature(world: World):
    beta = await world.account("beta")
    await world.write(a_signature(world))
    await world.write(a_signature(world, account_id=beta, row=ROW + 1))
    await world.write(replace(approved(world), account_id=beta))
    assert (await own(world)).approved_signatures == {}
    assert (await own(world, beta)).approved_signatures == {"驿站": {"aliyun"}}


async def test_a_signature_is_registered_once_under_one_idempotency_key(world: World):
    first = a_signature(world, once=world.once("k", b"house", b"made"))
    again = replace(first, row=ROW + 1, signature_id="second", name="另一个")
    assert await world.together(first, again) == [None, b"made"]
    assert await world.write(again) == b"made"
    assert (await own(world)).signatures == {"house": "驿站"}
    other = replace(again, once=world.once("k", b"another"))
    assert await refused(world, other) is Code.IDEMPOTENCY_KEY_REUSED


async def test_signatures_are_listed_oldest_first_and_page_by_page(world: World):
    beta = await world.account("beta")
    await world.write(a_signature(world, account_id=beta, row=ROW + 9))
    for n, signature_id in enumerate(("zebra", "house", "apple")):
        await world.write(a_signature(world, signature_id, row=ROW + n, name=f"签名{n}"))
    first = await world.read(ListSignatures(world.account_id, 2))
    rest = await world.read(ListSignatures(world.account_id, 2, first[-1].row))
    assert [record.signature_id for record in first + rest] == ["zebra", "house", "apple"]
    assert await world.read(ListSignatures(world.account_id, 2, rest[-1].row)) == []


async def test_an_account_has_so_many_signatures(world: World):
    await world.together(
        *(a_signature(world, f"s{n}", row=ROW + n, name=f"签名{n}") for n in range(SIGNATURES_MAX))
    )
    one_more = a_signature(world, row=ROW + SIGNATURES_MAX)
    assert await refused(world, one_more) is Code.TOO_MANY
    await world.write(DeleteSignature(world.account_id, "s5"))
    assert await world.write(one_more) is None


async def test_a_signature_is_approved_where_a_vendor_says_so(world: World):
    await world.write(a_signature(world))
    await world.write(approved(world))
    await world.write(approved(world, vendor="tencent-1"))
    for n, state in enumerate((Approval.DRAFT, Approval.PENDING, Approval.REJECTED)):
        await world.write(approved(world, vendor=f"vendor-{n}", state=state))
    assert (await own(world)).approved_signatures == {"驿站": {"aliyun", "tencent-1"}}
    await world.write(approved(world, state=Approval.REJECTED, reason="未提供授权书"))
    assert (await own(world)).approved_signatures == {"驿站": {"tencent-1"}}
    steps = await world.read(GetHistory(world.account_id, Subject.SIGNATURE, "house", 10))
    assert (steps[0].vendor, steps[0].state, steps[0].reason) == ("aliyun", Approval.REJECTED, "未提供授权书")
    assert len(steps) == 6


async def test_an_approval_of_a_signature_is_of_no_version(world: World):
    await world.write(a_signature(world))
    await world.write(approved(world, vendor_id="SIGN_1"))
    [found] = await world.read(GetApprovals(world.account_id, Subject.SIGNATURE, "house", 0))
    assert found == an_approval(world, version=0, vendor_id="SIGN_1", parameters=())
    for command in (approved(world, version=1), approved(world, "nothing")):
        assert await refused(world, command) is Code.NOT_FOUND


async def test_a_signature_and_a_template_of_one_row_are_reviewed_apart(world: World):
    await world.write(a_signature(world))
    await world.write(a_template(world, "house"))
    await world.write(approved(world))
    assert await world.read(GetApprovals(world.account_id, Subject.TEMPLATE, "house")) == []
    await world.write(bound(world, "house", vendor="tencent"))
    await world.write(DeleteSignature(world.account_id, "house"))
    [left] = await world.read(GetApprovals(world.account_id, Subject.TEMPLATE, "house"))
    assert left.vendor == "tencent"
    [step] = await world.read(GetHistory(world.account_id, Subject.TEMPLATE, "house", 10))
    assert step.vendor == "tencent"


async def test_a_deleted_signature_is_forgotten_with_its_approvals(world: World):
    await world.write(a_signature(world))
    await world.write(approved(world))
    await world.write(DeleteSignature(world.account_id, "house"))
    assert await refused(world, DeleteSignature(world.account_id, "house")) is Code.NOT_FOUND
    assert await refused(world, approved(world)) is Code.NOT_FOUND
    assert (await own(world)).signatures == {}
    assert (await own(world)).approved_signatures == {}
    assert await world.read(GetApprovals(world.account_id, Subject.SIGNATURE, "house")) == []
    assert await world.read(GetHistory(world.account_id, Subject.SIGNATURE, "house", 10)) == []


async def test_a_signature_that_is_registered_again_begins_anew(world: World):
    await world.write(a_signature(world))
    await world.write(approved(world))
    await world.write(DeleteSignature(world.account_id, "house"))
    await world.write(a_signature(world))
    assert (await own(world)).approved_signatures == {}
    assert await world.read(GetHistory(world.account_id, Subject.SIGNATURE, "house", 10)) == []


async def test_every_change_raises_the_directorys_version(world: World):
    commands: list[Command[Any]] = [
        a_signature(world),
        approved(world),
        DropApproval(world.account_id, Subject.SIGNATURE, "house", 0, "aliyun"),
        DeleteSignature(world.account_id, "house"),
    ]
    for command in commands:
        before = await world.read(DirectoryVersion())
        await world.write(command)
        assert await world.read(DirectoryVersion()) > before
