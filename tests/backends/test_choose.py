"""Backends: what may be written, and which is taken for which device, with the reasons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.backends import choose, nvidia
from mxdigits.backends.choose import choose_devices, make_backend
from mxdigits.backends.context import AvailableDevices, Devices, parse_backend
from mxdigits.backends.settings import TrainingSettings
from mxdigits.errors import BackendMissing, ContextError, UsageError
from mxdigits.installing import install_command

CUDA = install_command("xla-cuda")
HOW = "write auto, fastest, mxnet, xla, torch, or a list in order of preference"


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ("auto", ("mxnet", "xla", "torch")),
        ("fastest", ("mxnet", "xla", "torch")),
        ("xla", ("xla",)),
        (["xla", "mxnet"], ("xla", "mxnet")),
        (("xla", "auto"), ("xla", "mxnet", "torch")),
        (["torch", "mxnet"], ("torch", "mxnet")),
    ],
)
def test_what_may_be_written(spec, names):
    assert parse_backend(spec) == names


@pytest.mark.parametrize("name", ["", "pytorch", "XLA", "mxnet,xla", None, 1, True, {"xla": 1}, []])
def test_what_names_no_backend(name):
    for spec in ([name], ["xla", name]):
        with pytest.raises(ValueError, match="names no backend") as caught:
            parse_backend(spec)
        assert str(caught.value) == f"{name!r} names no backend; {HOW}"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ([], f"is empty; {HOW}"),
        (["xla", "xla"], "'xla' is given twice"),
        (["fastest"], "fastest cannot be in a list: it compares all backends"),
        (["xla", "fastest"], "fastest cannot be in a list: it compares all backends"),
        (["auto", "auto"], "'auto' is given twice"),
    ],
)
def test_a_list_that_makes_no_sense(spec, message):
    with pytest.raises(ValueError, match=r"is empty|twice|cannot be in a list") as caught:
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
    assert set(names) <= {"mxnet", "xla", "torch"}


@pytest.fixture
def machine(monkeypatch):
    """Says what each backend finds: {backend: {device: AvailableDevices, or the reason}}."""

    def machine(**there):
        def resolve(where):
            backend = where.split(".")[2]

            def find(devices):
                found = there.get(backend, {}).get(
                    str(devices), ContextError(f"{backend} has none")
                )
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
                "gpu(0) is not available by torch: torch has none",
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
            {"torch": {"cpu(0)": CPU}},
            "cpu",
            "auto",
            "cpu(0) by torch",
            [
                "cpu(0) is not available by mxnet: mxnet has none",
                "cpu(0) is not available by xla: xla has none",
            ],
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
    assert said == list(choice.passed_over)
    assert told == [*said[:-1], *(f"{last}; {taken} is used" for last in said[-1:])]
    assert choice.devices == Devices(taken[:3], (0,))


@pytest.mark.parametrize(
    ("context", "backend", "kind", "message"),
    [
        (
            "gpu",
            "auto",
            ContextError,
            "gpu(0) is not available by mxnet: mxnet has none; gpu(0) is not available by xla: "
            "xla has none; gpu(0) is not available by torch: torch has none; name cpu after it to "
            "go on without a GPU where there is none",
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
        ("cpu", "pytorch", UsageError, f"backend: 'pytorch' names no backend; {HOW}"),
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


# A GPU that nothing here computes on


@pytest.fixture
def driver(monkeypatch, tmp_path):
    """A machine with the NVIDIA driver that a text describes, or with none."""

    def driver(text, *, plugin=False):
        file = tmp_path / "version"
        if text is not None:
            file.write_text(text)
        monkeypatch.setattr(nvidia, "_VERSION", file)
        monkeypatch.setattr(nvidia, "_DEVICES", ())
        monkeypatch.setattr(nvidia.shutil, "which", lambda name: None)
        monkeypatch.setattr(nvidia, "find_spec", lambda name: "there" if plugin else None)

    return driver


DRIVER = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  {}  Tue Nov  5 22:42:57 UTC 2024\n"
GPU_HOW = f"this machine has the NVIDIA driver 550.54.14; for XLA to use its GPU: {CUDA}"


@pytest.mark.parametrize(
    ("text", "plugin", "hint"),
    [
        (None, False, ""),
        (DRIVER.format("550.54.14"), True, ""),
        (DRIVER.format("550.54.14"), False, GPU_HOW),
        (
            DRIVER.replace("Kernel Module", "Open Kernel Module for x86_64").format("550.54.14"),
            False,
            GPU_HOW,
        ),
        (
            DRIVER.format("470.256.02"),
            False,
            "this machine has the NVIDIA driver 470.256.02; XLA uses its GPU from driver "
            "525.60.13 on",
        ),
    ],
)
def test_what_would_use_this_machines_gpu(driver, text, plugin, hint):
    driver(text, plugin=plugin)
    assert nvidia.unused_gpu() == hint


@pytest.mark.parametrize("sign", ["device", "nvidia-smi"])
def test_a_driver_that_does_not_say_its_version(driver, monkeypatch, tmp_path, sign):
    driver(None)
    if sign == "device":
        monkeypatch.setattr(nvidia, "_DEVICES", (tmp_path / "none", tmp_path))
    else:
        monkeypatch.setattr(nvidia.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert nvidia.driver_version() == ""
    assert nvidia.unused_gpu() == (
        f"this machine has the NVIDIA driver; for XLA to use its GPU: {CUDA}"
    )


@pytest.mark.parametrize(
    ("context", "hints"), [("cpu", []), (["gpu", "cpu"], [GPU_HOW]), ("auto", [GPU_HOW])]
)
def test_who_asks_for_a_gpu_is_told_what_would_use_it(machine, driver, context, hints):
    driver(DRIVER.format("550.54.14"))
    machine(mxnet={"cpu(0)": CPU}, xla={})
    told = []
    choose_devices(context, "auto", told.append)
    assert [text for text in told if text.startswith("this machine")] == hints


def test_where_no_cpu_will_do_the_hint_is_in_the_error(machine, driver):
    driver(DRIVER.format("550.54.14"))
    machine(mxnet={}, xla={})
    with pytest.raises(ContextError) as caught:
        choose_devices("gpu", "mxnet")
    assert str(caught.value) == (
        f"gpu(0) is not available: mxnet has none; {GPU_HOW}; name cpu after it to go on without a "
        "GPU where there is none"
    )


TF32 = {"tf32": "NVIDIA GPUs from compute capability 8.0 on have; write precision: float32"}
OLD_CARD = AvailableDevices(("an old card",), {"name": "T4"}, without=TF32)


def test_a_backend_without_the_precision_is_passed_over(machine):
    machine(mxnet={"cpu(0)": CPU}, xla={"cpu(0)": CPU})
    told = []
    choice = choose_devices("cpu", "auto", told.append, precision="bfloat16")
    assert str(choice) == "cpu(0) by xla"
    assert choice.precisions == ("float32", "tf32", "bfloat16", "float16")
    assert told == ["cpu(0) is not available by mxnet: it has no bfloat16; cpu(0) by xla is used"]


def test_a_device_without_the_precision_is_passed_over(machine):
    machine(mxnet={}, xla={"gpu(0)": OLD_CARD, "gpu(1)": CARD})
    told = []
    choice = choose_devices(["gpu", "gpu(1)"], "xla", told.append, precision="tf32")
    assert str(choice) == "gpu(1) by xla (H100)"
    assert told == [
        "gpu(0) is not available: it has no tf32, which NVIDIA GPUs from compute capability 8.0 on "
        "have; write precision: float32; gpu(1) by xla (H100) is used"
    ]
    assert choose_devices("gpu", "xla").precisions == ("float32", "bfloat16", "float16")


@pytest.mark.parametrize(
    ("backend", "precision", "kind", "message"),
    [
        (
            "mxnet",
            "bfloat16",
            UsageError,
            "precision: the backend mxnet computes in float32 alone; for bfloat16 write backend: "
            "xla or torch",
        ),
        (
            "auto",
            "half",
            UsageError,
            "precision: must be float32, tf32, bfloat16 or float16, got 'half'",
        ),
        (
            "auto",
            "float16",
            ContextError,
            "cpu(0) is not available by mxnet: it has no float16; cpu(0) is not available by xla: "
            "MXNet is not installed; cpu(0) is not available by torch: torch has none",
        ),
    ],
)
def test_a_precision_that_nothing_here_has(machine, backend, precision, kind, message):
    machine(mxnet={"cpu(0)": CPU}, xla={"cpu(0)": MISSING})
    with pytest.raises(kind) as caught:
        choose_devices("cpu", backend, precision=precision)
    assert str(caught.value) == message


def test_a_backend_is_not_made_for_a_precision_that_it_lacks():
    with pytest.raises(UsageError) as caught:
        make_backend("mxnet", None, TrainingSettings(precision="tf32"))
    assert str(caught.value) == (
        "precision: the backend mxnet computes in float32 alone; for tf32 write backend: "
        "xla or torch"
    )
