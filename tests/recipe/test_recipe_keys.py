"""Keys and names that a recipe does not know: the message says which it does."""

from __future__ import annotations

import pytest
from recipe_texts import KEYS, problems

from mxdigits.backends.mxnet.names import OPTIMIZERS
from mxdigits.recipe.synonyms import SYNONYMS
from mxdigits.train.schedule_shapes import SCHEDULES

KNOWN = ", ".join(sorted([*KEYS, "extends"]))


@pytest.mark.parametrize("key", SYNONYMS)
@pytest.mark.parametrize("spell", [str, str.upper])
def test_what_people_write_elsewhere_is_answered(key, spell):
    assert problems(f"model: lenet\n{spell(key)}: 1") == [
        f"r.yaml:2:1: {spell(key)}: unknown key; write {SYNONYMS[key]}"
    ]


OPTIONS = {
    "data": {"batch_size", "sampler", "shard"},
    "optimizer": {option for options in OPTIMIZERS.values() for option in options},
    "schedule": {option for shape in SCHEDULES.values() for option in shape.__dataclass_fields__},
    "loss": {"label_smoothing", "class_weights", "focal"},
    "teacher": {"run", "temperature", "share"},
}


@pytest.mark.parametrize("key", SYNONYMS)
def test_the_answers_are_keys_of_a_recipe(key):
    assert key not in KEYS
    section, _, option = SYNONYMS[key].partition(".")
    assert section in (*KEYS, "extends")
    assert not option or option in OPTIONS[section]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("optimizer: {name: sgd, lr: 1}", "2:24: optimizer.lr: unknown key; write learning_rate"),
        (
            "optimizer: {name: sgd, weight_decay: 1}",
            "2:24: optimizer.weight_decay: unknown key; write wd",
        ),
        ("optimizer: {name: adam, eps: 1}", "2:25: optimizer.eps: unknown key; write epsilon"),
        (
            "optimizer: {name: adagrad, epsilon: 1}",
            "2:28: optimizer.epsilon: unknown key; did you mean 'eps'?",
        ),
        (
            "optimizer: {name: adam, momentum: 0.9}",
            "2:25: optimizer.momentum: unknown key; known: beta1, beta2, clip_gradient, epsilon, "
            "lazy_update, learning_rate, wd",
        ),
        (
            "optimizer: {name: sgd, warmup: 3}",
            "2:24: optimizer.warmup: unknown key here; write schedule.warmup_epochs at the top "
            "level",
        ),
        (
            "optimizer: {name: sgd, scheduler: cosine}",
            "2:24: optimizer.scheduler: unknown key here; write schedule at the top level",
        ),
        ("data: {name: mnist, bs: 3}", "2:21: data.bs: unknown key; write batch_size"),
        (
            "data: {name: mnist, shuffle: true}",
            "2:21: data.shuffle: unknown key; known: batch_size, sampler, shard",
        ),
        (
            "schedule: {name: cosine, warmup: 3}",
            "2:26: schedule.warmup: unknown key; write warmup_epochs",
        ),
        (
            "schedule: {name: cosine, step: 3}",
            "2:26: schedule.step: unknown key; known: by, final_lr, warmup_begin_lr, warmup_epochs",
        ),
        (
            "initializer: {name: normal, sigmaa: 1}",
            "2:29: initializer.sigmaa: unknown key; did you mean 'sigma'?",
        ),
        ("initializer: {name: zero, x: 1}", "2:27: initializer.x: unknown key; none are known"),
        ("loss: {smoothing: 0.1}", "2:8: loss.smoothing: unknown key; write label_smoothing"),
        (
            "loss: {x: 0.1}",
            "2:8: loss.x: unknown key; known: class_weights, focal, label_smoothing",
        ),
        (
            "loss: {lr: 0.1}",
            "2:8: loss.lr: unknown key here; write optimizer.learning_rate at the top level",
        ),
        (
            "augmentation: {name: affine, rotate: 3}",
            "2:30: augmentation.rotate: unknown key; did you mean 'rotation'?",
        ),
        (
            "schedule: {name: cosine, warmup_epochs: 0.5}",
            "2:26: schedule.warmup_epochs: must be a whole number of at least 0, got 0.5; "
            "by: batch takes any share of an epoch",
        ),
        (
            "schedule: {name: cosine, by: step}",
            "2:26: schedule.by: must be epoch or batch, got 'step'",
        ),
        (
            "schedule: {name: one_cycle, warmup_epochs: 1}",
            "2:29: schedule.warmup_epochs: unknown key; known: begin, by, end, rise",
        ),
        ("ema: 1", "2:1: ema: must be less than 1.0, got 1"),
        ("ema_decay: 0.9", "2:1: ema_decay: unknown key; write ema"),
        (
            "teacher: {run: strong, temperature: 0}",
            "2:24: teacher.temperature: must be greater than 0.0, got 0",
        ),
        ("teacher: {run: strong, share: 2}", "2:24: teacher.share: must be at most 1.0, got 2"),
        (
            "teacher: 3",
            "2:1: teacher: must be a mapping; write teacher: {run: strong, temperature: 4}",
        ),
        (
            "augmentation: [affine, {name: elastic, sigm: 3}]",
            "2:40: augmentation.1.sigm: unknown key; did you mean 'sigma'?",
        ),
        (
            "precision: half",
            "2:1: precision: must be float32, tf32, bfloat16 or float16, got 'half'",
        ),
        (
            "precision: 16",
            "2:1: precision: must be float32, tf32, bfloat16 or float16, got 16",
        ),
        (
            "precision: bfloat16\nbackend: mxnet",
            "2:1: precision: the backend mxnet computes in float32 alone; for bfloat16 write "
            "backend: xla or torch",
        ),
        ("zebra: 1", f"2:1: zebra: unknown key; known: {KNOWN}"),
        ("Epochs: 1", "2:1: Epochs: unknown key; did you mean 'epochs'?"),
        (
            "<<: {epochs: 1}",
            "2:1: <<: unknown key; YAML 1.2 has no merges: write the keys out, or see extends",
        ),
        ("größe: 1", f"2:1: größe: unknown key; known: {KNOWN}"),
    ],
)
def test_unknown_keys(text, problem):
    assert problems(f"model: lenet\n{text}") == [f"r.yaml:{problem}"]


