"""From bytes to a request struct, or to a refusal that names the field: the one place where input is parsed.

First the bytes become plain JSON values (well-formed, UTF-8, not too deep, no name twice), then those
take the declared shape. Nothing of the input but the names of fields ever stands in a refusal.
"""

import asyncio
import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, NoReturn, TypeVar
from urllib.parse import parse_qsl

import msgspec

from posthouse.core.errors import Code, Fact, Refusal
from posthouse.core.text import Culprit, forbidden

DEPTH_MAX = 32
QUERY_FIELDS_MAX = 32
SMALL = 64 * 1024
"""A body up to this size is parsed in one go."""

B = TypeVar("B", bound=msgspec.Struct)

Fault = tuple[Code, Mapping[str, Fact]]
"""The code, with its facts, for any value of a field that will not do."""


@dataclass(frozen=True)
class Form(Generic[B]):
    """What a call reads.

    Attributes:
        type: the request struct. One that forbids unknown fields is exact: what it does not name is refused.
        reserved: names that will mean something one day and are refused by name until then.
        faults: fields with codes of their own.
    """

    type: type[B]
    reserved: frozenset[str] = frozenset()
    faults: Mapping[str, Fault] = field(default_factory=dict)

    def read(self, raw: bytes) -> B:
        """Parse a short body at once."""
        _check_depth(raw)
        tree = self._decode(raw)
        _check_names(raw, tree)
        return self._shape(tree, strict=True)

    async def read_large(self, raw: bytes) -> B:
        """Parse a body of any size, giving way to others between the steps."""
        _check_depth(raw)
        await asyncio.sleep(0)
        tree = self._decode(raw)
        await asyncio.sleep(0)
        _check_names(raw, tree)
        await asyncio.sleep(0)
        return self._shape(tree, strict=True)

    @property
    def exact(self) -> bool:
        """Whether unknown fields are refused."""
        return self.type.__struct_config__.forbid_unknown_fields

    def read_query(self, raw: bytes) -> B:
        """Parse a query string; its values may be numbers written as text.

        Unless the form is exact, a field that is left blank is left out.
        """
        query = _query(raw) if raw else {}
        if not self.exact:
            query = {name: value for name, value in query.items() if value}
        wanted = self._shape(query, strict=False)
        for name, value in query.items():
            # Where a word or a number may be left out, msgspec reads the text "null" as left out.
            if value.lower() == "null" and getattr(wanted, self._attributes.get(name, ""), value) is None:
                code, facts = self.faults.get(name) or (Code.INVALID_VALUE, {})
                raise Refusal(code, param=name, **facts)
        return wanted

    def _decode(self, raw: bytes) -> object:
        try:
            return _decoder.decode(raw)
        except msgspec.ValidationError:
            # A number out of range. The typed decoder names the field; the plain one only knows the place.
            try:
                msgspec.json.decode(raw, type=self.type)
            except msgspec.ValidationError as error:
                raise self._refusal(str(error), None) from None
            raise Refusal(Code.INVALID_REQUEST) from None
        except RecursionError:
            raise Refusal(Code.TOO_DEEP, limit=DEPTH_MAX) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            _malformed(raw, str(error))

    def _shape(self, tree: object, *, strict: bool) -> B:
        try:
            return msgspec.convert(tree, self.type, strict=strict)
        except msgspec.ValidationError as error:
            raise self._refusal(str(error), tree) from None

    def _refusal(self, said: str, tree: object) -> Refusal:
        """What msgspec said, in our terms. It quotes values, so its own words go no further."""
        if isinstance(tree, dict) and (reserved := self.reserved & tree.keys()):
            return Refusal(Code.UNSUPPORTED_FIELD, param=min(reserved))
        what, _, where = said.rpartition(" - at ") if " - at `" in said else (said, "", "")
        path = _PLACE.sub("", where.partition("`$")[2].rstrip("`")).lstrip(".")
        in_map, of_name = "[...]" in where, where.startswith("`key` in ")
        if found := _ABSENT.match(what):
            return Refusal(Code.MISSING_FIELD, param=_join(path, found[1]))
        if found := _UNKNOWN.match(what):
            return self._unknown(path, found[1])
        name = path.rpartition(".")[2].partition("[")[0]
        found = _TYPE.match(what)
        if found and not path:
            return Refusal(Code.INVALID_REQUEST)
        if found and not (name in self.faults and in_map):
            code, facts = Code.WRONG_TYPE, _expected(found[1])
        else:
            code, facts = self.faults.get(name, (Code.INVALID_VALUE, {}))
            if code is Code.INVALID_VALUE:
                facts = _limits(what, facts, of_name=of_name)
        if in_map or of_name:
            entry = _entry_at_fault(tree, path, what, of_name=of_name)
            path = _join(path, entry[:_NAME_SHOWN]) if entry else path
        return Refusal(code, param=path or None, **facts)

    def _unknown(self, path: str, name: str) -> Refusal:
        if name in self.reserved:
            return Refusal(Code.UNSUPPORTED_FIELD, param=_join(path, name))
        nearest = difflib.get_close_matches(name[:64], self._names, 1)
        facts = {"nearest": nearest[0]} if nearest else {}
        return Refusal(Code.UNKNOWN_FIELD, param=_join(path, name), **facts)

    @cached_property
    def _attributes(self) -> Mapping[str, str]:
        return {one.encode_name: one.name for one in msgspec.structs.fields(self.type)}

    @cached_property
    def _names(self) -> tuple[str, ...]:
        _, parts = msgspec.json.schema_components([self.type])
        names = (name for part in parts.values() for name in part.get("properties", ()))
        return tuple(dict.fromkeys(names))


