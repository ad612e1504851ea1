"""The vendor kinds there are: one line each."""

from collections.abc import Mapping

from posthouse.core.ports.vendor import Kind
from posthouse.vendors.adapter import Adapter, kind_of
from posthouse.vendors.aliyun import Aliyun
from posthouse.vendors.http import Http
from posthouse.vendors.sandbox import Sandbox
from posthouse.vendors.tencent import Tencent
from posthouse.vendors.twilio import Twilio

SANDBOX = "sandbox"

_ADAPTERS: tuple[type[Adapter], ...] = (
    Aliyun,
    Tencent,
    Twilio,
    Http,
)

ADAPTERS: Mapping[str, type[Adapter]] = {adapter.name: adapter for adapter in _ADAPTERS}
"""Kinds that are called over HTTP."""

KINDS: Mapping[str, Kind] = {
    SANDBOX: Kind(SANDBOX, ("Simulator", "模拟器"), Sandbox.capabilities, proven="own"),
    **{name: kind_of(adapter) for name, adapter in ADAPTERS.items()},
}
"""Kinds that a channel can be made of."""

KNOWN = frozenset({*KINDS, "smpp"})
"""Kinds that callers may name; one without a channel is answered as such, any other as unknown."""

APPROVING = frozenset(name for name, kind in KINDS.items() if kind.capabilities.approval)
"""Kinds that carry approved templates under approved signatures only."""
