"""An installation: make its directory ready, open it."""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from posthouse.bootstrap.mishaps import hand_over, of_database
from posthouse.bootstrap.premises import (
    SECRET_FILE,
    Trouble,
    first_key,
    keep_first_key,
    locked,
    make_directory,
    unfinished,
    write_once,
)
from posthouse.core.otp import Codes
from posthouse.core.vault import MASTER_BYTES, Vault
from posthouse.services.administer import Administer
from posthouse.services.sealing import ParamsCipher
from posthouse.settings import Settings, load
from posthouse.storage.engine.sqlite import SQLite
from posthouse.storage.migrating import UnknownRevision, current, head, migrate
from posthouse.storage.store import Committed, Store

__all__ = [
    "House",
    "SystemClock",
    "Trouble",
    "first_key",
    "found",
    "keep_first_key",
    "locked",
    "master_key",
    "open_house",
    "prepare",
    "refuse_unfinished",
    "revision",
]


class SystemClock:
    """The machine's time of day."""

    def now(self) -> int:
        """Microseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class House:
    """An open installation: what the command line needs, and what the server is built on."""

    data: Path
    settings: Settings
    clock: SystemClock
    vault: Vault
    engine: SQLite
    store: Store
    administer: Administer

    @property
    def codes(self) -> Codes:
        """Computes one-time passwords under this installation's key; no other key finds the same."""
        return Codes(self.vault.derive("codes"))

    @property
    def cipher(self) -> ParamsCipher:
        """Seals what the messages of one-time passwords say."""
        return ParamsCipher(self.vault.cipher("params"), self.codes)

    def close(self) -> None:
        """Finish what waits and close the files."""
        self.store.close()
        self.engine.sqlalchemy.dispose()


def found(data: Path) -> bool:
    """Whether there is an installation in this directory."""
    return (data / SQLite.file).exists()


def refuse_unfinished(data: Path) -> None:
    """Make no empty installation where a restore that was killed moved one aside.

    Raises:
        Trouble: it did.
    """
    if not found(data) and (aside := unfinished(data)) is not None:
        raise Trouble(
            f"A restore into {data} did not end, and what was there is in {aside}: "
            f"run `posthouse restore FILE --replace --data {data}` again, "
            f"or move every file in {aside} back into {data}."
        )


def prepare(data: Path) -> Settings:
    """Make an empty directory ready for an installation, or bring an old one up to date.

    Creates the directory (0700) and `secret.key` (0600) where they are missing, and migrates.
    """
    make_directory(data)
    refuse_unfinished(data)
    settings = load(data)
    # A database without its secret key has lost it: another would only make that harder to see.
    if not settings.secret_key and not settings.secret_key_file and not found(data):
        write_once(data / SECRET_FILE, secrets.token_hex(MASTER_BYTES))
    engine = SQLite(data)
    if revision(engine) != head():
        try:
            migrate(engine.sqlalchemy)
        except UnknownRevision as error:
            raise Trouble(
                f"The database in {data} has schema {error} of another release: "
                "use the release that made it, or a newer one."
            ) from error
    engine.path.chmod(0o600)
    engine.sqlalchemy.dispose()
    return settings


def open_house(data: Path, committed: Committed | None = None) -> House:
    """Open an installation.

    Raises:
        Trouble: there is none, or its schema or secret key does not fit.
    """
    refuse_unfinished(data)
    if not found(data):
        raise Trouble(
            f"There is no installation in {data.absolute()}: "
            f"run `posthouse init --data {data}` first, or give the right --data."
        )
    settings = load(data)
    engine = SQLite(data)
    if revision(engine) != head():
        raise Trouble(
            f"The database in {data} has another schema version: run `posthouse migrate --data {data}`."
        )
    vault = Vault(master_key(data, settings))
    store = Store(engine, committed)
    clock = SystemClock()
    administer = Administer(store, clock, pepper=vault.derive("keys"), fingerprint=vault.fingerprint())
    return House(data, settings, clock, vault, engine, store, administer)


def revision(engine: SQLite) -> str | None:
    """The schema version of a database; None when it is empty.

    Raises:
        Trouble: it cannot be read.
    """
    try:
        return current(engine.sqlalchemy)
    except DBAPIError as error:
        raise Trouble(of_database(error.orig, engine.path.parent)) from error


def master_key(data: Path, settings: Settings) -> bytes:
    """The secret key of an installation, from where its settings say.

    Raises:
        Trouble: it is not there, or is none.
    """
    if settings.secret_key:
        return bytes.fromhex(settings.secret_key)
    path = Path(settings.secret_key_file) if settings.secret_key_file else data / SECRET_FILE
    try:
        text = path.read_text(encoding="ascii")
    except PermissionError as error:
        raise Trouble(f"This user may not read the secret key {path}: {hand_over(path)}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(
            f"The secret key {path} cannot be read ({error.__class__.__name__}): put back the file that "
            "belongs to this data, since keys and sealed texts need it."
        ) from error
    try:
        master = bytes.fromhex(text.strip())
    except ValueError:
        master = b""
    if len(master) != MASTER_BYTES:
        raise Trouble(f"The secret key in {path} must be {MASTER_BYTES * 2} hexadecimal digits.")
    return master
