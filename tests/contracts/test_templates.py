"""Templates: ids that are used once, versions that never change, bindings that belong to one of them."""

from dataclasses import replace
from typing import Any

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane
from posthouse.core.ports.admin import PLATFORM
from posthouse.core.ports.queries import DirectoryVersion
from posthouse.core.ports.store import Command
from posthouse.core.ports.templates import (
    FIRST_TEMPLATE,
    TEMPLATES_MAX,
    DeleteTemplate,
    DropApproval,
    GetTemplate,
    GetVersion,
    ListTemplates,
    ListVersions,
    SetWords,
    Subject,
    TemplateRecord,
)
from posthouse.core.template import Template, Variable, variables_of
from posthouse.storage import templates
from posthouse.storage.tx import Row, Statement, Tx
from tests.contracts.administering import a_trial, refused, the_account
from tests.contracts.build import HOUR, World
from tests.contracts.wording import ROW, TEXT, a_template, an_edit, bound, own, the_template

OTHER = "验证码{code},请勿泄露。"


async def versions(world: World, template_id: str = "login", **page: Any) -> list[int]:
    query = ListVersions(world.account_id, template_id, **({"limit": 10} | page))
    return [record.version for record in await world.read(query)]


async def test_a_template_is_found_as_it_was_made(world: World):
    variables = (Variable("code", 6), Variable("minutes"))
    command = a_template(world, kind=Lane.MARKETING, signature="驿站", variables=variables)
    assert await world.write(command) is None
    assert await the_template(world) == TemplateRecord(
        row=ROW,
        template_id="login",
        name="Login",
        kind=Lane.MARKETING,
        version=1,
        newest=1,
        text=TEXT,
        signature="驿站",
        variables=variables,
        created_at=world.now,
        updated_at=world.now,
    )
    assert (await own(world)).templates["login"] == Template(
        "login", Lane.MARKETING, 1, TEXT, "驿站", variables
    )


async def test_an_id_is_used_once_even_within_one_commit(world: World):
    answers = await world.together(*(a_template(world, row=ROW + n) for n in range(3)))
    assert answers[0] is None
    assert [answer.code for answer in answers[1:]] == [Code.ALREADY_EXISTS] * 2
    assert (await the_template(world)).row == ROW


async def test_two_accounts_may_have_templates_of_one_id_and_see_their_own_only(world: World):
    beta = await world.account("beta")
    await world.write(a_template(world))
    await world.write(
        a_template(world, account_id=beta, row=ROW + 1, text=OTHER, variables=variables_of(OTHER))
    )
    assert (await the_template(world)).text == TEXT
    assert (await own(world, beta)).templates["login"].text == OTHER
    await world.write(DeleteTemplate(beta, "login", world.now))
    assert not (await own(world)).templates["login"].deleted


async def test_a_template_is_made_once_under_one_idempotency_key(world: World):
    once = world.once("k", b"login", b"made")
    first = a_template(world, once=once)
    assert await world.together(first, replace(first, row=ROW + 1, template_id="second")) == [None, b"made"]
    assert await world.write(first) == b"made"
    assert set((await own(world)).templates) == {"1", "login"}
    other = replace(first, once=world.once("k", b"another"))
    assert await refused(world, other) is Code.IDEMPOTENCY_KEY_REUSED


async def test_a_refused_template_leaves_its_key_free(world: World):
    await world.write(a_template(world))
    once = world.once("k", b"login", b"made")
    assert await refused(world, a_template(world, row=ROW + 1, once=once)) is Code.ALREADY_EXISTS
    assert await world.write(a_template(world, "other", row=ROW + 1, once=once)) is None


async def test_another_text_makes_a_version_and_the_old_one_stays_as_it_was(world: World):
    await world.write(a_template(world))
    before = await the_template(world)
    made_at = world.now
    world.later(HOUR)
    command = an_edit(before, world, text=OTHER)
    after = await world.write(command)
    assert after == await the_template(world)
    assert (after.version, after.newest, after.text) == (2, 2, OTHER)
    assert (after.created_at, after.updated_at) == (made_at, world.now)
    assert await the_template(world, version=1) == before._replace(newest=2)
    assert (await own(world)).templates["login"].version == 2
    old = await world.read(GetVersion(world.account_id, "login", 1))
    assert old == Template("login", Lane.OTP, 1, TEXT, None, before.variables)


