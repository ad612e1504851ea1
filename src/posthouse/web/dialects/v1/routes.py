"""The calls of `/v1`, in the order of the reference; each file declares its own."""

from typing import Any

from posthouse.web.credentials import Bearer
from posthouse.web.dialects.v1 import (
    accounts,
    activate,
    batches,
    bindings,
    catalogue,
    channel_trying,
    channels,
    estimate,
    guard,
    guard_entries,
    guard_prefixes,
    inbox,
    keys,
    lists,
    otp,
    own_account,
    prices,
    routing,
    sandbox,
    schedule,
    send_batch,
    signatures,
    sms,
    suppressions,
    template_import,
    template_preview,
    templates,
    test_numbers,
    verifications,
    words,
)
from posthouse.web.dialects.v1.errors import problem
from posthouse.web.endpoint import Route
from posthouse.web.refuse import Surface
from posthouse.web.services import Services

SURFACE = Surface(problem, b"application/problem+json", Bearer())
"""How `/v1` says no."""

_CALLS = (
    sms,
    send_batch,
    otp,
    verifications,
    test_numbers,
    guard,
    guard_entries,
    guard_prefixes,
    estimate,
    lists,
    schedule,
    batches,
    templates,
    template_import,
    template_preview,
    bindings,
    signatures,
    suppressions,
    inbox,
    own_account,
    keys,
    accounts,
    words,
    prices,
    routing,
    channels,
    channel_trying,
    activate,
    sandbox,
    catalogue,
)


def routes(services: Services) -> tuple[Route[Any], ...]:
    """Every call."""
    return tuple(route for calls in _CALLS for route in calls.routes(services))
