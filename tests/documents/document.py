"""A document as it came, cut into what can be tried: tables, rows, examples. Nothing of it is copied."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Section:
    """The lines between two headings."""

    lines: tuple[str, ...]

    @cached_property
    def rows(self) -> list[list[str]]:
        """The cells of its table's rows, without the heading."""
        found = [line.strip("|").split("|") for line in self.lines if line.startswith("|")]
        return [[cell.strip() for cell in cells] for cells in found[2:]]

    @cached_property
    def examples(self) -> list[str]:
        """Its JSON examples, as they stand."""
        found: list[str] = []
        piece: list[str] = []
        for line in self.lines:
            if line == "{" or piece:
                piece.append(line)
            if piece and sum(each.count("{") - each.count("}") for each in piece) == 0:
                found.append("\n".join(piece))
                piece = []
        return found

    def after(self, line: str) -> str:
        """What follows a line, to the end of the section."""
        return "\n".join(self.lines[self.lines.index(line) + 1 :])


class Document:
    """A text with headings that each stand alone on a line."""

    def __init__(self, name: str, *headings: str) -> None:
        self.lines = tuple((HERE / name).read_text(encoding="utf-8").splitlines())
        places = [self.lines.index(heading) for heading in headings]
        assert places == sorted(places), "the headings are not in their order"
        ends = [*places[1:], len(self.lines)]
        self.sections = {
            heading: Section(self.lines[place + 1 : end])
            for heading, place, end in zip(headings, places, ends, strict=True)
        }

    def __getitem__(self, heading: str) -> Section:
        return self.sections[heading]


def same_shape(example: Any, found: Any) -> bool:
    """Whether both have the same names in the same order, and values of the same kinds."""
    if isinstance(example, dict):
        return (
            isinstance(found, dict)
            and list(example) == list(found)
            and all(same_shape(example[name], found[name]) for name in example)
        )
    if isinstance(example, list):
        return isinstance(found, list) and all(same_shape(example[0], each) for each in found)
    return type(example) is type(found)


def read(example: str) -> Any:
    """A JSON example, decoded."""
    return json.loads(example)
