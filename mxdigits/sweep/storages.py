"""Optuna: imported only for a search, without its output, with storages opened by an address."""

from __future__ import annotations

import logging
import re
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from ..errors import SetupError, UsageError
from ..installing import why_not_imported
from ..storage.files import make_folder

if TYPE_CHECKING:
    from types import ModuleType

    from optuna.storages import BaseStorage
    from sqlalchemy.engine import Dialect, Engine

_ADDRESS = re.compile(r"[a-z][a-z0-9+]*://.+")
_TRIES = 6  # if two processes make the tables of one database at once, one of them fails
# SQLAlchemy's drivers: for PostgreSQL since its version 2.1, and before; for MySQL.
_DRIVERS = {
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
    "pymysql": "pymysql",
}
_SQLITE_SECONDS = 60  # to wait for other processes that write
_AWAY = 120.0  # seconds for a database that was reached before to come back, as after a restart
_PAUSE = 1.0  # seconds between two tries


class SearchMissing(SetupError):
    """Optuna is not installed, or does not start.

    >>> SearchMissing("Optuna is not installed").exit_code
    3
    """


class StorageFailed(SetupError):
    """A study's storage cannot be used, so the search cannot go on.

    >>> StorageFailed("cannot use the storage study.db: the disk is full").exit_code
    3
    """


def import_optuna() -> ModuleType:
    """Import Optuna, and stop it from writing to the terminal.

    Raises:
        SearchMissing: if it cannot be imported; says how to install it.

    >>> import_optuna().__name__  # doctest: +SKIP
    'optuna'
    """
    try:
        import optuna
    except Exception as error:  # any that a library raises at its import
        raise SearchMissing(why_not_imported("Optuna", "optuna", "sweep", error)) from error
    optuna.logging.disable_default_handler()
    logging.getLogger("optuna").setLevel(logging.CRITICAL)
    # Such as warnings of features that may change, and of values that repeated trials report again.
    warnings.filterwarnings("ignore", module="optuna")
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    warnings.filterwarnings("ignore", message="The reported value is ignored")
    found: ModuleType = optuna
    return found


def storage_address(text: str) -> str:
    """Return a storage's address: a file's with its full path, a database's as it was written.

    Raises:
        UsageError: if it is neither an address nor a file of a known kind.

    >>> storage_address("postgresql://box/studies")
    'postgresql://box/studies'
    >>> storage_address("/shared/study.journal")
    '/shared/study.journal'
    >>> storage_address("study.txt")
    Traceback (most recent call last):
        ...
    mxdigits.errors.UsageError: --storage study.txt: write a file that ends in .db (SQLite) ...
    """
    if _ADDRESS.fullmatch(text):
        return text
    if Path(text).suffix in (".db", ".journal"):
        return str(Path(text).absolute())
    raise UsageError(
        f"--storage {shown_address(text)}: write a file that ends in .db (SQLite) or .journal (for "
        "a disk that machines share), or an address such as postgresql://host/database"
    )


def shown_address(address: str) -> str:
    """Return an address without its password.

    >>> shown_address("postgresql://me:secret@box/studies")
    'postgresql://me:***@box/studies'
    """
    return re.sub(r"(://[^/@:]*:).*@", r"\1***@", address)


def open_storage(address: str) -> BaseStorage:
    """Open the storage at an address; it is made if it does not exist.

    Raises:
        StorageFailed: if it cannot be used.

    >>> open_storage("study.db")  # doctest: +SKIP
    """
    optuna = import_optuna()
    with storage_errors(address):
        if not _ADDRESS.fullmatch(address):
            make_folder(Path(address).parent)
        if Path(address).suffix == ".journal" and not _ADDRESS.fullmatch(address):
            return _journal(optuna, address)
        for left in reversed(range(_TRIES)):
            try:
                return _database(optuna, address)
            except Exception as error:
                if not left or isinstance(error, ImportError):
                    raise
                time.sleep(0.5)
    raise AssertionError("not reached")


def _journal(optuna: ModuleType, address: str) -> BaseStorage:
    backend = optuna.storages.journal.JournalFileBackend(address)
    try:
        storage: BaseStorage = optuna.storages.JournalStorage(backend)
    except (LookupError, TypeError, ValueError) as error:  # it trusts any file
        raise StorageFailed(_cannot(address, "it is not a journal of Optuna")) from error
    return storage


def _database(optuna: ModuleType, address: str) -> BaseStorage:
    url = address if _ADDRESS.fullmatch(address) else f"sqlite:///{address}"
    options: dict[str, object] = {}
    if url.startswith("sqlite"):
        options["connect_args"] = {"timeout": _SQLITE_SECONDS}
    else:
        options["pool_pre_ping"] = True  # a server may have closed an idle connection
    storage = optuna.storages.RDBStorage(url, engine_kwargs=options)
    if not url.startswith("sqlite"):
        _reconnect_patiently(storage.engine)
    opened: BaseStorage = storage
    return opened


def _reconnect_patiently(engine: Engine) -> None:
    """Let an engine, which has been connected, wait for its database if that is away."""
    from sqlalchemy import event

    def connect(
        dialect: Dialect, _: object, words: Sequence[object], options: Mapping[str, object]
    ) -> object:
        deadline = time.monotonic() + _AWAY
        while True:
            try:
                return dialect.connect(*words, **options)
            except getattr(dialect.dbapi, "OperationalError", ()):
                if time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE)

    event.listen(engine, "do_connect", connect)


@contextmanager
def storage_errors(address: str) -> Iterator[None]:
    """Report errors in a ``with`` block as errors of the storage.

    Raises:
        StorageFailed: with the chained cause.

    >>> with storage_errors("study.db"):  # doctest: +SKIP
    ...     raise OSError(28, "No space left on device")
    """
    from optuna.exceptions import OptunaError, UpdateFinishedTrialError

    try:
        yield
    except UpdateFinishedTrialError:  # another process was first: no failure
        raise
    except ImportError as error:
        missing = next(filter(None, (getattr(each, "name", "") for each in _causes(error))), "")
        what = f"it needs the module {missing!r}" if missing else str(error)
        how = f"; pip install '{_DRIVERS[missing]}'" if missing in _DRIVERS else ""
        raise StorageFailed(_cannot(address, what + how)) from error
    except (OptunaError, OSError, ValueError, _error_of_databases()) as error:
        # The further lines of a database's error are its statement and links.
        cause = error.__cause__ if isinstance(error, OptunaError) else None
        first = getattr(cause or error, "orig", None) or cause or error
        why = (first.strerror if isinstance(first, OSError) else None) or str(first)
        lines = why.strip().splitlines()
        raise StorageFailed(
            _cannot(address, lines[0] if lines else type(error).__name__)
        ) from error


def _error_of_databases() -> type[Exception]:
    # If SQLAlchemy is not imported, as for a journal, it raises nothing. Its import would take each
    # process a third of a second.
    module = sys.modules.get("sqlalchemy.exc")
    found: type[Exception] = OSError if module is None else module.SQLAlchemyError
    return found


def _causes(error: Optional[BaseException]) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _cannot(address: str, why: str) -> str:
    return f"cannot use the storage {shown_address(address)}: {shown_address(why)}"
