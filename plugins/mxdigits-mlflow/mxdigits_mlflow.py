import os
import time

from mxdigits import Tracker
from mxdigits.errors import UsageError

_MOST = 100  # parameters that MLflow takes at one time
_LONGEST = 500  # characters of a parameter, in every version of MLflow
_STATES = {"finished": "FINISHED", "interrupted": "KILLED", "failed": "FAILED"}
_RUN = "mxdigits.run"  # the tag that a resumed run is found by


class MLflowTracker(Tracker):
    """Sends runs to MLflow.

    Args:
        uri: of the server, or a folder; empty for ``MLFLOW_TRACKING_URI``, else ``mlruns`` here.
        experiment: its name; empty for the recipe's.
    """

    name = "mlflow"

    def __init__(self, *, uri: str = "", experiment: str = ""):
        self._uri, self._experiment = uri, experiment

    def begin(self, run):
        uri = self._uri or os.environ.get("MLFLOW_TRACKING_URI") or "mlruns"
        # MLflow 3.7 and newer write into a folder only if they are asked to; and of a server that
        # is down they would not say so for minutes.
        if "://" not in uri:
            os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        from mlflow import MlflowClient  # which takes seconds

        self._client = MlflowClient(tracking_uri=uri)
        self._folder = run.folder
        name = self._experiment or run.name
        known = self._experiment_of(name, uri)
        experiment = known.experiment_id if known else self._client.create_experiment(name)
        self._id = self._found(experiment, run) if run.resumed else None
        if self._id is None:
            tags = {_RUN: run.id, "mlflow.source.name": "mxdigits"}
            self._id = self._client.create_run(experiment, tags=tags, run_name=run.id).info.run_id
        self._log_parameters(run)

    def log(self, epoch, numbers):
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        metrics = [Metric(name, value, now, epoch) for name, value in numbers.items()]
        self._client.log_batch(self._id, metrics=metrics)

    def end(self, run):
        if run.scores is not None:
            self._client.log_metric(self._id, "final_test_accuracy", run.scores.accuracy)
            self._client.log_metric(self._id, "final_test_loss", run.scores.loss)
        if run.mistakes:
            from mxdigits.data.tiles import tile_sheet

            self._client.log_image(self._id, tile_sheet(run.tiles), "mistakes.png")
        for file in (self._folder / "recipe.yaml", self._folder / "history.csv", run.report):
            if file is not None and file.is_file():
                self._client.log_artifact(self._id, str(file))
        self._client.set_terminated(self._id, _STATES[run.state])

    def _experiment_of(self, name, uri):
        from mlflow.exceptions import MlflowException

        try:
            return self._client.get_experiment_by_name(name)
        except MlflowException as error:
            if "Max retries exceeded" in str(error):
                raise UsageError(f"no server of MLflow answers at {uri}") from error
            raise

    def _found(self, experiment, run):
        """The run that is resumed, going on; None if it is not here."""
        for each in self._client.search_runs([experiment], f"tags.`{_RUN}` = '{run.id}'"):
            self._client.update_run(each.info.run_id, "RUNNING")
            return each.info.run_id
        return None

    def _log_parameters(self, run):
        """The recipe; a resumed run has it already, and MLflow lets nobody change it."""
        from mlflow.entities import Param

        there = self._client.get_run(self._id).data.params
        new = [
            Param(name, str(value)[:_LONGEST])
            for name, value in run.parameters.items()
            if name not in there
        ]
        for at in range(0, len(new), _MOST):
            self._client.log_batch(self._id, params=new[at : at + _MOST])
