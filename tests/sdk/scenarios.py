"""Plays `sdk/scenarios.json`, as its `about` says, with either client."""

import itertools
import json
import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import posthouse_sdk
from posthouse_sdk import PosthouseError

ROOT = Path(__file__).parents[2]
_FILE: dict[str, Any] = json.loads((ROOT / "sdk" / "scenarios.json").read_text(encoding="utf-8"))
SCENARIOS: list[dict[str, Any]] = _FILE["scenarios"]
CODES: dict[str, str | None] = _FILE["codes"]

LOOKS_AGAIN_S = 0.05
_ABSENT = object()
_NAME = re.compile(r"\$\{(\w+)\}")
_numbers = itertools.count(secrets.randbelow(400_000))

Ask = Callable[[str, str, dict[str, Any], int | None], tuple[Any, Any]]
"""(as whom, call, arguments, items) → (what it answered, its raw response where it is no iterator)."""


def play(scenario: dict[str, Any], ask: Ask) -> None:
    """Every step, in order."""
    known = {name: _given(wanted) for name, wanted in scenario.get("given", {}).items()}
    for number, step in enumerate(scenario["steps"], start=1):
        try:
            _step(step, known, ask)
        except AssertionError as error:
            raise AssertionError(f"step {number}, {step['call']}: {error}") from error


def _step(step: dict[str, Any], known: dict[str, Any], ask: Ask) -> None:
    args = _filled(step.get("args", {}), known)
    whom, items = step.get("as", "owner"), step.get("items")
    if "error" in step:
        _refused(step["error"], lambda: ask(whom, step["call"], args, items))
        return
    deadline = time.monotonic() + step.get("within_s", 0)
    while True:
        answer, response = ask(whom, step["call"], args, items)
        try:
            if "expect" in step:
                _match(_filled(step["expect"], known), answer, "reply")
            break
        except AssertionError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(LOOKS_AGAIN_S)
    for name in {"status", "replayed"} & step.keys():
        assert getattr(response, name) == step[name], f"{name} is {getattr(response, name)}"
    for name, where in step.get("save", {}).items():
        known[name] = _picked(where, answer)


def _refused(expected: dict[str, Any], call: Callable[[], object]) -> None:
    with pytest.raises(PosthouseError) as refused:
        call()
    error, wanted = refused.value, dict(expected)
    assert type(error) is getattr(posthouse_sdk, wanted.pop("class")), f"{type(error).__name__}: {error}"
    for name, value in wanted.items():
        _match(value, getattr(error, name), f"error.{name}")


def _given(wanted: dict[str, Any]) -> str:
    [(kind, value)] = wanted.items()
    if kind == "number":
        return f"+861{40_0000 + next(_numbers):06d}{value}"
    if kind == "unique":
        return f"{value}{secrets.token_hex(6)}"
    assert kind == "in_s"
    return (datetime.now(UTC) + timedelta(seconds=value)).isoformat().replace("+00:00", "Z")


def _filled(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: each if name == "$match" else _filled(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, known) for each in value]
    if isinstance(value, str):
        whole = _NAME.fullmatch(value)
        return known[whole[1]] if whole else _NAME.sub(lambda found: str(known[found[1]]), value)
    return value


def _match(expected: Any, found: Any, where: str) -> None:
    match expected:
        case {"$match": pattern}:
            assert isinstance(found, str), f"{where} is {found!r}"
            assert re.search(pattern, found), f"{where} is {found!r}, not /{pattern}/"
        case {"$in": values}:
            assert found in values, f"{where} is {found!r}, not one of {values}"
        case {"$count": count}:
            assert len(found) == count, f"{where} has {len(found)} items, not {count}"
        case {"$absent": True}:
            assert found is _ABSENT, f"{where} is {found!r}"
        case dict():
            assert isinstance(found, dict), f"{where} is {found!r}"
            for name, value in expected.items():
                _match(value, found.get(name, _ABSENT), f"{where}.{name}")
        case list():
            assert isinstance(found, list), f"{where} is {found!r}"
            assert len(found) == len(expected), f"{where} has {len(found)} items, not {len(expected)}"
            for index, value in enumerate(expected):
                _match(value, found[index], f"{where}.{index}")
        case _:
            assert found == expected, f"{where} is {found!r}, not {expected!r}"


def _picked(where: Any, answer: Any) -> Any:
    path, pattern = (where, None) if isinstance(where, str) else (where["path"], where["find"])
    found = answer
    for name in path.split("."):
        found = found[int(name)] if isinstance(found, list) else found[name]
    if pattern is None:
        return found
    matched = re.search(pattern, found)
    assert matched, f"nothing like /{pattern}/ at {path}"
    return matched[0]
