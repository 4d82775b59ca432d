"""A database that is away for some time; SQLite stands for one with a server."""

from __future__ import annotations

import sqlite3

import pytest

pytest.importorskip("optuna")

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from mxdigits.sweep import storages


@pytest.fixture
def engine(monkeypatch):
    """An engine that connects anew for each statement, and the outcomes of its next tries."""
    engine = create_engine("sqlite://", poolclass=NullPool)
    with engine.connect():
        pass
    storages._reconnect_patiently(engine)
    outcomes: list[Exception] = []
    connect = engine.dialect.connect

    def try_to(*words, **options):
        if outcomes:
            raise outcomes.pop(0)
        return connect(*words, **options)

    monkeypatch.setattr(engine.dialect, "connect", try_to)
    monkeypatch.setattr(storages, "_PAUSE", 0.0)
    engine.outcomes = outcomes
    return engine


def ask(engine):
    with engine.connect() as connection:
        return connection.execute(text("select 1")).scalar()


def test_it_is_waited_for(engine):
    engine.outcomes += [sqlite3.OperationalError("refused"), sqlite3.OperationalError("starting")]
    assert ask(engine) == 1
    assert engine.outcomes == []


def test_the_wait_has_an_end(engine, monkeypatch):
    monkeypatch.setattr(storages, "_AWAY", -1.0)
    engine.outcomes += [sqlite3.OperationalError("refused"), sqlite3.OperationalError("not asked")]
    with pytest.raises(OperationalError, match="refused"):
        ask(engine)
    assert len(engine.outcomes) == 1


def test_other_errors_are_not_tried_again(engine):
    engine.outcomes += [sqlite3.ProgrammingError("wrong"), sqlite3.OperationalError("not asked")]
    with pytest.raises(Exception, match="wrong"):
        ask(engine)
    assert len(engine.outcomes) == 1
