from pathlib import Path

from mxdigits import Tracker


class TensorBoardTracker(Tracker):
    """Writes runs for TensorBoard, each into the folder ``tensorboard`` of its own folder.

    Args:
        path: a folder to write into instead, ``<path>/<recipe>/<run>``; empty for the run's own.
    """

    name = "tensorboard"

    def __init__(self, *, path: str = ""):
        if not isinstance(path, str):
            raise ValueError(f"option path: must be a folder, got {path!r}")
        self._path = path

    def begin(self, run):
        from tensorboardX import SummaryWriter  # which brings protobuf along

        folder = run.folder / "tensorboard"
        if self._path:
            folder = Path(self._path, run.name, run.id)
        # What a resumed run trains again takes the place of what is there.
        purged = run.first_epoch if run.resumed else None
        self._writer = SummaryWriter(str(folder), purge_step=purged)
        self._last = run.first_epoch
        rows = [f"| {name} | {value} |" for name, value in run.parameters.items()]
        self._writer.add_text("recipe", "\n".join(["| key | value |", "| --- | --- |", *rows]), 0)
        self._writer.flush()

    def log(self, epoch, numbers):
        self._last = epoch
        for name, value in numbers.items():
            self._writer.add_scalar(_tag(name), value, epoch)
        self._writer.flush()  # it is read while the run goes on

    def end(self, run):
        if run.scores is not None:
            self._writer.add_scalar("accuracy/final_test", run.scores.accuracy, self._last)
            self._writer.add_scalar("loss/final_test", run.scores.loss, self._last)
        if run.mistakes:
            import numpy as np

            from mxdigits.data.tiles import tile_sheet

            sheet = np.asarray(tile_sheet(run.tiles))
            self._writer.add_image("mistakes", sheet, self._last, dataformats="HWC")
        if run.report is not None:
            self._writer.add_text("report", f"The run's report: {run.report.resolve()}", self._last)
        self._writer.close()


def _tag(name):
    """A name by which TensorBoard draws what belongs together side by side."""
    part, _, what = name.rpartition("_")
    return f"{what}/{part}" if what in ("loss", "accuracy") else name
