"""What stories of templates and signatures are told with."""

from dataclasses import replace
from typing import Any

from posthouse.core.message import Lane
from posthouse.core.ports.templates import (
    Approval,
    ApprovalRecord,
    EditTemplate,
    GetOwn,
    GetTemplate,
    Own,
    SaveSignature,
    SaveTemplate,
    SetApproval,
    Subject,
    TemplateRecord,
)
from posthouse.core.template import variables_of
from tests.contracts.build import World

ROW = 10_000
TEXT = "您的验证码是{code},{minutes}分钟内有效。"


def a_template(world: World, template_id: str = "login", **fields: Any) -> SaveTemplate:
    """Not yet stored; `row` tells templates apart."""
    command = SaveTemplate(
        world.account_id, ROW, template_id, "Login", Lane.OTP, TEXT, None, variables_of(TEXT), world.now
    )
    return replace(command, **fields)


def an_edit(before: TemplateRecord, world: World, **fields: Any) -> EditTemplate:
    """Changes what is given, an hour after the story's beginning or whenever it is."""
    return EditTemplate(world.account_id, before.template_id, world.now, **fields)


def a_signature(world: World, signature_id: str = "house", **fields: Any) -> SaveSignature:
    return replace(SaveSignature(world.account_id, ROW, signature_id, "驿站", world.now), **fields)


def an_approval(world: World, **fields: Any) -> ApprovalRecord:
    """By position: the vendor's first parameter is the code."""
    record = ApprovalRecord(
        1, "aliyun", "SMS_1", (("1", "code"), ("2", "minutes")), Approval.APPROVED, None, world.now
    )
    return record._replace(**fields)


def bound(world: World, template_id: str = "login", **fields: Any) -> SetApproval:
    """A vendor's template that says the same."""
    return SetApproval(world.account_id, Subject.TEMPLATE, template_id, an_approval(world, **fields))


def approved(world: World, signature_id: str = "house", **fields: Any) -> SetApproval:
    """What a vendor makes of a signature."""
    usual: dict[str, Any] = {"version": 0, "vendor_id": None, "parameters": ()}
    approval = an_approval(world, **(usual | fields))
    return SetApproval(world.account_id, Subject.SIGNATURE, signature_id, approval)


async def the_template(
    world: World, template_id: str = "login", version: int | None = None
) -> TemplateRecord:
    found = await world.read(GetTemplate(world.account_id, template_id, version))
    assert found is not None
    return found


async def own(world: World, account_id: int | None = None) -> Own:
    return await world.read(GetOwn(account_id or world.account_id))
