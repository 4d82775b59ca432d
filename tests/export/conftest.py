"""A small run for what is made of runs."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def bars_run(idx_folder, tmp_path_factory) -> Path:
    """The folder of a run on bars, called ``bars``."""
    from mxdigits.experiment.run import run as train
    from mxdigits.recipe.schema import Recipe

    folder = tmp_path_factory.mktemp("runs")
    recipe = folder / "bars.yaml"
    recipe.write_text(
        f"model: mlp\ndata: {{name: idx, path: {idx_folder}, batch_size: 10}}\n"
        "optimizer: {name: sgd, learning_rate: 0.1}\nepochs: 4\npredictions: [npz]\n"
    )
    return train(Recipe.load(str(recipe)), output=folder, report=False).folder.path
