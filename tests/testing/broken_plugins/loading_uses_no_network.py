"""It asks for news."""

import socket

with socket.socket() as asking:
    asking.connect_ex(("127.0.0.1", 9))


def build(*, classes=10): ...
