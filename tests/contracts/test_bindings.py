"""Bindings: what vendors make of a version of a template, and how it came to that."""

from dataclasses import replace
from typing import Any

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.templates import (
    APPROVALS_MAX,
    HISTORY_MAX,
    Approval,
    ApprovalChange,
    ApprovalsOf,
    DeleteTemplate,
    DropApproval,
    GetApprovals,
    GetHistory,
    GetVersion,
    Subject,
)
from posthouse.core.template import Binding
from tests.contracts.administering import refused
from tests.contracts.build import HOUR, World
from tests.contracts.wording import ROW, a_template, an_approval, an_edit, bound, own, the_template

OTHER = "验证码{code},请勿泄露。"
BINDING = Binding("SMS_1", (("1", "code"), ("2", "minutes")))


async def approvals(world: World, version: int | None = None) -> list[tuple[int, str, Approval]]:
    found = await world.read(GetApprovals(world.account_id, Subject.TEMPLATE, "login", version))
    return [(each.version, each.vendor, each.state) for each in found]


async def history(world: World, limit: int = 10) -> list[ApprovalChange]:
    return await world.read(GetHistory(world.account_id, Subject.TEMPLATE, "login", limit))


async def test_only_approved_bindings_of_the_very_version_can_be_sent_with(world: World):
    await world.write(a_template(world))
    await world.write(bound(world))
    for n, state in enumerate((Approval.DRAFT, Approval.PENDING, Approval.REJECTED)):
        await world.write(bound(world, vendor=f"vendor-{n}", state=state))
    await world.write(bound(world, vendor="nameless", vendor_id=None))
    assert (await own(world)).templates["login"].bindings == {"aliyun": BINDING}
    await world.write(an_edit(await the_template(world), world, signature="驿站"))
    assert (await own(world)).templates["login"].bindings == {}
    await world.write(bound(world, version=2, vendor="tencent-1", vendor_id="77"))
    sent_with = {
        version: template.bindings
        for version in (1, 2)
        if (template := await world.read(GetVersion(world.account_id, "login", version))) is not None
    }
    assert sent_with == {1: {"aliyun": BINDING}, 2: {"tencent-1": BINDING._replace(template_id="77")}}
    assert (await own(world)).templates["login"].bindings == sent_with[2]


async def test_bindings_of_another_accounts_template_are_not_mine(world: World):
    beta = await world.account("beta")
    await world.write(a_template(world))
    await world.write(a_template(world, account_id=beta, row=ROW + 1))
    await world.write(replace(bound(world), account_id=beta))
    assert (await own(world)).templates["login"].bindings == {}
    assert await approvals(world) == []
    assert (await own(world, beta)).templates["login"].bindings == {"aliyun": BINDING}


async def test_a_review_is_told_as_it_stands_and_step_by_step(world: World):
    await world.write(a_template(world))
    steps = [(Approval.DRAFT, None), (Approval.REJECTED, "含有链接"), (Approval.APPROVED, None)]
    begun = world.now
    for state, reason in steps:
        await world.write(bound(world, state=state, reason=reason))
        world.later(HOUR)
    [current] = await world.read(GetApprovals(world.account_id, Subject.TEMPLATE, "login"))
    assert current == an_approval(world, updated_at=begun + 2 * HOUR)
    expected = [
        ApprovalChange(1, "aliyun", state, reason, begun + n * HOUR)
        for n, (state, reason) in enumerate(steps)
    ]
    assert await history(world) == expected[::-1]
    assert await history(world, limit=1) == expected[2:]


async def test_what_is_said_again_is_no_step(world: World):
    await world.write(a_template(world))
    first = await world.write(bound(world))
    said_at = world.now
    world.later(HOUR)
    assert await world.write(bound(world)) == first == an_approval(world, updated_at=said_at)
    assert [change.at for change in await history(world)] == [said_at]
    [current] = await world.read(GetApprovals(world.account_id, Subject.TEMPLATE, "login"))
    assert current.updated_at == said_at


@pytest.mark.parametrize(
    "change", [{"vendor_id": "SMS_2"}, {"parameters": (("1", "code"),)}, {"reason": "why"}]
)
async def test_whatever_changes_of_a_binding_is_a_step(world: World, change: dict[str, Any]):
    await world.write(a_template(world))
    await world.write(bound(world))
    await world.write(bound(world, **change))
    [current] = await world.read(GetApprovals(world.account_id, Subject.TEMPLATE, "login"))
    assert current == an_approval(world, **change)
    assert len(await history(world)) == 2


