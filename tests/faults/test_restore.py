"""A backup of a random instant, restored: what was sent since is sent again by an operator or not at all."""

from soak.experiments.restored import run


async def test_nothing_is_sent_again_after_a_restore_but_what_an_operator_releases():
    outcome = await run(1)
    print("\n".join(f"{what:>28} {count:>7}" for what, count in outcome.counted.items()))
    assert outcome.held, outcome.detail
    assert outcome.counted["held"] > outcome.counted["held in doubt"]


async def test_a_restore_that_holds_nothing_would_be_seen():
    outcome = await run(1, planted=True)
    assert not outcome.held
    assert outcome.counted["sent again unasked"] > 0
