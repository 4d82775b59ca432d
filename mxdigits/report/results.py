"""The results of a run in memory, for its report and for comparisons."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Callable, Optional

import numpy as np

from ..arrays import Bools, Floats, Images, Labels, Logits, Probabilities
from ..backends.context import BackendSpec, ContextSpec
from ..data.dataset import Split
from ..errors import RecipeError
from ..predict.opening import EvaluationRequest, open_evaluator, own_data, run_data
from ..predict.predictions import read_predictions
from ..runs.folder import RunFolder
from ..runs.members import Member, members_of
from ..runs.record import Record
from ..storage.strict_yaml import read
from ..train.history import History
from ..train.metrics import TOP_K, Scores, score
from ..wording import Say
from .calibration import Calibration, calibrate


@dataclass(frozen=True, eq=False)
class Results:
    """A run, its test images and the predictions of its network.

    ``record`` is the content of ``run.json``, ``recipe`` the text of ``recipe.yaml``, ``prob`` the
    probabilities of the test images, float32 (N, classes). ``logits`` asks the network, to explain
    its mistakes; None if the network is not opened.

    >>> results = read_results(Path("runs/mlp/20261123T153755Z-62fd27"), print)  # doctest: +SKIP
    >>> results.scores.accuracy, results.right.sum()  # doctest: +SKIP
    """

    folder: RunFolder
    record: Record
    recipe: str
    history: History
    test: Split
    prob: Probabilities
    classes: tuple[str, ...]
    label_smoothing: float = field(default=0.0)
    logits: Optional[Callable[[Images], Logits]] = None

    @property
    def name(self) -> str:
        """The recipe's name and the folder's, which together are unique."""
        path = self.folder.path.resolve()
        return f"{path.parent.name}/{path.name}"

    @property
    def members(self) -> list[Member]:
        """The runs of which an ensemble was made; empty for any other run."""
        return members_of(self.record)

    @property
    def evaluated_on(self) -> str:
        """The images that the validation columns of the history were computed on.

        ``test`` if nothing was held out for validation, else ``validation``.
        """
        noted = self.record.get("evaluated_on")
        if noted in ("test", "validation"):
            return str(noted)
        with suppress(RecipeError):  # an old run does not record it; its recipe says it
            recipe = read(self.recipe, "recipe").value
            if isinstance(recipe, dict) and recipe.get("validation") is None:
                return "test"
        return "validation"

    def curve(self, what: str) -> list[Optional[float]]:
        """The validation ``loss`` or ``accuracy`` by epoch, of the weights that the run ends with.

        With ``ema`` in its recipe, these are the average of the weights.
        """
        average = self.history.column(f"validation_ema_{what}")
        return average if any(average) else self.history.column(f"validation_{what}")

    @cached_property
    def said(self) -> Labels:
        """The predicted class of each image, (N,)."""
        best: Labels = self.prob.argmax(axis=1)
        return best

    @cached_property
    def confidence(self) -> Floats:
        """The probability of the predicted class, (N,)."""
        highest: Floats = self.prob.max(axis=1)
        return highest

    @cached_property
    def right(self) -> Bools:
        """Whether the predicted class is the true one, booleans (N,)."""
        right: Bools = self.said == self.test.labels
        return right

    @cached_property
    def scores(self) -> Scores:
        """The scores of the test images."""
        # Logarithms of probabilities are logits; a probability of 0 counts as the least float32.
        logits = np.log(np.maximum(self.prob, np.finfo(np.float32).tiny))
        smoothing = self.label_smoothing
        return score(logits, self.test.labels, label_smoothing=smoothing, top_k=TOP_K)

    @cached_property
    def calibration(self) -> Calibration:
        """How well the confidence fits the accuracy."""
        return calibrate(self.prob, self.test.labels)


def read_results(
    path: Path, say: Say, context: ContextSpec = "cpu", backend: BackendSpec = "auto"
) -> Results:
    """Read a run and the predictions of its own test images.

    If the folder holds ``predictions.npz``, no backend is needed.

    Raises:
        MxdigitsError: if the folder, the data or the device cannot be used.

    >>> read_results(Path("runs/mlp/20261123T153755Z-62fd27"), print).prob.shape  # doctest: +SKIP
    """
    folder = RunFolder.open(path)
    trained = folder.read_trained()
    request = EvaluationRequest(context=context, backend=backend)
    dataset = own_data(path, request, trained, say)
    test, classes = dataset.test, trained.network.classes
    run_data(trained, say).check_known(dataset.name, test)
    prob = read_predictions(folder.predictions_file("npz"), test.labels, classes)
    logits = None
    if prob is None:
        evaluator = open_evaluator(path, request, say)
        prob, logits = evaluator.predict(test.images), evaluator.logits
    return Results(
        folder=folder,
        record=folder.read_whole_record(),
        recipe=folder.read_recipe(),
        history=folder.read_history(),
        test=test,
        prob=prob,
        classes=classes,
        label_smoothing=trained.network.label_smoothing,
        logits=logits,
    )
