import os

from mxdigits import Tracker
from mxdigits.errors import UsageError


class WandbTracker(Tracker):
    """Sends runs to Weights & Biases.

    Args:
        project: its name.
        entity: whose it is; empty for your own.
        mode: online, or offline to write files that ``wandb sync`` sends later; empty for
            ``WANDB_MODE``, else online.
    """

    name = "wandb"

    def __init__(self, *, project: str = "mxdigits", entity: str = "", mode: str = ""):
        if mode not in ("", "online", "offline"):
            raise ValueError(f"mode must be online or offline, not {mode!r}")
        self._project, self._entity, self._mode = project, entity, mode

    def begin(self, run):
        import wandb  # which takes a second

        mode = self._mode or os.environ.get("WANDB_MODE") or "online"
        if mode == "online" and not _logged_in():  # it would ask for the key at the terminal
            raise UsageError(
                "nobody is logged in: run wandb login, or write mode: offline in the recipe"
            )
        self._run = wandb.init(
            project=self._project,
            entity=self._entity or None,
            id=run.id,
            name=f"{run.name} {run.id}",
            group=run.name,
            config=dict(run.recipe),
            mode=mode,
            resume="allow",
            # The terminal is mxdigits', and what it prints is in log.txt.
            settings=wandb.Settings(silent=True, console="off"),
        )

    def log(self, epoch, numbers):
        self._run.log({"epoch": epoch, **numbers}, step=epoch)

    def end(self, run):
        import wandb

        if run.scores is not None:
            self._run.summary["final_test_accuracy"] = run.scores.accuracy
            self._run.summary["final_test_loss"] = run.scores.loss
        shown = {}
        if run.mistakes:
            shown["mistakes"] = [_picture(each) for each in run.mistakes]
        if run.report is not None:
            shown["report"] = wandb.Html(run.report.read_text(encoding="utf-8"), inject=False)
        if shown:
            self._run.log(shown)
        self._run.finish(exit_code=0 if run.state == "finished" else 1)


def _logged_in():
    import wandb

    try:
        return wandb.login(prompt=False)
    except TypeError:  # before version 0.29
        return bool(wandb.api.api_key)


def _picture(mistake):
    import wandb

    image = mistake.image
    return wandb.Image(
        image.transpose(1, 2, 0) if len(image) == 3 else image[0], caption=mistake.caption
    )
