"""`posthouse errors`: what a code or reason means and what to do about it, without a server."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from posthouse.bootstrap.premises import Trouble
from posthouse.cli import show
from posthouse.cli.frame import AsJson, spoken

if TYPE_CHECKING:
    from posthouse.core.catalogue import Described, Language


def errors(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE]", help="As invalid_number or blocked; all when absent.", show_default=False
        ),
    ] = None,
    lang: Annotated[
        Literal["zh", "en"] | None, typer.Option(help="The language; else the environment's, then the other.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain a code (why a request was refused) or a reason (why a vendor refused a message)."""
    from posthouse.core.catalogue import entries

    first = lang or spoken()
    second: Language = "en" if first == "zh" else "zh"
    languages = (first,) if lang else (first, second)
    known = {language: entries(language) for language in languages}
    if name is None:
        _list(known[first], first, as_json=as_json)
        return
    wanted = name.strip().lower().replace("-", "_")
    found = {language: [entry for entry in known[language] if entry.name == wanted] for language in languages}
    if not found[first]:
        raise _unknown(name, wanted, [entry.name for entry in known[first]])
    if as_json:
        show.document(
            {"data": [_fields(entry) | {"lang": lang_} for lang_ in languages for entry in found[lang_]]}
        )
        return
    paragraphs = [_paragraph(entry, language) for language in languages for entry in found[language]]
    typer.echo("\n\n".join(paragraphs))


_KINDS = {"en": {"code": "code", "reason": "reason"}, "zh": {"code": "错误码", "reason": "原因"}}
_HEADINGS = {
    "en": {"code": "Codes: why a request was refused", "reason": "Reasons: why a vendor refused a message"},
    "zh": {"code": "错误码：请求为何被拒", "reason": "原因：服务商或运营商为何未接受短信"},
}


def _paragraph(entry: "Described", language: "Language") -> str:
    kind = _KINDS[language][entry.kind]
    return f"{entry.name} ({kind}): {entry.title}\n{entry.detail}\n→ {entry.suggested_action}"


def _list(known: "tuple[Described, ...]", language: "Language", *, as_json: bool) -> None:
    if as_json:
        show.document({"data": [_fields(entry) for entry in known]})
        return
    width = max(len(entry.name) for entry in known) + 2
    for kind, heading in _HEADINGS[language].items():
        typer.echo(heading)
        for entry in known:
            if entry.kind == kind:
                typer.echo(f"  {entry.name:<{width}}{entry.title}")


def _fields(entry: "Described") -> dict[str, object]:
    return {
        entry.kind: entry.name,
        "title": entry.title,
        "detail": entry.detail,
        "suggested_action": entry.suggested_action,
        "retryable": entry.retryable,
    }


def _unknown(name: str, wanted: str, names: list[str]) -> Trouble:
    from difflib import get_close_matches

    near = get_close_matches(wanted, list(dict.fromkeys(names)), 3, 0.5)
    guess = f"did you mean {', '.join(near)}?" if near else "`posthouse errors` lists all."
    return Trouble(f"Nothing is called {name[:64]!r} here: {guess}")
