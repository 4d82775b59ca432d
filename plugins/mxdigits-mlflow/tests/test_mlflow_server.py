"""Runs sent to a server of MLflow that is started here, by mlflow; mlflow-skinny has none."""

import os
import socket
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, distribution
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from mlflow import MlflowClient
from PIL import Image

import mxdigits
from mxdigits import Callback, Recipe

try:
    distribution("mlflow")
except PackageNotFoundError:
    pytest.skip("the server needs the package mlflow", allow_module_level=True)

_PATIENCE = 120  # seconds, until a server is up


@pytest.fixture
def server(tmp_path):
    """A process that serves MLflow from a new folder, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{tmp_path}/mlflow.db"]
    command += ["--artifacts-destination", str(tmp_path / "artifacts")]
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    process.uri = f"http://127.0.0.1:{port}"
    try:
        wait_for(process, tmp_path / "server.log")
        yield process
    finally:
        stop(process)


def wait_for(process, log):
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(f"{process.uri}/health") as reply:
                assert reply.read() == b"OK"
            return
        except URLError:
            time.sleep(0.2)
    pytest.fail(log.read_text())


def stop(process):
    """With the processes that it has started: they are a session of their own."""
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        pass
    process.wait()


@pytest.fixture
def recipe(bars, monkeypatch):
    """The recipe of all tests here; a server that has just started may be slow once."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    return bars


def test_a_server_has_the_curves_the_recipe_the_mistakes_and_the_report(server, recipe, tmp_path):
    callback = {"name": "mlflow", "uri": server.uri, "experiment": "digits"}
    done = mxdigits.run(Recipe.make(**recipe, callbacks=[callback]), say=unless_tracker_ends)
    client = MlflowClient(server.uri)
    (run,) = client.search_runs([client.get_experiment_by_name("digits").experiment_id])
    assert (run.info.status, run.info.run_name) == ("FINISHED", done.folder.path.name)
    assert run.data.params["data.batch_size"] == "10"
    assert run.data.metrics["final_test_accuracy"] == done.scores.accuracy
    for metric in ("train_loss", "test_accuracy", "learning_rate"):
        history = client.get_metric_history(run.info.run_id, metric)
        expected = [
            getattr(record, metric.replace("test", "validation"))
            for record in done.folder.read_history()
        ]
        assert [(each.step, each.value) for each in history] == list(enumerate(expected))
    for name, file in (
        ("report.html", done.report),
        ("recipe.yaml", done.folder.path / "recipe.yaml"),
        ("history.csv", done.folder.path / "history.csv"),
    ):
        stored = client.download_artifacts(run.info.run_id, name, str(tmp_path))
        with open(stored, "rb") as downloaded:
            assert downloaded.read() == file.read_bytes()
    with Image.open(client.download_artifacts(run.info.run_id, "mistakes.png")) as sheet:
        assert sheet.width > 200


class Ending(Callback):
    """Ends the server after the first epoch."""

    server = None

    def on_epoch_end(self, record):
        if record.epoch == 0:
            stop(self.server)


mxdigits.register_callback("ending")(Ending)


def test_a_server_that_goes_down_meanwhile_stops_no_training(server, recipe, monkeypatch):
    monkeypatch.setattr(Ending, "server", server)
    said = []
    callbacks = [{"name": "mlflow", "uri": server.uri}, "ending"]
    done = mxdigits.run(Recipe.make(**recipe, callbacks=callbacks), say=said.append)
    assert len(done.folder.read_history()) == 3
    assert done.scores.samples == 20
    (line,) = (line for line in said if line.endswith("the run goes on without this tracker"))
    assert line.startswith("mlflow: ")


def unless_tracker_ends(line):
    assert not line.endswith("the run goes on without this tracker"), line
