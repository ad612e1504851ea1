"""What an experiment wants of a running installation: callers, records, and what the handsets show."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.e2e.server import HOST, Server, wait_until

SOON_S = 5.0
"""Long enough for a loaded machine; what must be quicker says so itself."""

_numbers = itertools.count(1)


@dataclass
class House:
    """A server that runs, the operator's key, and what `init` printed of it."""

    server: Server
    key: str
    issued: dict[str, str] = field(default_factory=dict)

    def caller(self, key: str | None = None) -> httpx2.Client:
        """A client that shows a key, the operator's if no other is given."""
        return httpx2.Client(
            base_url=f"http://{HOST}:{self.server.port}",
            headers={"Authorization": f"Bearer {key or self.key}"},
            timeout=20.0,
        )


def number(fate: str = "8000") -> str:
    """A number nobody has had before, with these last digits."""
    return f"+861{39_000 + next(_numbers):06d}{fate}"


def send(api: httpx2.Client, to: str, body: str = "Hello", **more: object) -> Any:
    """Send one message; it must be accepted."""
    reply = api.post("/v1/sms/send", json={"to": to, "body": body, **more})
    assert reply.status_code == 202, reply.text
    return reply.json()


def record(api: httpx2.Client, sms_id: str) -> Any:
    """The message's record now."""
    reply = api.get(f"/v1/sms/{sms_id}")
    assert reply.status_code == 200, reply.text
    return reply.json()


def trace(api: httpx2.Client, sms_id: str) -> Any:
    """The message's whole story."""
    reply = api.get(f"/v1/sms/{sms_id}/trace")
    assert reply.status_code == 200, reply.text
    return reply.json()


def kinds(story: Any) -> list[str]:
    """What happened, in order."""
    assert [event["sequence"] for event in story["events"]] == list(range(1, len(story["events"]) + 1))
    return [event["kind"] for event in story["events"]]


def until(api: httpx2.Client, sms_id: str, *states: str, within_s: float = SOON_S) -> Any:
    """The record once the message is in one of these states."""
    seen: list[str] = []

    def look() -> Any:
        found = record(api, sms_id)
        seen.append(found["state"])
        return found if found["state"] in states else None

    return wait_until(look, within_s=within_s, what=lambda: f"{sms_id} went {list(dict.fromkeys(seen))}")


def handset(api: httpx2.Client, to: str) -> list[Any]:
    """What the simulated handset shows, newest first."""
    reply = api.get("/v1/sandbox/messages", params={"to": to})
    assert reply.status_code == 200, reply.text
    found: list[Any] = reply.json()["data"]
    return found


def available(api: httpx2.Client) -> str:
    """The money that is left."""
    return str(api.get("/v1/account").json()["balance"]["available"])
