"""What a sender asks for, in the core's terms."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from posthouse.core.message import Lane

VALIDITY_MAX_S = 72 * 3600


class Submission(NamedTuple):
    """One message that is asked for.

    Exactly one of `body` and `template_id`. A template's parameters come by name in `params` or by position
    in `values`. `metadata` is a JSON object as text; `send_at` is microseconds UTC; `validity_s` counts
    from `send_at`, or from now. Without a lane it is the template's, or `notification`; without a signature,
    the template's or none. `extend` are extension codes for channels that take them: name → code.
    """

    to: str
    body: str | None = None
    template_id: str | None = None
    params: Mapping[str, str] | None = None
    sender: str | None = None
    signature: str | None = None
    send_at: int | None = None
    validity_s: int | None = None
    lane: Lane | None = None
    reference: str | None = None
    metadata: str | None = None
    pin: str | None = None
    values: Sequence[str] | None = None
    extend: Mapping[str, str] | None = None
