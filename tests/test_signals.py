"""Signals as a request to stop: whom they reach, and that none is lost."""

from __future__ import annotations

import gc
import os
import signal
import threading
from contextlib import suppress

import pytest

from mxdigits.errors import Interrupted
from mxdigits.signals import ignore_requests, sent_again, stoppable


def kill(number=signal.SIGINT):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "message", "code"),
    [
        (signal.SIGINT, "interrupted before there was anything to keep", 130),
        (signal.SIGTERM, "terminated before there was anything to keep", 143),
        (signal.SIGHUP, "hung up before there was anything to keep", 129),
    ],
)
def test_where_nobody_listens_it_is_raised(number, message, code):
    with pytest.raises(Interrupted) as caught, stoppable():
        kill(number)
    assert (str(caught.value), caught.value.exit_code) == (message, code)


def test_whoever_listens_is_told_once():
    told = []
    with stoppable() as stopper, stopper.tell(lambda: told.append(1)):
        kill(signal.SIGTERM)
        kill(signal.SIGTERM)
    assert told == [1]
    assert str(stopper.interruption("here")) == "terminated here"


def test_what_was_raised_in_vain_is_told_later():
    """Python prints an exception in a destructor and goes on."""
    told = []
    with stoppable() as stopper:
        with suppress(KeyboardInterrupt):
            kill()
        with stopper.tell(lambda: told.append(1)):
            assert told == [1]


class Doomed:
    """Gets a signal in its destructor, where Python ignores exceptions."""

    def __init__(self, number):
        self.number = number

    def __del__(self):
        kill(self.number)


def lose_in_a_destructor(number):
    Doomed(number)
    threading.Event().wait(60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_was_raised_in_a_destructor_is_raised_again(number, capsys):
    with pytest.raises(Interrupted) as caught, stoppable():
        lose_in_a_destructor(number)
    assert caught.value.exit_code == 128 + number
    assert capsys.readouterr().err == ""


def test_what_was_raised_while_garbage_is_collected_is_raised_again(capsys):
    def collected(phase, _):
        gc.callbacks.remove(collected)
        kill(signal.SIGTERM)

    def collect():
        gc.callbacks.append(collected)
        gc.collect()
        threading.Event().wait(60)

    with pytest.raises(Interrupted), stoppable():
        collect()
    assert capsys.readouterr().err == ""


def test_the_signal_that_is_sent_again_is_no_second_ctrl_c():
    told = []
    with stoppable() as stopper:
        Doomed(signal.SIGINT)
        with stopper.tell(lambda: told.append(1)):
            while stopper._lost:
                threading.Event().wait(0.01)
    assert told == [1]


def test_ctrl_c_at_the_start_is_not_lost_either(capsys):
    with pytest.raises(KeyboardInterrupt), sent_again():
        lose_in_a_destructor(signal.SIGINT)
    assert capsys.readouterr().err == ""


def test_other_errors_in_destructors_are_shown(monkeypatch):
    class Faulty:
        def __del__(self):
            raise ValueError("in a destructor")

    shown = []
    monkeypatch.setattr("sys.unraisablehook", lambda lost: shown.append(str(lost.exc_value)))
    with stoppable():
        Faulty()
    assert shown == ["in a destructor"]


def test_no_plugin_takes_it_for_an_exception_of_its_own():
    def careless():
        try:
            kill()
        except Exception:
            pytest.fail("it was caught")

    with pytest.raises(Interrupted), stoppable():
        careless()


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_a_second_ctrl_c_is_at_once(first):
    def twice():
        with stoppable() as stopper, stopper.tell(lambda: None):
            kill(first)
            kill(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        twice()


def test_handlers_are_put_back():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with stoppable():
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert [
        signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    ] == before


def test_another_thread_goes_without():
    found = []

    def work():
        with stoppable() as stopper:
            found.append((stopper.received, signal.getsignal(signal.SIGTERM)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(None, signal.getsignal(signal.SIGTERM))]


# SIGUSR1 and SIGUSR2


@pytest.fixture
def requests_put_back():
    before = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGUSR2)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
def test_a_checkpoint_is_asked_for_once(number):
    with stoppable() as stopper:
        assert (stopper.requests.waiting, stopper.requests.take()) == (False, "")
        kill(number)
        kill(number)
        assert stopper.requests.waiting
        assert stopper.requests.take() == number.name
        assert (stopper.requests.waiting, stopper.requests.take()) == (False, "")
    assert stopper.received is None


def test_outside_of_a_run_nothing_happens(requests_put_back):
    ignore_requests()
    kill(signal.SIGUSR1)
    with stoppable() as stopper:
        kill(signal.SIGUSR1)
    kill(signal.SIGUSR2)
    assert stopper.requests.take() == "SIGUSR1"


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
def test_who_handles_it_already_goes_on_so(requests_put_back, number):
    """As launchers do that queue a job again."""
    told = []
    signal.signal(number, lambda *_: told.append(number))
    ignore_requests()
    with stoppable() as stopper:
        kill(number)
    assert told == [number]
    assert not stopper.requests.waiting
