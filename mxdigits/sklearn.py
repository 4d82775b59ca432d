"""A classifier for scikit-learn: ``from mxdigits.sklearn import DigitClassifier``.

It behaves as scikit-learn's own classifiers do, so it works in a pipeline or a grid search. It
needs scikit-learn 1.6 or newer: the extra ``sklearn``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Optional, Union

import numpy as np
from numpy.random import RandomState

from .arrays import AnyArray, Images, Labels, Probabilities, Shape
from .backends.choose import choose_devices
from .backends.mxnet.runtime import seed_everything, set_environment
from .backends.network import GraphNetwork
from .experiment.preparation.building import augmentation_of, initializer_of, new_network
from .installing import install_command
from .recipe.schema import Recipe
from .train.history import History
from .train.schedule import make_schedule
from .train.trainer import Trainer

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as _error:
    raise ImportError(
        f"mxdigits.sklearn needs scikit-learn from 1.6 on: {install_command('sklearn')}",
        name="sklearn",
    ) from _error

# How a recipe writes a name with options.
Chosen = Union[str, Mapping[str, object]]

_SEEDS = 2**31


class DigitClassifier(ClassifierMixin, BaseEstimator):
    """A network of mxdigits as a classifier of scikit-learn.

    ``X`` is (n, features) or images, (n, H, W) or (n, C, H, W). Rows whose length is a square
    number are taken for square images, others for images one pixel high. Bytes range from 0 to 255.
    Other numbers range from 0 to 1, or more widely if those of ``fit`` do: from their least, up to
    their greatest. They are rounded to bytes, so a network sees at most 256 levels.

    The parameters are keys of a recipe, with the same values; docs/recipes.md says what each means.

    Args:
        model: a registered model, or a mapping with its name and options.
        optimizer: an optimizer of MXNet, or a mapping with its name, learning_rate and options.
        schedule: the learning rate by epoch.
        augmentation: random changes of the training images; None for none.
        epochs: passes over the training set.
        batch_size: images in each step; if there are fewer, all of them.
        context: the device: cpu, gpu, auto, or a list by preference.
        backend: what computes: mxnet, xla, torch, auto, or a list by preference.
        random_state: the seed of everything random; the same number gives the same network.

    Attributes:
        classes_: the classes, sorted.
        n_features_in_: the number of values of an image.
        image_shape_: (C, H, W).
        value_range_: the numbers that are taken for black and white.
        history_: the numbers of each epoch, a :class:`~mxdigits.train.history.History`.
        network_: the trained network, a :class:`~mxdigits.backends.network.GraphNetwork`.

    Raises:
        RecipeError: from ``fit``, if a parameter is wrong.
        ValueError: if data are wrong.

    Example:
        >>> images = np.zeros((40, 16, 16), np.uint8)
        >>> images[:20, :8] = images[20:, 8:] = 255
        >>> labels = ["above"] * 20 + ["below"] * 20
        >>> classifier = DigitClassifier("mlp", epochs=5, batch_size=10).fit(images, labels)
        >>> classifier.predict(images[[0, 39]]).tolist(), classifier.score(images, labels)
        (['above', 'below'], 1.0)
    """

    def __init__(
        self,
        model: Chosen = "lenet",
        *,
        optimizer: Chosen = "adam",
        schedule: Chosen = "constant",
        augmentation: Union[Chosen, Sequence[Chosen], None] = None,
        epochs: int = 10,
        batch_size: int = 100,
        context: Union[str, Sequence[str]] = "cpu",
        backend: Union[str, Sequence[str]] = "auto",
        random_state: Union[int, RandomState, None] = 42,
    ):
        self.model = model
        self.optimizer = optimizer
        self.schedule = schedule
        self.augmentation = augmentation
        self.epochs = epochs
        self.batch_size = batch_size
        self.context = context
        self.backend = backend
        self.random_state = random_state

    def fit(self, X: object, y: object) -> DigitClassifier:
        """Train a new network.

        Args:
            X: images, as the class says.
            y: their classes, (n,): numbers, text, or anything that can be sorted.
        """
        recipe = self._recipe()
        rows, labels = validate_data(self, _as_rows(X), y, dtype="numeric")
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("there must be images of two classes or more, got one class")
        self.image_shape_ = _image_shape(X, rows)
        self.value_range_ = _value_range(rows)
        trainer = self._untrained(recipe)
        rate = recipe.optimizer.learning_rate
        self.history_: History = trainer.fit(
            (self._images(rows), codes.reshape(-1).astype(np.int64)),
            epochs=recipe.epochs,
            batch_size=min(recipe.data.batch_size, len(rows)),
            schedule=make_schedule(
                recipe.schedule.name, rate, recipe.epochs, **recipe.schedule.options
            ),
        )
        self.network_ = GraphNetwork(*trainer.backend.network())
        return self

    def predict_proba(self, X: object) -> Probabilities:
        """The probability of each class, in the order of ``classes_``: float32 (n, classes)."""
        check_is_fitted(self, "network_")
        rows = validate_data(self, _as_rows(X, self.image_shape_), reset=False, dtype="numeric")
        choice = choose_devices(self.context, self.backend)
        trainer = Trainer(self.network_, contexts=choice.contexts[:1], backend=choice.backend)
        return trainer.predict(self._images(rows))

    def predict(self, X: object) -> Labels:
        """The most probable class of each image, (n,)."""
        best = self.predict_proba(X).argmax(axis=1)
        classes: Labels = self.classes_[best]
        return classes

    def _recipe(self) -> Recipe:
        """The parameters as a recipe.

        Raises:
            RecipeError: with every mistake in them.
        """
        seed = self.random_state
        if seed is None or isinstance(seed, RandomState):
            seed = int(check_random_state(seed).randint(_SEEDS - 1))
        keys = {
            "model": self.model,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
            "augmentation": self.augmentation,
            "context": self.context,
            "backend": self.backend,
        }
        plain = {key: _plain(value) for key, value in keys.items()}
        data = {
            "name": "mnist",
            "batch_size": _plain(self.batch_size),
        }  # only batch_size is used
        return Recipe.make(**plain, data=data, epochs=_plain(self.epochs), seed=_plain(seed))

    def _untrained(self, recipe: Recipe) -> Trainer:
        set_environment(recipe.threads)
        choice = choose_devices(recipe.context, recipe.backend)
        seed_everything(recipe.seed)
        shape, initializer = self.image_shape_, initializer_of(recipe)
        network = new_network(recipe, choice, len(self.classes_), shape, initializer)
        augmentation = augmentation_of(recipe, choice, shape)
        return Trainer(
            network,
            recipe.optimizer.name,
            recipe.optimizer.options,
            contexts=choice.contexts,
            backend=choice.backend,
            augmentation=augmentation,
            seed=recipe.seed,
        )

    def _images(self, rows: AnyArray) -> Images:
        """Rows as bytes (n, C, H, W); values outside the range become black or white."""
        shape = (len(rows), *self.image_shape_)
        if rows.dtype == np.uint8 and self.value_range_ == (0.0, 255.0):
            return np.ascontiguousarray(rows.reshape(shape))
        low, high = self.value_range_
        scaled = (rows.astype(np.float64) - low) * (255 / (high - low))
        images: Images = np.rint(np.clip(scaled, 0, 255)).astype(np.uint8).reshape(shape)
        return images


def _plain(value: object) -> object:
    """A value as YAML would give it: a grid search may pass NumPy numbers."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


