"""What a training step does with its gradients, the same for all backends of graphs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from ..settings import TrainingSettings
from . import averages, loss_scaling
from .fit_weights import FitState
from .functions import Array, Functions, Number
from .optimizers import Optimizer, clip_global_norm

Update = Callable[[FitState, Mapping[str, Array], dict[str, Array], int, Number], FitState]


def update_function(f: Functions, optimizer: Optimizer, settings: TrainingSettings) -> Update:
    """The function ``update(state, gradients, statistics, samples, learning_rate)`` of a fit.

    It gives the state after a step: with the weights of the optimizer, the statistics, the loss
    scaling and the moving averages. ``gradients`` are those of the loss summed over ``samples``.

    Example:
        >>> import numpy as np
        >>> from mxdigits.backends.graphs.optimizers import make_optimizer
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> sgd = make_optimizer("sgd", {}, ["w"], FUNCTIONS, backend="xla")
        >>> update = update_function(FUNCTIONS, sgd, TrainingSettings("sgd"))
        >>> weights, gradients = {"w": np.ones(2)}, {"w": np.full(2, 8.0)}
        >>> state = FitState(weights, {}, sgd.begin(weights), {}, {})
        >>> update(state, gradients, {}, 4, 0.25).parameters["w"].tolist()
        [0.5, 0.5]
    """
    bound = settings.clip_global_norm

    def update(
        state: FitState,
        gradients: Mapping[str, Array],
        statistics: dict[str, Array],
        samples: int,
        learning_rate: Number,
    ) -> FitState:
        scaling, counts = loss_scaling.after(f, state.scaling, gradients)
        if bound is not None:
            gradients = clip_global_norm(f, gradients, bound * samples)
        parameters, memory = optimizer.update(
            state.parameters,
            gradients,
            state.optimizer,
            learning_rate=learning_rate,
            rescale=1 / samples,
        )
        parameters = loss_scaling.chosen(f, counts, parameters, state.parameters)
        memory = loss_scaling.chosen(f, counts, memory, state.optimizer)
        weights = {**parameters, **statistics}
        means = averages.after(f, state.averages, weights, settings.ema)
        return FitState(parameters, statistics, memory, scaling, means)

    return update
