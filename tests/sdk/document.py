"""The developer platform's document as it came, cut into what can be tried. Nothing of it is copied.

Its lines run into each other: where one block ends, the next one's title follows without a break.
"""

import re
from dataclasses import dataclass

from tests.documents.document import HERE

TEXT = (HERE / "platform.txt").read_text(encoding="utf-8")

_METHOD = re.compile(r"(sms\.\w+)\n(POST|GET) (/\S+)\n(.*?)(?=sms\.\w+\n(?:POST|GET) /|\Z)", re.DOTALL)
_SIGNATURE = re.compile(r"^python\n(infra\..*?)TypeScript$", re.MULTILINE)
_TABLE = re.compile(r"^\|---\|.*\n((?:.*\|\n)+)", re.MULTILINE)
_RETURNS = re.compile(r"^返回\n(.*?)示例$", re.DOTALL | re.MULTILINE)
_SHELL = re.compile(r"^bash\n(.*?)python$", re.DOTALL | re.MULTILINE)
_EXAMPLE = re.compile(r"^bash\n.*?python\n(.*)\Z", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """A row of a table of parameters."""

    name: str
    type: str
    needed: str
    meaning: str


@dataclass(frozen=True)
class Method:
    """One method as the document tells of it."""

    name: str
    verb: str
    path: str
    signature: str
    rows: tuple[Row, ...]
    returns: str
    shell: str
    example: str


def _read(found: re.Match[str]) -> Method:
    name, verb, path, text = found.groups()

    def only(pattern: re.Pattern[str]) -> str:
        [piece] = pattern.findall(text)
        return str(piece)

    rows = [line.strip("|").split("|") for line in only(_TABLE).splitlines()]
    return Method(
        name,
        verb,
        path,
        only(_SIGNATURE),
        tuple(Row(*(cell.strip() for cell in cells)) for cells in rows),
        only(_RETURNS),
        only(_SHELL),
        only(_EXAMPLE),
    )


METHODS = {method.name: method for method in map(_read, _METHOD.finditer(TEXT))}