def _images_in(X: object) -> Optional[AnyArray]:
    """Images as an array (n, H, W) or (n, C, H, W); None for anything else, such as rows."""
    if isinstance(X, (list, tuple)):
        try:
            X = np.asarray(X)
        except ValueError:  # scikit-learn's checks report it
            return None
    return np.asarray(X) if getattr(X, "ndim", 2) in (3, 4) else None


def _as_rows(X: object, image_shape: Optional[Shape] = None) -> object:
    """Images as rows; anything else unchanged, for scikit-learn to check.

    Raises:
        ValueError: if images have another shape than those of ``fit``.
    """
    images = _images_in(X)
    if images is None:
        return X
    if image_shape is not None and _shape(images) != image_shape:
        raise ValueError(f"X has images of shape {_shape(images)}, but fit had {image_shape}")
    return images.reshape(len(images), -1)


def _shape(images: AnyArray) -> Shape:
    """The shape (C, H, W) of each image."""
    return (1, *images.shape[1:]) if images.ndim == 3 else images.shape[1:]


def _image_shape(X: object, rows: AnyArray) -> Shape:
    """The shape (C, H, W) of each image, given images or rows."""
    images = _images_in(X)
    if images is not None:
        return _shape(images)
    features = rows.shape[1]
    side = math.isqrt(features)
    return (1, side, side) if side * side == features else (1, 1, features)


def _value_range(rows: AnyArray) -> tuple[float, float]:
    """The numbers that are taken for black and white."""
    if rows.dtype == np.uint8:
        return 0.0, 255.0
    return min(0.0, float(rows.min())), max(1.0, float(rows.max()))
