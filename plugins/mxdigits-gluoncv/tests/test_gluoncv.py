"""The networks, the list of them, and how they are trained."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

import mxdigits

mx = mxdigits.import_mxnet()

from mxdigits_gluoncv.model import GluonCV  # noqa: E402 it imports MXNet itself
from mxdigits_gluoncv.networks import FAMILIES, NETWORKS, listing  # noqa: E402

# Of GluonCV's list, by what its names say: they find objects, segment, see poses, videos, depth...
NO_CLASSIFIERS = re.compile(
    r"^(ssd|faster_rcnn|mask_rcnn|doublehead_rcnn|custom_|yolo3|center_net|siamrpn|fcn|psp|deeplab"
    r"|icnet|fastscnn|danet|simple_pose|mobile_pose|alpha_pose|monodepth2|i3d|slowfast|c3d|p3d"
    r"|r2plus1d)|_(ucf101|hmdb51|kinetics400|kinetics700|sthsthv2|custom|int8|s)$"
)
# Their group normalisation cannot be built with MXNet 1.9.1.
BROKEN = {"resnet50_v1b_gn", "resnet101_v1b_gn"}


@pytest.fixture
def build():
    mx.random.seed(1)

    def call(image_shape=(1, 28, 28), classes=7, **options):
        return mxdigits.build_network("gluoncv", options, classes=classes, image_shape=image_shape)

    return call


@pytest.mark.filterwarnings("ignore:distutils:DeprecationWarning")
def test_the_list_is_that_of_gluoncv():
    from gluoncv.model_zoo import get_model_list

    theirs = {name for name in get_model_list() if not NO_CLASSIFIERS.search(name)}
    assert theirs - BROKEN == set(NETWORKS)
    assert sum(len(family.names.split()) for family in FAMILIES) == len(NETWORKS)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_what_is_left_out_is_left_out_for_a_reason(name):
    from gluoncv.model_zoo import get_model

    with pytest.raises(mx.MXNetError):
        get_model(name, classes=7)(mx.sym.var("data"))


def shapes(network, *images, size=None):
    """The output's shape for each image's, inferred, which is quick."""
    output = GluonCV(network=network, classes=7, size=size)(mx.sym.var("data"))
    return [output.infer_shape(data=(2, *image))[1] for image in images]


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_takes_a_digit(network):
    assert shapes(network, (1, 28, 28), (3, 28, 28)) == [[(2, 7)], [(2, 7)]]


@pytest.mark.parametrize(
    "network",
    [
        *("vgg11", "alexnet", "densenet121", "squeezenet1.0", "squeezenet1.1", "googlenet"),
        *("dla34", "hrnet_w18_small_v1_c", "inceptionv3", "residualattentionnet56"),
    ],
)
def test_no_size_is_refused_without_need(network, monkeypatch):
    sizes = NETWORKS[network].sizes
    assert shapes(network, (1, 28, 28), size=sizes[0]) == [[(2, 7)]]
    wrong = sizes[0] - 1 if sizes.step == 1 else sizes[0] + 16
    monkeypatch.setattr("mxdigits_gluoncv.model.size_for", lambda *_: min(wrong, 220))
    with silenced(), pytest.raises(mx.MXNetError):
        shapes(network, (1, 28, 28))


SMALL = [
    *("cifar_resnet20_v2", "cifar_residualattentionnet56", "resnet18_v1", "resnest14", "xception"),
    *("resnet50_v1d_0.11", "nasnet_4_1056", "dla34", "hrnet_w18_small_v1_c", "squeezenet1.1"),
    *("mobilenetv3_small", "alexnet"),
]


@pytest.mark.parametrize("network", SMALL)
def test_a_network_gives_logits(network, build):
    block = build(network=network)
    logits = block(mx.nd.random.uniform(shape=(3, 1, 28, 28))).asnumpy()
    assert logits.shape == (3, 7)
    assert np.isfinite(logits).all()
    assert not np.array_equal(logits[0], logits[1])


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_gives_logits(network, build):
    test_a_network_gives_logits(network, build)


def test_one_channel_counts_as_three_that_are_alike(build):
    block = build(network="resnest14")
    image = mx.nd.random.uniform(shape=(2, 1, 28, 28))
    np.testing.assert_array_equal(
        block(image).asnumpy(), block(mx.nd.concat(image, image, image, dim=1)).asnumpy()
    )


def test_an_image_is_scaled_to_the_size(build):
    block = build(network="resnet18_v1", size=96)
    image = mx.nd.random.uniform(shape=(2, 1, 28, 28))
    larger = mx.nd.contrib.BilinearResize2D(image, height=96, width=96)
    np.testing.assert_allclose(
        block(image).asnumpy(), block.network(larger).asnumpy(), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"network": "cifar_resnet20"},
            "unknown network 'cifar_resnet20'; did you mean 'cifar_resnet20_v2' or "
            "'cifar_resnet20_v1' or 'cifar_resnet56_v2'?",
        ),
        (
            {"network": "ResNet18-v1"},
            "unknown network 'ResNet18-v1'; did you mean 'resnet18_v1' or 'resnet18_v1b' or "
            "'resnet18_v2'?",
        ),
        ({"network": "x"}, "unknown network 'x'; mxdigits models show gluoncv lists them"),
        ({"network": 18}, "unknown network 18; mxdigits models show gluoncv lists them"),
        ({"network": ["a"]}, "unknown network ['a']; mxdigits models show gluoncv lists them"),
        (
            {"size": 0},
            "size: cifar_resnet20_v1 takes whole numbers from 1 to 4096 pixels, got 0",
        ),
        (
            {"network": "vgg11", "size": "big"},
            "size: vgg11 takes whole numbers from 32 to 4096 pixels, got 'big'",
        ),
        (
            {"network": "vgg11", "size": 28},
            "size: vgg11 takes whole numbers from 32 to 4096 pixels, got 28",
        ),
        (
            {"network": "vgg11", "size": 5000},
            "size: vgg11 takes whole numbers from 32 to 4096 pixels, got 5000",
        ),
        (
            {"network": "dla34", "size": 48},
            "size: dla34 takes multiples of 32 from 32 to 4096 pixels, got 48",
        ),
        (
            {"network": "cifar_residualattentionnet56", "size": 64},
            "size: cifar_residualattentionnet56 takes 32 pixels only, got 64",
        ),
    ],
)
def test_mistakes_are_answered(options, message, build):
    with pytest.raises(mxdigits.MxdigitsError) as caught:
        build(**options)
    assert str(caught.value) == f"model 'gluoncv': {message}"
    assert caught.value.exit_code == 2


def test_the_listing_names_every_network_once():
    assert re.findall(r"^  (.+)", listing(), re.MULTILINE)
    words = [
        word for line in re.findall(r"^  (.+)", listing(), re.MULTILINE) for word in line.split()
    ]
    assert sorted(words) == sorted(NETWORKS)
    assert listing() in GluonCV.__doc__


def stripes(count):
    """Four classes: a bar at a place a class."""
    labels = np.arange(count) % 4
    images = np.random.default_rng(7).integers(0, 60, (count, 16, 16)).astype(np.uint8)
    for image, label in zip(images, labels):
        image[4 * label : 4 * label + 3, 2:14] = 230
    return images, labels


def test_a_network_learns_and_the_same_seed_gives_the_same_bits(build):
    found = []
    for _ in range(2):
        mx.random.seed(1)
        network = build((1, 16, 16), 4)
        trainer = mxdigits.Trainer(network, "sgd", {"learning_rate": 0.05, "momentum": 0.9})
        trainer.fit(stripes(130), epochs=6, batch_size=20)
        found.append(trainer.predict(stripes(40)[0]))
        assert trainer.score(stripes(40)).accuracy == 1.0
    np.testing.assert_array_equal(*found)


def call(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "mxdigits", *arguments],
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_run_from_a_recipe_to_a_scored_folder(tmp_path):
    from mxdigits.data.idx import write_idx

    for prefix, count in (("train", 130), ("t10k", 46)):
        images, labels = stripes(count)
        write_idx(tmp_path / f"{prefix}-images-idx3-ubyte", images)
        write_idx(tmp_path / f"{prefix}-labels-idx1-ubyte", labels.astype(np.uint8))
    (tmp_path / "mine.yaml").write_text(
        "model: {name: gluoncv, network: cifar_resnet20_v1}\n"
        f"data: {{name: idx, path: {tmp_path}, batch_size: 20}}\n"
        "augmentation: {name: affine, shift: 1, rotation: 5}\n"
        "optimizer: {name: sgd, learning_rate: 0.05, momentum: 0.9}\n"
        "epochs: 8\n"
        "context: cpu\n"
    )
    done = call("run", "mine.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "Warning" not in done.stdout
    (folder,) = (tmp_path / "runs" / "mine").iterdir()
    record = json.loads((folder / "run.json").read_text())
    assert record["plugins"]["model"] == {
        "name": "gluoncv",
        "distribution": "mxdigits-gluoncv",
        "version": "0.1",
    }
    scored = call("score", str(folder), "--min-accuracy", "0.9", cwd=tmp_path)
    assert scored.returncode == 0, scored.stderr


def test_the_networks_are_listed_and_shown(tmp_path):
    shown = call("models", "show", "gluoncv", "network=mobilenetv3_small", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(
        "gluoncv(classes=10, network='cifar_resnet20_v1', size=None)  "
        "from mxdigits_gluoncv.model:GluonCV from mxdigits-gluoncv 0.1\n\n"
        "A classification network of GluonCV, without pretrained weights.\n"
    )
    assert listing() in shown.stdout
    assert "Conv2D(1280 -> 10, " in shown.stdout
    assert shown.stdout.splitlines()[-1].startswith("total ")


def test_gluoncv_is_imported_only_when_a_network_is_built(tmp_path):
    code = (
        "import sys; from mxdigits.cli import main; "
        "main(['models', '--load']); main(['check', 'mlp', 'model.name=gluoncv']); "
        "print('gluoncv' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=300
    )
    assert done.stderr == ""
    assert done.stdout.endswith("False\n")
    assert re.search(r"gluoncv +mxdigits-gluoncv +0.1 +ok", done.stdout)


@contextlib.contextmanager
def silenced():
    """MXNet writes to the process's own error stream."""
    kept = os.dup(1), os.dup(2)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(io.StringIO()):
        try:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept[0], 1)
            os.dup2(kept[1], 2)


def test_a_pytorch_that_gluoncv_refuses_is_no_hindrance(tmp_path):
    (tmp_path / "torch.py").write_text('__version__ = "2.9.1"\nclass Tensor: ...\n')
    code = (
        "import mxdigits, torch; mxdigits.import_mxnet()\n"
        "mxdigits.build_network('gluoncv', {}, classes=7, image_shape=(1, 28, 28))\n"
        "import sys; print(sys.modules['torch'] is torch)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert (found.stdout, found.returncode) == ("True\n", 0), found.stderr
