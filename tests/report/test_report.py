"""The report of a run: its numbers, its pictures, and that nothing gets out of hand."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from mxdigits.errors import (
    OutputError,
)
from mxdigits.predict.heat import heat
from mxdigits.predict.occlusion import occlusion
from mxdigits.report.by_class import by_class, shaded
from mxdigits.report.calibration import FEW
from mxdigits.report.mistakes import MOST_MISTAKES, mistakes
from mxdigits.report.outcome import Outcome
from mxdigits.report.page import count, decimals, flat_words, percent
from mxdigits.report.pictures import LARGEST, data_uri
from mxdigits.report.report import (
    MOST_MATRIX_CLASSES,
    report_page,
    trust,
    write_report,
)
from mxdigits.report.significance import McNemar
from mxdigits.train.history import History
from mxdigits.train.metrics import Scores, confusions

HOSTILE = "</style><script>alert(1)</script><img src=http://x onerror=alert(1)>\"'&"


# What is said


def test_what_corrections_brought_is_told_in_words(make_results, page):
    test = McNemar(both=9700, only_first=12, only_second=51, neither=237, p=0.00001, exact=True)
    outcome = Outcome(test, corrections=28, known=1, learnt=27)
    learning = {"from": "runs/mlp/a", "part": {"name": "folder"}, **outcome.as_dict()}
    record = {"recipe": "bars", "learning": json.loads(json.dumps(learning))}
    found = page(report_page(make_results([[1.0, 0.0]], [0], record=record), {}))
    assert "corrections" in found.ids
    for told in (*outcome.sentences(), "corrections learnt from 28 0.0357 - 0.9643"):
        assert told in found.text
    assert "only_first" not in found.text
    assert "from runs/mlp/a" in found.text


@pytest.mark.parametrize("learning", [None, {}, {"from": "runs/mlp/a"}, {"old": 3}, "much"])
def test_without_an_outcome_no_section_tells_it(make_results, page, learning):
    results = make_results([[1.0, 0.0]], [0], record={"recipe": "bars", "learning": learning})
    assert "corrections" not in page(report_page(results, {})).ids


def test_the_worst_mistakes_come_first(make_results):
    logits = [[4, 0, 0], [0, 4, 0], [0, 9, 0], [0, 0, 1], [0, 9, 0]]
    results = make_results(logits, [0, 0, 0, 0, 2], classes=("a", "b", "c"))
    found = mistakes(results)
    assert [(m.index, m.true, m.said) for m in found] == [
        (2, "a", "b"),
        (4, "c", "b"),
        (1, "a", "b"),
        (3, "a", "c"),
    ]
    assert found[0].confidence == pytest.approx(0.99975, abs=1e-5)
    assert found[0].true_confidence == pytest.approx(0.000123, abs=1e-5)
    assert found[0].picture == data_uri(results.test.images[2])


def test_a_mistake_is_shown_with_its_reasons_where_the_network_can_be_asked(make_results, page):
    """Here class 1 is whatever is light above."""

    def logits(images):
        light = images[:, 0, :4].mean(axis=(1, 2)) / 20
        return np.stack([np.zeros_like(light), light], axis=1).astype(np.float32)

    results = make_results([[0, 3], [3, 0]], [0, 0])
    (silent,) = mistakes(results)
    assert silent.evidence == ""
    (told,) = mistakes(replace(results, logits=logits))
    image = results.test.images[0]
    evidence = occlusion(logits, image, 1, step=2).evidence
    assert evidence[:3].min() > 0
    assert told.evidence == data_uri(heat(image, evidence).transpose(2, 0, 1))
    found = page(report_page(replace(results, logits=logits), {}))
    assert "orange speaks for the answer, blue against it" in found.text
    assert "orange" not in page(report_page(results, {})).text


def test_many_mistakes_are_not_all_shown(make_results):
    results = make_results(np.tile([0.0, 1.0], (500, 1)), np.zeros(500, int))
    assert len(mistakes(results)) == MOST_MISTAKES
    text = report_page(results, {})
    assert f"Here are the {MOST_MISTAKES} of which the network was most sure." in text


def test_each_class_has_its_row():
    confusion = np.array([[8, 2, 0, 0], [1, 4, 0, 0], [0, 3, 0, 0], [0, 0, 0, 0]])
    rows = by_class(Scores(0.0, confusion, {}), ("a", "b", "c", "d"))
    assert [(r.name, r.samples, r.correct, r.taken_for) for r in rows] == [
        ("a", 10, 8, "b (2)"),
        ("b", 5, 4, "a (1)"),
        ("c", 3, 0, "b (3)"),
        ("d", 0, 0, ""),
    ]
    numbers = np.array([(r.recall, r.precision, r.f1) for r in rows])
    nan = np.nan
    np.testing.assert_allclose(
        numbers, [(0.8, 8 / 9, 16 / 19), (0.8, 4 / 9, 8 / 14), (0, nan, 0), (nan, nan, nan)]
    )
    assert rows[0].low < 0.8 < rows[0].high


def test_confusions_are_counted_the_most_frequent_first():
    confusion = np.array([[8, 2, 0], [3, 4, 0], [2, 0, 9]])
    assert confusions(Scores(0.0, confusion, {}), ("a", "b", "c")) == [
        ("b", "a", 3),
        ("a", "b", 2),
        ("c", "a", 2),
    ]
    assert shaded(confusion)[0] == [(8, 90), (2, 45), (0, 0)]


@pytest.mark.parametrize(
    ("logit", "labels", "sentence"),
    [
        (
            0,
            [0, 1],
            "Its confidence is about right: it is 50.0\xa0% sure on average and right in "
            "50.0\xa0% of cases.",
        ),
        (
            9,
            [0, 1],
            "It is overconfident: it is 100.0\xa0% sure on average and right in 50.0\xa0% of "
            "cases.",
        ),
        (
            1,
            [0, 0],
            "It is underconfident: it is 73.1\xa0% sure on average and right in 100.0\xa0% of "
            "cases.",
        ),
    ],
)
def test_calibration_is_said_in_a_sentence(make_results, logit, labels, sentence):
    assert trust(make_results([[logit, 0]] * 2, labels)) == sentence


def test_numbers_are_written_one_way():
    assert [decimals(0.12345), decimals(float("nan")), decimals(None)] == ["0.1235", "–", "–"]
    assert [percent(0.12345), percent(float("nan"))] == ["12.3\N{NO-BREAK SPACE}%", "–"]
    assert [count(1234567), count(np.int64(5)), count("<b>")] == ["1,234,567", "5", ""]
    plugins = [{"name": "csv", "version": "1"}, {"name": "npz", "version": "2"}]
    assert flat_words({"a": {"b": [1, None]}, "c": {}, "d": True, "e": plugins}) == {
        "a.b": "1, –",
        "c": "–",
        "d": "true",
        "e": "name csv, version 1; name npz, version 2",
    }


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 8, 8), (2, 8, 8), (1, 1000, 500)])
def test_images_of_any_shape_become_pictures(shape):
    image = np.arange(np.prod(shape), dtype=np.int64).astype(np.uint8).reshape(shape)
    head, _, data = data_uri(image).partition(",")
    assert head == "data:image/png;base64"
    with Image.open(BytesIO(base64.b64decode(data))) as picture:
        assert picture.mode == ("RGB" if shape[0] == 3 else "L")
        assert max(picture.size) == min(max(shape), LARGEST)
        if max(shape) == 8:
            shown = np.asarray(picture)
            np.testing.assert_array_equal(
                shown, image.transpose(1, 2, 0) if shape[0] == 3 else image[0]
            )


@pytest.mark.parametrize(
    ("record", "recipe", "evaluated_on"),
    [
        ({"evaluated_on": "validation"}, "validation: null", "validation"),
        ({"evaluated_on": "test"}, "validation: 0.1", "test"),
        ({}, "model: mlp", "test"),
        ({}, "validation: 0.1", "validation"),
        ({"evaluated_on": ["?"]}, "validation: 0.1", "validation"),
        ({}, "a word", "validation"),
        ({}, "{", "validation"),
    ],
)
def test_curves_are_called_what_they_are(
    make_results, page, record, recipe, evaluated_on, monkeypatch
):
    monkeypatch.setattr("mxdigits.report.report.write_plots", lambda *_: None)  # the page alone
    results = make_results([[1, 0]], [0], record=record, recipe=recipe)
    assert results.evaluated_on == evaluated_on
    write_report(results, pytest.fail)
    found = page(results.folder.report_file.read_text(encoding="utf-8"))
    # The legends of both charts.
    assert found.text.count(f"train {evaluated_on} ") == 2
    assert f"{evaluated_on} loss {evaluated_on} accuracy" in found.text
    said = "on the test set, because no images were held out for validation." in found.text
    assert said == (evaluated_on == "test")


def sure_of(*groups):
    """Logits and labels of images in groups: (how many, how sure, how many of them right)."""
    logits, labels = [], []
    for images, confidence, right in groups:
        logits += [[np.log(confidence / (1 - confidence)), 0.0]] * images
        labels += [0] * right + [1] * (images - right)
    return logits, labels


def test_a_bin_of_few_images_is_pale_and_makes_no_widest_gap(make_results, page):
    results = make_results(*sure_of((FEW, 0.9, FEW - 3), (FEW - 1, 0.6, 0)))
    found = page(report_page(results, {}))
    assert "the widest gap of a bin of at least 30 images 0.0000." in found.text
    assert f"Those with fewer than {FEW} images are pale" in found.text
    assert [row.get("class") for row in found.all("tr")].count("few") == 1


def test_without_a_bin_of_many_images_there_is_no_widest_gap(make_results, page):
    found = page(report_page(make_results(*sure_of((FEW - 1, 0.6, 3))), {}))
    assert "and no bin has the 30 images that are needed to measure a gap." in found.text


def test_the_environment_is_folded_with_its_hashes_whole(make_results, page):
    digest = hashlib.sha256(b"data").hexdigest()
    record = {"data": {"sha256": {"images": digest}}, "versions": {"numpy": "1.26.4"}}
    text = report_page(make_results([[1, 0]], [0], record=record), {})
    page(text)
    _, _, rest = text.partition('<details class="section">\n<summary><h2')
    folded, _, after = rest.partition("</details>")
    # A link to what is folded opens it: it leads to the inside.
    assert 'id="environment"' in folded
    assert f'<td class="hash"><code>{digest}</code></td>' in folded
    assert "1.26.4" in folded
    assert digest not in after


# The page


def test_whatever_a_run_is_called_is_shown_and_does_nothing(make_results, page):
    record = {
        "recipe": HOSTILE,
        "state": HOSTILE,
        "error": HOSTILE,
        "started": HOSTILE,
        "versions": {HOSTILE: HOSTILE},
        "device": {"context": HOSTILE, "processor": [HOSTILE]},
        "network": {"parameters": HOSTILE},
        "seconds": {HOSTILE: 1.5, "x": HOSTILE},
    }
    classes = (HOSTILE, "b")
    results = make_results(
        [[0, 3], [3, 0], [3, 0]], [0, 1, 0], classes=classes, record=record, recipe=HOSTILE
    )
    write_report(results, pytest.fail)
    found = page(results.folder.report_file.read_text(encoding="utf-8"))
    assert found.text.count("<script>alert(1)</script>") > 10
    assert found.all("title") == [{}]


@pytest.mark.parametrize(
    "record", [{}, {"seconds": 3, "device": "cpu", "network": [1]}, {"seconds": {"fit": "long"}}]
)
def test_a_record_that_says_little_is_enough(make_results, page, record):
    found = page(report_page(make_results([[1, 0]], [0], record=record), {}))
    assert "bars/a" in found.text


def test_the_average_with_which_a_run_ends_is_shown(make_results, page):
    results = make_results([[5, 0], [0, 5]], [0, 1])
    assert results.curve("loss") == [0.5, 0.25]
    plain = write_report(results, pytest.fail).read_text(encoding="utf-8")
    assert "average of" not in page(plain).text
    with_average = [replace(each, validation_ema_loss=0.125, validation_ema_accuracy=0.75)
                    for each in results.history]  # fmt: skip
    object.__setattr__(results, "history", History(with_average))
    assert results.curve("accuracy") == [0.75, 0.75]
    text = page(write_report(results, pytest.fail).read_text(encoding="utf-8")).text
    assert "The run ends with the average of its weights ( ema ), and the other numbers" in text
    assert "test loss test accuracy test loss of the average test accuracy of the average" in text
    assert "0 0.1 0.5000 0.5000 0.5000 0.5000 0.1250 0.7500 0.50 260" in text
    assert " train test test, averaged weights " in text


def test_a_run_without_a_mistake_or_an_epoch(make_results, page):
    results = make_results([[5, 0], [0, 5]], [0, 1])
    object.__setattr__(results, "history", History())
    write_report(results, pytest.fail)
    found = page(results.folder.report_file.read_text(encoding="utf-8"))
    assert "No epoch was finished." in found.text
    results.record["members"] = [{"run": "a", "sha256": "0"}]
    text = page(report_page(results, {})).text
    assert "Its runs This is an ensemble of 1 runs:" in text
    assert "Curves" not in text
    assert "The worst mistakes There are none." in found.text
    assert not (results.folder.plots / "loss.png").exists()


def test_a_matrix_nobody_could_read_is_left_out(make_results, page):
    classes = MOST_MATRIX_CLASSES + 1
    results = make_results(np.eye(classes), (np.arange(classes) + 1) % classes)
    write_report(results, pytest.fail)
    found = page(results.folder.report_file.read_text(encoding="utf-8"))
    assert "Rows: the true class." not in found.text
    assert "The most frequent." in found.text
    assert not (results.folder.plots / "confusion.png").exists()


def test_a_report_that_cannot_be_written_is_an_error(make_results):
    results = make_results([[1, 0]], [0])
    results.folder.plots.write_text("a file")
    with pytest.raises(OutputError) as caught:
        write_report(results, pytest.fail)
    assert str(caught.value) == f"cannot make the folder {results.folder.plots}: File exists"


def test_results_of_vanishing_probabilities_have_a_finite_loss(make_results):
    results = make_results([[500, 0]], [1])
    assert results.prob[0, 1] == 0
    assert 80 < results.scores.loss < 100
