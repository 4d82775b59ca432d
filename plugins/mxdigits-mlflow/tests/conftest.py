"""What both files of tests train."""

import numpy as np
import pytest


@pytest.fixture
def bars(tmp_path, monkeypatch):
    """A recipe over a few images that teach nothing, so that there are mistakes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # for the client of the test too
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    random = np.random.default_rng(0)
    sizes = {"train": 60, "test": 20}
    images = {f"x_{k}": random.integers(0, 256, (n, 16, 16)) for k, n in sizes.items()}
    labels = {f"y_{k}": np.arange(n) % 4 for k, n in sizes.items()}
    np.savez("bars.npz", **{k: each.astype(np.uint8) for k, each in {**images, **labels}.items()})
    return {
        "name": "bars",
        "model": {"name": "mlp", "hidden": [8]},
        "data": {"name": "npz", "path": "bars.npz", "batch_size": 10},
        "epochs": 3,
    }
