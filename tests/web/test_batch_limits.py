"""Batches of accounts with limits for each recipient, under one idempotency key: admitted once."""

import asyncio

from posthouse.core.limits import RecipientLimits
from posthouse.core.message import Lane
from posthouse.core.ports.admin import UpdateAccount
from posthouse.core.ports.life import DropStaged
from tests.web.office import Office

BATCH = "/v1/sms/batch"
ONCE = {"idempotency_key": "once", "body": "hi", "to": [f"+86138{index:08d}" for index in range(3)]}
LIMITS = {Lane.NOTIFICATION: RecipientLimits(day=1)}


async def limited(office: Office) -> None:
    await office.store.write(UpdateAccount("acme", recipient_limits=LIMITS))
    office.directory.forget()


async def test_repetitions_that_come_together_are_all_answered_alike(office):
    await limited(office)
    client = await office.issue()
    replies = await asyncio.gather(*(client.post(BATCH, ONCE) for _ in range(5)))
    assert [reply.status for reply in replies] == [202] * 5
    assert len({reply.json()["batch_id"] for reply in replies}) == 1
    assert sorted(reply.headers.get("idempotent-replayed", "") for reply in replies) == ["", *["true"] * 4]
    assert office.backend.count("messages") == office.backend.count("admissions") == 3
    again = await client.post(BATCH, ONCE | {"idempotency_key": "another"})
    assert (again.status, again.json()["code"]) == (400, "batch_refused")
    assert office.backend.count("batches") == 1


async def test_one_that_another_process_accepted_meanwhile_is_answered_alike(office, monkeypatch):
    await limited(office)
    client = await office.issue()
    submit = office.house.services.submit
    ask, asked = submit.replay, []

    async def too_early(*question):
        asked.append(question)
        return await ask(*question) if len(asked) > 1 else None

    first = await client.post(BATCH, ONCE)
    monkeypatch.setattr(type(submit), "replay", lambda _, *question: too_early(*question))
    second = await client.post(BATCH, ONCE)
    assert (second.status, second.json()) == (202, first.json())
    assert len(asked) == 2


async def test_what_a_process_that_died_had_counted_does_not_stand_in_the_way_of_the_repetition(
    office, monkeypatch
):
    await limited(office)
    client = await office.issue()

    async def dead(*_args):
        raise asyncio.CancelledError

    with monkeypatch.context() as dying:
        dying.setattr(type(office.house.services.submit), "accept_batch", dead)
        await asyncio.gather(client.post(BATCH, ONCE), return_exceptions=True)
    assert office.backend.count("admissions") == 3
    assert (await client.post(BATCH, ONCE)).status == 400
    await office.store.write(DropStaged(2**63 - 1, 500))  # as at a start
    assert (await client.post(BATCH, ONCE)).status == 202
    assert office.backend.count("messages") == office.backend.count("admissions") == 3