def test_options_that_the_framework_sets_are_not_offered():
    assert problems("model: {name: lenet, zebra: 1}") == [
        "r.yaml:1:22: model.zebra: unknown key; known: activation, channels, dropout, hidden"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("model: lennet", "model: unknown model 'lennet'; did you mean 'lenet'?"),
        ("data: mnst", "data: unknown data set 'mnst'; did you mean 'mnist'?"),
        ("optimizer: sdg", "optimizer: unknown optimizer 'sdg'; did you mean 'sgd'?"),
        ("optimizer: SGD", "optimizer: unknown optimizer 'SGD'; did you mean 'sgd'?"),
        (
            "schedule: linear",
            "schedule: unknown schedule 'linear'; known: constant, cosine, cosine_restarts, "
            "exponential, one_cycle, poly, step",
        ),
        ("initializer: xavir", "initializer: unknown initializer 'xavir'; did you mean 'xavier'?"),
        (
            "augmentation: afine",
            "augmentation: unknown augmentation 'afine'; did you mean 'affine'?",
        ),
        ("model: ''", "model: unknown model ''; known: lenet, mlp"),
    ],
)
def test_unknown_names(text, problem):
    """Where one word was written the place and the path are those of the key itself."""
    if not text.startswith("model"):
        text = f"model: lenet\n{text}"
    line = text.count("\n") + 1
    found = problems(text)
    if "known: lenet" in problem:  # plugins may be installed
        assert found[0].startswith("r.yaml:1:1: model: unknown model ''; known: ")
    else:
        assert found == [f"r.yaml:{line}:1: {problem}"]
    section, name = text.splitlines()[-1].split(": ")
    found = problems(text.replace(f"{section}: {name}", f"{section}: {{name: {name}}}"))
    assert len(found) == 1
    assert found[0].startswith(f"r.yaml:{line}:{len(section) + 4}: {section}.name: unknown ")


@pytest.mark.parametrize(
    ("key", "meant"),
    [("learningrate", "optimizer.learning_rate"), ("batch_szie", "data.batch_size")],
)
def test_a_misspelt_synonym_is_understood(key, meant):
    assert problems(f"model: lenet\n{key}: 1\n") == [
        f"r.yaml:2:1: {key}: unknown key; write {meant}"
    ]