_decoder = msgspec.json.Decoder()

_PLACE = re.compile(r"\[\.\.\.\]")
_ABSENT = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_TYPE = re.compile(r"Expected `([^`]+)`, got `(\w+)")
_BOUND = re.compile(r"Expected `(str|int|float|array|object)`(?: of length)? (<=|>=) (\d+)$")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_NAME_SHOWN = 64
_GOT = {
    "null": type(None),
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "array": list,
    "object": dict,
}
_TYPES = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "array": "array",
    "object": "object",
}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _expected(types: str) -> Mapping[str, Fact]:
    """What `int | str | null` allows but null, as JSON calls it."""
    expected = [_TYPES.get(kind, kind) for kind in types.split(" | ") if kind != "null"]
    return {"expected": " or ".join(sorted(expected, reverse=True))}


def _limits(what: str, facts: Mapping[str, Fact], *, of_name: bool) -> Mapping[str, Fact]:
    """The bound that was passed; `facts`, where the field has some, for any other fault of its value."""
    found = _BOUND.match(what)
    if found is None:
        return facts
    kind, most, bound = found[1], found[2] == "<=", int(found[3])
    if of_name:
        return {"name_max": bound} if most else {"kind": "named"}
    if kind in ("array", "object"):
        return {"items_max": bound} if most else {"kind": "filled"}
    if facts:
        return facts
    if kind == "str":
        return {"length_max": bound} if most else {"kind": "filled"}
    return {"maximum" if most else "minimum": bound}


def _entry_at_fault(tree: Any, path: str, what: str, *, of_name: bool) -> str:  # noqa: ANN401 - any JSON value
    """The name of the entry that msgspec speaks of, which it does not tell; empty where it is not known."""
    for name, index in _STEP.findall(path):
        if not isinstance(tree, (dict, list)):
            return ""
        tree = tree[name] if name else tree[int(index)]
    entries: Mapping[str, object] = tree if isinstance(tree, dict) else {}
    return next((name for name, value in entries.items() if _fits(what, name if of_name else value)), "")


def _fits(what: str, value: object) -> bool:
    """Whether msgspec can have said that of this value."""
    if found := _TYPE.match(what):
        return type(value) is _GOT.get(found[2])
    found = _BOUND.match(what)
    if found is None or not isinstance(value, str):
        return False
    return len(value) > int(found[3]) if found[2] == "<=" else len(value) < int(found[3])


