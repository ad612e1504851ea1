"""How channels do, as routing and people are told."""

from dataclasses import replace

from structlog.testing import capture_logs

from posthouse.core.health import BreakerState
from posthouse.core.routing import Channel, ChannelState
from posthouse.core.verdict import Accepted, NotSent
from posthouse.observe import Metrics
from posthouse.services.health import Health
from tests.virtual_time import START_US, VirtualClock, in_virtual_time

ONE, TWO = Channel(1, "one", "smpp"), Channel(2, "two", "twilio")
SANDBOX = Channel(9, "sandbox", "sandbox", simulated=True)
OK, DOWN = [Accepted("r")], [NotSent("refused")]


class Watch:
    """A health with a clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.metrics = Metrics()
        self.channels: tuple[Channel, ...] = (ONE, TWO, SANDBOX)
        self.health = Health(
            VirtualClock(), lambda: self.channels, self.metrics, monotonic=lambda: self.now_s
        )

    def fails(self, channel: Channel = ONE, times: int = 5) -> None:
        for _ in range(times):
            self.health.answered(channel.id, DOWN, 0.0)


@in_virtual_time
async def test_while_all_are_sound_there_is_nothing_to_say():
    watch = Watch()
    for _ in range(100):
        watch.health.answered(1, OK, 0.1)
        watch.health.receipts(1, 1, 0, [0.5])
    watch.now_s += 2
    assert watch.health.standings() == ()
    assert watch.health.probes() == ()


@in_virtual_time
async def test_standings_stay_the_same_object_until_something_changes():
    watch = Watch()
    watch.fails(times=1)
    watch.now_s += 2
    before = watch.health.standings()
    assert [each.failed for each in before] == [1]
    watch.now_s += 2
    assert watch.health.standings() is before
    watch.fails(times=1)
    assert watch.health.standings() is before, "figures are looked at once a second"
    watch.now_s += 2
    assert [each.failed for each in watch.health.standings()] == [2]


@in_virtual_time
async def test_a_breaker_that_opens_is_told_at_once_in_the_log_and_among_the_figures():
    watch = Watch()
    assert watch.health.standings() == ()
    with capture_logs() as logs:
        watch.fails()
    [told] = logs
    assert (told["event"], told["channel"], told["log_level"]) == ("channel_open", "one", "warning")
    assert watch.health.standings()[0].down == "5 calls in a row failed"
    assert b'posthouse_channel_down{channel="one"} 1.0' in watch.metrics.page()
    report = watch.health.report(1)
    assert (report.state, report.opened_at, report.failed) == (BreakerState.OPEN, START_US, 5)
    assert 0 < watch.health.rest_s(1) <= 1


@in_virtual_time
async def test_one_probe_at_a_time_and_a_success_closes_it():
    watch = Watch()
    watch.fails()
    assert watch.health.probes() == ()
    watch.now_s += 1
    assert watch.health.probes() == (1,)
    watch.health.probe(1)
    assert watch.health.probes() == ()
    assert watch.health.report(1).state is BreakerState.PROBING
    with capture_logs() as logs:
        watch.health.answered(1, OK, 0.0)
    assert [told["event"] for told in logs] == ["channel_closed"]
    assert watch.health.standings() == ()
    assert watch.health.report(1).opened_at is None
    assert b'posthouse_channel_down{channel="one"} 0.0' in watch.metrics.page()


@in_virtual_time
async def test_a_probe_that_fails_is_no_news():
    watch = Watch()
    watch.fails()
    watch.now_s += 1
    watch.health.probe(1)
    with capture_logs() as logs:
        watch.fails(times=1)
    assert logs == []
    assert watch.health.rest_s(1) == 2


@in_virtual_time
async def test_what_nobody_used_is_sound_and_simulators_and_strangers_are_not_watched():
    watch = Watch()
    watch.fails(SANDBOX, 20)
    watch.fails(Channel(77, "gone", "smpp"), 20)
    assert watch.health.standings() == ()
    for channel_id in (2, 9, 77):
        assert watch.health.report(channel_id).state is BreakerState.CLOSED
        assert watch.health.rest_s(channel_id) == 0


@in_virtual_time
async def test_a_channel_that_is_gone_or_not_in_use_is_forgotten_and_its_gauge_with_it():
    for left in ((TWO, SANDBOX), (replace(ONE, state=ChannelState.DRAINING), TWO, SANDBOX)):
        watch = Watch()
        watch.fails()
        watch.now_s += 3600
        assert watch.health.probes() == (1,)
        watch.channels = left
        assert watch.health.probes() == ()
        assert watch.health.standings() == ()
        assert not watch.health.down(1)
        watch.fails()
        assert watch.health.standings() == ()
        assert b'posthouse_channel_down{channel="one"}' not in watch.metrics.page()
        watch.channels = (ONE, TWO, SANDBOX)
        assert watch.health.report(1).state is BreakerState.CLOSED


@in_virtual_time
async def test_an_accounts_own_channel_is_told_apart_from_one_of_the_same_name():
    watch = Watch()
    theirs = Channel(3, "one", "smpp", account_id=7)
    watch.channels = (ONE, TWO, theirs)
    with capture_logs() as logs:
        watch.fails(ONE)
        watch.fails(theirs)
    assert [told["channel"] for told in logs] == ["one", "one@7"]
    watch.now_s += 1
    watch.health.probe(3)
    watch.health.answered(3, OK, 0.0)
    page = watch.metrics.page()
    assert b'posthouse_channel_down{channel="one"} 1.0' in page
    assert b'posthouse_channel_down{channel="one@7"} 0.0' in page


@in_virtual_time
async def test_a_probe_without_a_call_is_given_back():
    watch = Watch()
    watch.fails()
    watch.now_s += 1
    watch.health.probe(1)
    watch.health.spare(1)
    assert watch.health.probes() == (1,)
    watch.health.spare(77)
