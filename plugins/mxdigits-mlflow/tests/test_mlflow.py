"""What MLflow is given, read back by its own client."""

from pathlib import Path

from mlflow import MlflowClient
from PIL import Image

import mxdigits
from mxdigits import Recipe, RunEnd, RunStart
from mxdigits.registry import CALLBACKS
from mxdigits.testing import check_plugin


def tracked(client, name="bars"):
    """The runs of an experiment."""
    return client.search_runs([client.get_experiment_by_name(name).experiment_id])


def test_the_callback_keeps_the_contract():
    check_plugin(CALLBACKS, "mlflow", {})


def test_the_recipe_is_valid():
    (callback,) = Recipe.load(Path(__file__).parents[1] / "mlflow.yaml").callbacks
    assert callback.name == "mlflow"


def test_a_run_is_written_into_a_folder(bars, tmp_path):
    done = mxdigits.run(Recipe.make(**bars, callbacks=["mlflow"]))
    client = MlflowClient("mlruns")
    (run,) = tracked(client)
    assert (run.info.status, run.info.run_name) == ("FINISHED", done.folder.path.name)
    assert run.data.params["model.hidden"] == "[8]"
    assert run.data.metrics["final_test_accuracy"] == done.scores.accuracy
    history = client.get_metric_history(run.info.run_id, "test_accuracy")
    assert [(each.step, each.value) for each in history] == [
        (record.epoch, record.validation_accuracy) for record in done.folder.read_history()
    ]
    files = {each.path for each in client.list_artifacts(run.info.run_id)}
    assert files == {"history.csv", "mistakes.png", "recipe.yaml", "report.html"}
    stored = client.download_artifacts(run.info.run_id, "report.html", str(tmp_path))
    assert Path(stored).read_bytes() == done.report.read_bytes()
    with Image.open(client.download_artifacts(run.info.run_id, "mistakes.png")) as sheet:
        assert sheet.width > 200


def test_a_resumed_run_goes_on_as_the_same_one(bars, tmp_path):
    tracker = CALLBACKS.make("mlflow", {"uri": "mine", "experiment": "digits"})
    for epochs in (2, 3):
        recipe, again = {"epochs": epochs, "note": "x" * 10_000}, epochs > 2
        tracker.begin(RunStart("bars", tmp_path / "a", recipe, "test", resumed=again))
        tracker.log(epochs, {"train_loss": 0.5})
        tracker.end(RunEnd("finished" if again else "interrupted"))
        (run,) = tracked(MlflowClient("mine"), "digits")
        assert run.info.status == ("FINISHED" if again else "KILLED")
    assert run.data.params["epochs"] == "2"  # which MLflow lets nobody change
    assert len(run.data.params["note"]) == 500
    client = MlflowClient("mine")
    assert len(client.get_metric_history(run.info.run_id, "train_loss")) == 2


def test_a_server_that_is_down_costs_one_line(bars):
    said = []
    callback = {"name": "mlflow", "uri": "http://127.0.0.1:9"}
    done = mxdigits.run(Recipe.make(**bars, callbacks=[callback]), say=said.append)
    assert done.scores.samples == 20
    assert [line for line in said if line.startswith("mlflow:")] == [
        "mlflow: no server of MLflow answers at http://127.0.0.1:9; "
        "the run goes on without this tracker"
    ]