_OPENING = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _check_depth(raw: bytes) -> None:
    if raw.count(b"[") + raw.count(b"{") <= DEPTH_MAX:
        return
    brackets = _bare(raw).translate(_OPENING, _NOT_BRACKETS)
    for _ in range(DEPTH_MAX):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return
    if b"[]" in brackets or brackets.count(b"[") > DEPTH_MAX:
        raise Refusal(Code.TOO_DEEP, limit=DEPTH_MAX)


def _bare(raw: bytes) -> bytes:
    """What stands outside of strings, found with nothing but searches at C speed."""
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(raw.split(b'"')[::2])


def _check_names(raw: bytes, tree: object) -> None:
    """Refuse an object that has a name twice: every colon outside a string must have left a key."""
    colons = raw.count(b":")
    if type(tree) is dict:
        if colons == len(tree):
            return  # as many colons, strings included, as there are names: neither twins nor nesting
        if b"\\" not in raw and raw.count(b'"') == 2 * (
            len(tree) + sum(type(v) is str for v in tree.values())
        ):
            return  # as many quotes as the names and texts that are left: no name was dropped
    keys = _keys(tree)
    if colons != keys and _bare(raw).count(b":") != keys:
        json.loads(raw, object_pairs_hook=_without_twins)


def _keys(tree: object) -> int:
    count = 0
    rest: list[Any] = [tree]
    while rest:
        value = rest.pop()
        if type(value) is dict:
            count += len(value)
            value = value.values()
        elif type(value) is not list:
            continue
        rest.extend(item for item in value if type(item) is dict or type(item) is list)
    return count


def _without_twins(pairs: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise Refusal(Code.MALFORMED_JSON, param=name)
        seen.add(name)


_BYTE = re.compile(r"\(byte (\d+)\)")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE = re.compile("[\ud800-\udfff]")


def _malformed(raw: bytes, said: str) -> NoReturn:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Refusal(Code.NOT_UTF8, offset=error.start + 1) from None
    if _SURROGATE.search(raw):
        try:
            found = _lone_surrogate(json.loads(text), "")
        except ValueError:
            found = None
        if found is not None:
            raise found
    byte = _BYTE.search(said)
    before = raw[: int(byte[1])].decode(errors="ignore") if byte else text
    column = len(before) - (before.rfind("\n") + 1) + 1
    raise Refusal(Code.MALFORMED_JSON, line=before.count("\n") + 1, column=column)


def _lone_surrogate(tree: object, path: str) -> Refusal | None:
    """Names the first string with half of a surrogate pair, and where; the object, where a name has one."""
    if isinstance(tree, str):
        found = _LONE.search(tree)
        if found is None:
            return None
        return Refusal(Code.INVALID_TEXT, param=path or None, **Culprit(found[0], found.start()).facts())
    if isinstance(tree, dict):
        if any(_LONE.search(name) for name in tree):
            return Refusal(Code.INVALID_TEXT, param=path or None)
        steps = [(_join(path, name), value) for name, value in tree.items()]
    elif isinstance(tree, list):
        steps = [(f"{path}[{index}]", value) for index, value in enumerate(tree)]
    else:
        return None
    return next((no for step, value in steps if (no := _lone_surrogate(value, step)) is not None), None)


def check_sendable(value: str, param: str) -> None:
    """Refuse a text with a character that no message can hold."""
    culprit = forbidden(value)
    if culprit is not None:
        raise Refusal(Code.INVALID_TEXT, param=param, **culprit.facts())


def _query(raw: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            raw.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=QUERY_FIELDS_MAX,
        )
    except ValueError:
        raise Refusal(Code.INVALID_REQUEST) from None
    query: dict[str, str] = {}
    for name, value in pairs:
        if name in query:
            raise Refusal(Code.INVALID_VALUE, param=name)
        query[name] = value
    return query
