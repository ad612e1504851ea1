"""Receipts by whoever did not carry them: nothing changes; every try is counted, and logged within bounds."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from structlog.testing import capture_logs

from posthouse.core.callbacks import path_of, secret_of
from posthouse.core.ports.life import RecordVerdicts
from posthouse.core.verdict import Accepted
from posthouse.services.call import key_of
from posthouse.storage.engine.sqlite import SQLite
from posthouse.vendors.adapter import Callback
from posthouse.vendors.twilio import Twilio
from soak.callbacks import FORMS, SECRET, News, Pushed, http, of_twilio
from soak.experiment import Outcome
from soak.premises import a_world
from soak.receiving import KEY, VENDOR, Branch, Door, Wired, a_branch, plain
from tests.contracts.build import PRICE, SECOND, World
from tests.e2e.premises import rows

ROWS = (26,)

HOME = "198.51.100.0/24"
INSIDE = "198.51.100.20"
TIMES = 3
KEPT = ("messages", "attempts", "events", "balances", "transfers", "vendor_references", "delivered_parts")
"""Tables in which a forgery must change nothing."""

WRONG = ("changed", "believed", "not logged", "not counted", "lines too many")


class Trusting(Twilio):
    """The planted bug: a signature is not looked at."""

    def authentic(self, callback: Callback) -> bool:
        """Always."""
        return True


class Forgery(NamedTuple):
    """One call; `refused` unless it is to an address that its sender may use, about what is not his."""

    name: str
    path: str
    pushed: Pushed
    remote: str = VENDOR
    refused: bool = True


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Forge receipts of all that is on its way; planted: one vendor's signature is not looked at."""
    async with a_world() as (world, where):
        world.account_id = await world.account("victim", 1000 * PRICE)
        tenant = await world.account("tenant", PRICE)
        wired = (
            Wired("tencent"),
            Wired("aliyun"),
            Wired("twilio", made=Trusting if planted else Twilio),
            Wired("http"),
            Wired("aliyun", name="at-home", callback_from=(HOME,)),
            *(Wired(kind, name=f"own-{kind}", of=tenant) for kind in ("aliyun", "tencent", "twilio")),
        )
        async with a_branch(world, *wired) as branch:
            news = {
                name: await _sent(world, branch, name)
                for name in ("tencent", "aliyun", "twilio", "http", "at-home")
            }
            file = where / SQLite.file
            before = _kept(file)
            door = await branch.app()
            forgeries = list(_forgeries(branch, news))
            counted, detail, heard = await _forge(branch, door, forgeries, TIMES * scale)
            changed = _kept(file)
            counted["changed"] = sum(before[table] != changed[table] for table in KEPT)
            detail += [f"{table} changed" for table in KEPT if before[table] != changed[table]]
            # The same receipts, from whom they should come: else nothing was at stake.
            for name, each in news.items():
                pushed = FORMS[branch.kinds[name]]([each], branch.address(name))
                remote = INSIDE if name == "at-home" else VENDOR
                counted["true ones taken"] += await door.push(branch.path(name), pushed, remote=remote) == 200
            [(delivered,)] = rows(file, "SELECT count(*) FROM messages WHERE state = 'delivered'")
            counted["delivered then"] = delivered
    return Outcome(
        injected=f"{counted['forged']} forged calls of {len(heard)} kinds",
        counted=counted,
        bar="0 changes; all refused or about nothing; all logged, ≤ 1 line a second, channel and kind",
        held=not any(counted[name] for name in WRONG)
        and counted["true ones taken"] == len(news)
        and delivered == len(news),
        detail="; ".join(detail[:5]),
    )


async def _sent(world: World, branch: Branch, name: str) -> News:
    """A message that the vendor of this channel took."""
    number = f"+86138{branch.numbers[name]:08d}"
    reference = f"SM{branch.numbers[name]:032x}"
    message = await world.accept(recipient=number, **plain(branch.kinds[name]))
    claimed = await world.take(message)
    attempt = await world.start(claimed, channel=branch.numbers[name])
    if attempt is None:
        raise LookupError(name)
    (finish,) = world.verdict(claimed, attempt, Accepted(reference)).finishes
    finish = finish._replace(channel_id=branch.numbers[name])
    await world.write(RecordVerdicts((finish,), world.now))
    return News(reference, number, key=key_of(message.id, attempt))


def _forgeries(branch: Branch, news: dict[str, News]) -> Iterator[Forgery]:
    wrong = "a" * 32
    for name, each in news.items():
        kind, address = branch.kinds[name], branch.address(name)
        true = FORMS[kind]([each], address)
        old = path_of(name, secret_of(KEY, branch.numbers[name], 0))
        for what, path in (
            ("wrong secret", path_of(name, wrong)),
            ("no such channel", path_of("nobody", wrong)),
            ("half a secret", branch.path(name)[:-16]),
            ("upper case", path_of(name, branch.path(name).rpartition("/")[2].upper())),
            ("an old address", old),
            ("another channel's secret", path_of(name, secret_of(KEY, branch.numbers[name] + 1, 1))),
        ):
            yield Forgery(f"{name}: {what}", path, true, INSIDE)
        for other, form in FORMS.items():
            if other != kind:
                # By somebody who knows the address, and not whose it is.
                yield Forgery(
                    f"{name}: in the form of {other}", branch.path(name), form([each], address), INSIDE
                )
    yield from _from_elsewhere(branch, news)
    yield from _signed_wrongly(branch, news)


