"""The parts of a mix of data sets are checked where they stand in the recipe."""

from __future__ import annotations

from recipe_texts import problems, recipe

from mxdigits.recipe.schema import Recipe


def test_the_parts_of_a_mix_are_checked_where_they_stand():
    text = """model: mlp
data:
  name: mix
  parts:
    - mnist
    - {name: flder, share: 2}
    - name: idx
      pathh: mine
    - name: mix
      parts: [{name: mnist, repeat: 2}, folder]
"""
    assert problems(text) == [
        "r.yaml:6:8: data.parts.1.name: unknown data set 'flder'; did you mean 'folder'?",
        "r.yaml:6:21: data.parts.1.share: must be a number between 0 and 1, got 2",
        "r.yaml:7:7: data.parts.2.path: is required",
        "r.yaml:8:7: data.parts.2.pathh: unknown key; did you mean 'path'?",
        "r.yaml:10:29: data.parts.3.parts.0.repeat: is for the parts after the first; the "
        "first is always taken whole",
        "r.yaml:10:41: data.parts.3.parts.1.path: is required",
    ]


def test_a_mix_needs_parts_and_its_own_options_stay_its_own():
    assert problems("model: mlp\ndata: mix") == ["r.yaml:2:1: data.parts: is required"]
    assert problems("model: mlp\ndata: {name: mix, parts: mnist}") == [
        "r.yaml:2:19: data.parts: must be a list of data sets, such as [mnist, {name: folder, "
        "path: mine, share: 0.1}], got 'mnist'"
    ]
    assert problems("model: mlp\ndata: {name: mnist, share: 0.1}") == [
        "r.yaml:2:21: data.share: unknown key; did you mean 'shard'?"
    ]


def test_a_mix_survives_its_own_writing():
    first = recipe("{model: mlp, data: {name: mix, parts: [mnist, {name: folder, path: m}]}}")
    assert Recipe.parse(first.dump()) == first
