"""``mxdigits run --seeds``: what is done before, and how the same command continues."""

from __future__ import annotations

from signal import SIGINT, SIGTERM, raise_signal

import pytest

from mxdigits.cli.app import main
from mxdigits.errors import Interrupted
from mxdigits.experiment.display.live import speedometer
from mxdigits.experiment.several import going_on, seeds
from mxdigits.experiment.several.seeds import run_seeds
from mxdigits.recipe.schema import Recipe
from mxdigits.runs.groups import read_group, runs_of
from mxdigits.storage.lock import hold
from mxdigits.train.callbacks import Callback

pytestmark = pytest.mark.mxnet

RECIPE = """\
model: {{name: mlp, hidden: [8]}}
data: {{name: idx, path: {path}, batch_size: 10}}
epochs: 2
seed: 7
"""


TOLD = "interrupted in run 2 of 3; the same command continues"


@pytest.fixture
def home(idx_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    return tmp_path


def seeded(*overrides, count=3, **options):
    return run_seeds(
        Recipe.load("bars.yaml", overrides),
        count,
        lambda seed: speedometer(plain=True),
        report=False,
        **options,
    )


class Stops(Callback):
    """Ctrl-C in the second epoch."""

    def on_epoch_end(self, record):
        if record.epoch == 1:
            raise_signal(SIGINT)


@pytest.fixture
def stopped(monkeypatch):
    """Runs with several seeds that are stopped while the second one trains."""

    def stop(*overrides, **options):
        run = going_on.run

        def stopping(recipe, callbacks, **keys):
            more = [Stops()] if recipe.seed == 8 else []
            return run(recipe, callbacks=[*callbacks, *more], **keys)

        with monkeypatch.context() as patch:
            patch.setattr(going_on, "run", stopping)
            with pytest.raises(Interrupted) as caught:
                seeded(*overrides, **options)
        assert str(caught.value) == TOLD

    return stop


def test_a_signal_before_a_later_run_has_begun_says_that_the_others_are_kept(home, monkeypatch):
    run = going_on.run

    def run_first(recipe, **keys):
        if recipe.seed == 8:
            raise_signal(SIGTERM)
        return run(recipe, **keys)

    monkeypatch.setattr(going_on, "run", run_first)
    with pytest.raises(Interrupted) as caught:
        seeded("epochs=1", count=3)
    assert (str(caught.value), caught.value.exit_code) == (TOLD.replace("interrup", "termina"), 143)
    monkeypatch.undo()
    monkeypatch.chdir(home)
    assert len(seeded("epochs=1", count=3).runs) == len(list((home / "runs/bars").glob("2*"))) == 3


def answers(done):
    return [each.predictions_file("csv").read_bytes() for each in done.runs]


def test_the_same_command_goes_on_and_ends_with_the_same(home, stopped, capsys):
    whole = seeded(output="whole")
    stopped()
    group = home / "runs" / "bars" / "seeds.json"
    assert len(read_group(group).runs) == 0
    capsys.readouterr()
    done = seeded()
    out = capsys.readouterr().out
    assert f"seed 7: run 1 of 3\nrun: {done.runs[0]}, which is done\nseed 8: run 2 of 3\n" in out
    assert f"seed 8: run 2 of 3\nrun: {done.runs[1]}, which goes on\n" in out
    assert len(list((home / "runs" / "bars").glob("2*"))) == 3
    assert answers(done) == answers(whole)
    assert (done.accuracies, done.rows()[:3]) == (
        whole.accuracies,
        [[*row[:3], str(each)] for row, each in zip(whole.rows(), done.runs)],
    )
    assert runs_of(done.group) == [each.path for each in done.runs]


def test_a_clock_that_is_set_back_loses_no_run(home, stopped, monkeypatch):
    monkeypatch.setattr(seeds, "now", lambda: "2999-11-29T00:00:00+00:00")
    stopped()
    monkeypatch.undo()
    monkeypatch.chdir(home)
    seeded()
    assert len(list((home / "runs" / "bars").glob("2*"))) == 3


def test_a_group_that_is_done_is_begun_anew(home):
    before, after = seeded("epochs=1"), seeded("epochs=1")
    assert not {each.path for each in before.runs} & {each.path for each in after.runs}
    assert runs_of(after.earlier) == [each.path for each in before.runs]


@pytest.mark.parametrize("other", [{"count": 2}, {"overrides": ["optimizer.learning_rate=0.3"]}])
def test_another_group_in_between_is_one_of_its_own(home, stopped, other):
    stopped()
    between = seeded(*other.get("overrides", []), count=other.get("count", 3))
    assert between.earlier == home.joinpath("runs", "bars", "seeds-1.json").relative_to(home)
    done = seeded()
    assert done.group == between.earlier
    assert not {each.path for each in done.runs} & {each.path for each in between.runs}
    assert len(list((home / "runs" / "bars").glob("2*"))) == 3 + len(between.runs)


def test_what_is_not_done_is_no_group_yet(home, stopped, capsys):
    stopped()
    assert main(["compare", "runs/bars/seeds.json"]) == 3
    assert capsys.readouterr().err == (
        "error: runs/bars/seeds.json: 0 of 3 seeds are done; "
        "repeat the command that began them to continue\n"
    )


def test_one_process_at_a_time(home, capsys):
    folder = home / "runs" / "bars"
    folder.mkdir(parents=True)
    with hold(folder):
        assert main(["run", "bars.yaml", "--seeds", "2"]) == 3
    assert capsys.readouterr().err.startswith(
        "error: the run folder runs/bars is in use by process"
    )
    assert [each.name for each in folder.iterdir()] == [".lock"]
