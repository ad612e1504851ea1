"""How an account stands: its record, its money, what it has sent."""

from datetime import tzinfo

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.queries import AccountRecord, GetAccount, GetStanding, Standing
from posthouse.core.ports.store import Store
from posthouse.core.times import day_of


async def standing_of(
    store: Store, account_id: int, zone: tzinfo, now: int
) -> tuple[AccountRecord, Standing]:
    """The account, read anew, and its standing on the day it is in `zone`. Refuses with NOT_FOUND."""
    account = await store.read(GetAccount(account_id))
    standing = await store.read(GetStanding(account_id, day_of(now, zone)))
    if account is None or standing is None:
        raise Refusal(Code.NOT_FOUND, resource="account")
    return account, standing
