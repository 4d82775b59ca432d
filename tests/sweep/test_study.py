"""Trials are counted, handed out, taken back and given out again, in every kind of storage."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("optuna")

from optuna.trial import TrialState

from mxdigits.errors import UsageError
from mxdigits.sweep.plan import Search, make_plan
from mxdigits.sweep.storages import StorageFailed, open_storage, shown_address, storage_address
from mxdigits.sweep.study import (
    MOST_ATTEMPTS,
    StaleTrials,
    active,
    claim,
    give_back,
    open_study,
    values_taken,
    waiting,
)

HELD = "validation=500"


def a_plan(*ranges: str, **search: object):
    return make_plan("mlp", [HELD, *(ranges or ["epochs=1..9"])], Search(**search))


@pytest.fixture(params=["study.db", "study.journal"])
def address(request, tmp_path) -> str:
    return str(tmp_path / request.param)


def frozen(study, trial):
    return study.get_trials()[trial.number]


def test_as_many_trials_as_were_asked_for(address):
    plan = a_plan(trials=3)
    study = open_study(plan, address)
    claimed = [claim(study, plan) for _ in range(3)]
    assert [trial.number for trial in claimed] == [0, 1, 2]
    assert (claim(study, plan), waiting(study, plan)) == (None, 0)
    longer = a_plan(trials=5)
    assert waiting(open_study(longer, address), longer) == 2


def test_processes_that_ask_at_once_get_no_more_than_there_are(address):
    plan = a_plan("epochs=1..4", "data.batch_size=[50, 100]", sampler="grid")
    open_study(plan, address)

    def take(_: int) -> list[dict[str, object]]:
        study, mine = open_study(plan, address), []
        while trial := claim(study, plan):
            mine.append(trial.params)
        return mine

    with ThreadPoolExecutor(4) as pool:
        taken = [params for mine in pool.map(take, range(4)) for params in mine]
    assert len(taken) == len({tuple(sorted(params.items())) for params in taken}) == 8
    assert len(active(open_study(plan, address))) == 8


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_the_values_follow_from_the_seed_and_the_number(tmp_path, sampler):
    plan = a_plan("optimizer.learning_rate=log(1e-3,1)", sampler=sampler)
    values = []
    for name in ("one.db", "two.journal"):
        # A process for each trial, as it may happen.
        studies = [open_study(plan, str(tmp_path / name)) for _ in range(3)]
        values.append([claim(study, plan).params["optimizer.learning_rate"] for study in studies])
    assert values[0] == values[1]
    assert len(set(values[0])) == 3


def test_a_trial_that_was_cut_off_is_done_again_with_its_values(address):
    plan = a_plan(trials=2)
    study = open_study(plan, address)
    first = claim(study, plan)
    first.set_user_attr("run", "runs/a")
    assert give_back(study, frozen(study, first), "interrupted", killed=False)
    again = claim(study, plan)
    assert (again.params, again.user_attrs["run"]) == (first.params, "runs/a")
    other = claim(study, plan)
    assert [trial.number for trial in active(study)] == [again.number, other.number]
    assert claim(study, plan) is None


def test_a_trial_that_kills_its_process_is_recorded_as_failed_in_the_end(address):
    plan = a_plan(trials=1)
    study = open_study(plan, address)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        trial = claim(study, plan)
        assert trial.user_attrs.get("attempt", 1) == attempt
        again = give_back(study, frozen(study, trial), "killed", killed=True)
        assert again == (attempt < MOST_ATTEMPTS)
    (failed,) = active(study)
    assert (failed.state, failed.user_attrs["error"]) == (TrialState.FAIL, "killed, 3 times")


def test_who_is_late_to_give_a_trial_back_changes_nothing(address):
    plan = a_plan(trials=1)
    study = open_study(plan, address)
    trial = claim(study, plan)
    stale = frozen(study, trial)
    study.tell(trial, 0.5)
    assert give_back(study, stale, "killed", killed=True)
    (only,) = active(study)
    assert (only.state, only.value) == (TrialState.COMPLETE, 0.5)


def test_a_trial_is_stale_when_it_has_not_changed_for_so_long(address):
    plan = a_plan()
    study = open_study(plan, address)
    trial, watch = claim(study, plan), StaleTrials(patience=60)
    found = []
    for now, beat in ((0, None), (50, 1), (100, 2), (160, 2), (161, 2)):
        if beat is not None:
            trial.set_user_attr("beat", beat)
        found.append([each.number for each in watch.stale(study.get_trials(), now)])
    assert found == [[], [], [], [], [0]]


def test_another_search_may_not_join(address):
    open_study(a_plan(), address)
    with pytest.raises(UsageError) as caught:
        open_study(a_plan("epochs=1..3"), address)
    assert str(caught.value) == (
        f"the study mlp-sweep in {address} was begun with epochs: 1..9, now 1..3; write the same, "
        "or begin another with --study NAME"
    )


def test_values_of_every_kind_come_back(address):
    ranges = ["clip_global_norm=[null, 1, 0.5]", "optimizer=[sgd, {name: nag, momentum: 0.5}]"]
    plan = a_plan(*ranges, sampler="grid")
    study = open_study(plan, address)
    while trial := claim(study, plan):
        plan.recipe(trial.params)
    assert {tuple(each.values()) for each in values_taken(study)} == {
        (norm, optimizer)
        for norm in (None, 1, 0.5)
        for optimizer in ("sgd", "name nag, momentum 0.5")
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "study.txt",
            "--storage study.txt: write a file that ends in .db (SQLite) or .journal (for a disk "
            "that machines share), or an address such as postgresql://host/database",
        ),
    ],
)
def test_storages_that_there_are_not(text, message):
    with pytest.raises(UsageError) as caught:
        storage_address(text)
    assert str(caught.value) == message


def test_a_storage_that_is_none(tmp_path):
    file = tmp_path / "study.db"
    file.write_text("no database, but text that is long enough to be looked at " * 9)
    with pytest.raises(StorageFailed) as caught:
        open_storage(str(file))
    assert str(caught.value) == f"cannot use the storage {file}: file is not a database"


@pytest.mark.parametrize("content", [b"\xfc\n[]\n", b"some\nwords\n", b'{"a": 1}\n', b"[]\n"])
def test_a_journal_that_is_none(tmp_path, content):
    file = tmp_path / "study.journal"
    file.write_bytes(content)
    with pytest.raises(StorageFailed) as caught:
        open_storage(str(file))
    assert str(caught.value) == f"cannot use the storage {file}: it is not a journal of Optuna"


def test_a_journal_needs_no_sqlalchemy(tmp_path):
    """Its import takes as long as all else of a short search."""
    code = (
        "import sys; from mxdigits.sweep.storages import open_storage; open_storage(sys.argv[1]); "
        "sys.exit('sqlalchemy' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "study.journal")]
    assert subprocess.run(command, timeout=300).returncode == 0


def test_a_journal_that_is_a_folder(tmp_path):
    folder = tmp_path / "study.journal"
    folder.mkdir()
    with pytest.raises(StorageFailed) as caught:
        open_storage(str(folder))
    assert str(caught.value) == f"cannot use the storage {folder}: Is a directory"


def test_a_database_that_is_unknown():
    with pytest.raises(StorageFailed) as caught:
        open_storage("nosuch://me:secret@box/a")
    assert str(caught.value) == (
        "cannot use the storage nosuch://me:***@box/a: Can't load plugin: "
        "sqlalchemy.dialects:nosuch"
    )


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://me:secret@box/a", "postgresql://me:***@box/a"),
        ("postgresql://me:p:a@ss@box/a", "postgresql://me:***@box/a"),
        ("postgresql://me@box:5432/a", "postgresql://me@box:5432/a"),
        ("/shared/a:b@c.db", "/shared/a:b@c.db"),
    ],
)
def test_passwords_are_not_shown(address, shown):
    assert shown_address(address) == shown
