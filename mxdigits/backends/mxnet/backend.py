"""MXNet as a :class:`~mxdigits.backends.base.Backend`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Callable, Union

from ...arguments import quoted
from ...arrays import Arrays, Floats, Images, Labels, Logits
from ...errors import UsageError
from ...foreign import first_line, type_name
from ...graph import Graph
from ..base import Backend, Weighing
from ..context import Devices
from ..network import GraphNetwork
from ..settings import TrainingSettings
from ..weights import WeightsOwner
from .names import OPTIMIZERS
from .networks.graph_network import block_of
from .networks.symbols import neutral_form
from .passes.input_gradients import input_gradients
from .passes.predictor import Predictor
from .passes.train_pass import TrainPass
from .runtime import engine_threads, import_mxnet
from .team.team import team_of
from .types import Device, Network, Optimizer
from .weights.weights import Weights

mx = import_mxnet()


class MXNetBackend(WeightsOwner):
    """A Gluon network on MXNet's devices.

    Args:
        network: a HybridBlock, initialised on ``devices``, from images (n, C, H, W) float32 from 0
            to 1 to logits (n, classes); or a GraphNetwork, which is copied there.
        settings: how the network learns; the augmentation is a Graph or a HybridBlock without
            parameters.
        devices: the contexts to work on; a batch is split over them. By default those that hold the
            network.

    Example:
        >>> dense = mx.gluon.nn.Dense(10)
        >>> dense.initialize()
        >>> backend = MXNetBackend(dense, TrainingSettings("sgd", {"learning_rate": 0.5}))
        >>> backend.learning_rate, backend.classes((1, 28, 28))
        (0.5, 10)
    """

    name = "mxnet"

    def __init__(
        self,
        network: Union[Network, GraphNetwork],
        settings: TrainingSettings,
        devices: Sequence[Device] = (),
    ):
        optimizer = _optimizer(settings)
        self._graph = network.graph if isinstance(network, GraphNetwork) else None
        for device in devices:
            if not isinstance(device, mx.Context):
                raise UsageError(
                    f"contexts: each must be a device such as mx.cpu(), got {quoted(device)}"
                )
        if isinstance(network, GraphNetwork):
            network = block_of(network, devices or [mx.cpu()])
        else:
            _check(network)
            _check_devices(network, devices)
        self._network = network
        self._optimizer = optimizer
        self._settings = settings
        self.team = team_of(settings.workers)
        self._devices = list(devices) or _devices_of(network)
        self._predictor = Predictor(network, self._devices[0])

    @property
    def learning_rate(self) -> float:
        """The optimizer's own learning rate."""
        return float(self._optimizer.learning_rate)

    def classes(self, image_shape: Sequence[int]) -> int:
        """The number of logits that the network gives for an image of shape (C, H, W)."""
        return self._predictor.classes(image_shape)

    def logits(self, images: Images) -> Logits:
        """The network's logits, float32 (N, classes), for images uint8 (N, C, H, W)."""
        return self._predictor.logits(images)

    def input_gradients(self, images: Floats, weigh: Weighing) -> tuple[Logits, Floats]:
        """The logits of images float32 (N, C, H, W), and their gradients by the pixels."""
        network = GraphNetwork(*self.network())
        return input_gradients(network, self._devices[0], images, weigh)

    def begin_fit(self, images: Images, labels: Labels, batch_size: int) -> TrainPass:
        """Bring a training set to the devices, and start from the network's weights."""
        self._weights.fetch()
        return TrainPass(
            self._network,
            self._weights,
            self._settings,
            self._devices,
            images=images,
            labels=labels,
            team=self.team,
            batch_size=batch_size,
            classes=self.classes(images.shape[1:]),
        )

    def network(self) -> tuple[Graph, Arrays]:
        """The network's graph and arrays."""
        graph, arrays = neutral_form(self._network)
        return self._graph or graph, arrays  # MXNet runs a converted graph

    def record(self) -> dict[str, object]:
        """MXNet's version, the devices and the threads of the CPU.

        Example:
            >>> dense = mx.gluon.nn.Dense(10)
            >>> dense.initialize()
            >>> MXNetBackend(dense, TrainingSettings("sgd")).record()["device"]["context"]
            'cpu(0)'
        """
        indices = tuple(device.device_id for device in self._devices)
        return {
            "versions": {"mxnet": mx.__version__},
            "device": {
                "context": str(Devices(self._devices[0].device_type, indices)),
                "threads": engine_threads(),
            },
        }

    @cached_property
    def _weights(self) -> Weights:
        """The weights in training, made when needed: a network that only predicts needs none."""
        settings = self._settings
        return Weights(
            self._network,
            self._optimizer,
            self._devices,
            settings.clip_global_norm,
            settings.ema,
            settings.learning,
            self.team,
        )


def _check(network: Network) -> None:
    """Check that a user's own network has a graph and values; fill in its missing shapes.

    Raises:
        UsageError: if it is no HybridBlock, or not initialised.
    """
    if not isinstance(network, mx.gluon.HybridBlock):
        raise UsageError(
            f"the network must be a Gluon HybridBlock, not {type_name(network)}: derive it from "
            "HybridBlock and write hybrid_forward(self, F, x)"
        )
    for name, parameter in network.collect_params().items():
        try:
            devices = parameter.list_ctx()
        except RuntimeError:  # MXNet's error if it is not initialised
            raise UsageError(
                f"the network's parameter {name} has no values: before the Trainer write "
                "network.initialize(mx.init.Xavier()), or network.load_parameters(FILE)"
            ) from None
        if parameter.shape is None:  # in an imported SymbolBlock
            parameter.shape = parameter.data(devices[0]).shape


def _check_devices(network: Network, devices: Sequence[Device]) -> None:
    """Check that a user's own network is on the wanted devices.

    Raises:
        UsageError: if it is not.
    """
    there = _devices_of(network)
    lacking = [str(device) for device in devices if device not in there]
    if lacking:
        raise UsageError(
            f"contexts: the network is on {', '.join(map(str, there))}, not on "
            f"{', '.join(lacking)}; before the Trainer write "
            "network.collect_params().reset_ctx(contexts)"
        )


def _optimizer(settings: TrainingSettings) -> Optimizer:
    """The optimizer, made from its name if it is given by name.

    Raises:
        UsageError: if there is no optimizer of that name, or not with these options.
    """
    given = settings.optimizer
    if isinstance(given, mx.optimizer.Optimizer):
        return given
    if not isinstance(given, str):
        raise UsageError(
            "optimizer: must be the name of one, such as 'sgd', or an mx.optimizer.Optimizer, "
            f"got {quoted(given)}"
        )
    if given.lower() not in mx.optimizer.Optimizer.opt_registry:
        known = ", ".join(sorted(OPTIMIZERS))
        raise UsageError(f"no optimizer is called {given!r}; there are {known}")
    try:
        return mx.optimizer.create(given, **settings.optimizer_options)
    except Exception as error:  # MXNet's errors have no common class
        raise UsageError(f"optimizer {given!r}: {first_line(error)}") from error


def _devices_of(network: Network) -> list[Device]:
    for parameter in network.collect_params().values():
        return list(parameter.list_ctx())
    return [mx.cpu()]


if TYPE_CHECKING:  # here mypy checks that the class follows the protocol
    _backend: Callable[[Network, TrainingSettings, Sequence[Device]], Backend] = MXNetBackend
