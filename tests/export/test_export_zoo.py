"""Every classifier of Gluon's and GluonCV's zoos to ONNX and for PyTorch, through Gluon's files.

With random weights, and running statistics that are not those of the start.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the format onnx needs onnx")
pytest.importorskip("onnxruntime", reason="the format onnx needs onnxruntime")

from backends.zoo import ZOO

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.export.export import ExportRequest, export, jobs
from mxdigits.export.formats import ExportOptions
from mxdigits.export.symbol_source import symbol_source

mx = import_mxnet()

try:
    from mxdigits_gluoncv.networks import NETWORKS
except ImportError:  # the plugin is not installed
    NETWORKS = {}


# With random weights they enlarge all rounding: with 452 layers MXNet, XLA and onnxruntime in
# float32 are each 4e-3 away from MXNet in float64, with 236 layers MXNet is 6e-4 away.
ROUNDED = {
    "cifar_residualattentionnet452": 2e-2,
    "residualattentionnet452": 2e-2,
    "residualattentionnet236": 2e-3,
}


def of_gluoncv(name: str) -> tuple:
    """A network, and the size of its images."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # GluonCV refuses to be imported beside a PyTorch of today, which it does not need here.
        before = sys.modules.get("torch")
        sys.modules["torch"] = None
        model_zoo = pytest.importorskip("gluoncv.model_zoo")
        sys.modules.pop("torch")
        if before is not None:
            sys.modules["torch"] = before
        family = NETWORKS[name]
        classes = {family.classes: 10} if family.classes else {}
        return model_zoo.get_model(name, **classes, **family.keywords), family.size or 32


def of_gluon(name: str) -> tuple:
    return mx.gluon.model_zoo.vision.get_model(name, classes=10), ZOO[name]


def saved(block, size: int, folder: Path) -> Path:
    """The files that Gluon makes of a network with random weights; gives the symbol's."""
    mx.random.seed(3)
    block.initialize(mx.init.Xavier(magnitude=2.0))
    block.hybridize()
    block(mx.nd.random.uniform(shape=(1, 3, size, size)))
    for name, parameter in block.collect_params().items():
        if name.endswith("running_var"):
            parameter.set_data(mx.nd.random.uniform(0.5, 1, shape=parameter.shape))
        elif name.endswith("running_mean"):
            parameter.set_data(mx.nd.random.uniform(-0.25, 0.25, shape=parameter.shape))
    block.export(str(folder / "network"))
    return folder / "network-symbol.json"


def check_export(
    block, size: int, folder: Path, form: str = "onnx", tolerance: float = 1e-4
) -> None:
    symbol = saved(block, size, folder)
    preferences = "cpu", "mxnet"
    source = symbol_source(symbol, None, (3, size, size), preferences, lambda text: None)
    (job,) = jobs("network", ExportRequest([form], folder))
    options = ExportOptions(17, 0.002, source.training_images, lambda text: None)
    (done,) = export(source, [job], options, tolerance)
    assert done.parity.equal == done.parity.images == len(source.images)
    assert np.ptp(source.answers) > 0


@pytest.mark.parametrize("name", ["resnet18_v2", "mobilenetv2_0.25"])
def test_a_network_of_gluons_zoo(name, tmp_path):
    check_export(*of_gluon(name), tmp_path)


@pytest.mark.parametrize("name", ["resnet18_v1", "squeezenet1.1"])
def test_a_network_of_gluons_zoo_for_pytorch(name, tmp_path):
    pytest.importorskip("torch", reason="the format torch needs PyTorch")
    check_export(*of_gluon(name), tmp_path, "torch")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["onnx", "torch"])
@pytest.mark.parametrize("name", ZOO)
def test_every_network_of_gluons_zoo(name, form, tmp_path):
    pytest.importorskip(form, reason=f"the format {form} needs it")
    check_export(*of_gluon(name), tmp_path, form)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["onnx", "torch"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_classifier_of_gluoncvs_zoo(name, form, tmp_path):
    pytest.importorskip(form, reason=f"the format {form} needs it")
    check_export(*of_gluoncv(name), tmp_path, form, ROUNDED.get(name, 1e-4))
