"""How long a template's messages can become."""

from collections.abc import Sequence
from dataclasses import dataclass

from posthouse.core.template import Variable, places, render
from posthouse.core.text import Culprit, Encoding, measure, with_signature


@dataclass(frozen=True, slots=True)
class Sized:
    """The longest message of a template: every variable at its full length.

    Attributes:
        encoding: with values that GSM-7 has, at one septet a character.
        units: likewise; septets or UTF-16 code units.
        parts: likewise; what is charged.
        parts_unicode: the parts where values hold characters outside GSM-7, each of one UTF-16 code unit;
            emoji take two, and may need more.
        culprits: the characters of the template's own text that force UCS-2, names of variables aside, and
            where they first stand in the text as it is written. The brackets of a signature force it too.
    """

    encoding: Encoding
    units: int
    parts: int
    parts_unicode: int
    culprits: tuple[Culprit, ...]


def worst(template_text: str, variables: Sequence[Variable], signature: str | None, *, country: str) -> Sized:
    """Measure a template's longest message to `country` (ISO region). Refuses text that is no template."""

    def filled(char: str) -> str:
        values = {name: char * length for name, length in variables}
        return with_signature(render(template_text, values), signature)

    plain = measure(filled("0"), country=country)
    unicode = measure(filled("字"), country=country)
    own = measure(without_names(template_text), country=country)
    return Sized(plain.encoding, plain.units, plain.parts, unicode.parts, own.culprits)


def without_names(template_text: str) -> str:
    """The text as it is written, with a digit in place of every character of a variable's place."""
    chars = list(template_text)
    for place in places(template_text):
        chars[place.start : place.end] = "0" * (place.end - place.start)
    return "".join(chars)
