"""The story of one message as a timeline."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from posthouse.cli import show
from posthouse.core.ids import MESSAGE
from posthouse.core.ids import show as public
from posthouse.core.message import Charge, Lane, State
from posthouse.core.phone import mask
from posthouse.core.ports.queries import AccountRecord, AttemptRecord, EventRecord, MessageRecord, Trace


def tell(trace: Trace, account: AccountRecord) -> None:
    """When, what, and why; the number is masked, the text left out."""
    Unfolding().tell(trace, account)
    message = trace.message
    money = show.money(message.price, account.currency)
    send_at = message.send_at if message.state == State.SCHEDULED else None
    when = "" if send_at is None else f" for {show.clock(send_at)}"
    show.line(f"now: {message.state}{when}" + (f" ({message.reason})" if message.reason else ""))
    show.line(f"money: {money} {_CHARGES[message.charge]}")


class Unfolding:
    """A story told as it happens: each look at it tells what is new."""

    def __init__(self) -> None:
        self._told = 0
        self._number = 0

    def tell(self, trace: Trace, account: AccountRecord) -> None:
        """The lines of the events that were not there before."""
        message = trace.message
        attempts = {attempt.number: attempt for attempt in trace.attempts}
        money = show.money(message.price, account.currency)
        begin = message.created_at
        if not self._told:
            said = [
                f"{public(MESSAGE, message.id)} to {mask(message.recipient)}",
                Lane(message.lane).label,
                f"{show.count(message.parts, 'part')} {message.encoding}",
                *_template(message),
                f"account {account.name}",
            ]
            show.line(", ".join(said))
            day = datetime.fromtimestamp(begin / 1_000_000, UTC).astimezone()
            show.line(f"{clock(begin)} ({day:%Y-%m-%d %Z})")
        for event in trace.events[self._told :]:
            data = facts(event.data)
            following = self._number + 1 if event.kind == "sending" else self._number
            self._number = int(data.get("attempt", following))
            what = _what(event, data, attempts.get(self._number))
            if event.sequence == 1:
                what = "; ".join(filter(None, (f"{money} held", what)))
            show.line(f"{_since(event.at - begin):>12}  {event.kind:<12} {what}".rstrip())
            if isinstance(exchange := data.get("exchange"), dict):
                show.line(f"{'':>12}  {'':<12} {_call(exchange)}")
        self._told = len(trace.events)


def _template(message: MessageRecord) -> list[str]:
    """The template that it says, where it says one: without a version it is the vendor's own."""
    if message.template_id is None:
        return []
    version = message.template_version
    return [
        f"template {message.template_id} " + ("of the vendor's" if version is None else f"version {version}")
    ]


_CHARGES: Mapping[str, str] = {
    Charge.HELD.value: "held",
    Charge.SETTLED.value: "settled (charged)",
    Charge.RELEASED.value: "released (not charged)",
}


def _what(event: EventRecord, data: Mapping[str, Any], attempt: AttemptRecord | None) -> str:
    if "considered" in data:
        return _decision(data["considered"], attempt if event.kind == "sending" else None)
    told = []
    if "attempt" in data:
        channel = f" on {attempt.channel}" if attempt is not None else ""
        told.append(f"attempt {data['attempt']}{channel}")
    return ", ".join([*told, *details(data)])


def _call(exchange: Mapping[str, Any]) -> str:
    """A call over HTTP: where to, what came back, how long it took."""
    status = exchange.get("status")
    answer = "no answer" if status is None else f"HTTP {status}"
    return f"{exchange.get('request')}: {answer}, {exchange.get('ms')} ms"


def details(data: Mapping[str, Any]) -> list[str]:
    """What a vendor or receipt said, in a few words each."""
    return [form(data[name]) for name, form in _DETAILS.items() if data.get(name)]


_DETAILS: Mapping[str, Callable[[Any], str]] = {
    "reason": str,
    "why": lambda why: str(why).replace("_", " "),
    "code": "code {}".format,
    "text": '"{}"'.format,
    "detail": str,
    "reference": "vendor's reference {}".format,
    "to": lambda at: f"to go at {show.told_clock(str(at))}",
    "vendor_at": lambda at: f"receipt of {clock(int(at))}",
}
"""How each detail of an event is said, in this order."""


def _decision(considered: list[dict[str, str]], attempt: AttemptRecord | None) -> str:
    whys = "; ".join(f"{step['channel']}: {step['why']}" for step in considered) or "no channel is configured"
    return whys if attempt is None else f"attempt {attempt.number} on {attempt.channel} ({whys})"


def facts(text: str | None) -> dict[str, Any]:
    """An event's own data."""
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def clock(at: int) -> str:
    """The time of day with milliseconds, in this machine's zone."""
    return datetime.fromtimestamp(at / 1_000_000, UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]


def _since(micros: int) -> str:
    """Time since acceptance: in milliseconds within the first ten seconds."""
    seconds = micros / 1_000_000
    return f"+{seconds * 1000:.0f} ms" if seconds < 10 else f"+{seconds:,.1f} s"  # noqa: PLR2004 - as said
