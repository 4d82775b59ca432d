"""Groups parameters that lie side by side, to be updated and summed over workers as one array."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from ...network import ParameterSettings
from ..runtime import import_mxnet
from ..types import Optimizer, Parameter

mx = import_mxnet()

# Element-wise updates, for which it does not matter where an array ends.
# Not Adamax: it divides 0 by 0 where all gradients were 0, as in the gaps between parameters.
_ELEMENTWISE = {
    mx.optimizer.AdaDelta,
    mx.optimizer.AdaGrad,
    mx.optimizer.Adam,
    mx.optimizer.FTML,
    mx.optimizer.Ftrl,
    mx.optimizer.NAG,
    mx.optimizer.RMSProp,
    mx.optimizer.SGD,
    mx.optimizer.Signum,
    mx.optimizer.ccSGD,
}


def alike(
    parameters: Sequence[Parameter],
    optimizer: Optimizer,
    settings: Mapping[str, ParameterSettings],
    early: Collection[str] = (),
) -> list[list[Parameter]]:
    """Parameters in groups, each of which one call of the optimizer may update.

    Args:
        parameters: the trained parameters.
        optimizer: the optimizer that updates them.
        settings: the settings of each, by name.
        early: names of parameters in separate groups, which come first.

    Example:
        >>> from mxdigits.backends.network import ParameterSettings
        >>> weights = [mx.gluon.Parameter(name, shape=(1,)) for name in "abc"]
        >>> settings = {name: ParameterSettings(name, True, 1.0, 1.0) for name in "abc"}
        >>> groups = alike(weights, mx.optimizer.SGD(), settings, early="c")
        >>> [[parameter.name for parameter in group] for group in groups]
        [['c'], ['a', 'b']]
    """
    if type(optimizer) not in _ELEMENTWISE:
        return [[parameter] for parameter in parameters]
    groups: dict[tuple[bool, str, float, float], list[Parameter]] = {}
    for p in sorted(parameters, key=lambda p: p.name not in early):
        learns = settings[p.name]
        key = p.name not in early, str(p.dtype), learns.lr_mult, learns.wd_mult
        groups.setdefault(key, []).append(p)
    return list(groups.values())


def last_half(parameters: Sequence[Parameter]) -> list[str]:
    """The names of a network's last parameters, which hold half of its numbers.

    Their gradients are computed first, and can be sent while the others are computed. It is empty
    if no other parameters would be left.

    Args:
        parameters: in the order of the network.

    Example:
        >>> last_half([mx.gluon.Parameter(str(size), shape=(size,)) for size in (20, 500, 10)])
        ['10', '500']
        >>> last_half([mx.gluon.Parameter(str(size), shape=(size,)) for size in (500, 20, 10)])
        []
    """
    sizes = [math.prod(parameter.shape) for parameter in parameters]
    names: list[str] = []
    held = 0
    for parameter, size in zip(reversed(parameters), reversed(sizes)):
        names.append(parameter.name)
        held += size
        if 2 * held >= sum(sizes):
            break
    return names if len(names) < len(parameters) else []
