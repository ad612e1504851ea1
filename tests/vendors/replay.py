"""Vendors' fixtures: what each key of a case means, and a case as an adapter sees it.

A case is one JSON file in `fixtures/<kind>/`. It holds

- `about`, `source`: one sentence; the vendor's page, or the SDK it was recorded with
- `config`: `values` (the settings; defaults are filled in) and `callback_url`; `now`, `nonce`
- `batch`: `Outbound`s, of which only what matters is written; `requests`: what `build` makes of them,
  compared exactly, except for the case of header names; `responses`: one for each request; `verdicts`: one
  for each of the batch, in order
- `callback`; `authentic` (true unless written), `unreadable` (false unless written), `receipts`, `replies`;
  `unread`: how many rows of it cannot be read
- `question`; `query`: the request or null; `answer`; `told`: `verdict` and `receipt`, left out for none
- `pulls`: requests; `answer`; `pulled`: `receipts`, `replies`, `more`
- `check`: the request; `answer`; `money`: `amount` and `unit`, or null; or `checked`: the verdict

A verdict is `{"accepted": {"reference", "parts", "others"}}`, `{"refused": {"reason", "code", "text"}}`,
`{"deferred": {"reason", "code", "text", "after_s"}}`, `{"not_sent": true}` or `{"unknown": true}`; of a
refusal only what is written is compared. A body is text, or `body_base64`; one of an answer or a callback may
be any JSON.
"""

import base64
import functools
import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from posthouse.core.message import Lane
from posthouse.core.ports.vendor import Callback, Outbound, Question
from posthouse.core.verdict import Accepted, Deferred, Receipt, Refused, Reply, Unknown, Verdict
from posthouse.vendors.adapter import MISREAD, Adapter, Config, Request, Response

FIXTURES = Path(__file__).parent / "fixtures"
VENDORS = sorted({file.parent.name for file in FIXTURES.glob("*/*.json")})

ASKED = frozenset(
    {"requests", "verdicts", "callback", "receipts", "replies", "authentic", "unreadable", "unread"}
) | frozenset({"query", "told", "pulls", "pulled", "check", "checked", "money"})
"""What a case may expect; one that expects nothing proves nothing."""
GIVEN = frozenset({"about", "source", "config", "now", "nonce", "batch", "responses", "question", "answer"})

NOW, NONCE = 1_764_000_000_000_000, "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Case:
    """One file."""

    vendor: str
    name: str
    told: Mapping[str, Any]

    @property
    def at(self) -> dict[str, Any]:
        """Time and nonce, as `build` takes them."""
        return {"now": self.told.get("now", NOW), "nonce": self.told.get("nonce", NONCE)}

    @property
    def batch(self) -> list[Outbound]:
        return [outbound(**each) for each in self.told.get("batch", ())]

    def adapter(self) -> Adapter:
        """A new one, configured as the case says."""
        config = self.told.get("config", {})
        return configured(self.vendor, config.get("values", {}), config.get("callback_url"))

    def responses(self) -> list[Response]:
        return [response(each) for each in self.told.get("responses", ())]


def load(vendor: str) -> list[Case]:
    """All cases of a vendor, by name."""
    files = sorted((FIXTURES / vendor).glob("*.json"))
    return [Case(vendor, file.stem, json.loads(file.read_text(encoding="utf-8"))) for file in files]


@functools.cache
def adapter_class(vendor: str) -> type[Adapter]:
    """The adapter in the file that is named as the folder."""
    found = [
        value
        for value in vars(importlib.import_module(f"posthouse.vendors.{vendor}")).values()
        if isinstance(value, type) and issubclass(value, Adapter) and getattr(value, "name", None) == vendor
    ]
    if len(found) != 1:
        raise LookupError(f"{len(found)} adapters named {vendor}")
    return found[0]