@pytest.mark.parametrize(
    ("change", "version"),
    [
        ({"text": "{minutes}:{code}"}, 2),
        ({"signature": "驿站"}, 2),
        ({"lengths": {"code": 6}}, 2),
        ({"name": "Sign-in"}, 1),
        ({}, 1),
    ],
)
async def test_only_what_vendors_review_makes_a_version(world: World, change: dict[str, Any], version: int):
    await world.write(a_template(world))
    before = await the_template(world)
    world.later(HOUR)
    after = await world.write(an_edit(before, world, **change))
    assert after == await the_template(world)
    assert (after.version, after.newest) == (version, version)
    assert after.updated_at == (world.now if change else before.updated_at)
    told = after._asdict() | {"lengths": dict(after.variables)}
    assert {name: told[name] for name in change if name != "lengths"} == {
        name: value for name, value in change.items() if name != "lengths"
    }
    assert told["lengths"]["code"] == change.get("lengths", dict(before.variables))["code"]


async def test_edits_of_different_fields_that_share_a_commit_both_stay(world: World):
    await world.write(a_template(world))
    before = await the_template(world)
    changes: list[dict[str, Any]] = [
        {"text": "{code}!"},
        {"signature": "驿站"},
        {"lengths": {"code": 6}},
        {"name": "Sign-in"},
    ]
    await world.together(*(an_edit(before, world, **change) for change in changes))
    after = await the_template(world)
    assert (after.text, after.signature, after.name) == ("{code}!", "驿站", "Sign-in")
    assert (after.variables, after.newest) == ((Variable("code", 6),), 4)


async def test_an_edit_is_refused_for_the_whole_that_comes_of_it(world: World):
    await world.write(a_template(world, text="短" * 665, variables=()))
    record = await the_template(world)
    assert await refused(world, an_edit(record, world, signature="驿站驿站")) is Code.TEXT_TOO_LONG
    assert await refused(world, an_edit(record, world, lengths={"nobody": 5})) is Code.UNKNOWN_PARAM
    assert await the_template(world) == record


async def test_edits_that_share_a_commit_make_a_version_each(world: World):
    await world.write(a_template(world))
    before = await the_template(world)
    edits = [an_edit(before, world, text=f"{TEXT} {n}") for n in range(3)]
    assert [record.version for record in await world.together(*edits)] == [2, 3, 4]
    assert await versions(world) == [4, 3, 2, 1]