def _from_elsewhere(branch: Branch, news: dict[str, News]) -> Iterator[Forgery]:
    """From another network than the channel's, and from tenants with a channel of their own."""
    own = FORMS["aliyun"]([news["at-home"]], "")
    for remote in (VENDOR, "198.51.101.20", "::ffff:203.0.113.7", "2001:db8::1", "127.0.0.1"):
        yield Forgery(f"from {remote}", branch.path("at-home"), own, remote)
    claimed = Pushed(
        own.body,
        {**own.headers, "X-Forwarded-For": INSIDE, "X-Real-IP": INSIDE, "Forwarded": f"for={INSIDE}"},
    )
    yield Forgery("with the address in headers", branch.path("at-home"), claimed)
    for name, each in news.items():
        for kind in ("aliyun", "tencent", "twilio"):
            # Their own address, rightly signed: heard, and about nothing that is theirs.
            mine = f"own-{kind}"
            pushed = FORMS[kind]([each], branch.address(mine))
            yield Forgery(f"a tenant's {kind} about {name}", branch.path(mine), pushed, refused=False)
    for name, each in (("tencent", news["aliyun"]), ("aliyun", news["tencent"]), ("http", news["aliyun"])):
        pushed = FORMS[branch.kinds[name]]([each], branch.address(name))
        yield Forgery(f"{name} about another's", branch.path(name), pushed, refused=False)


def _signed_wrongly(branch: Branch, news: dict[str, News]) -> Iterator[Forgery]:
    path, address, each = branch.path("twilio"), branch.address("twilio"), news["twilio"]
    true, failed = of_twilio([each], address), of_twilio([each._replace(delivered=False)], address)
    signature = "X-Twilio-Signature"
    unsigned = {name: value for name, value in true.headers.items() if name != signature}
    yield Forgery("twilio: no signature", path, Pushed(true.body, unsigned, true.query))
    for what, pushed in (
        ("under no token", of_twilio([each], address, token="")),
        ("under another token", of_twilio([each], address, token="0" * 32)),
        ("of another body", Pushed(failed.body, true.headers, true.query)),
        ("of another address", Pushed(true.body, true.headers, "key=other")),
        ("of an address without a query", Pushed(true.body, true.headers)),
        ("with a field more", Pushed(true.body + b"&ErrorCode=1", true.headers, true.query)),
        ("empty", Pushed(true.body, {**true.headers, signature: ""}, true.query)),
        (
            "of a form, over JSON",
            Pushed(true.body, {**true.headers, "Content-Type": "application/json"}, true.query),
        ),
    ):
        yield Forgery(f"twilio: signature {what}", path, pushed)
    path, each = branch.path("http"), news["http"]
    true, failed = http([each], ""), http([each._replace(delivered=False)], "")
    for what, headers in (
        ("none", {}),
        ("of another body", failed.headers),
        ("cut", {name: value[:-1] for name, value in true.headers.items()}),
        ("the secret itself", dict.fromkeys(true.headers, SECRET)),
    ):
        yield Forgery(f"http: signature {what}", path, Pushed(true.body, headers))


async def _forge(
    branch: Branch, door: Door, forgeries: list[Forgery], times: int
) -> tuple[Counter[str], list[str], dict[str, int]]:
    """Push all of it, some times over; in the last round a second passes before each, so that all is told."""
    counted = Counter({"forged": 0, "refused": 0, "heard": 0, "believed": 0, "not logged": 0, "lines": 0})
    heard: dict[str, int] = {}
    detail: list[str] = []
    with capture_logs() as lines:
        for turn in range(times):
            for each in forgeries:
                if turn == times - 1:
                    branch.world.later(SECOND)
                status = await door.push(each.path, each.pushed, remote=each.remote)
                counted.update({"forged": 1, "refused" if status != 200 else "heard": 1})
                heard[each.name] = status
                if (status == 200) is each.refused:
                    counted["believed"] += 1
                    detail.append(f"{each.name}: {status}")
    told = [line for line in lines if line["event"] == "callback_refused"]
    counted["lines"] = len(told)
    counted["not logged"] = abs(counted["refused"] - sum(line["count"] for line in told))
    kinds = {(line["channel"], line["why"]) for line in told}
    counted["lines too many"] = max(0, len(told) - len(kinds) - len(forgeries))
    counted["not counted"] = abs(counted["refused"] - _metered(branch))
    return counted, detail, heard


def _metered(branch: Branch) -> int:
    """What the metrics say was refused."""
    page = branch.metrics.page().decode()
    found = re.findall(
        r'^posthouse_callbacks_total\{channel="[^"]*",outcome="([^"]*)"\} (\S+)', page, re.MULTILINE
    )
    return sum(int(float(count)) for outcome, count in found if outcome != "settled")


def _kept(file: Path) -> dict[str, list[Any]]:
    return {table: rows(file, f"SELECT * FROM {table}") for table in KEPT}  # noqa: S608 - names of ours
