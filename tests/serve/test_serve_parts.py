"""The parts of the server that need no socket."""

from __future__ import annotations

import os
import re
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mxdigits.digitize.opening.confined import Bounds
from mxdigits.errors import OutputError, ProcessNotStarted, SetupError
from mxdigits.serve.batcher import Batcher, padded
from mxdigits.serve.fair_queue import FairQueue
from mxdigits.serve.limits import CapacityLimiter, RateLimiter, Refused, client_of, quoted
from mxdigits.serve.readers import Readers
from mxdigits.serve.store import CannotMove, Store, StoreFull

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
    places = CapacityLimiter(2, "guests")
    with places.one("a"), places.one("a"):
        with pytest.raises(Refused) as caught, places.one("b"):
            pass
        assert caught.value.sentence == "too many guests at once; ask again soon"
        assert places.taken == 2
    assert places.taken == 0
    with pytest.raises(ZeroDivisionError), places.one("a"):
        raise ZeroDivisionError
    assert places.taken == 0


def test_one_client_never_has_all_places():
    places = CapacityLimiter(4, "guests", share=0.5)
    places.take("a", 2)
    with pytest.raises(Refused) as caught:
        places.take("a")
    assert (caught.value.status, caught.value.headers) == (503, {"Retry-After": "1"})
    assert caught.value.sentence == "too many guests from one address at once; ask again soon"
    places.take("b", 2)
    with pytest.raises(Refused, match="too many guests at once"):
        places.take("c")
    places.give("a")
    places.take("c")
    with pytest.raises(Refused):
        places.take("a")


@pytest.mark.parametrize(
    ("address", "client"),
    [
        (("192.168.1.7", 4000), "192.168.1.7"),
        (("::1", 4000, 0, 0), "::/64"),
        (("2001:db8:1:2:3:4:5:6", 4000), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:ffff::", 4000), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 4000), "fe80::/64"),
        (("::ffff:192.168.1.7", 4000), "192.168.1.7"),
        (("testclient", 4000), "testclient"),
        (None, ""),
    ],
)
def test_whose_an_address_is(address, client):
    assert client_of(address) == client


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a", '"a"'), ('"\n\x1b', r'"\"\n\u001b"'), ("é" * 61, '"' + r"\u00e9" * 60 + '..."')],
)
def test_a_clients_words_are_repeated_in_short(text, shown):
    assert quoted(text) == shown


# Turns


def test_clients_take_turns():
    turns = FairQueue(most_each=2)
    for job in ("a1", "a2", "a3", "b1", "a4", "c1", "b2"):
        turns.put(job[0], job)
    order = []
    for _ in range(7):
        client, job = turns.take()
        order.append(job)
        turns.done(client)
    assert order == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


def test_a_client_with_its_share_in_work_waits():
    turns, found = FairQueue(most_each=1), []
    for job in ("a1", "a2", "b1"):
        turns.put(job[0], job)
    assert [turns.take(), turns.take()] == [("a", "a1"), ("b", "b1")]
    waiting = threading.Thread(target=lambda: found.append(turns.take()))
    waiting.start()
    turns.put("b", "b2")  # both have one in work
    assert found == []
    turns.done("a")
    waiting.join(300)
    assert found == [("a", "a2")]


def test_a_queue_that_is_closed_gives_back_what_it_holds():
    turns, found = FairQueue(most_each=1), []
    turns.put("a", "a1")
    turns.take()
    waiting = threading.Thread(target=lambda: found.append(turns.take()))
    waiting.start()
    turns.put("a", "a2")
    assert turns.close() == ["a2"]
    waiting.join(300)
    assert found == [None]


# Readers


@pytest.fixture
def readers():
    """Start readers with a function of tests/confined_cases.py, and end them."""
    started = []

    def start(function, count=2, **bounds):
        limits = {"cpu_seconds": 5, "seconds": 30, "memory": 10**9, "content": 10, "answer": 10**4}
        started.append(Readers(f"confined_cases:{function}", Bounds(**limits, **bounds), count))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.close()


def test_one_client_never_has_all_readers(readers):
    running = readers("sleep")
    slow = [running.submit("a", b"x") for _ in range(3)]
    assert running.submit("b", b"").result(60) == []
    assert not any(each.done() for each in slow)
    running.close()
    assert isinstance(slow[0].exception(), SetupError)
    assert [each.cancelled() for each in slow] == [False, True, True]


def test_a_picture_that_nobody_waits_for_is_not_read(readers):
    running = readers("process")
    left = running.submit("a", b"")
    left.cancel()
    assert len(running.submit("a", b"").result(60)) == 1
    assert left.cancelled()


def test_readers_that_do_not_start_are_in_trouble(readers):
    running = readers("no_such_function")
    assert running.trouble is None
    why = "the process to read files in did not start (exit code 1)"
    with pytest.raises(ProcessNotStarted, match=re.escape(why)):
        running.submit("a", b"").result(60)
    assert running.trouble == why
    running.close()
    assert running.trouble == "the threads that read pictures have ended"


def test_readers_in_trouble_recover(readers, monkeypatch):
    running = readers("process", count=2)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", "/no/such/python")
        with pytest.raises(ProcessNotStarted):
            running.submit("a", b"").result(60)
        assert running.trouble == (
            "cannot start a process to read files in: No such file or directory"
        )
    running.submit("a", b"").result(60)
    assert running.trouble is None


def test_a_bucket_fills_again():
    now = [0.0]
    rates = RateLimiter(10, clock=lambda: now[0])
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
    rates = RateLimiter(1, clock=lambda: 0.0)
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


def test_a_store_that_is_full_takes_no_more_and_still_corrects(tmp_path):
    store = Store(tmp_path, CLASSES, 1)
    store.add(image(9), "3")
    with pytest.raises(StoreFull) as caught:
        store.add(image(8), "3")
    assert str(caught.value) == "the store is full: it holds 1 digits"
    path = store.add(image(9), "5")
    assert [each.relative_to(tmp_path) for each in tmp_path.rglob("*.png")] == [path]
    assert store.count == 1


def test_a_digit_that_cannot_be_moved_keeps_its_label_and_counts_once(tmp_path, monkeypatch):
    store = Store(tmp_path, CLASSES, 10)
    old = store.add(image(9), "3")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", refuse)
        with pytest.raises(CannotMove) as caught:
            store.add(image(9), "5")
    new = tmp_path / "train" / "5" / old.name
    assert str(caught.value) == f"cannot move {tmp_path / old} to {new}: Permission denied"
    assert (store.count, Store(tmp_path, CLASSES, 10).count) == (1, 1)
    store.add(image(9), "5")
    assert (store.count, len(list(tmp_path.rglob("*.png")))) == (1, 1)


def test_a_digit_that_lies_under_two_labels_is_brought_together(tmp_path):
    first = Store(tmp_path, CLASSES, 10)
    old = first.add(image(9), "3")
    copy = tmp_path / "train" / "4" / old.name
    copy.write_bytes((tmp_path / old).read_bytes())
    store = Store(tmp_path, CLASSES, 10)
    assert store.count == 2
    store.add(image(9), "5")
    assert (store.count, len(list(tmp_path.rglob("*.png")))) == (1, 1)


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
