"""Say what a message would be and cost, and which way it would go, without sending it."""

from dataclasses import dataclass

from posthouse.core import text
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import NODE_BITS
from posthouse.core.message import Lane, Mode
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.admission import FindSuppressed, Recipient
from posthouse.core.ports.life import NewMessage
from posthouse.core.ports.queries import GetStanding
from posthouse.core.ports.store import Store
from posthouse.core.respelling import Misfit, misfits, respelled
from posthouse.core.routing import Channel, Decision
from posthouse.services.directory import Caller, Directory
from posthouse.services.explain import Case, Foresight
from posthouse.services.plan import foreign, subject_of
from posthouse.services.rendering import reviewed
from posthouse.services.submission import Submission
from posthouse.services.submit import Submit


@dataclass(frozen=True, slots=True)
class Size:
    """How a text fills its parts, in units of its encoding.

    `left` fit into the last part; `parts_respelled`: parts, were every misfit spelled as proposed.
    """

    units: int
    per_part: int
    left: int
    misfits: tuple[Misfit, ...]
    parts_respelled: int | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A message that was not sent.

    `size` is None for a vendor's own template, whose text we do not know. `channels` are those that
    `decision` speaks of, by name.
    """

    message: NewMessage
    size: Size | None
    decision: Decision
    channels: dict[str, Channel]
    affordable: bool


class Estimator:
    """Drafts as `Submit` does and looks at the draft; nothing is stored or held."""

    def __init__(self, submit: Submit, directory: Directory, store: Store, foresight: Foresight) -> None:
        self._foresight = foresight
        self._submit = submit
        self._directory = directory
        self._store = store

    async def estimate(self, caller: Caller, wanted: Submission) -> Estimate:
        """What would become of the submission.

        Refuses as sending it would, but for want of money and for limits of its recipient, which change.
        """
        message = self._submit.draft(caller, wanted)
        to = Recipient(message.recipient, Lane(message.lane))
        [suppressed] = await self._store.read(FindSuppressed(message.account_id, (to,)))
        if suppressed:
            raise Refusal(Code.RECIPIENT_SUPPRESSED, param="to")
        rendering = self._submit.rendering(caller, message)
        case = Case(
            subject_of(message),
            Mode(message.mode),
            caller.account.status is AccountStatus.TRIAL,
            message.pin,
            reviewed(message, rendering, caller.own),
            foreign(message),
        )
        standing = await self._store.read(GetStanding(message.account_id, 0))
        available = 0 if standing is None else standing.balance.available
        return Estimate(
            message,
            None if rendering.text is None else _size(rendering.text, message.country),
            self._foresight.decide(case, self._directory.rules(), draw=message.id >> NODE_BITS),
            {channel.name: channel for channel in self._directory.channels()},
            message.price <= available,
        )


def _size(full: str, country: str) -> Size:
    measure = text.measure(full, country=country)
    room = text.room(full, country=country)
    found = misfits(full, measure.culprits)
    parts = text.measure(respelled(full), country=country).parts if found else None
    return Size(measure.units, room.per_part, room.left, found, parts)
