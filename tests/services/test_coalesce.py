"""What one vendor call carries."""

import time
from typing import Any

import pytest

from posthouse.core.ports.vendor import Capabilities
from posthouse.core.routing import Channel
from posthouse.services.coalesce import cut
from posthouse.services.plan import Load, Plan, Planned
from posthouse.services.rendering import Rendering
from tests.fakes import claimed
from tests.virtual_time import START_US

CHANNEL = Channel(2, "tencent-1", "tencent")
PLAN = Plan(CHANNEL, others_left=False, decision="{}")


def planned(number: int, text: str = "hello", params: dict[str, str] | None = None, **fields: Any) -> Planned:
    message = claimed(number, now=START_US, **fields)
    return Planned(message, Rendering(text, params, None, None), PLAN)


def calls(messages: list[Planned], burst: int | None = None, **capabilities: Any) -> list[list[Planned]]:
    return [load.planned for load in cut(Load(CHANNEL, messages), Capabilities(**capabilities), burst)]


def sizes(messages: list[Planned], **facts: Any) -> list[int]:
    return [len(call) for call in calls(messages, **facts)]


def test_a_call_carries_as_many_as_the_vendor_takes_and_the_rate_lets_through():
    messages = [planned(n) for n in range(250)]
    assert sizes(messages, recipients_max=100) == [100, 100, 50]
    assert sizes(messages, recipients_max=100, burst=70) == [70, 70, 70, 40]
    assert sizes(messages[:3]) == [1, 1, 1]


def test_only_what_is_alike_shares_a_call():
    messages = [planned(n, text=f"text {n % 3}") for n in range(30)]
    found = calls(messages, recipients_max=100, alike=("text",))
    assert [len(call) for call in found] == [10, 10, 10]
    assert all(len({each.rendering.text for each in call}) == 1 for call in found)
    assert sizes(messages, recipients_max=100) == [30]


def test_parameters_are_alike_when_they_are_equal_in_the_same_order():
    ways = [{"a": "1", "b": "2"}, {"b": "2", "a": "1"}, {"a": "1", "b": "3"}, {"a": "1", "b": "2"}]
    messages = [planned(n, params=way, template_id="77") for n, way in enumerate(ways)]
    alike = ("template_id", "params", "signature", "sender", "extend")
    found = calls(messages, recipients_max=200, alike=alike)
    assert [[each.rendering.params for each in call] for call in found] == [
        [ways[0], ways[3]],
        [ways[1]],
        [ways[2]],
    ]


def test_no_call_has_a_number_twice():
    messages = [planned(n, recipient=f"+86138001380{n % 10:02d}") for n in range(35)]
    found = calls(messages, recipients_max=100, alike=("text",))
    assert [len(call) for call in found] == [10, 10, 10, 5]
    for call in found:
        numbers = [each.message.recipient for each in call]
        assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("alike", [(), ("text",)])
def test_nothing_is_lost_or_doubled_and_alike_messages_stay_in_line(alike):
    messages = [planned(n, text=str(n % 7), recipient=f"+8613800138{n % 90:03d}") for n in range(1000)]
    found = calls(messages, recipients_max=40, alike=alike)
    assert sorted(each.message.id for call in found for each in call) == [m.message.id for m in messages]


def test_a_simulator_knows_messages_by_our_reference_and_takes_a_number_twice():
    messages = [planned(n, recipient="+8613800138000") for n in range(10)]
    assert sizes(messages, recipients_max=100, simulated=True) == [10]


def test_ten_times_as_many_take_about_ten_times_as_long():
    def seconds(count: int) -> float:
        messages = [planned(n, text=str(n)) for n in range(count)]
        since_s = time.process_time()
        assert len(calls(messages, recipients_max=200, alike=("text",))) == count
        return time.process_time() - since_s

    few, many = (min(seconds(count) for _ in range(3)) for count in (500, 5000))
    assert many < 40 * max(few, 0.001)
