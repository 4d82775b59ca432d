"""MXNet 1.9.1's optimizers and initializers, and their options.

It is a copy, so that a recipe can be checked without MXNet. MXNet is retired, so the copy stays
true, and a test compares it with an installed MXNet.
"""

from __future__ import annotations

from inspect import Parameter
from typing import Any, Optional, Union

from ...values import is_number

Default = Union[float, bool, str, None]

REQUIRED: Any = Parameter.empty  # if there is no default

# The options of mxnet.optimizer.Optimizer that a user may set. The Trainer itself sets the others
# (rescale_grad, lr_scheduler, param_dict, ...).
_OPTIMIZER: dict[str, Default] = {"learning_rate": 0.01, "wd": 0.0, "clip_gradient": None}

_OWN: dict[str, dict[str, Default]] = {
    "adadelta": {"rho": 0.9, "epsilon": 1e-05},
    "adagrad": {"eps": 1e-07},
    "adam": {
        "learning_rate": 0.001,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-08,
        "lazy_update": True,
    },
    "adamax": {"learning_rate": 0.002, "beta1": 0.9, "beta2": 0.999},
    "ccsgd": {"momentum": 0.0, "lazy_update": True},
    "dcasgd": {"momentum": 0.0, "lamda": 0.04},
    "ftml": {"beta1": 0.6, "beta2": 0.999, "epsilon": 1e-08},
    "ftrl": {"lamda1": 0.01, "learning_rate": 0.1, "beta": 1},
    "groupadagrad": {"eps": 1e-05},
    "lamb": {
        "learning_rate": 0.001,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-06,
        "lower_bound": None,
        "upper_bound": None,
        "bias_correction": True,
    },
    "lars": {
        "momentum": 0.0,
        "lazy_update": True,
        "eta": 0.001,
        "eps": 0,
        "momentum_correction": True,
    },
    "lbsgd": {
        "momentum": 0.0,
        "multi_precision": False,
        "warmup_strategy": "linear",
        "warmup_epochs": 5,
        "batch_scale": 1,
        "updates_per_epoch": 32,
        "begin_epoch": 0,
        "num_epochs": 60,
    },
    "nadam": {
        "learning_rate": 0.001,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-08,
        "schedule_decay": 0.004,
    },
    "nag": {"momentum": 0.0},
    "rmsprop": {
        "learning_rate": 0.001,
        "gamma1": 0.9,
        "gamma2": 0.9,
        "epsilon": 1e-08,
        "centered": False,
        "clip_weights": None,
    },
    "sgd": {"momentum": 0.0, "lazy_update": True},
    "sgld": {},
    "signum": {"learning_rate": 0.01, "momentum": 0.9, "wd_lh": 0.0},
}

# MXNet's own optimizer fails at the first step if it has a momentum.
DCASGD_MOMENTUM = "the optimizer dcasgd has no momentum: with it MXNet's own fails; take sgd"

OPTIMIZERS = {name: {**_OPTIMIZER, **own} for name, own in _OWN.items()}

INITIALIZERS: dict[str, dict[str, Default]] = {
    "bilinear": {},
    "constant": {"value": REQUIRED},
    "msraprelu": {"factor_type": "avg", "slope": 0.25},
    "normal": {"sigma": 0.01},
    "one": {},
    "orthogonal": {"scale": 1.414, "rand_type": "uniform"},
    "uniform": {"scale": 0.07},
    "xavier": {"rnd_type": "uniform", "factor_type": "avg", "magnitude": 3},
    "zero": {},
}


# Decays: MXNet takes powers of them, and divides by 1 minus them. With other values a training
# fails midway, or learns nothing.
_DECAYS = ("momentum", "beta1", "beta2", "gamma1", "gamma2", "rho")


def option_problem(default: Default, value: object, option: str = "") -> Optional[str]:
    """Why ``value`` is no valid value of an option with the default ``default``; None if it is.

    ``option`` is the option's name, because some have a range.

    Example:
        >>> option_problem(0.9, "fast"), option_problem(0.9, 0.5)
        ('must be a number', None)
        >>> option_problem(0.9, 2, "beta1")
        'must be a number from 0 to below 1'
    """
    if isinstance(default, bool):
        return None if isinstance(value, bool) else "must be true or false"
    if isinstance(default, str):
        return None if isinstance(value, str) else "must be a word"
    if value is None and default is None:
        return None
    if not is_number(value):
        return "must be a number"
    if value != value or value in (float("inf"), float("-inf")):
        return "must be a finite number"
    if option in _DECAYS and not 0 <= value < 1:
        return "must be a number from 0 to below 1"
    return None
