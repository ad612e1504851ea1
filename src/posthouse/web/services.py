"""What `bootstrap` hands to the web layer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import NamedTuple, Protocol

from posthouse.core.health import HealthReport
from posthouse.core.ids import Ids
from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.ports.store import Clock, Store
from posthouse.core.vault import Cipher
from posthouse.observe import Metrics
from posthouse.services.activate import Activate
from posthouse.services.administer import Administer
from posthouse.services.challenge import Challenges
from posthouse.services.channels import Channels
from posthouse.services.directory import Directory
from posthouse.services.explain import Foresight
from posthouse.services.guarding import Guarding
from posthouse.services.hearing import Hearing
from posthouse.services.signatures import Signatures
from posthouse.services.submit import Submit
from posthouse.services.suppress import Suppressions
from posthouse.services.templates import Templates
from posthouse.services.test_numbers import FixedCodes
from posthouse.services.verify import Verify


class HandsetMessage(NamedTuple):
    """One message a simulated handset got; `received_at` is microseconds UTC."""

    message_id: int
    to: str
    sender: str | None
    text: str
    received_at: int


class Handsets(Protocol):
    """The sandbox's handsets, as far as their owners may look."""

    async def received(self, account_id: int, to: str | None, limit: int) -> Sequence[HandsetMessage]:
        """What the handset with this number (E.164; any, when None) got from this account, newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything the web layer needs.

    Attributes:
        callback_of: the path of a channel's callback address; the whole one where we have a public address.
        secrets: seals the stored replies that hold a key.
        zone: decides where "today" begins.
        counts: where requests are counted.
        metrics: the figures as Prometheus text.
        metrics_token: lets other machines read `/metrics`; None keeps it to the loopback interface.
        dispatching: whether this process's dispatcher runs (always true where the role has none).
        failing: whether the store's commits keep failing.
        health_of: how a channel does, by its number, as far as this process sees it.
        in_flight_max: requests being answered at once; more are turned away.
        api: whether this process takes messages in; without, it answers for its health alone.
    """

    submit: Submit
    challenges: Challenges
    verify: Verify
    administer: Administer
    channels: Channels
    activate: Activate
    templates: Templates
    signatures: Signatures
    suppressions: Suppressions
    test_numbers: FixedCodes
    guarding: Guarding
    foresight: Foresight
    hearing: Hearing
    callback_of: Callable[[ChannelRecord], tuple[str, str | None]]
    secrets: Cipher
    directory: Directory
    store: Store
    clock: Clock
    ids: Ids
    handsets: Handsets
    zone: tzinfo
    counts: Metrics
    metrics: Callable[[], Awaitable[bytes]]
    dispatching: Callable[[], bool]
    failing: Callable[[], bool] = lambda: False
    metrics_token: str | None = None
    health_of: Callable[[int], HealthReport] = lambda _channel_id: HealthReport()
    in_flight_max: int = 10_000
    api: bool = True
