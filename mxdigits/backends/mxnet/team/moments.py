"""An operator for the mean and variance of a whole batch, of which each worker has a part.

MXNet calls it ``Custom`` with ``op_type="mxdigits_moments"``. Its inputs are the mean and the
variance of each channel over the worker's own images, (1, C, 1, 1) or similar. Its outputs are the
mean and variance over all workers' images.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..runtime import import_mxnet
from ..types import MXArray
from .team import ParameterServer

mx = import_mxnet()

OPERATOR = "mxdigits_moments"

# An operator's attributes are texts, so it finds its Channels by a number.
_channels: list[Channels] = []


class Channels:
    """The channels of one normalization, whose numbers the workers exchange.

    Args:
        team: the workers.
        count: the number of channels.

    Example:
        >>> channels = Channels(team, 16)  # doctest: +SKIP
        >>> channels.number  # doctest: +SKIP
        0
    """

    def __init__(self, team: ParameterServer, count: int):
        self._rank, self._store = team.rank, team.store
        self._own = mx.nd.zeros((team.count, 2, count))
        keys = [team.new_key(self._own) for _ in ("forward", "backward")]
        self._keys = dict(zip((True, False), keys))
        self.number = len(_channels)
        _channels.append(self)

    def of_all(self, first: MXArray, second: MXArray, *, forward: bool) -> MXArray:
        """Two numbers per channel of all workers: (workers, 2, C)."""
        found = mx.nd.zeros_like(self._own)
        own = self._own.copy()
        own[self._rank] = mx.nd.stack(first.reshape(-1), second.reshape(-1))
        self._store.push(self._keys[forward], own)
        self._store.pull(self._keys[forward], out=found)
        return found


class _Moments(mx.operator.CustomOp):  # type: ignore[name-defined]
    """The operator, for batches of which the workers have the given shares."""

    def __init__(self, channels: Channels, rank: int, shares: Sequence[float]):
        super().__init__()
        self._channels, self._rank = channels, rank
        self._shares = mx.nd.array(np.reshape(shares, (-1, 1)))

    def forward(
        self,
        is_train: bool,
        req: Sequence[str],
        in_data: Sequence[MXArray],
        out_data: Sequence[MXArray],
        aux: Sequence[MXArray],
    ) -> None:
        found = self._channels.of_all(*in_data, forward=True)
        means, variances = found[:, 0], found[:, 1]
        mean = (means * self._shares).sum(axis=0)
        # A part's variance about the common mean is its own variance plus its mean's squared
        # distance.
        variance = ((variances + (means - mean.expand_dims(0)) ** 2) * self._shares).sum(axis=0)
        for out, value, how in zip(out_data, (mean, variance), req):
            self.assign(out, how, value.reshape(out.shape))

    def backward(
        self,
        req: Sequence[str],
        out_grad: Sequence[MXArray],
        in_data: Sequence[MXArray],
        out_data: Sequence[MXArray],
        in_grad: Sequence[MXArray],
        aux: Sequence[MXArray],
    ) -> None:
        found = self._channels.of_all(*out_grad, forward=False)
        # Added worker by worker, so that the sum has the same bits each time.
        by_mean, by_variance = (
            mx.nd.add_n(*(found[rank, which] for rank in range(len(found)))) for which in (0, 1)
        )
        share = self._shares[self._rank]
        off = in_data[0].reshape(-1) - out_data[0].reshape(-1)
        own = share * (by_mean + 2 * off * by_variance), share * by_variance
        for gradient, value, how in zip(in_grad, own, req):
            self.assign(gradient, how, value.reshape(gradient.shape))


@mx.operator.register(OPERATOR)
class _MomentsProperties(mx.operator.CustomOpProp):  # type: ignore[name-defined]
    """The operator's properties for MXNet, which passes its attributes as texts."""

    def __init__(self, number: str, rank: str, shares: str):
        super().__init__(need_top_grad=True)
        self._number, self._rank = int(number), int(rank)
        self._shares = [float(each) for each in shares.split(",")]

    def list_arguments(self) -> list[str]:
        return ["mean", "variance"]

    def list_outputs(self) -> list[str]:
        return ["mean", "variance"]

    def infer_shape(
        self, in_shape: list[list[int]]
    ) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
        return in_shape, [in_shape[0], in_shape[0]], []

    def create_operator(self, ctx: object, shapes: object, dtypes: object) -> _Moments:
        return _Moments(_channels[self._number], self._rank, self._shares)
