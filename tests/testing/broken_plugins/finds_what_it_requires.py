"""Its distribution requires what is not here: see the test."""

from .good import Net as build  # noqa: F401
