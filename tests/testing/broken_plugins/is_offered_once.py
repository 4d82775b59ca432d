"""A second distribution offers the name too: see the test."""

from .good import Net as build  # noqa: F401
