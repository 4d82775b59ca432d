"""The update of one array by each of MXNet's optimizers, by the optimizer's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from ..functions import Functions
from .adaptive import adadelta, adagrad, adam, adamax, ftml, ftrl, lamb, nadam, rmsprop
from .base import Options, Rule, Step
from .descent import dcasgd, lars, nag, sgd, signum

__all__ = ["RULES", "Options", "Rule", "Step"]

RULES: Mapping[str, Callable[[Options, Functions], Rule]] = {
    "adadelta": adadelta,
    "adagrad": adagrad,
    "adam": adam,
    "adamax": adamax,
    "ccsgd": sgd,
    "dcasgd": dcasgd,
    "ftml": ftml,
    "ftrl": ftrl,
    "lamb": lamb,
    "lars": lars,
    "nadam": nadam,
    "nag": nag,
    "rmsprop": rmsprop,
    "sgd": sgd,
    "signum": signum,
}
