"""Which worker a process is, as its environment says."""

from __future__ import annotations

import pytest

from mxdigits.errors import UsageError
from mxdigits.workers import ALONE, Workers, current

THERE = {
    "MXDIGITS_RANK": "2",
    "MXDIGITS_WORKERS": "3",
    "MXDIGITS_COORDINATOR": "10.0.0.1:9000",
    "MXDIGITS_INTERFACE_ADDRESS": "10.0.0.3",
}


def test_a_worker_is_what_its_environment_says():
    found = current(THERE)
    assert found == Workers(2, 3, "10.0.0.1:9000", "10.0.0.3", servers=1)
    assert (found.host, found.port, found.is_first) == ("10.0.0.1", "9000", False)
    assert current({**THERE, "MXDIGITS_SERVERS": "2"}).servers == 2
    assert current({**THERE, "MXDIGITS_SOCKETS": "2147475455"}).sockets == 2147475455


@pytest.mark.parametrize("environment", [{}, {"MXDIGITS_WORKERS": ""}, {"MXDIGITS_WORKERS": "1"}])
def test_without_them_a_process_is_alone(environment):
    assert current(environment) == ALONE == Workers(0, 1, "", "")


def test_a_worker_listens_on_loopback_unless_it_is_told_otherwise():
    assert current({**THERE, "MXDIGITS_INTERFACE_ADDRESS": ""}).address == "127.0.0.1"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"MXDIGITS_WORKERS": ""},
            "MXDIGITS_RANK is set and MXDIGITS_WORKERS is not; mxdigits launch sets both",
        ),
        (
            {"MXDIGITS_WORKERS": "0"},
            "MXDIGITS_WORKERS='0' must be a whole number from 1 to 4096",
        ),
        (
            {"MXDIGITS_WORKERS": "many"},
            "MXDIGITS_WORKERS='many' must be a whole number from 1 to 4096",
        ),
        ({"MXDIGITS_RANK": "3"}, "MXDIGITS_RANK='3' must be a whole number from 0 to 2"),
        ({"MXDIGITS_RANK": "-1"}, "MXDIGITS_RANK='-1' must be a whole number from 0 to 2"),
        ({"MXDIGITS_RANK": ""}, "MXDIGITS_RANK='' must be a whole number from 0 to 2"),
        (
            {"MXDIGITS_SERVERS": "0"},
            "MXDIGITS_SERVERS='0' must be a whole number from 1 to 4096",
        ),
        *[
            (
                {"MXDIGITS_SOCKETS": text},
                f"MXDIGITS_SOCKETS={text!r} must be a whole number from 65536 to 2147475455",
            )
            for text in ("65535", "2147475456", "x")
        ],
        *[
            (
                {"MXDIGITS_COORDINATOR": text},
                f"MXDIGITS_COORDINATOR={text!r} must be where the workers meet, such as "
                "127.0.0.1:9000",
            )
            for text in ("", "10.0.0.1", "10.0.0.1:0", "10.0.0.1:65536", ":9000", "a b:9000")
        ],
    ],
)
def test_a_variable_that_cannot_be_is_named(changed, message):
    with pytest.raises(UsageError) as caught:
        current({**THERE, **changed})
    assert str(caught.value) == message


def test_an_address_of_ipv6_stands_in_brackets():
    found = current({**THERE, "MXDIGITS_COORDINATOR": "[fd00::1]:9000"})
    assert (found.host, found.port) == ("fd00::1", "9000")
