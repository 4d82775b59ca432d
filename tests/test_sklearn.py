"""The classifier of scikit-learn: its own checks, and what images it takes."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytestmark = pytest.mark.mxnet

from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from mxdigits.errors import RecipeError
from mxdigits.installing import install_command
from mxdigits.sklearn import DigitClassifier

# Of an array API that is not NumPy's: scikit-learn skips that itself unless SCIPY_ARRAY_API is set.
SMALL = DigitClassifier("mlp", epochs=10, batch_size=10)


@parametrize_with_checks([SMALL])
def test_what_scikit_learn_demands(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def bars(digits):
    images, labels = digits["train"]
    return images, np.array(list("abcd"))[labels]


@pytest.fixture(scope="module")
def fitted(bars):
    return clone(SMALL).fit(*bars)


def test_it_learns_and_says_what_it_learned(fitted, bars, digits):
    images, labels = bars
    assert fitted.classes_.tolist() == ["a", "b", "c", "d"]
    assert (fitted.image_shape_, fitted.n_features_in_) == ((1, 16, 16), 256)
    assert fitted.value_range_ == (0.0, 255.0)
    assert len(fitted.history_) == 10
    assert fitted.score(images, labels) > 0.95
    test, true = digits["test"]
    assert np.mean(fitted.predict(test) == np.array(list("abcd"))[true]) > 0.9
    probabilities = fitted.predict_proba(images)
    assert probabilities.shape == (130, 4)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert np.array_equal(fitted.classes_[probabilities.argmax(axis=1)], fitted.predict(images))


@pytest.mark.parametrize(
    "form",
    [
        lambda images: images.reshape(len(images), -1),
        lambda images: images[:, None],
        lambda images: images.tolist(),
        lambda images: images / 255,
        lambda images: (images / 255).astype(np.float32).reshape(len(images), -1),
        lambda images: images.astype(np.int64),
        lambda images: np.asfortranarray(images),
    ],
)
def test_the_form_of_the_images_does_not_matter(bars, form):
    images, labels = bars
    images = images.copy()
    images[0, 0, :2] = 0, 255  # of numbers that are not bytes, the range is what was learned from
    expected = clone(SMALL).fit(images, labels).predict_proba(images)
    found = clone(SMALL).fit(form(images), labels).predict_proba(form(images))
    assert np.array_equal(found, expected)


def test_other_sizes_and_ranges(bars):
    images, labels = bars
    wide = np.repeat(images, 2, axis=2)
    assert clone(SMALL).fit(wide, labels).image_shape_ == (1, 16, 32)
    colours = np.stack([images] * 3, axis=1)
    assert clone(SMALL).fit(colours, labels).image_shape_ == (3, 16, 16)
    flat = clone(SMALL).fit(images.reshape(130, -1)[:, :250], labels)
    assert flat.image_shape_ == (1, 1, 250)
    sixteen = clone(SMALL).fit(images / 15.0 - 1, labels)
    assert sixteen.value_range_ == pytest.approx((-1.0, 230 / 15 - 1))
    assert sixteen.score(images / 15.0 - 1, labels) > 0.95


def test_images_of_another_shape_are_refused(fitted, bars):
    images, _ = bars
    with pytest.raises(ValueError, match=r"^X has images of shape \(1, 8, 16\), but fit had"):
        fitted.predict(images[:, :8])
    with pytest.raises(
        ValueError, match="X has 100 features, but DigitClassifier is expecting 256"
    ):
        fitted.predict(np.zeros((1, 100)))
    with pytest.raises(ValueError, match="of two classes or more, got one class"):
        clone(SMALL).fit(images, np.zeros(130))


def test_wrong_parameters_are_told_as_in_a_recipe(bars):
    with pytest.raises(RecipeError) as caught:
        DigitClassifier("lennet", epochs=0, optimizer={"name": "sgd", "lr": 1}).fit(*bars)
    assert caught.value.lines == [
        "epochs: must be at least 1, got 0",
        "model: unknown model 'lennet'; did you mean 'lenet'?",
        "optimizer.lr: unknown key; write learning_rate",
    ]


def test_a_copy_predicts_the_same(fitted, bars):
    images, _ = bars
    copy = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(copy.predict_proba(images), fitted.predict_proba(images))


def test_the_seed_decides(bars):
    images, labels = bars

    def first(seed):
        return clone(SMALL).set_params(epochs=1, random_state=seed).fit(images, labels)

    same, again, other = (first(seed).predict_proba(images) for seed in (1, 1, 2))
    assert np.array_equal(same, again)
    assert not np.array_equal(same, other)
    drawn = first(np.random.RandomState(3)).predict_proba(images)
    assert np.array_equal(drawn, first(np.random.RandomState(3)).predict_proba(images))


def test_in_a_pipeline_and_a_grid_search(bars):
    images, labels = bars
    rows = images.reshape(130, -1)
    pipeline = make_pipeline(MinMaxScaler(), clone(SMALL))
    assert cross_val_score(pipeline, rows, labels, cv=2).min() > 0.8
    grid = GridSearchCV(
        SMALL,
        {
            "optimizer": [{"name": "adam", "learning_rate": r} for r in np.array([1e-8, 1e-3])],
            "batch_size": np.array([10]),
            "augmentation": [None, "affine"],
        },
        cv=2,
        error_score="raise",
    ).fit(images, labels)
    assert grid.best_params_["optimizer"]["learning_rate"] == 1e-3
    assert grid.best_estimator_.score(images, labels) > 0.8


def test_lenet_and_a_schedule(bars):
    images, labels = bars
    lenet = DigitClassifier(
        {"name": "lenet", "dropout": 0.1}, epochs=3, batch_size=500, schedule="cosine"
    ).fit(images, labels)
    assert lenet.history_.column("learning_rate") == pytest.approx([0.001, 0.00075, 0.00025])
    assert lenet.predict(images[:1]).shape == (1,)


def test_without_scikit_learn_it_is_said_what_to_install():
    code = "import sys; sys.modules['sklearn.base'] = None; import mxdigits.sklearn"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    how = install_command("sklearn")
    told = f"ImportError: mxdigits.sklearn needs scikit-learn from 1.6 on: {how}"
    assert done.stderr.splitlines()[-1] == told
