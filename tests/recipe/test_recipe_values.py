"""Values that make no sense in a recipe: each is one line that says what to write.

Messages are compared whole: they are what a user has in hand when something is wrong.
"""

from __future__ import annotations

import pytest
from recipe_texts import NO_NAME, problems, recipe

NO_DEVICE = (
    "names no device; write cpu, gpu, gpu(1), gpu(0,1), auto, or a list in order of preference"
)
NO_SHARE = "must be a number of images or a share between 0 and 1, got"
NO_PATTERN = "must be a pattern of names such as 'features.*', or a list, got"
NO_MULTIPLIERS = (
    "must be a mapping from patterns of names to numbers above 0, such as {'features.*': 0.1}, got"
)
NO_WEIGHTS = (
    "must be balanced, a list of numbers above 0, one for each class, or a mapping such as "
    "{7: 2.0}, got"
)
NUMBER = "must be a word, got the number 3; write '3' in quotes"
NO_CHOICE = "must be a name, or a mapping with name and options, got"


def test_every_mistake_at_once_each_with_its_place_in_the_order_of_the_file():
    text = """\
# my recipe
epoch: 10
optimizer:
  lr: 0.1
  momentum: fast
  name: sgd
seed: 1e3
model: {name: mlp, hiden: [3],
        classes: 5}
data: {name: mnst, batch_size: 0}
schedule: cosin
context: tpu
validation: 0
predictions: [csv, xml]
loss: {smooth: 0.1, label_smoothing: 1}
initializer: {name: xavier, magnitude: high}
batch_size: 5
name: a/b
"""
    assert problems(text) == [
        "r.yaml:2:1: epoch: unknown key; did you mean 'epochs'?",
        "r.yaml:4:3: optimizer.lr: unknown key; write learning_rate",
        "r.yaml:5:3: optimizer.momentum: must be a number, got 'fast'",
        "r.yaml:7:1: seed: must be a whole number, got 1000.0",
        "r.yaml:8:20: model.hiden: unknown key; did you mean 'hidden'?",
        "r.yaml:9:9: model.classes: comes from the data set; leave it out",
        "r.yaml:10:8: data.name: unknown data set 'mnst'; did you mean 'mnist'?",
        "r.yaml:10:20: data.batch_size: must be at least 1, got 0",
        "r.yaml:11:1: schedule: unknown schedule 'cosin'; did you mean 'cosine'?",
        f"r.yaml:12:1: context: 'tpu' {NO_DEVICE}",
        f"r.yaml:13:1: validation: {NO_SHARE} 0",
        "r.yaml:14:1: predictions: unknown format 'xml'; known: csv, jsonl, npz",
        "r.yaml:15:8: loss.smooth: unknown key; write label_smoothing",
        "r.yaml:15:21: loss.label_smoothing: must be less than 1.0, got 1",
        "r.yaml:16:29: initializer.magnitude: must be a number, got 'high'",
        "r.yaml:17:1: batch_size: unknown key; write data.batch_size",
        f"r.yaml:18:1: name: {NO_NAME} 'a/b'",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        # Whole numbers
        ("epochs: 0", "2:1: epochs: must be at least 1, got 0"),
        ("epochs: -1", "2:1: epochs: must be at least 1, got -1"),
        ("epochs: 1.5", "2:1: epochs: must be a whole number, got 1.5"),
        ("epochs: 10.0", "2:1: epochs: must be a whole number, got 10.0"),
        ("epochs: '3'", "2:1: epochs: must be a whole number, got '3'"),
        ("epochs: ten", "2:1: epochs: must be a whole number, got 'ten'"),
        ("epochs: true", "2:1: epochs: must be a whole number, got true"),
        ("epochs:", "2:1: epochs: must be a whole number, got nothing"),
        ("epochs: [1]", "2:1: epochs: must be a whole number, got [1]"),
        ("epochs: .nan", "2:1: epochs: must be a whole number, got nan"),
        ("seed: -1", "2:1: seed: must be at least 0, got -1"),
        ("seed: 2147483648", "2:1: seed: must be less than 2147483648, got 2147483648"),
        ("seed: 1e3", "2:1: seed: must be a whole number, got 1000.0"),
        ("threads: 0", "2:1: threads: must be at least 1, got 0"),
        ("threads: 1025", "2:1: threads: must be at most 1024, got 1025"),
        ("threads: all", "2:1: threads: must be a whole number, got 'all'"),
        ("data: {name: mnist, batch_size: 0}", "2:21: data.batch_size: must be at least 1, got 0"),
        (
            "data: {name: mnist, batch_size: 1.5}",
            "2:21: data.batch_size: must be a whole number, got 1.5",
        ),
        # The learning rate
        *(
            (
                f"optimizer: {{name: sgd, learning_rate: {rate}}}",
                f"2:24: optimizer.learning_rate: {what}",
            )
            for rate, what in [
                (".nan", "must be a finite number, got nan"),
                (".inf", "must be a finite number, got inf"),
                ("-0.1", "must be greater than 0.0, got -0.1"),
                ("0", "must be greater than 0.0, got 0"),
                ("fast", "must be a number, got 'fast'"),
                ("true", "must be a number, got true"),
                ("null", "must be a number, got nothing"),
                ("'0.1'", "must be a number, got '0.1'"),
                ("1e999", "must be a finite number, got inf"),
            ]
        ),
        # Other options of an optimizer and of an initializer
        (
            "optimizer: {name: sgd, momentum: .inf}",
            "2:24: optimizer.momentum: must be a finite number, got inf",
        ),
        (
            "optimizer: {name: sgd, lazy_update: 1}",
            "2:24: optimizer.lazy_update: must be true or false, got 1",
        ),
        ("optimizer: {name: sgd, wd: true}", "2:24: optimizer.wd: must be a number, got true"),
        ("optimizer: {name: sgd, wd: null}", "2:24: optimizer.wd: must be a number, got nothing"),
        (
            "optimizer: {name: sgd, clip_gradient: .nan}",
            "2:24: optimizer.clip_gradient: must be a finite number, got nan",
        ),
        *(
            (
                f"optimizer: {{name: {name}, {option}: {got}}}",
                f"2:{21 + len(name)}: optimizer.{option}: must be a number from 0 to below 1, "
                f"got {got}",
            )
            for name, option, got in [
                ("adam", "beta1", 1),
                ("adam", "beta2", 2),
                ("adamax", "beta1", -1),
                ("ftml", "beta2", -1),
                ("sgd", "momentum", 1.5),
                ("rmsprop", "gamma1", 1),
                ("adadelta", "rho", 1.1),
            ]
        ),
        (
            "optimizer: {name: dcasgd, momentum: 0.9}",
            "2:27: optimizer.momentum: the optimizer dcasgd has no momentum: with it MXNet's own "
            "fails; take sgd",
        ),
        ("data: {name: mnist, shard: 1}", "2:21: data.shard: must be true or false, got 1"),
        (
            "initializer: {name: xavier, rnd_type: 3}",
            "2:29: initializer.rnd_type: must be a word, got 3",
        ),
        # Validation
        *(
            (f"validation: {text}", f"2:1: validation: {NO_SHARE} {got}")
            for text, got in [
                ("0", "0"),
                ("0.0", "0.0"),
                ("1.5", "1.5"),
                ("-1", "-1"),
                ("-0.1", "-0.1"),
                ("true", "true"),
                ("'5'", "'5'"),
                ("[1]", "[1]"),
                (".inf", "inf"),
                ("1e999", "inf"),
                (".nan", "nan"),
            ]
        ),
        # The context
        ("context: tpu", f"2:1: context: 'tpu' {NO_DEVICE}"),
        ("context: GPU", f"2:1: context: 'GPU' {NO_DEVICE}"),
        ("context: 1", f"2:1: context: 1 {NO_DEVICE}"),
        ("context: null", f"2:1: context: None {NO_DEVICE}"),
        ("context: {a: 1}", f"2:1: context: {{'a': 1}} {NO_DEVICE}"),
        ("context: [gpu, [cpu]]", f"2:1: context: ['cpu'] {NO_DEVICE}"),
        (
            "context: []",
            "2:1: context: is empty; write cpu, gpu, gpu(1), gpu(0,1), auto, "
            "or a list in order of preference",
        ),
        ("context: gpu(1,1)", "2:1: context: 'gpu(1,1)' names a device twice"),
        # Predictions
        ("predictions: NPZ", "2:1: predictions: unknown format 'NPZ'; did you mean 'npz'?"),
        ("predictions: [3]", "2:1: predictions: unknown format '3'; known: csv, jsonl, npz"),
        ("predictions: null", "2:1: predictions: must be a list of formats, got nothing"),
        ("predictions: {csv: 1}", "2:1: predictions: must be a list of formats, got {'csv': 1}"),
        # The name, which becomes a folder
        *(
            (f"name: {text}", f"2:1: name: {NO_NAME} {text}")
            for text in [
                "'a/b'",
                "'../x'",
                "'..'",
                "'.hidden'",
                "'/etc'",
                "'a b'",
                "''",
                "'-x'",
                "'a:b'",
                f"'{'n' * 101}'",
            ]
        ),
        ('name: "a\\n"', f"2:1: name: {NO_NAME} 'a\\n'"),
        (r"name: 'a\b'", rf"2:1: name: {NO_NAME} 'a\\b'"),
        ("name: 3", f"2:1: name: {NUMBER}"),
        ("name: null", "2:1: name: must be a word, got nothing"),
        # Sections that are not of the right form
        ("data: []", f"2:1: data: {NO_CHOICE} []"),
        ("data: null", f"2:1: data: {NO_CHOICE} nothing"),
        ("data: {batch_size: 3}", "2:1: data.name: is required"),
        ("data: {name: 3}", f"2:8: data.name: {NUMBER}"),
        ("data: idx", "2:1: data.path: is required"),
        ("optimizer: 0.1", f"2:1: optimizer: {NO_CHOICE} 0.1"),
        ("optimizer: {}", "2:1: optimizer.name: is required"),
        (
            "optimizer: {adam: {beta1: 0.8}}",
            "2:1: optimizer.name: is required; write name: adam, and its options beside it",
        ),
        (
            "callbacks: [{early_stopping: }]",
            "2:13: callbacks.0.name: is required; write name: early_stopping, and its options "
            "beside it",
        ),
        (
            "optimizer: {<<: {name: sgd}, wd: 0.1}",
            "2:1: optimizer.name: is required, and << brings none: YAML 1.2 has no merges: write "
            "the keys out, or see extends",
        ),
        ("optimizer: {name: [sgd]}", "2:13: optimizer.name: must be a word, got ['sgd']"),
        ("optimizer: {name: {a: b}}", "2:13: optimizer.name: must be a word, got {'a': 'b'}"),
        ("schedule: [step]", f"2:1: schedule: {NO_CHOICE} ['step']"),
        ("schedule: {step: 3}", "2:1: schedule.name: is required"),
        ("initializer: 0", f"2:1: initializer: {NO_CHOICE} 0"),
        ("loss: 0.1", "2:1: loss: must be a mapping; write loss: {label_smoothing: 0.1}"),
        ("loss: null", "2:1: loss: must be a mapping; write loss: {label_smoothing: 0.1}"),
        (
            "loss: {label_smoothing: -0.1}",
            "2:8: loss.label_smoothing: must be at least 0.0, got -0.1",
        ),
        ("loss: {label_smoothing: 1}", "2:8: loss.label_smoothing: must be less than 1.0, got 1"),
        (
            "loss: {label_smoothing: .nan}",
            "2:8: loss.label_smoothing: must be a finite number, got nan",
        ),
        *(
            (
                f"loss: {{class_weights: {given}}}",
                f"2:8: loss.class_weights: {NO_WEIGHTS} {shown}",
            )
            for given, shown in (
                ("even", "'even'"),
                ("2", "2"),
                ("[]", "[]"),
                ("[1, 0]", "[1, 0]"),
                ("{}", "{}"),
                ("{7: -1}", "{'7': -1}"),
                ("{7: .inf}", "{'7': inf}"),
                ("{7: true}", "{'7': True}"),
            )
        ),
        (
            "freeze: 3",
            f"2:1: freeze: {NO_PATTERN} 3",
        ),
        ("freeze: ['']", f"2:1: freeze: {NO_PATTERN} ['']"),
        ("lr_mult: 0.1", f"2:1: lr_mult: {NO_MULTIPLIERS} 0.1"),
        ("lr_mult: {'a.*': 0}", f"2:1: lr_mult: {NO_MULTIPLIERS} {{'a.*': 0}}"),
        ("accumulate: 0", "2:1: accumulate: must be at least 1, got 0"),
        ("accumulate: 101", "2:1: accumulate: must be at most data.batch_size (100), got 101"),
        ("swa: 1", "2:1: swa: must be at least 2, got 1"),
        ("swa: 11", "2:1: swa: must be at most epochs (10), got 11"),
        (
            "swa: 2\nema: 0.9",
            "2:1: swa: cannot be combined with ema: a run ends with one of the two; leave one out",
        ),
        (
            "swa: 2\nvalidation: 0.1\ncallbacks: [best_weights]",
            "4:13: callbacks.0: ends a run with the weights of one epoch, and swa with a mean; "
            "leave one of them out",
        ),
        (
            "swa: 2\nvalidation: 0.1\ncallbacks: early_stopping",
            "4:1: callbacks.0: ends a run with the weights of one epoch, and swa with a mean; "
            "write restore_best: false",
        ),
        ("loss: {focal: -1}", "2:8: loss.focal: must be at least 0.0, got -1"),
        (
            "data: {name: mnist, sampler: weighted}",
            "2:21: data.sampler: must be balanced or null, got 'weighted'",
        ),
        # Schedules
        (
            "schedule: {name: step, step: 0}",
            "2:24: schedule.step: must be a whole number of at least 1, got 0",
        ),
        (
            "schedule: {name: poly, pwr: true}",
            "2:24: schedule.pwr: must be a number of at least 0, got true",
        ),
        (
            "schedule: {name: cosine, final_lr: .inf}",
            "2:26: schedule.final_lr: must be a number of at least 0, got inf",
        ),
        (
            "schedule: {name: cosine, warmup_epochs: 10}",
            "2:26: schedule.warmup_epochs: must be less than epochs (10), got 10",
        ),
        (
            "schedule: {name: constant, warmup_epochs: 3}\nepochs: 2",
            "2:28: schedule.warmup_epochs: must be less than epochs (2), got 3",
        ),
    ],
)
def test_values_that_make_no_sense(text, problem):
    assert problems(f"model: lenet\n{text}") == [f"r.yaml:{problem}"]


