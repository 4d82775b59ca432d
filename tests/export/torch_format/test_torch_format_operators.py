"""Every operator of the table written for PyTorch, and compared with MXNet's."""

from __future__ import annotations

import types
import warnings
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the format torch needs PyTorch")
pytest.importorskip("safetensors", reason="the format torch needs safetensors")

from backends.cases import Case
from backends.mxnet_reference import Results, assert_alike, run_by_mxnet
from backends.operator_cases import CASES, RANDOM

from mxdigits.errors import NetworkError
from mxdigits.export.torch.code import Value
from mxdigits.export.torch.module import write_module
from mxdigits.export.torch.operators import EMITTERS
from mxdigits.export.torch.support import check_supported
from mxdigits.graph import OPERATORS

INFERRED = [*{str(each): each for each in (replace(c, training=False) for c in CASES)}.values()]

# Layers whose inputs behind the first are weights.
LAYERS = {
    *("BatchNorm", "Convolution", "Deconvolution", "FullyConnected", "GroupNorm", "InstanceNorm"),
    *("Embedding", "LayerNorm", "LeakyReLU"),
}
# What PyTorch's own layers do not do, by the reason that the user reads.
REFUSED = {
    "it gives its mean and variance too; leave out output_mean_var",
    "its padding follows from target_shape; write pad and adj instead",
}


def weights(case: Case) -> dict[str, np.ndarray]:
    """The inputs that are written into the file."""
    arrays = case.arrays()
    if case.operator == "UpSampling" and case.attributes["sample_type"] == "bilinear":
        return dict([*arrays.items()][1:])
    if case.operator == "RNN":
        return {"parameters": arrays["parameters"]}
    return dict([*arrays.items()][1:]) if case.operator in LAYERS else {}


def is_refused(case: Case) -> bool:
    return bool(case.attributes.get("output_mean_var")) or (
        case.operator == "Deconvolution" and "target_shape" in case.attributes
    )


def run_by_torch(case: Case) -> Results:
    held = weights(case)
    given = {name: array for name, array in case.arrays().items() if name not in held}
    inputs = {name: Value(str(array.dtype), array.ndim) for name, array in given.items()}
    text, states = write_module(case.graph(), held, inputs, name="case")
    module = types.ModuleType("case")
    module.__file__ = "case.py"
    exec(compile(text, "case.py", "exec"), module.__dict__)
    network = module.Case()
    network.load_state_dict(
        {name: torch.from_numpy(array.copy()) for name, array in states.items()}
    )
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs = network.eval()(*(torch.from_numpy(array) for array in given.values()))
    several = outputs if isinstance(outputs, tuple) else (outputs,)
    return Results([each.numpy() for each in several], {}, {})


@pytest.mark.parametrize("case", INFERRED, ids=str)
def test_an_operator_gives_what_mxnet_gives(case: Case):
    if is_refused(case):
        with pytest.raises(NetworkError) as caught:
            run_by_torch(case)
        assert str(caught.value).partition(": ")[2] in REFUSED
        return
    expected = run_by_mxnet(case.graph(), case.arrays(), training=False)
    assert_alike(run_by_torch(case), expected._replace(auxiliary={}), case.bound)


def test_every_operator_is_there_or_refused_and_has_cases():
    assert EMITTERS.keys() == OPERATORS.keys() - RANDOM
    assert {case.operator for case in CASES} == EMITTERS.keys()


@pytest.mark.parametrize("name", sorted(RANDOM))
def test_what_draws_random_numbers_is_refused(name):
    from mxdigits.graph import Graph, Output, Variable, operation

    inputs = [Output(0)] if OPERATORS[name].inputs else []
    node = operation(name, "noise", inputs, **({} if inputs else {"shape": (2,)}))
    graph = Graph((Variable("data", "input"), node), (Output(1),))
    with pytest.raises(NetworkError) as caught:
        check_supported(graph)
    assert str(caught.value) == (
        f"a file for PyTorch cannot hold layer 'noise' ({name}): it draws random numbers when it "
        "predicts, so that no two answers agree"
    )