async def test_a_template_has_so_many_versions(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(templates, "VERSIONS_MAX", 2)
    await world.write(a_template(world))
    record = await the_template(world)
    await world.write(an_edit(record, world, text=f"{TEXT} 2"))
    assert await refused(world, an_edit(record, world, text=f"{TEXT} 3")) is Code.TOO_MANY
    assert (await world.write(an_edit(record, world, name="Another"))).version == 2


async def test_versions_are_listed_newest_first_and_page_by_page(world: World):
    await world.write(a_template(world))
    for n in range(4):
        await world.write(an_edit(await the_template(world), world, text=f"{TEXT} {n}"))
    assert await versions(world, limit=2) == [5, 4]
    assert await versions(world, limit=2, before=4) == [3, 2]
    assert await versions(world, before=2) == [1]
    assert await versions(world, "nothing") == []


async def test_a_template_or_a_version_that_is_not_there_is_none(world: World):
    await world.write(a_template(world))
    for template_id, version in (("nothing", None), ("login", 2), ("login", 0)):
        assert await world.read(GetTemplate(world.account_id, template_id, version)) is None
    assert await world.read(GetVersion(world.account_id, "nothing", 1)) is None
    assert await world.read(GetVersion(world.account_id, "login", 2)) is None
    missing = (await the_template(world))._replace(template_id="nothing")
    assert await refused(world, an_edit(missing, world)) is Code.NOT_FOUND


async def test_a_deleted_template_is_gone_but_for_messages_that_name_it(world: World):
    await world.write(a_template(world))
    record = await the_template(world)
    await world.write(DeleteTemplate(world.account_id, "login", world.now))
    assert await world.read(GetTemplate(world.account_id, "login")) is None
    assert await versions(world) == []
    for command in (
        an_edit(record, world, text=OTHER),
        DeleteTemplate(world.account_id, "login", world.now),
        bound(world),
    ):
        assert await refused(world, command) is Code.NOT_FOUND
    assert (await own(world)).templates["login"].deleted
    kept = await world.read(GetVersion(world.account_id, "login", 1))
    assert kept is not None
    assert (kept.text, kept.deleted) == (TEXT, True)


async def test_the_id_of_a_deleted_template_is_not_used_again(world: World):
    await world.write(a_template(world))
    await world.write(DeleteTemplate(world.account_id, "login", world.now))
    with pytest.raises(Refusal) as refusal:
        await world.write(a_template(world, row=ROW + 1))
    assert (refusal.value.code, refusal.value.param) == (Code.ALREADY_EXISTS, "id")
    assert refusal.value.facts == {"resource": "template", "deleted_id": "login"}


async def test_templates_are_listed_oldest_first_and_page_by_page(world: World):
    beta = await world.account("beta")
    await world.write(a_template(world, "theirs", account_id=beta, row=ROW + 10))
    for n, template_id in enumerate(("zebra", "login", "gone", "apple")):
        await world.write(a_template(world, template_id, row=ROW + n))
    await world.write(an_edit(await the_template(world), world, text=OTHER))
    await world.write(DeleteTemplate(world.account_id, "gone", world.now))
    first = await world.read(ListTemplates(world.account_id, 2))
    rest = await world.read(ListTemplates(world.account_id, 2, first[-1].row))
    assert [record.template_id for record in first + rest] == ["1", "zebra", "login", "apple"]
    assert [record.version for record in rest] == [2, 1]
    assert await world.read(ListTemplates(world.account_id, 2, rest[-1].row)) == []


async def test_an_account_has_so_many_templates_and_makes_room_by_deleting(world: World):
    await world.together(*(a_template(world, f"t{n}", row=ROW + n) for n in range(TEMPLATES_MAX - 1)))
    one_more = a_template(world, row=ROW + TEMPLATES_MAX)
    with pytest.raises(Refusal) as refusal:
        await world.write(one_more)
    assert (refusal.value.code, refusal.value.facts) == (Code.TOO_MANY, {"limit": TEMPLATES_MAX})
    await world.write(DeleteTemplate(world.account_id, "t5", world.now))
    assert await world.write(one_more) is None


async def test_deleted_templates_too_are_counted_in_the_end(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(templates, "EVER_MAX", 3)
    for n in range(2):
        await world.write(a_template(world, f"t{n}", row=ROW + n))
        await world.write(DeleteTemplate(world.account_id, f"t{n}", world.now))
    assert await refused(world, a_template(world, row=ROW + 2)) is Code.TOO_MANY


@pytest.mark.parametrize("opened", ["account", "trial"])
async def test_every_new_account_begins_with_the_template_of_the_document(world: World, opened: str):
    if opened == "trial":
        await world.write(a_trial(world, 1))
    else:
        await world.account("trial-1")
    account = await the_account(world, "trial-1")
    template_id, name, text = FIRST_TEMPLATE
    [record] = await world.read(ListTemplates(account.id, 10))
    assert record == TemplateRecord(
        row=account.id,
        template_id=template_id,
        name=name,
        kind=Lane.OTP,
        version=1,
        newest=1,
        text=text,
        signature=None,
        variables=(Variable("name"), Variable("code")),
        created_at=world.now,
        updated_at=world.now,
    )
    first = (await own(world, account.id)).templates["1"]
    assert first.fill({"name": "张三", "code": "1234"}) == "尊敬的张三,您的验证码是1234,请及时输入。"


async def test_the_first_template_is_an_accounts_own_to_edit_and_to_delete(world: World):
    await world.account("beta")
    after = await world.write(an_edit(await the_template(world, "1"), world, signature="驿站"))
    assert after.version == 2
    await world.write(DeleteTemplate(world.account_id, "1", world.now))
    beta = (await the_account(world, "beta")).id
    assert not (await own(world, beta)).templates["1"].deleted


async def test_an_account_that_is_not_there_has_nothing_of_its_own(world: World):
    nothing = await world.read(GetVersion(PLATFORM, "1", 1))
    assert nothing is None
    assert (await own(world, 999)).templates == {}


async def test_everything_of_an_account_takes_as_many_statements_as_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    statements: list[Statement] = []
    run = Tx.rows

    def counted(tx: Tx, statement: Statement, *values: Any) -> list[Row]:
        statements.append(statement)
        return run(tx, statement, *values)

    for n in range(20):
        await world.write(a_template(world, f"t{n}", row=ROW + n))
        await world.write(bound(world, f"t{n}"))
    monkeypatch.setattr(Tx, "rows", counted)
    assert len((await own(world)).templates) == 21
    assert len(statements) <= 5


async def test_every_change_raises_the_directorys_version(world: World):
    await world.write(a_template(world))
    record = await the_template(world)
    commands: list[Command[Any]] = [
        a_template(world, "other", row=ROW + 1),
        an_edit(record, world, name="Sign-in"),
        bound(world),
        DropApproval(world.account_id, Subject.TEMPLATE, "login", 1, "aliyun"),
        DeleteTemplate(world.account_id, "login", world.now),
        SetWords(world.account_id, ("中奖",)),
    ]
    for command in commands:
        before = await world.read(DirectoryVersion())
        await world.write(command)
        assert await world.read(DirectoryVersion()) > before


async def test_what_was_said_outlives_a_restart(world: World):
    await world.write(a_template(world))
    await world.write(bound(world))
    before = await own(world)
    await world.restart()
    assert (await own(world)).templates == before.templates
