"""The message catalogue's entries, by topic; `core/catalogue.py` reads them."""

from collections.abc import Mapping

from posthouse.core.catalogue_entries.codes import CODES
from posthouse.core.catalogue_entries.entry import Entry, Language, Text
from posthouse.core.catalogue_entries.message import MESSAGE
from posthouse.core.catalogue_entries.reasons import REASONS
from posthouse.core.catalogue_entries.request import REQUEST
from posthouse.core.catalogue_entries.service import SERVICE
from posthouse.core.catalogue_entries.template import TEMPLATE
from posthouse.core.errors import Code

__all__ = ["CATALOGUE", "REASONS", "Entry", "Language", "Text"]

CATALOGUE: Mapping[Code, Entry] = {**REQUEST, **MESSAGE, **TEMPLATE, **CODES, **SERVICE}
"""What we say for every code."""
