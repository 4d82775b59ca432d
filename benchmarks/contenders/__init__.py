"""The contenders: one a file, each run in a fresh process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Contender:
    """One way to train or to predict.

    Args:
        name: its name on the command line and in the tables.
        about: what it is, in a few words.
        needs: the modules that its interpreter must be able to import.
        script: its file in this folder; empty for mxdigits, which is run through its own CLI.
        peer: whether it runs in the peers' interpreter.
        threads: whether it gets a number of threads; otherwise it decides for itself.
        backend: what mxdigits trains or predicts by; empty for what it takes by itself.
        precision: what it trains in; empty for float32.
        forgets: whether mxdigits finds nothing that it measured or compiled before.
        recipe: what mxdigits trains, by the network's name.
        own_epochs: whether it trains as many epochs as its recipe says.
        networks: those that it trains; all where there are none.
        note: what a table with it has to say.
    """

    name: str
    about: str
    needs: tuple[str, ...]
    script: str = ""
    peer: bool = False
    threads: bool = True
    backend: str = ""
    precision: str = ""
    forgets: bool = False
    recipe: str = "{network}"
    own_epochs: bool = False
    networks: tuple[str, ...] = ()
    note: str = ""

    def trains(self, network: str) -> bool:
        """Whether it takes part with a network."""
        return not self.networks or network in self.networks


TRAINING = (
    Contender("mxdigits", "`mxdigits run`", ("mxdigits", "mxnet"), threads=False),
    Contender(
        "mxdigits_xla",
        "`mxdigits run` with `backend=xla`",
        ("mxdigits", "mxnet", "jax"),
        threads=False,
        backend="xla",
    ),
    Contender(
        "mxdigits_torch",
        "`mxdigits run` with `backend=torch`",
        ("mxdigits", "mxnet", "torch"),
        threads=False,
        backend="torch",
    ),
    Contender(
        "mxdigits_fastest",
        "`mxdigits run` with `backend=fastest`, with its race if it has one",
        ("mxdigits", "mxnet", "jax", "torch"),
        threads=False,
        backend="fastest",
        note="`mxdigits_fastest` measures its backends in the first round, if the run is worth a "
        "race, and remembers them in the others.",
    ),
    Contender(
        "mxdigits_new",
        "`mxdigits_fastest` with nothing remembered, measured or compiled before",
        ("mxdigits", "mxnet", "jax", "torch"),
        threads=False,
        backend="fastest",
        forgets=True,
    ),
    Contender(
        "mxdigits_bfloat16",
        "`mxdigits run` with `backend=fastest precision=bfloat16`",
        ("mxdigits", "mxnet", "jax", "torch"),
        threads=False,
        backend="fastest",
        precision="bfloat16",
    ),
    Contender(
        "mxdigits_quick",
        "`mxdigits run recipes/lenet_quick.yaml`, another recipe than the tutorial's",
        ("mxdigits", "mxnet"),
        threads=False,
        recipe="{network}_quick",
        own_epochs=True,
        networks=("lenet",),
        note="`mxdigits_quick` trains by another recipe, for its own number of epochs: compare "
        "only the time to an accuracy.",
    ),
    Contender(
        "module",
        "the tutorial's script, Module API, default settings",
        ("mxnet",),
        "mxnet_module",
        threads=False,
    ),
    Contender(
        "module_threads",
        "the tutorial's script with OMP_NUM_THREADS set",
        ("mxnet",),
        "mxnet_module",
    ),
    Contender("gluon", "a plain Gluon loop, hybridized", ("mxnet",), "mxnet_gluon"),
    Contender("torch", "PyTorch eager, tensors in memory", ("torch",), "torch_eager", peer=True),
    Contender(
        "torch_compiled",
        "PyTorch, channels_last and torch.compile",
        ("torch",),
        "torch_compiled",
        peer=True,
    ),
    Contender(
        "torch_bfloat16",
        "PyTorch, channels_last and torch.compile, under bfloat16 autocast",
        ("torch",),
        "torch_bfloat16",
        peer=True,
        precision="bfloat16",
    ),
    Contender(
        "torch_eager_bfloat16",
        "PyTorch eager, channels_last, under bfloat16 autocast",
        ("torch",),
        "torch_eager_bfloat16",
        peer=True,
        precision="bfloat16",
    ),
    Contender("jax", "JAX, jitted", ("jax",), "jax_jitted", peer=True),
    Contender(
        "jax_bfloat16",
        "JAX, jitted, in bfloat16",
        ("jax",),
        "jax_bfloat16",
        peer=True,
        precision="bfloat16",
    ),
    Contender("keras", "Keras 3, `fit`", ("keras", "jax", "torch"), "keras_fit", peer=True),
)

PREDICTION = (
    Contender("mxdigits", "`mxdigits predict`", ("mxdigits", "mxnet"), threads=False),
    Contender(
        "mxdigits_onnx",
        "`mxdigits predict --backend onnx`",
        ("mxdigits", "onnx", "onnxruntime"),
        threads=False,
        backend="onnx",
    ),
    Contender(
        "mxdigits_fastest",
        "`mxdigits predict --backend fastest`, with its race",
        ("mxdigits", "onnx", "onnxruntime", "jax", "torch"),
        threads=False,
        backend="fastest",
    ),
    Contender(
        "onnxruntime",
        "onnxruntime on the exported network",
        ("onnxruntime",),
        "onnxruntime_predict",
        peer=True,
    ),
)
