"""Moving messages: with the account's quiet hours, and batches in bounded steps."""

from posthouse.core.ports.changes import Moved, QuietRule, Reschedule, RescheduleBatch, Step
from posthouse.core.ports.life import Once
from posthouse.core.quiet import quiet_hours
from posthouse.services.schedule import Schedule
from posthouse.services.steps import STEP
from tests.services.desk import HOUR, NOW, SHANGHAI, Desk, caller

NIGHT = quiet_hours("21:00-08:00")
ONCE = Once(1, "batches.reschedule", "key", b"print", b"")


async def test_a_message_moves_by_its_accounts_quiet_hours_on_the_configured_clocks():
    desk = Desk()
    desk.store.answers[Reschedule] = lambda asked: Moved(asked.send_at, 0, asked.at)
    schedule = Schedule(desk.store, desk, SHANGHAI)
    await schedule.move(caller(quiet_hours=NIGHT).account, 5, NOW + HOUR, 60)
    await schedule.move(caller().account, 5, NOW + HOUR, None)
    quiet, free = desk.store.written(Reschedule)
    assert (quiet.quiet, quiet.validity_us) == (QuietRule(NIGHT, SHANGHAI), 60_000_000)
    assert (free.quiet, free.validity_us) == (None, None)


async def test_a_batch_moves_in_steps_that_all_have_the_same_time_of_day():
    desk = Desk()
    steps = [Step(500, 77, replayed=True), Step(500, 99), Step(3, None)]

    def step(_: RescheduleBatch) -> Step:
        desk.at += HOUR
        return steps.pop(0)

    desk.store.answers[RescheduleBatch] = step
    schedule = Schedule(desk.store, desk, SHANGHAI)
    moved = await schedule.move_batch(caller(quiet_hours=NIGHT).account, 5, NOW + HOUR, ONCE)
    assert moved == (1003, True)
    commands = desk.store.written(RescheduleBatch)
    assert [(command.after_id, command.at) for command in commands] == [(0, NOW), (77, NOW), (99, NOW)]
    assert {(command.limit, command.once, command.quiet) for command in commands} == {
        (STEP, ONCE, QuietRule(NIGHT, SHANGHAI))
    }
