"""A server before a network that needs no MXNet."""

from __future__ import annotations

import pytest
from serving import answering


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with answering(store=tmp_path_factory.mktemp("store")) as started:
        yield started
