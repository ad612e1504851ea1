"""The templates and signatures of an account, for the commands that show and change them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from posthouse.cli.frame import in_house
from posthouse.cli.wording import renamed
from posthouse.core.errors import Refusal

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.queries import AccountRecord
    from posthouse.core.ports.templates import SignatureRecord, TemplateRecord
    from posthouse.services.signatures import Signatures
    from posthouse.services.templates import Templates

R = TypeVar("R")

PAGE = 100


@dataclass(frozen=True, slots=True)
class Owned:
    """An account, and the services that rule what it has to say things with."""

    account: "AccountRecord"
    templates: "Templates"
    signatures: "Signatures"


def in_account(
    place: Path,
    name: str,
    do: Callable[[Owned], Awaitable[R]],
    words: Mapping[str, str],
    *,
    creates: bool = False,
) -> R:
    """Open the installation, do something with what this account owns, close it.

    `words` are the command's own for the fields that a refusal may name. What `creates` needs ids that no
    other process hands out.
    """

    async def run(house: "House") -> R:
        try:
            return await do(await _owned(house, name, creates=creates))
        except Refusal as refusal:
            raise renamed(refusal, words) from refusal

    return in_house(place, run)


async def _owned(house: "House", name: str, *, creates: bool) -> Owned:
    from posthouse.core.ids import Ids
    from posthouse.core.ports.admin import NextBoot
    from posthouse.services.signatures import Signatures
    from posthouse.services.templates import Templates
    from posthouse.vendors.registry import KINDS

    account = await house.administer.account(name)
    ids = Ids(await house.store.write(NextBoot()) if creates else 0)
    return Owned(
        account,
        Templates(house.store, house.clock, ids, KINDS),
        Signatures(house.store, house.clock, ids, KINDS),
    )


async def every_template(owned: Owned) -> "AsyncIterator[TemplateRecord]":
    """Its templates, oldest first, a page in memory at a time."""
    after = 0
    while page := await owned.templates.page(owned.account.id, PAGE, after):
        for record in page:
            yield record
        after = page[-1].row


async def every_signature(owned: Owned) -> "AsyncIterator[SignatureRecord]":
    """Its signatures, oldest first, a page in memory at a time."""
    after = 0
    while page := await owned.signatures.page(owned.account.id, PAGE, after):
        for record in page:
            yield record
        after = page[-1].row
