"""The parts of the server that need no socket."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mxdigits.errors import OutputError
from mxdigits.serve.batcher import Batcher, padded
from mxdigits.serve.limits import Places, Rates, Refused
from mxdigits.serve.store import Store

CLASSES = tuple("0123456789")


def sums(images):
    """A network whose answer tells its image."""
    return images.reshape(len(images), -1).sum(axis=1, keepdims=True, dtype=np.float32)


def image(value: int) -> np.ndarray:
    return np.full((2, 2), value, np.uint8)


# Batches


@pytest.fixture
def batcher():
    """Start batchers, and end them."""
    started = []

    def start(load, most=8):
        started.append(Batcher(load, most))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.close()
        assert not each.alive


def test_the_network_is_loaded_and_asked_in_one_thread(batcher):
    threads = set()

    def load():
        threads.add(threading.current_thread())

        def predict(images):
            threads.add(threading.current_thread())
            return sums(images)

        return predict

    running = batcher(load)
    assert [running.submit(image(n)).result().tolist() for n in range(5)] == [
        [0],
        [4],
        [8],
        [12],
        [16],
    ]
    assert len(threads) == 1
    assert threading.current_thread() not in threads


def test_what_queues_while_the_network_is_busy_goes_together(batcher):
    go, begun, sizes = threading.Event(), threading.Event(), []

    def predict(images):
        sizes.append(len(images))
        begun.set()
        go.wait(30)
        return sums(images)

    running = batcher(lambda: predict, most=4)
    first = running.submit(image(1))
    begun.wait(30)
    others = [running.submit(image(n)) for n in range(7)]
    go.set()
    assert [answer.result().tolist() for answer in [first, *others]] == [
        [4 * n] for n in (1, *range(7))
    ]
    assert sizes == [1, 4, 4]  # the last three with one that fills up


def test_whoever_has_left_is_not_waited_for(batcher):
    go, begun, seen = threading.Event(), threading.Event(), []

    def predict(images):
        seen.append(images[:, 0, 0].tolist())
        begun.set()
        go.wait(30)
        return sums(images)

    running = batcher(lambda: predict)
    first = running.submit(image(1))
    begun.wait(30)
    left, stayed = running.submit(image(2)), running.submit(image(3))
    assert left.cancel()
    go.set()
    assert stayed.result().tolist() == [12]
    assert first.result().tolist() == [4]
    assert seen == [[1], [3]]


def test_a_batch_that_fails_fails_alone(batcher):
    def predict(images):
        if images.max() == 13:
            raise RuntimeError("unlucky")
        return sums(images)

    running = batcher(lambda: predict)
    with pytest.raises(RuntimeError, match="unlucky"):
        running.submit(image(13)).result()
    assert running.submit(image(1)).result().tolist() == [4]


def test_a_network_that_cannot_be_loaded_says_so_at_the_start():
    def load():
        raise OutputError("no network")

    running = Batcher(load, 8)
    with pytest.raises(OutputError, match="no network"):
        running.start()


@given(st.integers(1, 100))
def test_a_batch_is_filled_up_to_a_power_of_two(count):
    images = np.ones((count, 2, 2), np.uint8)
    found = padded(images)
    assert len(found) in (1, 2, 4, 8, 16, 32, 64, 128)
    assert count <= len(found) < 2 * count or len(found) == count
    assert found[:count].all()
    assert not found[count:].any()


# Limits


def test_places_are_given_back():
    places = Places(2, "guests")
    with places.one(), places.one():
        with pytest.raises(Refused) as caught, places.one():
            pass
        assert caught.value.sentence == "too many guests at once; ask again soon"
        assert places.taken == 2
    assert places.taken == 0
    with pytest.raises(ZeroDivisionError), places.one():
        raise ZeroDivisionError
    assert places.taken == 0


def test_a_bucket_fills_again():
    now = [0.0]
    rates = Rates(10, clock=lambda: now[0])
    for _ in range(20):
        rates.take("a")
    with pytest.raises(Refused):
        rates.take("a")
    rates.take("b")
    now[0] = 0.25
    for _ in range(2):
        rates.take("a")
    with pytest.raises(Refused) as caught:
        rates.take("a")
    assert caught.value.status == 429
    assert caught.value.headers == {"Retry-After": "1"}
    now[0] = 1e6
    for _ in range(20):
        rates.take("a")
    with pytest.raises(Refused):
        rates.take("a")


def test_addresses_by_the_thousand_are_forgotten():
    rates = Rates(1, clock=lambda: 0.0)
    for n in range(30_000):
        rates.take(str(n))
    assert len(rates._left) == 10_000


# The store


def test_a_store_has_every_class_at_once(tmp_path):
    Store(tmp_path / "mine", CLASSES, 10)
    assert sorted(path.name for path in (tmp_path / "mine" / "train").iterdir()) == list(CLASSES)


def test_a_store_counts_what_is_there(tmp_path):
    store = Store(tmp_path, CLASSES, 2)
    path = store.add(image(9), "3")
    assert np.asarray(Image.open(tmp_path / path)).tolist() == image(9).tolist()
    again = Store(tmp_path, CLASSES, 2)
    assert (again.count, again.full) == (1, False)
    again.add(image(8), "3")
    assert again.full
    assert len(list(tmp_path.rglob("*.png"))) == 2


def test_a_store_takes_its_own_labels_only(tmp_path):
    store = Store(tmp_path, CLASSES, 2)
    with pytest.raises(KeyError):
        store.add(image(9), "../3")


@pytest.mark.parametrize("name", ["a/b", "..", ".", "", ".hidden"])
def test_a_class_that_cannot_name_a_folder(tmp_path, name):
    with pytest.raises(OutputError) as caught:
        Store(tmp_path / "mine", ["0", name], 2)
    assert str(caught.value) == f"cannot keep digits: the class {name!r} cannot name a folder"
    assert not (tmp_path / "mine").exists()
