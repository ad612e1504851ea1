"""Try it out: an anonymous account on trial, with its key and some money, that sends to the simulator."""

from posthouse.core.keys import Credential
from posthouse.core.ports.admin import OpenTrial
from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Clock, Store
from posthouse.services.administer import Administer, Issued

TRIAL_BALANCE = 10_000_000  # 10.00
TRIALS_MAX = 100
"""Accounts on trial in one installation; a trial that gets approved is none any more."""

NOBODY = 0
"""Whose idempotency keys those of anonymous callers are: all share them, so each should be random."""


class Activate:
    """Opens accounts on trial."""

    def __init__(self, store: Store, clock: Clock, administer: Administer) -> None:
        self._store = store
        self._clock = clock
        self._administer = administer

    def offer(self, credential: Credential) -> Issued:
        """Whose this credential will be."""
        return Issued(f"trial-{credential.lookup}", credential)

    async def activate(self, offered: Issued, once: Once | None = None) -> bytes | None:
        """Open the account; answers the stored reply where the idempotency key was used before.

        Refuses with TRIALS_EXHAUSTED.
        """
        return await self._store.write(
            OpenTrial(
                name=offered.account,
                credit=TRIAL_BALANCE,
                key=self._administer.new_key(offered.credential, 0),
                at=self._clock.now(),
                total_max=TRIALS_MAX,
                once=once,
            )
        )