def test_numbers_without_end():
    """Whole numbers have no limit in YAML nor in Python; a learning rate has one, and epochs."""
    many = "9" * 400
    assert problems(f"model: lenet\nepochs: {many}") == [
        f"r.yaml:2:1: epochs: must be at most 150000, got {many}"
    ]
    assert recipe(f"model: lenet\nvalidation: {many}").validation == int(many)
    assert problems(f"model: lenet\noptimizer: {{name: sgd, learning_rate: {many}}}") == [
        f"r.yaml:2:24: optimizer.learning_rate: must be a number, got {many}"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("epochs: 3", "1:1: model: is required"),
        ("\n# x\nepochs: 3", "3:1: model: is required"),
        ("{}", "1:1: model: is required"),
        ("model:", f"1:1: model: {NO_CHOICE} nothing"),
        ("model: [lenet]", f"1:1: model: {NO_CHOICE} ['lenet']"),
        ("model: [mlps]", f"1:1: model: {NO_CHOICE} ['mlps']"),
        ("model: {dropout: 0.5}", "1:1: model.name: is required"),
        ("model: {name: null}", "1:9: model.name: must be a word, got nothing"),
        (
            "model: {name: lenet, classes: 3}",
            "1:22: model.classes: comes from the data set; leave it out",
        ),
        ("", "1:1: a recipe is a mapping; begin with model: lenet"),
        ("# nothing", "1:1: a recipe is a mapping; begin with model: lenet"),
        ("lenet", "1:1: a recipe is a mapping; begin with model: lenet"),
        ("- model: lenet", "1:1: a recipe is a mapping; begin with model: lenet"),
        ("3", "1:1: a recipe is a mapping; begin with model: lenet"),
    ],
)
def test_what_is_no_recipe(text, problem):
    assert problems(text) == [f"r.yaml:{problem}"]


def test_every_bad_option_of_a_schedule_is_said():
    assert problems("model: lenet\nschedule: {name: step, step: 0, nope: 1, factor: -1}") == [
        "r.yaml:2:24: schedule.step: must be a whole number of at least 1, got 0",
        "r.yaml:2:33: schedule.nope: unknown key; known: by, factor, step, warmup_begin_lr, "
        "warmup_epochs",
        "r.yaml:2:42: schedule.factor: must be a number of at least 0, got -1",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("constant", "2:1: initializer.value: is required"),
        ("{name: constant, value: null}", "2:31: initializer.value: must be a number, got nothing"),
    ],
)
def test_an_option_without_default_is_required(text, problem):
    assert problems(f"model: lenet\ninitializer: {text}") == [f"r.yaml:{problem}"]
