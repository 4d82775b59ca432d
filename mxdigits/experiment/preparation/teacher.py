"""Reads a run as the teacher of another one."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from ...backends.network import GraphNetwork
from ...backends.settings import Teacher
from ...data.dataset import Dataset
from ...errors import UsageError
from ...graph.network_files import read_network_files
from ...recipe.sections import TeacherOptions
from ...runs.folder import RunFolder
from ...storage.files import sha256_of

TeacherRecord = Optional[dict[str, str]]  # the entry in a run's record


def read_teacher(
    chosen: Optional[TeacherOptions], dataset: Dataset
) -> tuple[Optional[Teacher], TeacherRecord]:
    """The teacher that a recipe names, and its entry in the record; None for none.

    Raises:
        UsageError: if it has other classes, or takes images of another shape.
        RunFolderError: if the run cannot be used.

    >>> options = TeacherOptions(run="runs/strong/20261123T153755Z-62fd27")
    >>> read_teacher(options, load_dataset("mnist"))  # doctest: +SKIP
    """
    if chosen is None:
        return None, None
    run = RunFolder.open(Path(chosen.run))
    known = run.read_trained().network
    for what, theirs, ours in (
        ("has other classes", known.classes, dataset.classes),
        ("takes other images", known.image_shape, dataset.image_shape),
    ):
        if theirs != ours:
            raise UsageError(
                f"teacher: the network of {run} {what} than the data set has; name a run of the "
                "same classes and image size"
            )
    files = run.symbol_file, run.parameters_file
    graph, arrays = read_network_files(*files, known.sha256)
    teacher = Teacher(GraphNetwork(graph, arrays), chosen.temperature, chosen.share)
    return teacher, {"run": str(run.path.resolve()), "sha256": sha256_of(run.parameters_file)}
