"""Devices: what may be written, and the exact reason where a device is not to be had."""

from __future__ import annotations

import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.backends.choose import DeviceChoice, choose_devices
from mxdigits.backends.context import Devices, parse_context
from mxdigits.backends.mxnet import devices as context
from mxdigits.errors import ContextError, UsageError

pytestmark = pytest.mark.mxnet

CPU, GPU = Devices("cpu", (0,)), Devices("gpu", (0,))
HOW = "write cpu, gpu, gpu(1), gpu(0,1), auto, or a list in order of preference"


def choose_contexts(spec):
    return choose_devices(spec, "mxnet")


# What may be written


@pytest.mark.parametrize(
    ("spec", "preferences"),
    [
        ("cpu", [CPU]),
        ("gpu", [GPU]),
        ("gpu(0)", [GPU]),
        ("gpu(1)", [Devices("gpu", (1,))]),
        ("gpu(0,1)", [Devices("gpu", (0, 1))]),
        ("gpu(1,0)", [Devices("gpu", (1, 0))]),
        (" gpu( 3 , 12 ) ", [Devices("gpu", (3, 12))]),
        ("cpu(0,1,2)", [Devices("cpu", (0, 1, 2))]),
        ("auto", [GPU, CPU]),
        (["cpu"], [CPU]),
        (["gpu", "cpu"], [GPU, CPU]),
        (("gpu(1)", "auto"), [Devices("gpu", (1,)), GPU, CPU]),
        (["cpu", "cpu"], [CPU, CPU]),
    ],
)
def test_what_may_be_written(spec, preferences):
    assert parse_context(spec) == tuple(preferences)


@pytest.mark.parametrize(
    "name",
    [
        *("", "tpu", "GPU", "cpu0", "gpu:0", "gpu()", "gpu(-1)", "gpu(1.5)", "gpu(a)", "gpu(0,)"),
        *("gpu(0", "gpu 0", "gpu(00000)", "gpu(0;1)", "gpu(0,1)x", "gpu\ngpu", "auto,cpu"),
        *(None, 0, 1.5, True, {"gpu": 1}, b"cpu"),
    ],
)
def test_what_names_no_device(name):
    for spec in (name, ["cpu", name]):
        with pytest.raises(ValueError, match="names no device") as caught:
            parse_context(spec)
        assert str(caught.value) == f"{name!r} names no device; {HOW}"


@pytest.mark.parametrize("spec", [[], ()])
def test_an_empty_list(spec):
    with pytest.raises(ValueError, match="empty") as caught:
        parse_context(spec)
    assert str(caught.value) == f"is empty; {HOW}"


@pytest.mark.parametrize("spec", ["gpu(0,0)", "gpu(1, 0, 01)", "cpu(2,2)"])
def test_a_device_named_twice(spec):
    with pytest.raises(ValueError, match="twice") as caught:
        parse_context(spec)
    assert str(caught.value) == f"{spec!r} names a device twice"


@given(
    st.sampled_from(["cpu", "gpu"]),
    st.lists(st.integers(0, 9999), min_size=1, max_size=8, unique=True),
)
def test_devices_are_shown_as_they_may_be_written(kind, indices):
    devices = Devices(kind, tuple(indices))
    assert parse_context(str(devices)) == (devices,)


@given(st.text())
def test_any_text_is_read_or_refused_in_words(text):
    preferences, message = (), ""
    try:
        preferences = parse_context(text)
    except ValueError as error:
        message = str(error)
    assert bool(preferences) is not bool(message)
    assert message in ("", f"{text!r} names no device; {HOW}", f"{text!r} names a device twice")


# What this machine grants: the real MXNet, built for CPUs only

ADVICE = "; name cpu after it to go on without a GPU where there is none"

CPU_ONLY = "is not available: the installed MXNet is the CPU-only build"


@pytest.fixture
def mx():
    found = context.import_mxnet()
    if found.runtime.Features().is_enabled("CUDA"):
        pytest.skip("this MXNet is built for CUDA")
    return found


def test_the_cpu_is_always_there(mx):
    chosen = choose_contexts("cpu")
    assert chosen == DeviceChoice((mx.cpu(0),), CPU, ())
    assert str(chosen.devices) == "cpu(0)"
    assert choose_contexts("cpu(0,1)").contexts == (mx.cpu(0), mx.cpu(1))


@pytest.mark.parametrize("spec", ["auto", ["gpu", "cpu"]])
def test_taking_the_second_wish_is_said(mx, spec):
    chosen = choose_contexts(spec)
    assert chosen.contexts == (mx.cpu(0),)
    assert chosen.devices == CPU
    assert chosen.passed_over == (f"gpu(0) {CPU_ONLY}",)


def test_the_order_is_the_users_own(mx):
    assert choose_contexts(["cpu", "gpu"]) == DeviceChoice((mx.cpu(0),), CPU, ())


