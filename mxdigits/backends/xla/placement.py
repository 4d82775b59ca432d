"""Places arrays on one device, or the same arrays on several devices that share each batch."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Callable, Union

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jax.stages import Wrapped

from ...arrays import Numbers
from ..batches import Bounds, Order, pieces
from .types import Array, Device, Sharding, Tree

_AXIS = "batch"


class Placement:
    """Devices of JAX: each of them holds all arrays, and a batch is split among them.

    XLA divides the work and adds up the devices' results by itself. So, except for rounding, a
    program gives the same result on any number of devices.

    Args:
        devices: one or more, of one kind.

    Example:
        >>> placement = Placement(jax.devices("cpu")[:1])
        >>> placement.put(np.ones(3)).shape
        (3,)
    """

    def __init__(self, devices: Sequence[Device]):
        self.devices = tuple(devices)
        self.everywhere: Sharding = self.devices[0]
        if len(self.devices) > 1:
            mesh = Mesh(np.array(self.devices), (_AXIS,))
            self.everywhere = NamedSharding(mesh, PartitionSpec())
            self._split = NamedSharding(mesh, PartitionSpec(_AXIS))

    @property
    def own(self) -> Placement:
        """The devices of this process only; other processes take no part in their programs."""
        return self

    @property
    def platform(self) -> str:
        """``cpu``, ``gpu`` or ``tpu``."""
        return str(self.devices[0].platform)

    def put(self, arrays: Tree) -> Tree:
        """Arrays on every device."""
        return jax.device_put(arrays, self.everywhere)

    def copied(self, arrays: Tree) -> Tree:
        """A copy on every device of arrays that are on this process's devices."""
        return _copied(arrays)

    def copied_to_own(self, arrays: Tree) -> Tree:
        """A copy on this process's devices of arrays that are on every device."""
        return _copied(arrays)

    def put_split(self, array: Union[Array, Numbers]) -> Array:
        """An array, split along its first axis if that is a multiple of the number of devices."""
        if len(array) % len(self.devices):
            return self.put(array)
        return jax.device_put(array, self.everywhere if len(self.devices) == 1 else self._split)

    def gathered(self, data: Array, rows: Array) -> Array:
        """``data[rows]``, for use within a program; each device takes its part of the rows."""
        missing = -len(rows) % len(self.devices)
        if len(self.devices) > 1:
            # All parts need the same size: the last is padded, and the padding is cut off again.
            rows = lax.with_sharding_constraint(jnp.pad(rows, (0, missing)), self._split)
        taken = jnp.take(data, rows, axis=0, mode="clip")
        return taken[: len(rows) - missing] if missing else taken

    def put_data(self, array: Numbers) -> Array:
        """Put images or labels of the training set where :meth:`batch` takes them from."""
        return self.put(array)

    def put_order(self, order: Order, bounds: Sequence[Bounds]) -> Array:
        """Put the order of an epoch with such batches where :meth:`batch` takes it from."""
        return self.put(order)

    def batch(
        self, data: Sequence[Array], order: Array, number: Array, batch_size: int, size: int
    ) -> list[Array]:
        """A batch's rows of each array, divided over the devices; for use within a program.

        Args:
            data: as from :meth:`put_data`.
            order: as from :meth:`put_order`.
            number: the number of the batch, counted from 0.
            batch_size: the number of images of each batch before it.
            size: the number of images of this batch.
        """
        rows = lax.dynamic_slice(order, (number * batch_size,), (size,))
        return [self.gathered(each, rows) for each in data]

    def whole(self, array: Array) -> Array:
        """An array with all of it on each device; for use within a program."""
        if len(self.devices) == 1:
            return array
        return lax.with_sharding_constraint(array, self.everywhere)

    def jit(self, function: Callable[..., Tree], *, donate_argnums: Sequence[int] = ()) -> Wrapped:
        """``jax.jit`` of a function that leaves its results on every device."""
        if len(self.devices) == 1:
            return jax.jit(function, donate_argnums=donate_argnums)
        return jax.jit(function, donate_argnums=donate_argnums, out_shardings=self.everywhere)


