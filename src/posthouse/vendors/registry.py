"""The vendor kinds there are: one line each."""

from collections.abc import Mapping

from posthouse.core.ports.vendor import Capabilities
from posthouse.vendors.sandbox import Sandbox

SANDBOX = "sandbox"

CAPABILITIES: Mapping[str, Capabilities] = {SANDBOX: Sandbox.capabilities}
"""Of each kind that can be connected to."""

KINDS = frozenset({*CAPABILITIES, "aliyun", "tencent", "twilio", "smpp"})
"""Kinds that callers may name; one without a channel is answered as such, any other as unknown."""

APPROVING = frozenset(kind for kind, can in CAPABILITIES.items() if can.approval)
"""Kinds that carry approved templates under approved signatures only."""
