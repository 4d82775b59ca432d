"""What a user's type checker sees of mxdigits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import mxdigits

SCRIPT = """
    import mxdigits
    import numpy as np

    recipe = mxdigits.Recipe.load("lenet", ["epochs=3"])
    done = mxdigits.run(recipe)
    accuracy: float = done.scores.accuracy
    dataset = mxdigits.load_dataset("mnist")
    trainer = mxdigits.Trainer(object(), "sgd", {"learning_rate": 0.1})
    history = trainer.fit(dataset.train, epochs=1, validation=dataset.test)
    reveal_type(history[-1])
    reveal_type(trainer.score(dataset.test))
    reveal_type(recipe.epochs)
    reveal_type(dataset.classes)
    reveal_type(mxdigits.MxdigitsError("x"))


    class Mine(mxdigits.Callback):
        def on_epoch_end(self, record: mxdigits.EpochRecord) -> mxdigits.Stop:
            return mxdigits.Stop("enough")


    wrong: int = done.scores.accuracy
    mxdigits.Recipe.loda("lenet")
"""


def test_a_users_script_is_checked_with_real_types(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "mine.py").write_text(dedent(SCRIPT))
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "cache", "mine.py"]
    home = Path(mxdigits.__file__).parents[1]
    # mypy finds what pip has installed, but not the hook of an editable installation.
    path = {} if home.name == "site-packages" else {"MYPYPATH": str(home)}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
        env={**os.environ, **path},
    )
    shown = [line for line in done.stdout.splitlines() if line.startswith("mine.py:")]
    # Older versions of mypy name the module of built-in types.
    assert [line.partition(" ")[2].replace("builtins.", "") for line in shown] == [
        'note: Revealed type is "mxdigits.train.history.EpochRecord"',
        'note: Revealed type is "mxdigits.train.metrics.Scores"',
        'note: Revealed type is "int"',
        'note: Revealed type is "tuple[str, ...]"',
        'note: Revealed type is "mxdigits.errors.MxdigitsError"',
        'error: Incompatible types in assignment (expression has type "float", '
        'variable has type "int")  [assignment]',
        'error: "type[Recipe]" has no attribute "loda"  [attr-defined]',
    ]
