"""Codes and their texts searched for in every file, log, backup and export, in all usual writings: none."""

import asyncio
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from posthouse.bootstrap.archive import Opening
from posthouse.bootstrap.backup import back_up
from posthouse.bootstrap.house import House
from posthouse.core.vault import Vault
from soak.experiment import Outcome
from soak.premises import a_server, afflicted, directory, in_house
from tests.e2e.client import Client, clients, soon
from tests.e2e.nursery import forked
from tests.e2e.premises import key_of
from tests.e2e.server import Server, environment

ROWS = (45,)

NUMBERS = 4
DIGITS = 10
"""So long that none is in a file by chance."""

CODE = re.compile(r"(?<!\d)\d{10}(?!\d)")
FATES = ("8000", "0003", "0005", "0008", "0009")
TEMPLATE = {"id": "login", "name": "login", "kind": "otp", "text": "{name}: {code}"}
EXPORTS = (("export",), ("export", "--format", "ndjson"), ("list",))


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Send, check, back up, kill; search what is left. Planted: a log line with the code of a check in it."""
    counted, detail = Counter({"codes": 0, "files": 0, "found": 0}), list[str]()
    async with a_server(afflicted("tells-codes") if planted else forked) as server:
        with directory() as kept:
            (server.data / "posthouse.toml").write_text('log_level = "debug"\n', encoding="utf-8")
            await asyncio.to_thread(server.start)
            async with clients(server.port, key_of(server.data), 1) as [caller]:
                words = await _live(caller, NUMBERS * scale)
                await asyncio.to_thread(_keep, server, kept, "alive")
                await asyncio.to_thread(
                    back_up, server.data, kept / "backup", replace=False, progress=_unheard
                )
                for number, asked in enumerate(EXPORTS[: scale - planted]):
                    (kept / f"export-{number}").write_bytes(await asyncio.to_thread(_printed, server, *asked))
            await asyncio.to_thread(server.kill)
            _keep(server, kept, "killed")
            await asyncio.to_thread(server.start)
            await asyncio.to_thread(server.stop)
            _keep(server, kept, "stopped")
            vault = await in_house(server.data, _vault)
            with (kept / "backup").open("rb") as file:
                pieces: dict[str, bytes] = defaultdict(bytes)
                for piece in Opening(file, vault).pieces():
                    pieces[f"backup:{piece.name}"] += piece.plain
            held = [
                *pieces.items(),
                *((str(each.relative_to(kept)), each.read_bytes()) for each in _files(kept)),
            ]
    counted["codes"], counted["files"] = len(words), len(held)
    names = {name.rpartition("/")[2] for name, _ in held}
    for word in words:
        wanted = list(_written(word))
        found = [name for name, content in held if any(each in content for each in wanted)]
        counted["found"] += len(found)
        detail += [f"{'a code' if word.isdecimal() else 'a text'} in {name}" for name in found]
    whole = {"posthouse.db", "posthouse.db-wal", "sandbox.db", "data.log", "backup", "backup:posthouse.db"}
    # What nobody hides is found: else the search is none.
    seen = {name.partition("/")[0] for name, content in held if SHOWN in content}
    return Outcome(
        injected=f"{NUMBERS * scale} codes sent and checked, {len(words)} words, {len(held)} files searched",
        counted=counted,
        bar="0 found, in UTF-8, UTF-16, base64 and hexadecimal",
        held=not counted["found"] and whole <= names and seen >= ANYWHERE,
        detail="; ".join(sorted(set(detail))[:8]) or f"missing: {whole - names} {ANYWHERE - seen}",
    )


async def _live(caller: Client, count: int) -> list[str]:
    """Have codes sent in every way and check some; every code and every text there was."""
    words: list[str] = []
    await caller.post("/v1/templates", TEMPLATE)
    for number in range(count):
        to = f"+86139{number:04d}{FATES[number % len(FATES)]}"
        named = {"template_id": "login", "params": {"name": "Ada"}} if number % 2 else {}
        wanted = {"to": to, "length": DIGITS, "domain": "example.com", "idempotency_key": f"otp-{number}"}
        await caller.post("/v1/sms/otp", wanted | named)
        text = await _shown(caller, to)
        code = CODE.findall(text)[0]
        words += [code, text]
        for turn, typed in enumerate((code[::-1], code)):
            given = {"to": to, "code": typed, "idempotency_key": f"check-{number}-{turn}"}
            await caller.post("/v1/sms/verify", given)
    await caller.post("/v1/sms/send", {"to": "+8613999998000", "body": SHOWN.decode()})
    await _shown(caller, "+8613999998000")
    others: tuple[dict[str, object], ...] = (BY_BODY, BY_TEMPLATE)
    for number, said in enumerate(others):
        to = f"+8613990{number:02d}8000"
        await caller.post("/v1/sms/send", {"to": to, "purpose": "otp", **said})
        text = await _shown(caller, to)
        words += [CODE.findall(text)[0], text]
    return words


SHOWN = b"nobody hides this"
ANYWHERE = {"alive", "killed", "stopped", "backup:posthouse.db"}
BY_BODY: dict[str, object] = {"body": "Your code is 7391046285, says the shop."}
BY_TEMPLATE: dict[str, object] = {"template_id": "login", "params": {"code": "8264017395", "name": "Ada"}}
"""What callers send who make codes of their own."""


async def _shown(caller: Client, to: str) -> str:
    """The text on a handset."""
    texts: list[str] = []

    async def arrived() -> bool:
        shown = await caller.get(f"/v1/sandbox/messages?to=%2B{to[1:]}")
        texts[:] = [each["text"] for each in shown.json["data"]]
        return bool(texts)

    await soon(arrived, within_s=20, what="the code is on the handset")
    return texts[0]


def _written(word: str) -> Iterator[bytes]:
    """A word in all the ways in which a file may hold it."""
    plain = word.encode()
    yield plain
    yield from (word.encode("utf-16-le"), word.encode("utf-16-be"))
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    for offset in range(
        3
    ):  # wherever it begins among three bytes; what depends on its neighbours is left out
        encoded = b64encode(bytes(offset) + plain)
        first, last = -(-offset * 8 // 6), (offset + len(plain)) * 8 // 6
        yield encoded[first:last]
    if not word.isascii():
        yield word.encode("unicode_escape")


def _keep(server: Server, kept: Path, name: str) -> None:
    """Everything there is, as it is at this moment."""
    shutil.copytree(server.data, kept / name)
    shutil.copy(server.log, kept / name / server.log.name)


def _files(kept: Path) -> list[Path]:
    return [each for each in kept.rglob("*") if each.is_file()]


def _printed(server: Server, *words: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "posthouse", "messages", *words, "--data", str(server.data)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout


async def _vault(house: House) -> Vault:
    return house.vault


def _unheard(what: str, done: int, total: int) -> None:
    del what, done, total
