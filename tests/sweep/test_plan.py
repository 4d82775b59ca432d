"""A search is checked before anything is trained."""

from __future__ import annotations

import pytest

from mxdigits.errors import MxdigitsError, UsageError
from mxdigits.sweep.grid import grid_points
from mxdigits.sweep.plan import Plan, Search, make_plan

HELD = "validation=500"
FIXED = "decides which images are held out, so the trials could not be compared"
NO_VALIDATION = (
    "validation: no images are held out, so the trials could only be compared on the test set; an "
    "accuracy that was tuned on it says nothing of other images. Write validation=5000, or a share "
    "such as validation=0.1"
)


def whole(key: str, instead: str, ends: str = "0, 1") -> str:
    return (
        f"{key} takes all numbers, and this range has whole ones only, because both ends are; "
        f"write {key}={instead}, or list what to try, as {key}=[{ends}]"
    )


def message(*arguments: str, **search: object) -> str:
    lists = [each.removeprefix("--") for each in arguments if each.startswith("--")]
    tried = [each for each in arguments if not each.startswith("--")]
    with pytest.raises(MxdigitsError) as caught:
        make_plan("mlp", tried, Search(**search), overrides=lists)
    assert caught.value.exit_code == 2
    (line,) = caught.value.lines
    return line


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["epochs=3"],
            "which values are to be tried? give a key a range, such as "
            "'optimizer.learning_rate=log(1e-3, 1)'",
        ),
        (
            ["optimizer.learning_rate=0.0..1"],
            "optimizer.learning_rate=0.0..1: must be greater than 0.0, got 0.0",
        ),
        (["optimizer.lr=log(1,2)"], "optimizer.lr=log(1,2): unknown key; write learning_rate"),
        (["epoch=1..2"], "epoch=1..2: unknown key; did you mean 'epochs'?"),
        (["data.batch_size=0.5..3"], "data.batch_size=0.5..3: must be a whole number, got 0.5"),
        (["data.batch_size=[a, 3]"], "data.batch_size=[a, 3]: must be a whole number, got 'a'"),
        (
            ["optimizer.name=[sgd,adm]"],
            "optimizer.name=[sgd,adm]: unknown optimizer 'adm'; did you mean 'adam'?",
        ),
        (
            ["model.name=0..3"],
            "model.name=0..3: model.name is no number, it is mlp; list what to try, as "
            "model.name=[..., ...]",
        ),
        (
            ["model=0..3"],
            "model=0..3: model is no number, it is mlp; list what to try, as model=[..., ...]",
        ),
        (
            ["callbacks=0..3"],
            "callbacks=0..3: callbacks is no number, it is a list; list what to try, as "
            "callbacks=[..., ...]",
        ),
        (
            ["model.activation=0..3"],
            "model.activation=0..3: model.activation is no number, it is relu; list what to try, "
            "as model.activation=[..., ...]",
        ),
        (
            ["model.dropout=0.0..1"],
            "model.dropout=0.0..1: model 'mlp': dropout: must be a number "
            "from 0 to below 1, got 1.0",
        ),
        (["model.dropout=0..1"], f"model.dropout=0..1: {whole('model.dropout', '0.0..1')}"),
        (
            ["optimizer.momentum=0..1"],
            f"optimizer.momentum=0..1: {whole('optimizer.momentum', '0.0..1')}",
        ),
        (
            ["optimizer.learning_rate=log(1,9)"],
            "optimizer.learning_rate=log(1,9): "
            + whole("optimizer.learning_rate", "log(1.0, 9)", "1, 9"),
        ),
        (
            ["augmentation=affine", "augmentation.shift=0..1"],
            f"augmentation.shift=0..1: {whole('augmentation.shift', '0.0..1')}",
        ),
        (
            ["--augmentation=[blur, affine]", "augmentation.1.shift=0..1"],
            f"augmentation.1.shift=0..1: {whole('augmentation.1.shift', '0.0..1')}",
        ),
        (
            ["schedule={name: poly}", "schedule.pwr=0..1"],
            f"schedule.pwr=0..1: {whole('schedule.pwr', '0.0..1')}",
        ),
        (
            ["callbacks=[early_stopping]"],
            "callbacks=[early_stopping]: a list must hold two values or more; for a single value "
            "write callbacks=early_stopping",
        ),
        (
            ["callbacks=[{name: early_stopping}]"],
            "callbacks=[{name: early_stopping}]: a list must hold two values or more; for the list "
            "itself write --set 'callbacks=[{name: early_stopping}]'",
        ),
        (["seed=1..3"], f"seed=1..3: seed {FIXED}"),
        (["validation=1..3"], f"validation=1..3: validation {FIXED}"),
        (["data.name=[mnist, idx]"], f"data.name=[mnist, idx]: data.name {FIXED}"),
        (["name=[a, b]"], "name=[a, b]: name is the study's; write --study"),
        (["epochs=1..3", "epochs=[1, 2]"], "epochs=[1, 2]: the key is given twice"),
        (["epochs=1..3", "epochs=5"], "epochs=1..3: the key is given twice"),
        (
            ["schedule={name: cosine, warmup_epochs: 3}", "epochs=[3, 9]"],
            "epochs=[3, 9]: override schedule={name: cosine, warmup_epochs: 3}: "
            "schedule.warmup_epochs: must be less than epochs (3), got 3",
        ),
    ],
)
def test_ranges_that_the_recipe_does_not_take(arguments, line):
    held = [] if any(each.startswith("validation") for each in arguments) else [HELD]
    assert message(*held, *arguments) == line


