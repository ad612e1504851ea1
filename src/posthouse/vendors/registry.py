"""The vendor kinds there are: one line each."""

SANDBOX = "sandbox"

KINDS = frozenset({SANDBOX, "aliyun", "tencent", "twilio", "smpp"})
"""Kinds that callers may name; one without a channel is answered as such, any other as unknown."""