async def test_bindings_are_listed_newest_version_first_or_of_one(world: World):
    await world.write(a_template(world))
    await world.write(an_edit(await the_template(world), world, text=OTHER))
    for version, vendor in ((1, "tencent"), (1, "aliyun"), (2, "huawei")):
        await world.write(bound(world, version=version, vendor=vendor))
    of_first = [(1, "aliyun", Approval.APPROVED), (1, "tencent", Approval.APPROVED)]
    assert await approvals(world) == [(2, "huawei", Approval.APPROVED), *of_first]
    assert await approvals(world, version=1) == of_first
    assert await approvals(world, version=3) == []


async def test_a_page_of_templates_is_told_its_bindings_by_row(world: World):
    for n, template_id in enumerate(("login", "bare", "order")):
        await world.write(a_template(world, template_id, row=ROW + n))
    await world.write(bound(world))
    for vendor in ("tencent", "aliyun"):
        await world.write(bound(world, "order", vendor=vendor))
    found = await world.read(ApprovalsOf(Subject.TEMPLATE, (ROW, ROW + 1, ROW + 2)))
    vendors = {row: [each.vendor for each in approvals] for row, approvals in found.items()}
    assert vendors == {ROW: ["aliyun"], ROW + 1: [], ROW + 2: ["aliyun", "tencent"]}
    assert found[ROW] == [an_approval(world)]


async def test_a_vendors_template_that_is_taken_over_comes_with_its_binding_once(world: World):
    taken_over = a_template(world, binding=an_approval(world))
    assert await world.write(taken_over) is None
    assert await approvals(world) == [(1, "aliyun", Approval.APPROVED)]
    assert len(await history(world)) == 1
    again = replace(taken_over, template_id="again", row=ROW + 1)
    with pytest.raises(Refusal) as refusal:
        await world.write(again)
    assert (refusal.value.code, refusal.value.param) == (Code.ALREADY_EXISTS, "vendor_template_id")
    assert refusal.value.facts == {"resource": "template", "id": "login"}
    beta = await world.account("beta")
    await world.write(replace(again, account_id=beta))
    await world.write(replace(again, row=ROW + 2, binding=an_approval(world, vendor="tencent")))
    await world.write(DeleteTemplate(world.account_id, "login", world.now))
    await world.write(replace(again, row=ROW + 3, template_id="anew"))


async def test_only_versions_that_are_there_are_bound(world: World):
    await world.write(a_template(world))
    for command in (bound(world, version=2), bound(world, version=0), bound(world, "nothing")):
        assert await refused(world, command) is Code.NOT_FOUND
    assert await history(world) == []


async def test_a_dropped_binding_sends_nothing_and_its_history_stays(world: World):
    await world.write(a_template(world))
    await world.write(bound(world))
    drop = DropApproval(world.account_id, Subject.TEMPLATE, "login", 1, "aliyun")
    await world.write(drop)
    assert await approvals(world) == []
    assert (await own(world)).templates["login"].bindings == {}
    assert len(await history(world)) == 1
    for gone in (drop, replace(drop, subject_id="nothing"), replace(drop, version=2)):
        assert await refused(world, gone) is Code.NOT_FOUND
    await world.write(bound(world))
    assert len(await history(world)) == 2


async def test_a_template_has_so_many_bindings_over_all_its_versions(world: World):
    await world.write(a_template(world))
    await world.write(an_edit(await the_template(world), world, text=OTHER))
    await world.together(*(bound(world, version=1 + n % 2, vendor=f"v{n}") for n in range(APPROVALS_MAX)))
    one_more = bound(world, vendor="one more")
    assert await refused(world, one_more) is Code.TOO_MANY
    await world.write(bound(world, vendor="v0", state=Approval.REJECTED))
    await world.write(DropApproval(world.account_id, Subject.TEMPLATE, "login", 1, "v0"))
    await world.write(one_more)
    assert len(await approvals(world)) == APPROVALS_MAX


async def test_of_a_history_the_newest_steps_are_kept(world: World):
    await world.write(a_template(world))
    await world.write(a_template(world, "other", row=ROW + 1))
    await world.write(bound(world, "other"))
    await world.together(*(bound(world, reason=str(n)) for n in range(HISTORY_MAX + 5)))
    steps = await history(world, limit=2 * HISTORY_MAX)
    assert [step.reason for step in steps] == [str(n) for n in range(HISTORY_MAX + 4, 4, -1)]
    others = await world.read(GetHistory(world.account_id, Subject.TEMPLATE, "other", 10))
    assert len(others) == 1
