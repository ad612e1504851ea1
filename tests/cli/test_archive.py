"""The file of a backup: whatever is done to it, it is opened as it was written or not at all."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from posthouse.bootstrap.archive import CHUNK, Manifest, Opening, Sealing, Unusable
from posthouse.core.vault import MASTER_BYTES, Vault
from tests.cli.backups import refused_whole
from tests.cli.conftest import Cli

MINE, THEIRS = (Vault(bytes([n]) * MASTER_BYTES) for n in (1, 2))
SIZES = {"posthouse.db": 4 * CHUNK + 5, "posthouse.toml": 7}
MANIFEST = Manifest("0.1", "0001", 1, {"messages": 3}, "books", 0, SIZES)
CONTENT = {name: bytes([n + 1]) * size for n, (name, size) in enumerate(SIZES.items())}
HEADER = 57
SEALED = CHUNK + 16


def sealed(manifest: Manifest = MANIFEST, vault: Vault = MINE) -> bytes:
    file = io.BytesIO()
    with Sealing(file, vault) as sealing:
        sealing.manifest(manifest)
        for content in CONTENT.values():
            sealing.write(content)
    return file.getvalue()


def opened(archive: bytes, vault: Vault = MINE) -> dict[str, bytes]:
    opening = Opening(io.BytesIO(archive), vault)
    found = dict.fromkeys(opening.manifest.pieces, b"")
    for name, plain in opening.pieces():
        assert len(plain) <= CHUNK
        found[name] += plain
    return found


def unusable(archive: bytes, vault: Vault = MINE) -> str:
    with pytest.raises(Unusable) as told:
        opened(archive, vault)
    return str(told.value)


def chunks(archive: bytes) -> list[bytes]:
    body = archive[HEADER:]
    return [body[at : at + SEALED] for at in range(0, len(body), SEALED)]


def test_what_was_put_in_comes_out():
    archive = sealed()
    assert opened(archive) == CONTENT
    assert Opening(io.BytesIO(archive), MINE).manifest == MANIFEST


@pytest.mark.parametrize("size", [0, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_every_size_is_opened_again(size):
    before = len(sealed_of(0)) - HEADER - 16
    for inside in {size, max(0, size - before)}:  # the second fills its last chunk to the brim
        [body] = opened(sealed_of(inside)).values()
        assert body == bytes(inside)


def sealed_of(size: int) -> bytes:
    file = io.BytesIO()
    with Sealing(file, MINE) as sealing:
        sealing.manifest(Manifest("0.1", "0001", 1, {}, "", 0, {"posthouse.db": size}))
        sealing.write(bytes(size))
    return file.getvalue()


def test_two_backups_of_the_same_have_nothing_in_common():
    one, two = sealed()[HEADER:], sealed()[HEADER:]
    assert not set(chunks(one)) & set(chunks(two))


def test_nothing_of_the_content_shows():
    assert bytes([1]) * 32 not in sealed()
    assert b"messages" not in sealed()


def test_another_secret_key_is_told():
    assert "another secret key" in unusable(sealed(), THEIRS)


@pytest.mark.parametrize("archive", [b"", b"SQLite format 3\0" * 10, sealed()[:20]])
def test_what_is_no_backup_is_told(archive):
    assert "is no backup" in unusable(archive)


@pytest.mark.parametrize("at", [HEADER, HEADER + SEALED + 100, -1, 30])
def test_a_flipped_byte_is_told(at):
    archive = bytearray(sealed())
    archive[at] ^= 1
    assert "damaged" in unusable(bytes(archive))


@pytest.mark.parametrize("kept", [1, 2, 4])
def test_a_file_cut_between_chunks_is_told(kept):
    assert "cut short" in unusable(sealed()[: HEADER + kept * SEALED])


def test_a_file_cut_within_a_chunk_is_told():
    assert "cut short" in unusable(sealed()[:HEADER])
    assert "cut short" in unusable(sealed()[:-10])
    assert "cut short" in unusable(sealed()[: HEADER + 2 * SEALED + 10])


def test_chunks_in_another_order_or_left_out_or_repeated_or_of_another_file_are_told():
    archive, other = sealed(), sealed()
    head, body = archive[:HEADER], chunks(archive)
    swapped = [body[0], body[2], body[1], *body[3:]]
    without = [body[0], *body[2:]]
    repeated = [*body[:2], body[1], *body[2:]]
    foreign = [body[0], chunks(other)[1], *body[2:]]
    for wrong, where in ((swapped, 2), (without, 2), (repeated, 3), (foreign, 2)):
        assert f"damaged in its {where}. MiB" in unusable(head + b"".join(wrong))


def test_something_added_at_the_end_is_told():
    assert "damaged" in unusable(sealed() + b"more")
    assert "damaged" in unusable(sealed() + bytes(2 * SEALED))


def test_a_manifest_that_promises_something_else_is_not_believed():
    promised = {**SIZES, "posthouse.toml": 8}
    longer = Manifest("0.1", "0001", 1, {}, "", 0, promised)
    assert "newer release" in unusable(sealed(longer))
    shorter = Manifest("0.1", "0001", 1, {}, "", 0, {**SIZES, "posthouse.toml": 6})
    assert "newer release" in unusable(sealed(shorter))


# ------------------------------------------------------------------------------ a manifest that lies


def sealed_anew(backed_up: Cli, file: Path, lies: Callable[[Any], dict[str, Any]]) -> Path:
    """The same backup, but with another manifest; answers its secret key."""
    vault = Vault(bytes.fromhex((backed_up.data / "secret.key").read_text()))
    with file.open("rb") as source:
        opening = Opening(source, vault)
        content = b"".join(part.plain for part in opening.pieces())
    fields = json.loads(json.dumps({n: getattr(opening.manifest, n) for n in Manifest.__struct_fields__}))
    with file.open("wb") as target, Sealing(target, vault) as sealing:
        sealing.manifest(Manifest(**{**fields, **lies(fields)}))
        sealing.write(content)
    return backed_up.data / "secret.key"


@pytest.mark.parametrize("wrong", ["tables", "books", "drifts", "schema"])
def test_a_backup_that_does_not_hold_what_it_says_is_told(backed_up, other, file, wrong):
    def lies(fields):
        lie = {
            "tables": {**fields["tables"], "messages": 2},
            "books": "0" * 64,
            "drifts": 1,
            "schema": "9999",
        }
        return {wrong: lie[wrong]}

    key = sealed_anew(backed_up, file, lies)
    told = refused_whole(other, str(file), "--secret-key", str(key))
    assert {"tables": "rows in messages", "books": "balances", "drifts": "drifts", "schema": "newer"}[
        wrong
    ] in told


@pytest.mark.parametrize("name", ["/absolute", "../../upwards", "sub/way", "lock", "secret.key"])
def test_a_backup_writes_no_file_but_its_own(backed_up, other, file, tmp_path, name):
    name = str(tmp_path / "absolute") if name == "/absolute" else name

    def lies(fields):
        return {"pieces": {name: fields["pieces"]["posthouse.db"], **fields["pieces"]}}

    key = sealed_anew(backed_up, file, lies)
    before = {path for path in tmp_path.rglob("*") if other.data not in (path, *path.parents)}
    assert "newer" in refused_whole(other, str(file), "--secret-key", str(key))
    assert {path for path in tmp_path.rglob("*") if other.data not in (path, *path.parents)} == before


@pytest.mark.parametrize("size", [-1, 1 << 60])
def test_a_backup_of_an_impossible_size_is_told(backed_up, other, file, size):
    key = sealed_anew(
        backed_up, file, lambda fields: {"pieces": {**fields["pieces"], "posthouse.toml": size}}
    )
    assert "newer" in refused_whole(other, str(file), "--secret-key", str(key))


def test_a_backup_of_a_schema_that_is_not_known_is_refused_before_anything_is_written(
    backed_up, other, file, monkeypatch
):
    key = sealed_anew(backed_up, file, lambda _fields: {"schema": "9999"})
    monkeypatch.setattr(Opening, "pieces", lambda _opening: 1 // 0)
    assert "schema 9999" in refused_whole(other, str(file), "--secret-key", str(key))