def configured(vendor: str, values: Mapping[str, str], callback_url: str | None = None) -> Adapter:
    """An adapter with these settings, and the defaults for all others, as a channel has them."""
    made = adapter_class(vendor)
    known = {setting.name: setting.default for setting in made.settings}
    if unknown := values.keys() - known.keys():
        raise LookupError(f"{vendor} has no settings {sorted(unknown)}")
    return made(Config(known | dict(values), callback_url))


def outbound(**fields: Any) -> Outbound:
    """A message to a mainland number, of which only what matters is told; `lane` by its label."""
    plain: dict[str, Any] = {
        "key": "sms_0c7xk3m9p2q4r.1",
        "message_id": 1,
        "account_id": 1,
        "attempt": 1,
        "to": "+8613800138000",
        "country": "CN",
        "lane": "otp",
        "sender": None,
        "text": None,
        "template_id": None,
        "params": None,
        "parts": 1,
    }
    plain |= fields
    return Outbound(**plain | {"lane": Lane.of(plain["lane"])})


def response(told: Mapping[str, Any]) -> Response:
    headers = {name.lower(): value for name, value in told.get("headers", {}).items()}
    return Response(told.get("status", 200), headers, body(told))


def callback(told: Mapping[str, Any], url: str | None) -> Callback:
    """What a vendor sent to `url`, unless the case names another address."""
    address = told.get("url", url or "https://sms.example.com/callbacks/main/s3cret")
    query = told.get("query", address.partition("?")[2])
    headers = {name.lower(): value for name, value in told.get("headers", {}).items()}
    return Callback(
        told.get("method", "POST"), address, headers, query, body(told), told.get("remote", "203.0.113.7")
    )


def question(told: Mapping[str, Any]) -> Question:
    plain: dict[str, Any] = {"call": "c1-1", "to": "+8613800138000", "started_at": NOW}
    return Question(**{"key": "sms_0c7xk3m9p2q4r.1"} | plain | dict(told))


def body(told: Mapping[str, Any]) -> bytes:
    if "body_base64" in told:
        return base64.b64decode(told["body_base64"])
    said = told.get("body", "")
    return (said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)).encode()


def shown(request: Request | None) -> dict[str, Any] | None:
    """A request as cases write it."""
    if request is None:
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        said = {"body": request.body.decode()}
    except UnicodeDecodeError:
        said = {"body_base64": base64.b64encode(request.body).decode()}
    return {"method": request.method, "url": request.url, "headers": headers, **said}


def expected(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A request of a case, to be compared with one that is `shown`."""
    if told is None:
        return None
    headers = {name.lower(): value for name, value in told.get("headers", {}).items()}
    said = {} if "body_base64" in told else {"body": told.get("body", "")}
    return {**told, "headers": headers, **said}


def read(adapter: Adapter, request: Request, response: Response) -> list[Verdict]:
    """What a call ends with, as `HttpVendor` has it: what is not understood is unknown."""
    try:
        return adapter.read(request.batch, response)
    except MISREAD as error:
        return [Unknown(repr(error))] * len(request.batch)


def verdict(told: Mapping[str, Any], found: Verdict) -> tuple[Any, Any]:
    """The verdict of a case and the one that was found, in a form in which they can be compared."""
    ((kind, fields),) = told.items()
    plain = {name: value for name, value in asdict(found).items() if name != "exchange"}
    kinds = {"Accepted": "accepted", "Refused": "refused", "Deferred": "deferred", "NotSent": "not_sent"}
    name = kinds.get(type(found).__name__, "unknown")
    if isinstance(found, Accepted):
        plain["others"] = list(found.others)
        fields = {"parts": None, "others": [], **(fields if isinstance(fields, Mapping) else {})}
    elif isinstance(found, Refused | Deferred) and isinstance(fields, Mapping):
        plain = {field: plain.get(field) for field in fields}
    else:
        plain, fields = {}, {}
    return {kind: fields}, {name: plain}


def receipts(told: Sequence[Mapping[str, Any]]) -> list[Receipt]:
    return [Receipt(**each) for each in told]


def replies(told: Sequence[Mapping[str, Any]]) -> list[Reply]:
    return [Reply(**each) for each in told]
