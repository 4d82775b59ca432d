"""It gives a function."""


def build():
    return print
