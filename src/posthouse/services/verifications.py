"""Verifications as their owners see them: listed, looked up, canceled."""

from typing import NamedTuple

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Mode
from posthouse.core.otp import VerificationState
from posthouse.core.ports.life import Once
from posthouse.core.ports.otp import (
    CancelVerification,
    GetVerification,
    ListVerifications,
    VerificationPage,
    VerificationRecord,
)
from posthouse.core.ports.store import Clock, Store
from posthouse.services.browse import by_looks


class Sought(NamedTuple):
    """Which verifications are wanted; what is given must all hold. `number` is E.164."""

    state: VerificationState | None = None
    number: str | None = None
    purpose: str | None = None


class Verifications:
    """An account's verifications."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def page(
        self, account_id: int, sought: Sought, limit: int, before_id: int | None = None
    ) -> VerificationPage:
        """Up to `limit`, newest first; after ten looks it may be fewer while there is more to see."""
        now = self._clock.now()

        async def look(left: int, before: int | None) -> VerificationPage:
            return await self._store.read(ListVerifications(account_id, left, now, *sought, before_id=before))

        return VerificationPage(*await by_looks(look, limit, before_id))

    async def get(self, account_id: int, verification_id: int) -> VerificationRecord:
        """One verification. Refuses with NOT_FOUND, also where it is another account's."""
        found = await self._store.read(GetVerification(account_id, verification_id, self._clock.now()))
        if found is None:
            raise Refusal(Code.NOT_FOUND, resource="verification")
        return found

    async def cancel(
        self, account_id: int, verification_id: int, once: Once | None = None, *, mode: Mode | None = None
    ) -> bool:
        """End a pending one, so that its code counts no more; answers whether the key was used before.

        `mode`: of the key that asks, which has no say about the other mode's; None: of both.
        Refuses with NOT_FOUND, NOT_CANCELABLE and IDEMPOTENCY_KEY_REUSED.
        """
        return await self._store.write(
            CancelVerification(account_id, verification_id, self._clock.now(), once, mode)
        )