class SharedPlacement(Placement):
    """Devices of several processes, one of each process.

    All processes have to run the same programs in the same order.

    Args:
        devices: one of each process.
        own: the device of this process.

    Example:
        >>> placement = SharedPlacement(jax.devices(), *jax.local_devices())  # doctest: +SKIP
        >>> placement.put(np.ones(3)).tolist()  # doctest: +SKIP
        [1.0, 1.0, 1.0]
    """

    def __init__(self, devices: Sequence[Device], own: Device):
        super().__init__(devices)
        self._own = Placement([own])

    @property
    def own(self) -> Placement:
        """The device of this process."""
        return self._own

    def put(self, arrays: Tree) -> Tree:
        """Arrays on every device; each process must give the same arrays."""
        return jax.tree_util.tree_map(self._put_one, arrays)

    def copied(self, arrays: Tree) -> Tree:
        """A copy on every device of arrays that are on this process's device."""
        return self.put(arrays)

    def copied_to_own(self, arrays: Tree) -> Tree:
        """A copy on this process's device of arrays that are on every device."""
        return self._own.put(jax.tree_util.tree_map(np.asarray, arrays))

    def _put_one(self, array: Union[Array, Numbers]) -> Array:
        # device_put would compare the array with those of the other processes.
        whole = np.asarray(array)
        return jax.make_array_from_callback(
            whole.shape, self.everywhere, lambda index: np.array(whole[index])
        )


class OwnImages(SharedPlacement):
    """Devices of several processes, each of which holds only its own images of the training set.

    A batch of ``n`` images is divided as XLA divides an array: each device gets the next
    ``ceil(n / devices)`` images, as long as there are any. So no image leaves its device, unless a
    batch is computed in several parts.

    Args:
        devices: one of each process.
        rank: the rank of this process.

    Example:
        >>> placement = OwnImages(jax.devices(), rank=0)  # doctest: +SKIP
        >>> images = placement.put_data(own_images)  # doctest: +SKIP
    """

    def __init__(self, devices: Sequence[Device], rank: int):
        super().__init__(devices, devices[rank])
        self._rank = rank

    def put_data(self, array: Numbers) -> Array:
        # Worker 0 has images of every batch, and no worker has more.
        rows = int(multihost_utils.broadcast_one_to_all(np.int32(len(array))))
        return self._put_rows(array, rows)

    def put_order(self, order: Order, bounds: Sequence[Bounds]) -> Array:
        taken, begin = [], 0
        for first, end in bounds:
            parts = pieces(first, end, len(self.devices))
            low, high = parts[self._rank] if self._rank < len(parts) else (end, end)
            own = order[begin : begin + high - low]
            begin += len(own)
            taken.append(np.pad(own, (0, parts[0][1] - parts[0][0] - len(own))))
        places = np.concatenate(taken)
        return self._put_rows(places, len(places))

    def batch(
        self, data: Sequence[Array], order: Array, number: Array, batch_size: int, size: int
    ) -> list[Array]:
        own, own_before = (-(-each // len(self.devices)) for each in (size, batch_size))

        def of_device(number: Array, order: Array, *data: Array) -> list[Array]:
            rows = lax.dynamic_slice(order, (number * own_before,), (own,))
            return [jnp.take(each, rows, axis=0, mode="clip") for each in data]

        split = PartitionSpec(_AXIS)
        divided = _shard_map()(
            of_device,
            mesh=self._split.mesh,
            in_specs=(PartitionSpec(), split, *[split] * len(data)),
            out_specs=[split] * len(data),
        )
        return [each[:size] for each in divided(number, order, *data)]

    def _put_rows(self, array: Numbers, rows: int) -> Array:
        """An array of which each device has ``rows`` rows of its own."""
        shape = array.shape[1:]
        own = np.zeros((rows, *shape), array.dtype)
        own[: len(array)] = array
        (device,) = self.own.devices
        return jax.make_array_from_single_device_arrays(
            (rows * len(self.devices), *shape), self._split, [jax.device_put(own, device)]
        )


def _shard_map() -> Callable[..., Callable[..., list[Array]]]:
    if hasattr(jax, "shard_map"):
        return jax.shard_map
    from jax.experimental.shard_map import shard_map  # in older releases

    return shard_map


_copied = jax.jit(functools.partial(jax.tree_util.tree_map, jnp.copy))
