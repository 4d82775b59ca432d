"""Whether a machine's agent can be used."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

import pytest

from mxdigits import __version__
from mxdigits.launch import agent as agents
from mxdigits.launch.agent import Hello, code_hash
from mxdigits.launch.hosts import Host
from mxdigits.launch.member import HostUnreachable, open_member


def greeted(tmp_path, **values):
    """An agent that only says hello, with some values of its own."""
    hello = {"kind": "hello", **asdict(Hello.here("127.0.0.1")), **values}
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho '{json.dumps(hello)}'\nexec cat > /dev/null\n")
    python.chmod(0o700)

    async def run():
        member = await open_member(Host(python=str(python)), range(1), print)
        member.process.kill()
        await member.end()
        return member.hello

    return asyncio.run(run())


def test_an_agent_of_the_same_mxdigits(tmp_path):
    assert greeted(tmp_path, machine="b").machine == "b"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"version": "9.0"},
            f"this machine has mxdigits 9.0, and this launcher is mxdigits {__version__}",
        ),
        *(
            (
                values,
                f"this machine has another mxdigits {__version__} than this launcher: its code "
                "differs; bring both to the same state",
            )
            for values in ({"code": "0" * 64}, {"code": "0" * 64, "unknown": 1}, {"code": None})
        ),
    ],
)
def test_an_agent_of_another_mxdigits(tmp_path, values, said):
    with pytest.raises(HostUnreachable) as caught:
        greeted(tmp_path, **values)
    assert str(caught.value) == said


def test_the_hash_depends_on_names_and_content(tmp_path, monkeypatch):
    hashes = []
    for folder, name, text in (
        ("one", "a.py", "a = 1"),
        ("two", "a.py", "a = 2"),
        ("three", "b.py", "a = 1"),
        ("again", "a.py", "a = 1"),
    ):
        launch = tmp_path / folder / "launch"
        launch.mkdir(parents=True)
        template = tmp_path / folder / "plugins" / "templates" / "model"
        template.mkdir(parents=True)
        for uncounted in (launch / "agent.pyc", template / "mine.py"):
            uncounted.write_text(folder)
        (launch / name).write_text(text)
        monkeypatch.setattr(agents, "__file__", str(launch / "agent.py"))
        code_hash.cache_clear()
        hashes.append(code_hash())
    code_hash.cache_clear()
    assert hashes[0] == hashes[3]
    assert len(set(hashes)) == 3
