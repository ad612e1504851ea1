"""What no receipt comes of, codes and messages with a deadline: once more, if another channel can carry it.

It is the same message, a code the same code, charged once. Whether there is such a channel is looked at here,
so that nothing is moved in vain; dispatch looks again, and holds to it (services/plan.py).
"""

from collections.abc import Sequence

from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.silence import FindSilent, ResendSilent, Silent
from posthouse.core.ports.store import Clock, Store, Wakeups
from posthouse.core.routing import Ask, Channel, ChannelState, Reviewed, route
from posthouse.services.arrange import ChannelDirectory
from posthouse.services.challenge import SILENT_US
from posthouse.services.passcode import CODE, MINUTES
from posthouse.services.rendering import review_of

LIMIT = 500


class Resend:
    """Gives them another chance while they are of use."""

    def __init__(self, *, store: Store, clock: Clock, directory: ChannelDirectory, wakeups: Wakeups) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._wakeups = wakeups

    async def step(self, limit: int = LIMIT) -> int:
        """Look at up to `limit` codes and messages whose time has come; answers how many there were."""
        channels = self._directory.channels()
        if not _any_other(channels):
            return 0
        now = self._clock.now()
        found = await self._store.read(FindSilent(now, limit))
        if not found:
            return 0
        resend: list[int] = []
        later: list[tuple[int, int]] = []
        for silent in found:
            if silent.tried is None:
                continue
            look_at = (now if silent.sent_at is None else silent.sent_at) + SILENT_US
            if silent.verification_id is not None and look_at > now:
                later.append((silent.verification_id, look_at))
            elif await self._elsewhere(silent, silent.tried, channels):
                resend.append(silent.message_id)
        codes = [each.verification_id for each in found if each.verification_id is not None]
        alone = [each.message_id for each in found if each.verification_id is None]
        await self._store.write(ResendSilent(codes, resend, now, later, alone))
        if resend:
            self._wakeups.wake()
        return len(found)

    async def _elsewhere(self, silent: Silent, tried: frozenset[int], channels: Sequence[Channel]) -> bool:
        """Whether a channel could carry it that has not tried to."""
        account = await self._directory.account(silent.account_id)
        foreign = silent.template_id is not None and silent.template_version is None
        # The template is one vendor's own: elsewhere it would mean another text.
        vendor = next((channel.vendor for channel in channels if channel.id in tried), None)
        if foreign and vendor is None:
            return False
        ask = Ask(
            account_id=silent.account_id,
            country=silent.country,
            mode=silent.mode,
            trial=account.status is AccountStatus.TRIAL,
            pin=silent.pin,
            carried=tried,
            elsewhere=True,
            reviewed=await self._reviewed(silent) if any(each.approval for each in channels) else None,
            foreign=foreign,
            template_of=vendor,
        )
        return bool(route(ask, channels).candidates)

    async def _reviewed(self, silent: Silent) -> Reviewed | None:
        """Who approved of its template and signature; None where it says the usual text."""
        template_id, version = silent.template_id, silent.template_version
        if template_id is None or version is None:
            return None
        try:
            template = await self._directory.version(silent.account_id, template_id, version)
        except LookupError:
            return None
        names = {variable.name for variable in template.variables}
        if silent.verification_id is not None:
            names |= {CODE, MINUTES}
        return review_of(template, names, silent.signature, await self._directory.own(silent.account_id))


def _any_other(channels: Sequence[Channel]) -> bool:
    """Whether anything has two ways to go: what is simulated has no other channels than simulators."""
    active = [channel.simulated for channel in channels if channel.state is ChannelState.ACTIVE]
    return max(active.count(True), active.count(False)) > 1
