"""The settings that a Trainer gives a backend before a fit: how a network learns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional, Union

from ..errors import UsageError
from ..values import Options
from ..wording import Say, say_nothing
from ..workers import ALONE, Workers
from .network import GraphNetwork, Learning
from .team.agreement import Team

if TYPE_CHECKING:
    from ..graph import Graph
    from .mxnet.types import Network, Optimizer

# The least difference of a probability from 1 that the focal loss takes a power of.
LEAST_MISSING = 1e-7


@dataclass(frozen=True)
class Teacher:
    """A trained network that another network learns from (Hinton, Vinyals and Dean, 2015).

    The loss is ``1 - share`` times the cross-entropy with the labels, plus ``share`` times that
    with the teacher's probabilities for the same augmented images. For the latter, the logits of
    both networks are divided by the temperature, and the loss is multiplied by its square.

    Args:
        network: the teacher: a graph with as many logits as the network that learns.
        temperature: above 0; the higher, the more its probabilities of unlikely classes count.
        share: the teacher's share of the loss, from 0 to 1.

    Example:
        >>> from mxdigits.graph import Graph, Output, Variable
        >>> same = Graph((Variable("data", "input"),), (Output(0),))
        >>> Teacher(GraphNetwork(same, {})).temperature
        4.0
    """

    network: GraphNetwork
    temperature: float = 4.0
    share: float = 0.7


def decay_after(decay: float, batches: int) -> float:
    """The decay of a moving average after ``batches`` batches: small at first, to forget the start.

    An average is multiplied by it, and the new weights by 1 minus it, and both are added.

    Example:
        >>> [decay_after(0.999, batches) for batches in (0, 8, 100_000)]
        [0.1, 0.5, 0.999]
    """
    return min(decay, (1 + batches) / (10 + batches))


@dataclass(frozen=True)
class TrainingSettings:
    """How a network learns.

    Args:
        optimizer: the name of an optimizer of MXNet, or an optimizer object of the backend's own.
        optimizer_options: the options of the optimizer of that name.
        label_smoothing: the share of each label that is spread over all classes.
        class_weights: factors of an image's loss, one for each label; empty for 1.
        focal: the exponent of the focal loss: each class's part of a loss is multiplied by this
            power of 1 minus its probability (Lin et al., 2017); 0 for cross-entropy.
        sampler: which images an epoch has: ``balanced`` for equally many of each class, see
            :func:`~mxdigits.backends.batches.balanced_order`; None for each image once.
        accumulate: the number of parts in which a batch is computed, one after the other; their
            gradients are added up. Batch normalisations use the statistics of each part.
        clip_global_norm: the largest L2 norm of all gradients of a batch's mean loss together;
            larger ones are scaled down to it. None for no bound.
        augmentation: changes the training images before the network sees them: it takes and gives
            float32 (N, C, H, W) from 0 to 1. It is a Graph of one input and one head without
            parameters, or a HybridBlock, which every backend except MXNet's traces; None for none.
            A Graph of two inputs and two heads also takes and gives targets (N, classes), so it may
            mix labels too.
        teacher: a network to learn from in addition to the labels; None for none.
        learning: which parameters are frozen, and at which rates the others learn.
        ema: the decay of a moving average of the weights and statistics, updated after each batch;
            see :func:`decay_after`. None for no average.
        seed: the seed of the order of the images and of everything random in the network.
        precision: the precision of a step: ``float32``, ``tf32``, ``bfloat16`` or ``float16``;
            weights, statistics, their update and predictions are always float32.
        workers: which of the processes that share each batch this one is.
        shard: whether each of them gets only its own images, as chosen by
            :func:`~mxdigits.backends.batches.sharded`.
        say: called with a line when something takes long, such as compiling.

    Example:
        >>> TrainingSettings("adam", {"learning_rate": 0.001}, label_smoothing=0.1).seed
        0
    """

    optimizer: Union[str, Optimizer] = "sgd"
    optimizer_options: Options = field(default_factory=dict)
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] = ()
    focal: float = 0.0
    sampler: Optional[str] = None
    accumulate: int = 1
    clip_global_norm: Optional[float] = None
    augmentation: Union[Network, Graph, None] = None
    teacher: Optional[Teacher] = None
    learning: Learning = field(default_factory=Learning)
    ema: Optional[float] = None
    seed: int = 0
    precision: str = "float32"
    workers: Workers = ALONE
    shard: bool = False
    say: Say = say_nothing

    @property
    def minimises_cross_entropy(self) -> bool:
        """Whether the labels' part of the loss is the cross-entropy that is reported."""
        return not self.class_weights and not self.focal and not self.mixes

    @property
    def mixes(self) -> bool:
        """Whether the augmentation changes targets too."""
        return len(getattr(self.augmentation, "inputs", ())) > 1


def check_mixing(settings: TrainingSettings, team: Union[Team, Workers]) -> None:
    """Refuse to mix images if several workers each see only their part of a batch.

    Raises:
        UsageError: saying what to do instead.

    Example:
        >>> from mxdigits.backends.team.agreement import Alone
        >>> check_mixing(TrainingSettings(), Alone())
    """
    if settings.mixes and team.count > 1:
        raise UsageError(
            "augmentation: several workers cannot mix images, because each sees its part of a "
            "batch alone; leave mixup and cutmix out, train with one worker, or write backend: xla"
        )
