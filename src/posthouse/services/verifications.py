"""Verifications as their owners see them: listed, looked up, canceled."""

from typing import NamedTuple

from posthouse.core.errors import Code, Refusal
from posthouse.core.otp import VerificationState
from posthouse.core.ports.life import Once
from posthouse.core.ports.otp import (
    CancelVerification,
    GetVerification,
    ListVerifications,
    VerificationPage,
    VerificationRecord,
)
from posthouse.core.ports.queries import FindReply
from posthouse.core.ports.replies import KeepReply
from posthouse.core.ports.store import Clock, Store
from posthouse.services.browse import LOOKS_MAX


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
        found: list[VerificationRecord] = []
        now = self._clock.now()
        for _ in range(LOOKS_MAX):
            left = limit - len(found)
            part = await self._store.read(
                ListVerifications(account_id, left, now, *sought, before_id=before_id)
            )
            found += part.records
            before_id = part.next_before
            if before_id is None or len(found) >= limit:
                break
        return VerificationPage(found, before_id)

    async def get(self, account_id: int, verification_id: int) -> VerificationRecord:
        """One verification. Refuses with NOT_FOUND, also where it is another account's."""
        found = await self._store.read(GetVerification(account_id, verification_id, self._clock.now()))
        if found is None:
            raise Refusal(Code.NOT_FOUND, resource="verification")
        return found

    async def cancel(self, account_id: int, verification_id: int, once: Once | None = None) -> bool:
        """End a pending one, so that its code counts no more; answers whether the key was used before.

        Refuses with NOT_FOUND, NOT_CANCELABLE and IDEMPOTENCY_KEY_REUSED.
        """
        if once is not None:
            asked = FindReply(once.account_id, once.operation, once.key, once.fingerprint)
            if await self._store.read(asked) is not None:
                return True
        now = self._clock.now()
        try:
            await self._store.write(CancelVerification(account_id, verification_id, now))
        except Refusal as refusal:
            if refusal.code is not Code.NOT_CANCELABLE:
                raise
            facts = {**refusal.facts, "resource": "verification"}
            raise Refusal(refusal.code, param=refusal.param, **facts) from None
        # Kept after it: were it lost between the two, canceling once more would come to the same.
        return once is not None and await self._store.write(KeepReply(once, now)) is not None