@pytest.mark.parametrize(
    ("spec", "devices"),
    [("gpu", ["gpu(0)"]), ("gpu(1,0)", ["gpu(1,0)"]), (["gpu(3)", "gpu"], ["gpu(3)", "gpu(0)"])],
)
def test_a_gpu_that_was_asked_for_is_never_replaced_by_the_cpu(mx, spec, devices):
    with pytest.raises(ContextError) as caught:
        choose_contexts(spec)
    assert str(caught.value) == "; ".join(f"{each} {CPU_ONLY}" for each in devices) + ADVICE
    assert caught.value.exit_code == 3


def test_a_wrong_spec_is_refused_whatever_the_machine_has(mx):
    with pytest.raises(UsageError, match="context: 'tpu' names no device"):
        choose_contexts(["cpu", "tpu"])


# What other machines grant: an MXNet for CUDA that says what it is told to say


class FakeError(RuntimeError):
    pass


class FakeMXNet:
    """The part of MXNet that choosing a device touches.

    ``count`` is the number of GPUs, or the error of asking; ``broken`` are the GPUs on which
    nothing runs.
    """

    MXNetError = FakeError

    def __init__(self, count, broken=(), message="boom"):
        self.count, self.broken, self.message = count, broken, message
        self.runtime = types.SimpleNamespace(
            Features=lambda: types.SimpleNamespace(is_enabled=lambda name: name == "CUDA")
        )
        self.context = types.SimpleNamespace(num_gpus=self._num_gpus)
        self.nd = types.SimpleNamespace(ones=lambda shape, ctx: self._ones(ctx))
        self.asked: list[tuple[str, int]] = []

    def Context(self, kind, index):
        return (kind, index)

    def gpu(self, index):
        return ("gpu", index)

    def _num_gpus(self):
        if isinstance(self.count, str):
            raise FakeError(self.count)
        return self.count

    def _ones(self, device):
        self.asked.append(device)

        def asnumpy():  # MXNet is asynchronous: errors show when a result is fetched
            if device[1] in self.broken:
                raise FakeError(self.message)

        return types.SimpleNamespace(asnumpy=asnumpy)


@pytest.fixture
def machine(monkeypatch):
    def machine(*arguments, **options) -> FakeMXNet:
        fake = FakeMXNet(*arguments, **options)
        monkeypatch.setattr(context, "import_mxnet", lambda: fake)
        return fake

    return machine


@pytest.mark.parametrize(
    ("spec", "contexts"),
    [
        ("gpu", [("gpu", 0)]),
        ("auto", [("gpu", 0)]),
        ("gpu(1,0)", [("gpu", 1), ("gpu", 0)]),
        (["gpu(1)", "cpu"], [("gpu", 1)]),
        ("cpu", [("cpu", 0)]),
    ],
)
def test_gpus_are_tried_before_they_are_taken(machine, spec, contexts):
    fake = machine(2)
    chosen = choose_contexts(spec)
    assert chosen.contexts == tuple(contexts)
    assert chosen.passed_over == ()
    assert fake.asked == [each for each in contexts if each[0] == "gpu"]


TOO_NEW = (
    "cannot run this MXNet build, which holds machine code for compute capability 5.0 to 8.9 only"
)


@pytest.mark.parametrize(
    ("fake", "spec", "message"),
    [
        (
            {"count": "x\n  [bt] 1\nCUDA: driver version is insufficient \n\n"},
            "gpu",
            "gpu(0) is not available: the NVIDIA driver does not answer "
            "(CUDA: driver version is insufficient)",
        ),
        (
            {"count": ""},
            "gpu",
            "gpu(0) is not available: the NVIDIA driver does not answer (FakeError)",
        ),
        ({"count": 0}, "gpu(1)", "gpu(1) is not available: the NVIDIA driver shows no GPU"),
        (
            {"count": 1},
            "gpu(1)",
            "gpu(1) is not available: there is no gpu(1): this machine has 1, counted from 0",
        ),
        (
            {"count": 2},
            "gpu(0,1,2)",
            "gpu(0,1,2) is not available: there is no gpu(2): this machine has 2, counted from 0",
        ),
        (
            {"count": 1, "broken": [0], "message": "trace\nno kernel image is available"},
            "gpu",
            f"gpu(0) is not available: gpu(0) {TOO_NEW} (no kernel image is available)",
        ),
        (
            {"count": 2, "broken": [1]},
            ["gpu(0,1)", "gpu(5)"],
            f"gpu(0,1) is not available: gpu(1) {TOO_NEW} (boom); "
            "gpu(5) is not available: there is no gpu(5): this machine has 2, counted from 0",
        ),
    ],
)
def test_the_reason_is_exact(machine, fake, spec, message):
    machine(**fake)
    with pytest.raises(ContextError) as caught:
        choose_contexts(spec)
    assert str(caught.value) == message + ADVICE
    second = choose_contexts([*([spec] if isinstance(spec, str) else spec), "cpu"])
    assert second.devices == CPU
    assert "; ".join(second.passed_over) == message


def test_the_next_gpu_is_taken_where_the_first_does_not_work(machine):
    machine(2, broken=[0])
    chosen = choose_contexts(["gpu", "gpu(1)", "cpu"])
    assert chosen.contexts == (("gpu", 1),)
    assert chosen.passed_over == (f"gpu(0) is not available: gpu(0) {TOO_NEW} (boom)",)
