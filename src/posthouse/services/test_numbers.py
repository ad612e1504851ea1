"""Test numbers: no message goes to them, and their code is always the same one."""

from posthouse.core import otp, phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids
from posthouse.core.message import Mode
from posthouse.core.ports.otp import DropFixedCode, FixedCode, ListFixedCodes, SaveFixedCode
from posthouse.core.ports.queries import AccountRecord
from posthouse.core.ports.store import Clock, Store

DAY_S = 86_400
TTL_S, TTL_MIN_S, TTL_MAX_S = 30 * DAY_S, 60, 90 * DAY_S
"""How long a number stays a test number: it is easily forgotten, and its code is known to many."""

LIVE_DIGITS_MIN = 6
"""Of a live test number's code: failures are counted by purpose, and who guesses may name many."""


class FixedCodes:
    """Accounts' test numbers. Of their codes, nothing but a keyed hash is kept."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, codes: otp.Codes) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._codes = codes

    def draft(
        self, account: AccountRecord, mode: Mode, to: str, code: str, ttl_s: int = TTL_S
    ) -> SaveFixedCode:
        """The command that makes a number a test number of one mode's keys for so many seconds.

        A bare number is read in the account's region, the code as a check reads it. Refuses with
        INVALID_NUMBER, INVISIBLE_CHARACTERS and INVALID_VALUE.
        """
        number = phone.read_field(to, "to", region=account.region).e164
        digits = otp.read_code(code)
        if not digits:
            raise Refusal(Code.INVALID_VALUE, param="code", kind="code")
        if mode is Mode.LIVE and len(digits) < LIVE_DIGITS_MIN:
            raise Refusal(Code.INVALID_VALUE, param="code", kind="live_code")
        if not TTL_MIN_S <= ttl_s <= TTL_MAX_S:
            raise Refusal(Code.INVALID_VALUE, param="ttl_s", minimum=TTL_MIN_S, maximum=TTL_MAX_S)
        now = self._clock.now()
        entry = FixedCode(self._ids.take(now), mode, number, now, now + ttl_s * 1_000_000)
        return SaveFixedCode(account.id, entry, self._codes.fingerprint(account.id, number, digits))

    async def save(self, wanted: SaveFixedCode) -> bytes | None:
        """Keep it, in place of what the number had; the stored reply where its idempotency key was used.

        Refuses with TOO_MANY.
        """
        return await self._store.write(wanted)

    async def drop(self, account_id: int, mode: Mode, row: int) -> FixedCode:
        """Make it a number like any other, its pending codes canceled; answers what it was.

        Refuses with NOT_FOUND, also where it is of the other mode.
        """
        return await self._store.write(DropFixedCode(account_id, mode, row, self._clock.now()))

    async def every(self, account_id: int, mode: Mode) -> list[FixedCode]:
        """An account's of one mode, newest first."""
        return await self._store.read(ListFixedCodes(account_id, mode, self._clock.now()))
