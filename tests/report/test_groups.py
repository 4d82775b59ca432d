"""Groups of runs: which they are, and whether their recipes differ."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.cli.app import main
from mxdigits.errors import DataError
from mxdigits.report import compare
from mxdigits.report.compare import Comparison, compare_page
from mxdigits.report.groups import group_pairs, group_verdict, groups_of
from mxdigits.report.significance import holm
from mxdigits.report.student import paired_folds, welch
from mxdigits.runs.groups import Group, write_group

IMAGES = 200
SEEDED = "name: {name}\nmodel: {model}\nseed: {seed}\n"
FOLDED = "name: {name}\nmodel: {model}\ndata: {{name: fold, of: mnist, fold: {seed}, folds: 3}}\n"


@pytest.fixture
def run_of(make_results):
    """A run that has so many of its images wrong."""

    def make(wrong, recipe=SEEDED, *, name="mlp", model="mlp", seed=0):
        labels = np.arange(IMAGES) % 2
        logits = np.where(np.eye(2)[labels] > 0, 2.0, 0.0)
        logits[:wrong] = -logits[:wrong]
        text = recipe.format(name=name, model=model, seed=seed)
        return make_results(logits, labels, name=f"{name}-{model}-{seed}", recipe=text)

    return make


def several(run_of, wrongs, **options):
    model = options.get("model", "mlp")
    return {
        f"{options.get('name', 'mlp')} {model} {seed}": run_of(wrong, seed=seed, **options)
        for seed, wrong in enumerate(wrongs)
    }


def test_runs_are_grouped_by_their_recipes_but_for_the_seed(run_of):
    runs = {**several(run_of, [10, 12, 8]), **several(run_of, [30, 20], name="deep", model="deep")}
    first, second = groups_of(runs)
    assert (first.name, first.kind, list(first.runs)) == (
        *("mlp", "seeds"), ["mlp mlp 0", "mlp mlp 1", "mlp mlp 2"]
    )  # fmt: skip
    assert first.accuracies.values == pytest.approx([0.95, 0.94, 0.96])
    assert (first.accuracies.mean, first.accuracies.deviation) == pytest.approx((0.95, 0.01))
    assert first.row[:4] == ["mlp", "3 seeds", "0.95000", "0.01000"]
    assert second.row == ["deep", "2 seeds", "0.87500", "0.03536", "0.5573 to 1.0000"]
    assert first.grain == 1 / IMAGES


@pytest.mark.parametrize(
    "wrongs", [([10, 12], []), ([10], [20]), ([10, 12], [20]), ([10], [20, 30])]
)
def test_without_several_runs_of_each_of_several_recipes_there_is_no_group(run_of, wrongs):
    first, second = wrongs
    runs = {**several(run_of, first), **several(run_of, second, name="deep", model="deep")}
    assert groups_of(runs) == []


def test_groups_of_one_name_are_told_apart_by_what_differs(run_of):
    runs = {**several(run_of, [10, 12]), **several(run_of, [30, 20], model="deep")}
    assert [group.name for group in groups_of(runs)] == ["mlp (model mlp)", "mlp (model deep)"]


def test_a_recipe_that_cannot_be_read_is_like_no_other(run_of):
    runs = several(run_of, [10, 12])
    runs["damaged"] = run_of(9, recipe="model: [\n", seed=7)
    assert groups_of(runs) == []


def test_recipes_that_differ_and_recipes_that_do_not(run_of):
    runs = {
        **several(run_of, [10, 12, 8]),
        **several(run_of, [11, 9, 10], name="other", model="lenet"),
        **several(run_of, [40, 42, 38], name="deep", model="deep"),
    }
    groups = groups_of(runs)
    pairs = group_pairs(groups)
    plain = [
        welch(a.accuracies.values, b.accuracies.values, 1 / IMAGES)
        for a, b in ((groups[0], groups[1]), (groups[0], groups[2]), (groups[1], groups[2]))
    ]
    assert [pair.test for pair in pairs] == plain
    assert [pair.p for pair in pairs] == holm([each.p for each in plain])
    assert pairs[0].sentence == (
        "The difference between mlp and other is not significant: 0.9500 on average of 3 seeds, "
        f"0.9500 of 3; the difference is 0.0000, 95 % interval {plain[0].low:.4f} to "
        f"{plain[0].high:.4f} (Welch's t test, adjusted for 3 tests: p = 1.000). Different seeds "
        f"may be the only cause."
    )
    assert pairs[1].sentence.startswith(
        "mlp is more accurate than deep, which is significant: 0.9500 on average of 3 seeds, "
        "0.8000 of 3; the difference is 0.1500, 95 % interval 0.12"
    )
    assert pairs[1].sentence.endswith(". The recipes differ, not only the seeds.")
    assert group_verdict(groups, pairs) == (
        "There is no clear winner among the recipes: mlp is ahead with a mean accuracy of 0.9500, "
        "but its lead over other is not significant."
    )
    two = groups_of({**several(run_of, [10, 12, 8]), **several(run_of, [40, 42, 38], name="deep",
                     model="deep")})  # fmt: skip
    assert group_verdict(two, group_pairs(two)) == (
        "The recipe mlp wins: a mean accuracy of 0.9500 is significantly above the 0.8000 of deep."
    )


def test_the_better_one_is_named_first_and_its_interval_with_it(run_of):
    runs = {
        **several(run_of, [40, 42, 38], name="deep", model="deep"),
        **several(run_of, [10, 12, 8]),
    }
    (pair,) = group_pairs(groups_of(runs))
    assert pair.test.difference < 0
    assert pair.sentence.startswith("mlp is more accurate than deep")
    assert f"95 % interval {-pair.test.high:.4f} to {-pair.test.low:.4f}" in pair.sentence


def test_folds_are_paired_whatever_their_order(run_of):
    first = several(run_of, [10, 20, 30], recipe=FOLDED)
    second = several(run_of, [14, 22, 36], recipe=FOLDED, name="deep", model="deep")
    runs = dict([*first.items(), *reversed(second.items())])
    groups = groups_of(runs)
    assert [group.kind for group in groups] == ["folds", "folds"]
    assert groups[1].accuracies.values == pytest.approx([0.93, 0.89, 0.82])
    (pair,) = group_pairs(groups)
    assert pair.test == paired_folds([0.95, 0.9, 0.85], [0.93, 0.89, 0.82], 1 / IMAGES)
    assert "0.9000 on average of 3 folds, 0.8800 of 3" in pair.sentence
    assert "(the corrected resampled t test: p = " in pair.sentence


def test_folds_that_do_not_match_are_refused(run_of):
    first = several(run_of, [10, 20, 30], recipe=FOLDED)
    second = several(run_of, [14, 22], recipe=FOLDED, name="deep", model="deep")
    with pytest.raises(DataError) as caught:
        groups_of({**first, **second})
    assert str(caught.value) == (
        "mlp and deep were not tested on the same folds; compare groups that were made with the "
        "same -k and --split-seed"
    )
    twice = {**first, "again": run_of(11, recipe=FOLDED, seed=1)}
    with pytest.raises(DataError) as caught:
        groups_of({**twice, **second})
    assert str(caught.value) == "mlp: fold 1 is there twice; name one run of each fold"
    seeds = several(run_of, [14, 22, 36], name="deep", model="deep")
    with pytest.raises(DataError) as caught:
        groups_of({**first, **seeds})
    assert str(caught.value) == (
        "mlp has folds and deep has seeds, which were tested on different images; compare folds "
        "with folds, and seeds with seeds"
    )


def test_a_run_and_its_repetition_are_not_two_seeds(run_of):
    first = several(run_of, [10, 20])
    second = several(run_of, [14, 22], name="deep", model="deep")
    with pytest.raises(DataError) as caught:
        groups_of({**first, **second, "again": run_of(20, seed=1)})
    assert str(caught.value) == "mlp: seed 1 is there twice; name one run of each seed"


def test_an_ensemble_is_not_one_more_seed_of_its_members(run_of):
    first = several(run_of, [10, 20])
    second = several(run_of, [14, 22], name="deep", model="deep")
    both = run_of(9, seed=2, name="ensemble")
    both.record["members"] = [{"run": "a", "sha256": "0"}]
    assert groups_of({**first, **second, "both": both}) == []


@pytest.mark.parametrize(("recipe", "test"), [(SEEDED, "Welch"), (FOLDED, "Nadeau")])
def test_the_page_tells_of_the_recipes(run_of, page, recipe, test):
    first = several(run_of, [10, 20, 30], recipe=recipe)
    second = several(run_of, [14, 22, 36], recipe=recipe, name="deep", model="deep")
    compared = compare._compared({**first, **second})
    assert isinstance(compared, Comparison)
    found = page(compare_page(compared, {}))
    assert compared.verdict in found.text
    for group in compared.groups:
        assert " ".join(group.row[:4]) in found.text
    assert test in found.text
    assert ("McNemar" in found.text, "disagreement" in found.ids) == (False, recipe == SEEDED)


def test_a_group_that_is_not_done_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "mlp-folds"
    folder.mkdir(parents=True)
    write_group(folder / "group.json", Group(kind="folds", folds=3, recipe="model: mlp\n"))
    for name in ("mlp-folds", "runs/mlp-folds", "runs/mlp-folds/group.json"):
        assert main(["compare", name, name]) == 3
        assert capsys.readouterr().err == (
            "error: runs/mlp-folds/group.json: 0 of 3 folds are done; repeat the command that "
            "began them to continue\n"
        )
    (folder / "group.json").write_text("{}")
    assert main(["compare", "mlp-folds"]) == 3
    assert capsys.readouterr().err == ("error: runs/mlp-folds/group.json is no group of runs\n")
