"""It greets."""

print("hello")


def build(*, classes=10): ...
