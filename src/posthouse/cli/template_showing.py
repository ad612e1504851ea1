"""How templates, signatures and what vendors make of them look to people; as documents they are `/v1`'s."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from posthouse.cli import show
from posthouse.cli.frame import spoken, tell

if TYPE_CHECKING:
    from posthouse.core.ports.templates import ApprovalChange, ApprovalRecord, TemplateRecord

HISTORY_SHOWN = 20
TEXT_COLUMNS = 60
"""Of a text in a list."""


def template(record: "TemplateRecord", bindings: "Sequence[ApprovalRecord]" = ()) -> dict[str, Any]:
    """A template as `/v1` shows it, its warnings in the operator's language."""
    from posthouse.web.dialects.v1.template_records import of_template

    return show.as_document(of_template(record, bindings, spoken()))


def warn(warnings: "Iterable[Mapping[str, Any]]") -> None:
    """Tell people, beside the answer, what reviewers may refuse."""
    for each in warnings:
        tell(f"! {_at(each['position'])}{each['message']}")


def _at(position: int | None) -> str:
    """Where it stands: documents count from 0, people from 1."""
    if position is None:
        return ""
    return f"第 {position + 1} 个字符：" if spoken() == "zh" else f"At character {position + 1}: "


def template_facts(record: "TemplateRecord", template_id: str | None = None) -> None:
    """A template for people; `template_id` instead of its own where it is not made yet."""
    variables = ", ".join(f"{name} ({max_length})" for name, max_length in record.variables)
    show.facts(
        {
            "id": record.template_id if template_id is None else template_id,
            "name": record.name,
            "kind": record.kind.label,
            "version": record.version,
            "text": record.text,
            "signature": record.signature,
            "variables": variables or None,
            "created": show.clock(record.created_at),
            "updated": show.clock(record.updated_at),
        }
    )


def binding_table(bindings: "Sequence[ApprovalRecord]") -> None:
    """Bindings for people."""
    show.table(
        ("vendor", "its template", "version", "parameters", "state", "reason", "since"),
        [
            (
                each.vendor,
                each.vendor_id,
                each.version,
                " ".join(f"{theirs}={ours}" for theirs, ours in each.parameters),
                each.state,
                each.reason,
                show.clock(each.updated_at),
            )
            for each in bindings
        ],
        empty="It is bound to no vendor's template.",
    )


def approval_table(approvals: "Sequence[ApprovalRecord]") -> None:
    """A signature's approvals for people."""
    show.table(
        ("vendor", "its id", "state", "reason", "since"),
        [
            (each.vendor, each.vendor_id, each.state, each.reason, show.clock(each.updated_at))
            for each in approvals
        ],
        empty="No vendor has it.",
    )


def history_table(changes: "Sequence[ApprovalChange]") -> None:
    """The steps of reviews for people; nothing where there was one step or none."""
    if len(changes) > 1:
        show.table(
            ("when", "vendor", "version", "state", "reason"),
            [
                (show.clock(each.at), each.vendor, each.version or None, each.state, each.reason)
                for each in changes
            ],
            empty="",
        )


def hint(state: str | None, reason: str | None) -> None:
    """Ask for the reason that a rejection came without."""
    if state == "rejected" and not reason:
        tell("What the vendor gave as its reason can be kept with --reason.")
