"""Checks of options that several models take."""

from __future__ import annotations

from collections.abc import Sequence

from ..values import as_written, is_number

ACTIVATIONS = ("relu", "sigmoid", "softrelu", "softsign", "tanh")


def check_activation(value: object) -> None:
    """Raise ValueError unless it is the name of an activation of MXNet.

    Example:
        >>> check_activation("rellu")
        Traceback (most recent call last):
            ...
        ValueError: activation: must be one of relu, sigmoid, softrelu, softsign, tanh, got 'rellu'
    """
    if value not in ACTIVATIONS:
        raise ValueError(
            f"activation: must be one of {', '.join(ACTIVATIONS)}, got {as_written(value)}"
        )


def check_dropout(value: object) -> None:
    """Raise ValueError unless it is a share from 0 to below 1.

    Example:
        >>> check_dropout(1)
        Traceback (most recent call last):
            ...
        ValueError: dropout: must be a number from 0 to below 1, got 1
    """
    if not is_number(value) or not 0 <= value < 1:
        raise ValueError(f"dropout: must be a number from 0 to below 1, got {as_written(value)}")


def check_units(name: str, value: object) -> None:
    """Raise ValueError unless it is a list of positive whole numbers.

    Example:
        >>> check_units("hidden", [128, 0])
        Traceback (most recent call last):
            ...
        ValueError: hidden: must be a list of whole numbers above 0, got [128, 0]
    """
    if not isinstance(value, Sequence) or not all(type(n) is int and n > 0 for n in value):
        raise ValueError(
            f"{name}: must be a list of whole numbers above 0, got {as_written(value)}"
        )


def check_count(name: str, value: object) -> None:
    """Raise ValueError unless it is a positive whole number.

    Example:
        >>> check_count("hidden", 0)
        Traceback (most recent call last):
            ...
        ValueError: hidden: must be a whole number above 0, got 0
    """
    if type(value) is not int or value <= 0:
        raise ValueError(f"{name}: must be a whole number above 0, got {as_written(value)}")
