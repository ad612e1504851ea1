"""How templates, signatures and what vendors make of them look: as `/v1` shows them, or for people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from posthouse.cli import show
from posthouse.cli.frame import spoken, tell

if TYPE_CHECKING:
    from posthouse.core.lint import Finding
    from posthouse.core.ports.templates import (
        ApprovalChange,
        ApprovalRecord,
        SignatureRecord,
        TemplateRecord,
    )
    from posthouse.web.dialects.v1.template_records import Warned

HISTORY_SHOWN = 20


def template(record: "TemplateRecord", bindings: "Sequence[ApprovalRecord]" = ()) -> dict[str, Any]:
    """A template as `/v1` shows it, its warnings in the operator's language."""
    import msgspec

    from posthouse.web.dialects.v1.template_records import of_template

    told: dict[str, Any] = msgspec.to_builtins(of_template(record, bindings, spoken()))
    return told


def binding(approval: "ApprovalRecord") -> dict[str, Any]:
    """A vendor's own template that says the same, as `/v1` shows it."""
    import msgspec

    from posthouse.web.dialects.v1.template_records import of_binding

    told: dict[str, Any] = msgspec.to_builtins(of_binding(approval))
    return told


def binding_history(changes: "Sequence[ApprovalChange]") -> list[dict[str, Any]]:
    """The steps of reviews of a template's versions, newest first."""
    import msgspec

    from posthouse.web.dialects.v1.template_records import of_bindings

    told: list[dict[str, Any]] = msgspec.to_builtins(of_bindings((), changes).history)
    return told


def signature(record: "SignatureRecord", approvals: "Sequence[ApprovalRecord]" = ()) -> dict[str, Any]:
    """A signature as `/v1` lists it."""
    import msgspec

    from posthouse.web.dialects.v1.template_records import of_signature

    told: dict[str, Any] = msgspec.to_builtins(of_signature(record, approvals))
    return told


def reviewed(
    record: "SignatureRecord", approvals: "Sequence[ApprovalRecord]", changes: "Sequence[ApprovalChange]"
) -> dict[str, Any]:
    """A signature as `/v1` shows it, with the history of its reviews."""
    import msgspec

    from posthouse.web.dialects.v1.template_records import of_reviewed

    told: dict[str, Any] = msgspec.to_builtins(of_reviewed(record, approvals, changes))
    return told


def approval(found: "ApprovalRecord") -> dict[str, Any]:
    """How a signature stands with a vendor, as `/v1` shows it."""
    import msgspec

    from posthouse.web.dialects.v1.template_records import of_approval

    told: dict[str, Any] = msgspec.to_builtins(of_approval(found))
    return told


def warnings(findings: "Iterable[Finding]") -> "list[Warned]":
    """What reviewers may refuse, as `/v1` shows it, in the operator's language."""
    from posthouse.web.dialects.v1.template_records import of_findings

    return of_findings(findings, spoken())


def warn(warnings: "Iterable[Mapping[str, Any]]") -> None:
    """Tell people, beside the answer, what reviewers may refuse."""
    for each in warnings:
        tell(f"! {_at(each['position'])}{each['message']}")


def _at(position: int | None) -> str:
    if position is None:
        return ""
    return f"第 {position} 个字符：" if spoken() == "zh" else f"At character {position}: "


def template_facts(told: Mapping[str, Any]) -> None:
    """A template for people: what it is, and how vendors have it."""
    show.facts(
        {
            "id": told["template_id"],
            "name": told["name"],
            "kind": told["kind"],
            "version": told["version"],
            "text": told["text"],
            "signature": told["signature"],
            "variables": ", ".join(f"{each['name']} ({each['max_length']})" for each in told["variables"])
            or None,
            "created": _when(told["created_at"]),
            "updated": _when(told["updated_at"]),
        }
    )


def binding_table(told: Sequence[Mapping[str, Any]]) -> None:
    """Bindings for people."""
    show.table(
        ("vendor", "its template", "version", "parameters", "state", "reason", "since"),
        [
            (
                each["vendor"],
                each["vendor_template_id"],
                each["version"],
                " ".join(f"{theirs}={ours}" for theirs, ours in each["parameters"].items()),
                each["state"],
                each["reason"],
                _when(each["updated_at"]),
            )
            for each in told
        ],
        empty="It is bound to no vendor's template.",
    )


def approval_table(told: Sequence[Mapping[str, Any]]) -> None:
    """A signature's approvals for people."""
    show.table(
        ("vendor", "its id", "state", "reason", "since"),
        [
            (
                each["vendor"],
                each["vendor_signature_id"],
                each["state"],
                each["reason"],
                _when(each["updated_at"]),
            )
            for each in told
        ],
        empty="No vendor has it.",
    )


def history_table(told: Sequence[Mapping[str, Any]]) -> None:
    """The steps of reviews for people; nothing where there was one step or none."""
    if len(told) > 1:
        show.table(
            ("when", "vendor", "version", "state", "reason"),
            [
                (_when(each["at"]), each["vendor"], each.get("version"), each["state"], each["reason"])
                for each in told
            ],
            empty="",
        )


def _when(told: str) -> str:
    """A time as `/v1` shows it, for people."""
    from datetime import UTC, datetime, timedelta

    begin = datetime(1970, 1, 1, tzinfo=UTC)
    return show.clock((datetime.fromisoformat(told) - begin) // timedelta(microseconds=1))
