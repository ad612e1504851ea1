"""The templates and signatures of an account, for the commands that show and change them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from posthouse.cli.frame import in_house
from posthouse.cli.wording import renamed
from posthouse.core.errors import Refusal

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.queries import AccountRecord
    from posthouse.core.ports.templates import ApprovalRecord, SignatureRecord, TemplateRecord
    from posthouse.services.signatures import Signatures
    from posthouse.services.templates import Templates

R = TypeVar("R")
Row = TypeVar("Row", "TemplateRecord", "SignatureRecord")

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
    options: Mapping[str, str],
    *,
    creates: bool = False,
    asked: Mapping[str, str] | None = None,
) -> R:
    """Open the installation, do something with what this account owns, close it.

    `options` are the command's words for the fields that a refusal may name; `asked` names, by its kind,
    what it may not find. What `creates` needs ids that no other process hands out.
    """

    async def run(house: "House") -> R:
        try:
            return await do(await _owned(house, name, creates=creates))
        except Refusal as refusal:
            raise renamed(refusal, options, asked or {}) from refusal

    return in_house(place, run)


async def _owned(house: "House", name: str, *, creates: bool) -> Owned:
    from posthouse.core.ids import Ids
    from posthouse.core.ports.admin import NextBoot
    from posthouse.services.signatures import Signatures
    from posthouse.services.templates import Templates
    from posthouse.vendors.registry import KNOWN

    account = await house.administer.account(name)
    ids = Ids(await house.store.write(NextBoot()) if creates else 0)
    return Owned(
        account,
        Templates(house.store, house.clock, ids, KNOWN),
        Signatures(house.store, house.clock, ids, KNOWN),
    )


class Shelf(Protocol[Row]):
    """Templates or signatures."""

    async def page(self, account_id: int, limit: int, after: int = 0) -> list[Row]:
        """Those behind the row `after`, oldest first."""
        ...

    async def approvals_of(self, page: Sequence[Row]) -> "dict[int, list[ApprovalRecord]]":
        """How each of a page stands with all vendors, by its row."""
        ...


async def first_with_approvals(
    shelf: Shelf[Row], account_id: int, limit: int
) -> "list[tuple[Row, list[ApprovalRecord]]]":
    """The oldest `limit` that an account owns, and how vendors have them."""
    found: list[tuple[Row, list[ApprovalRecord]]] = []
    after = 0
    while len(found) < limit and (page := await shelf.page(account_id, min(limit - len(found), PAGE), after)):
        approvals = await shelf.approvals_of(page)
        found += [(record, approvals[record.row]) for record in page]
        after = page[-1].row
    return found
