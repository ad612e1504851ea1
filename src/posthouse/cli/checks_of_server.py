"""What `doctor` looks at of the server: one holds the lock and answers, or the port is free for one."""

from collections.abc import Iterator
from pathlib import Path

from posthouse.bootstrap.house import Trouble
from posthouse.bootstrap.premises import held, reached_at
from posthouse.cli.asking import OK, ask, ready
from posthouse.cli.finding import Finding, well, wrong
from posthouse.settings import Settings

ASK_MAX_S = 2


def examine_server(data: Path, settings: Settings) -> Iterator[Finding]:
    """The lock on the directory, the server's readiness, the port."""
    address = held(data)
    if address is None:
        yield well("server", "none runs on this directory")
        yield _port(settings.host, settings.port)
        return
    yield well("server", f"one runs on this directory{f', {address}' if address else ''}")
    told = ready(address) if address else "it has not said its address yet"
    yield Finding(
        "readiness", told == "ok", told, "look at the server's log; restart it if it stays like this"
    )


def _port(host: str, port: int) -> Finding:
    from posthouse.bootstrap.server import listen

    place = f"{host}:{port}"
    try:
        listen(host, port).close()
    except Trouble as error:
        who = _who(host, port)
        return wrong("port", f"{place} is not free{who}", f"{error} `ss -ltnp` shows who has it.")
    return well("port", f"{place} is free")


def _who(host: str, port: int) -> str:
    """Whether it is one of us that answers there."""
    try:
        status, _ = ask(reached_at(host, port), "GET", "/livez", timeout_s=ASK_MAX_S)
    except OSError:
        return ": something that is no posthouse has it"
    return ": a posthouse on another directory has it" if status == OK else ": another web server has it"