@pytest.mark.parametrize(
    "ranges",
    [
        ["augmentation=affine", "augmentation.shift=0.5..3", "augmentation.scale=[0, 0.1]"],
        ["--augmentation=[blur, affine]", "augmentation.1.shift=0.0..4"],
        ["--callbacks=[early_stopping]", "callbacks.0.patience=1..4"],
        ["model.dropout=[0, 0.5]", "model.hidden=[[64], [128, 64]]", "optimizer.wd=0.0..1"],
        ["schedule={name: step}", "schedule.step=1..3", "schedule.factor=0.1..0.5"],
    ],
)
def test_ranges_of_options(ranges):
    lists = [each.removeprefix("--") for each in ranges if each.startswith("--")]
    tried = [each for each in ranges if not each.startswith("--")]
    plan = make_plan("mlp", [*tried, HELD], overrides=lists)
    assert plan.recipe({each.key: each.ends[-1] for each in plan.space}).name == "mlp-sweep"


def test_fewer_combinations_than_trials_are_told():
    said = []
    ranges = ["model=[mlp, lenet]", "epochs=1..3", HELD]
    for trials in (6, 7):
        make_plan("mlp", ranges, Search(trials=trials), say=said.append)
    assert said == [
        "the ranges have 6 combinations, fewer than 7 trials: some would be trained again, to the "
        "same bits; --sampler grid tries each of them once"
    ]


@pytest.mark.parametrize(
    ("search", "line"),
    [
        ({"sampler": "bayes"}, "--sampler bayes: must be one of tpe, random, grid"),
        ({"pruner": "hyperband"}, "--pruner hyperband: must be one of median, asha, none"),
        (
            {"study": "../a"},
            "--study must begin with a letter or digit and hold only letters, digits, '_', '.' and "
            "'-', 100 at most, got '../a'",
        ),
        (
            {"sampler": "grid"},
            "optimizer.learning_rate=0.1..0.5: a grid needs values that can be counted; list them, "
            "as in optimizer.learning_rate=[0.1, 0.5]",
        ),
    ],
)
def test_options_that_there_are_not(search, line):
    assert message(HELD, "optimizer.learning_rate=0.1..0.5", **search) == line


def test_nothing_is_tuned_on_the_test_set():
    assert message("epochs=1..3") == NO_VALIDATION


def test_a_data_set_without_a_validation_part_is_read_to_see_that(digits, monkeypatch):
    import mxdigits
    from mxdigits.plugins.registry import DATASETS

    monkeypatch.setattr(DATASETS, "_registered", {})
    mxdigits.register_dataset("few")(lambda: digits)
    assert message("data=few", "epochs=1..3") == NO_VALIDATION
    own = {**digits, "validation": digits["test"]}
    mxdigits.register_dataset("own")(lambda: own)
    assert make_plan("mlp", ["data=own", "epochs=1..3"]).base.validation is None


def test_the_recipe_of_a_trial():
    ranges = ["optimizer.learning_rate=log(1e-3,1)", "model=[mlp, lenet]", HELD, "epochs=2"]
    plan = make_plan("mlp", ranges, overrides=["predictions=[csv]"])
    assert [each.key for each in plan.space] == ["model", "optimizer.learning_rate"]
    recipe = plan.recipe({"model": "lenet", "optimizer.learning_rate": 0.25}, threads=3)
    assert (recipe.name, recipe.model.name, recipe.epochs) == ("mlp-sweep", "lenet", 2)
    assert (recipe.optimizer.learning_rate, recipe.predictions) == (0.25, ("csv",))
    assert recipe.threads == 1  # its own
    assert (plan.trials, plan.base.name) == (50, "mlp")
    assert Plan.from_json(plan.to_json()) == plan


def test_a_worker_has_its_threads_where_the_recipe_leaves_them_open(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("model: mlp\nvalidation: 500\n")
    plan = make_plan(str(file), ["epochs=1..3"])
    assert plan.recipe({"epochs": 2}, threads=3).threads == 3
    assert plan.recipe({"epochs": 2}).threads is None


def test_a_grid_has_every_combination_once():
    ranges = ["epochs=1..2", "optimizer.name=[sgd, nag, adam]", HELD]
    plan = make_plan("mlp", ranges, Search(sampler="grid"))
    points = grid_points(plan.space)
    assert plan.trials == len(points) == len({tuple(p.items()) for p in points}) == 6
    assert make_plan("mlp", ranges, Search(sampler="grid", trials=4)).trials == 4
    assert make_plan("mlp", ranges, Search(sampler="grid", trials=9)).trials == 6


@pytest.mark.parametrize(
    ("begun", "differs"),
    [
        ([HELD, "epochs=1..4"], "epochs: 1..4, now 1..3"),
        (
            [HELD, "epochs=1..3", "optimizer.learning_rate=0.5"],
            "optimizer.learning_rate: 0.5, now 0.1",
        ),
        ([HELD, "epochs=1..3", "threads=7"], ""),
        ([HELD, "epochs=1..3", "name=other"], ""),
    ],
)
def test_a_study_is_joined_by_the_same_search_alone(begun, differs):
    now, then = make_plan("mlp", [HELD, "epochs=1..3"]), make_plan("mlp", begun)
    if not differs:
        now.check_same(then.identity, "study.db")
        return
    with pytest.raises(UsageError) as caught:
        now.check_same(then.identity, "study.db")
    assert str(caught.value) == (
        f"the study mlp-sweep in study.db was begun with {differs}; write the same, or begin "
        "another with --study NAME"
    )


def test_a_recipe_that_extends_another(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("extends: mlp\nvalidation: 500\n")
    plan = make_plan(str(file), ["epochs=1..3"])
    recipe = Plan.from_json(plan.to_json()).recipe({"epochs": 2})
    assert (recipe.model.name, recipe.validation, recipe.epochs) == ("mlp", 500, 2)
    assert plan.study == "mine-sweep"
