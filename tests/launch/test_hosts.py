"""The hosts file: what is read from it, and what is said of its mistakes."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.errors import MxdigitsError, RecipeError, UsageError
from mxdigits.launch.hosts import Host, ranks_of, read_hosts

TWO = """\
- name: null
  address: 10.0.0.1
  folder: /srv/digits
- name: me@b
  address: 10.0.0.2
  workers: 4
  python: .venv/bin/python
  environment: {CUDA_VISIBLE_DEVICES: '1'}
"""


def test_a_hosts_file_is_read(tmp_path):
    file = tmp_path / "hosts.yaml"
    file.write_text(TWO)
    assert read_hosts(file, workers=2) == [
        Host(None, "10.0.0.1", 2, "/srv/digits"),
        Host("me@b", "10.0.0.2", 4, None, ".venv/bin/python", {"CUDA_VISIBLE_DEVICES": "1"}),
    ]
    assert ranks_of(read_hosts(file, workers=2)) == [range(2), range(2, 6)]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["1:1: a list of hosts is wanted, such as: - {name: a, address: 10.0.0.1}"]),
        ("a: b", ["1:1: a list of hosts is wanted, such as: - {name: a, address: 10.0.0.1}"]),
        ("- a", ["1:3: must be a mapping, such as {name: a, address: 10.0.0.1}"]),
        (
            "- {name: a, adress: 10.0.0.1}",
            ["1:13: unknown key 'adress'; did you mean 'address'?"],
        ),
        (
            "- {name: -oProxyCommand=x, workers: 0, address: b, folder: 3}",
            [
                "1:4: name: must not begin with -, as an option of ssh does",
                "1:28: workers: must be a whole number from 1 on",
                "1:40: address: must be an IP address, such as 10.0.0.1",
                "1:52: folder: must be a text",
            ],
        ),
        (
            "- {name: a}\n- {name: b, address: 10.0.0.2}",
            [
                "1:3: host a: several hosts need addresses that the others reach",
            ],
        ),
        (
            "- {name: a, workers: true, environment: {A: 1}}",
            [
                "1:13: workers: must be a whole number from 1 on",
                "1:28: environment: must be a mapping of texts; put a number in quotes",
            ],
        ),
        (
            "- {name: a, environment: {A-B: x}}",
            ["1:13: environment: 'A-B' is not the name of a variable"],
        ),
    ],
)
def test_mistakes_are_told_with_their_places(tmp_path, text, problems):
    file = tmp_path / "hosts.yaml"
    file.write_text(text)
    with pytest.raises(RecipeError) as caught:
        read_hosts(file)
    assert caught.value.lines == [f"{file}:{each}" for each in problems]


def test_a_hosts_file_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError) as caught:
        read_hosts(tmp_path / "none")
    assert str(caught.value) == (
        f"cannot read the hosts file {tmp_path / 'none'}: No such file or directory"
    )
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(UsageError) as caught:
        read_hosts(tmp_path / "bytes")
    assert str(caught.value) == f"the hosts file {tmp_path / 'bytes'} is not text in UTF-8"


KEYS = ["name", "address", "workers", "folder", "python", "environment", "other"]
VALUES = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.text(), st.floats(), st.just("10.0.0.1")),
    *(st.lists(st.integers()), st.dictionaries(st.text(), st.text())),
)


@given(st.one_of(VALUES, st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES))))
def test_whatever_stands_there_is_read_or_refused(tmp_path_factory, value):
    from mxdigits.storage.strict_yaml import dump

    file = tmp_path_factory.mktemp("hosts") / "hosts.yaml"
    file.write_text(dump(value), encoding="utf-8", errors="surrogatepass")
    try:
        hosts = read_hosts(file)
    except MxdigitsError:
        return
    assert all(isinstance(host.command(), list) for host in hosts)


def test_the_command_of_an_agent():
    assert Host().command() == [sys.executable, "-m", "mxdigits.launch.agent", "127.0.0.1"]
    host = Host("b", "10.0.0.2", 1, "a 'b'", "py thon", {"A": "x; y"})
    assert host.command()[-3:] == [
        "--",
        "b",
        "cd 'a '\"'\"'b'\"'\"'' && exec env 'A=x; y' 'py thon' -m mxdigits.launch.agent 10.0.0.2",
    ]
