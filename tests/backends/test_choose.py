"""Backends: what may be written, and which is taken for which device, with the reasons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.backends import choose
from mxdigits.backends.choose import choose_devices
from mxdigits.backends.context import AvailableDevices, Devices, parse_backend
from mxdigits.errors import BackendMissing, ContextError, UsageError

HOW = "write auto, mxnet, xla, or a list in order of preference"


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ("auto", ("mxnet", "xla")),
        ("xla", ("xla",)),
        (["xla", "mxnet"], ("xla", "mxnet")),
        (("xla", "auto"), ("xla", "mxnet")),
    ],
)
def test_what_may_be_written(spec, names):
    assert parse_backend(spec) == names


@pytest.mark.parametrize("wish", ["", "torch", "XLA", "mxnet,xla", None, 1, True, {"xla": 1}, []])
def test_what_names_no_backend(wish):
    for spec in ([wish], ["xla", wish]):
        with pytest.raises(ValueError, match="names no backend") as caught:
            parse_backend(spec)
        assert str(caught.value) == f"{wish!r} names no backend; {HOW}"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ([], f"is empty; {HOW}"),
        (["xla", "xla"], "'xla' stands there twice"),
        (["auto", "auto"], "'auto' stands there twice"),
    ],
)
def test_a_list_that_makes_no_sense(spec, message):
    with pytest.raises(ValueError, match=r"is empty|twice") as caught:
        parse_backend(spec)
    assert str(caught.value) == message


@given(st.one_of(st.text(), st.lists(st.text(), max_size=3), st.none(), st.integers()))
def test_anything_is_read_or_refused_in_words(spec):
    names, message = (), ""
    try:
        names = parse_backend(spec)
    except ValueError as error:
        message = str(error)
    assert bool(names) is not bool(message)
    assert set(names) <= {"mxnet", "xla"}


@pytest.fixture
def machine(monkeypatch):
    """Says what each backend finds: {backend: {device: AvailableDevices, or the reason}}."""

    def machine(**there):
        def resolve(where):
            backend = where.split(".")[2]

            def find(devices):
                found = there[backend].get(str(devices), ContextError(f"{backend} has none"))
                if isinstance(found, Exception):
                    raise found
                return found

            return find

        monkeypatch.setattr(choose, "resolve_name", resolve)

    return machine


CPU, CARD = (
    AvailableDevices(("a cpu",)),
    AvailableDevices(("a card",), {"name": "H100"}, {"jax": "0.7.1"}),
)
MISSING = BackendMissing("MXNet is not installed")


@pytest.mark.parametrize(
    ("there", "context", "backend", "taken", "said"),
    [
        ({"mxnet": {"cpu(0)": CPU}, "xla": {"cpu(0)": CPU}}, "cpu", "auto", "cpu(0)", []),
        (
            {"mxnet": {"cpu(0)": CPU}, "xla": {"cpu(0)": CPU}},
            "cpu",
            ["xla", "mxnet"],
            "cpu(0) by xla",
            [],
        ),
        (
            {"mxnet": {}, "xla": {"gpu(0)": CARD}},
            "gpu",
            "auto",
            "gpu(0) by xla (H100)",
            ["gpu(0) is not available by mxnet: mxnet has none"],
        ),
        ({"mxnet": {"gpu(0)": CARD}, "xla": {}}, "gpu", "auto", "gpu(0) (H100)", []),
        (
            {"mxnet": {"cpu(0)": CPU}, "xla": {"cpu(0)": CPU}},
            "auto",
            "auto",
            "cpu(0)",
            [
                "gpu(0) is not available by mxnet: mxnet has none",
                "gpu(0) is not available by xla: xla has none",
            ],
        ),
        (
            {"mxnet": {"cpu(0)": MISSING}, "xla": {"cpu(0)": CPU}},
            "cpu",
            "auto",
            "cpu(0) by xla",
            ["cpu(0) is not available by mxnet: MXNet is not installed"],
        ),
        (
            {"mxnet": {"cpu(0)": CPU}, "xla": {}},
            ["gpu", "cpu"],
            "mxnet",
            "cpu(0)",
            ["gpu(0) is not available: mxnet has none"],
        ),
    ],
)
def test_each_backend_is_asked_for_each_device_in_turn(
    machine, there, context, backend, taken, said
):
    machine(**there)
    told = []
    choice = choose_devices(context, backend, told.append)
    assert str(choice) == taken
    assert told == said == list(choice.passed_over)
    assert choice.devices == Devices(taken[:3], (0,))


@pytest.mark.parametrize(
    ("context", "backend", "kind", "message"),
    [
        (
            "gpu",
            "auto",
            ContextError,
            "gpu(0) is not available by mxnet: mxnet has none; gpu(0) is not available by xla: "
            "xla has none; name cpu after it to go on without a GPU where there is none",
        ),
        (
            "gpu",
            "xla",
            ContextError,
            "gpu(0) is not available: xla has none; name cpu after it to go on without a GPU "
            "where there is none",
        ),
        ("cpu", "xla", ContextError, "cpu(0) is not available: xla has none"),
        ("cpu", "mxnet", BackendMissing, "MXNet is not installed"),
        ("cpu", "torch", UsageError, f"backend: 'torch' names no backend; {HOW}"),
        (
            "tpu",
            "xla",
            UsageError,
            "context: 'tpu' names no device; write cpu, gpu, gpu(1), gpu(0,1), auto, or a list in "
            "order of preference",
        ),
    ],
)
def test_where_nothing_can_be_had_every_reason_is_said(machine, context, backend, kind, message):
    machine(mxnet={"cpu(0)": MISSING}, xla={})
    with pytest.raises(kind) as caught:
        choose_devices(context, backend)
    assert str(caught.value) == message
