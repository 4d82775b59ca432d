"""Recurrent layers by every backend: each trains as MXNet does, and to the same bits again."""

from __future__ import annotations

import numpy as np
import pytest
from backends.small_networks import SHAPE, backend_class, data, mx, nn, trained

from mxdigits.backends.base import EpochPosition
from mxdigits.backends.mxnet.backend import MXNetBackend
from mxdigits.backends.mxnet.networks.symbols import graph_of, symbol_of
from mxdigits.backends.mxnet.passes.recurrent_dropout import with_dropout_between
from mxdigits.backends.mxnet.runtime import seed_everything
from mxdigits.backends.settings import TrainingSettings
from mxdigits.graph.recurrent import count_of

pytestmark = pytest.mark.mxnet

rnn = mx.gluon.rnn


class Rows(mx.gluon.HybridBlock):
    """A network that reads the rows of an image one after the other."""

    def __init__(self, layer, *, states=False):
        super().__init__(prefix="rows_")
        self._states = states
        self.layer, self.out = layer, nn.Dense(4, prefix="out_")

    def hybrid_forward(self, F, x):
        rows = F.reshape(x, (0, -3, -2))
        if self._states:
            begin = self.layer.begin_state(func=F.zeros, batch_size=0)
            _, states = self.layer(F.transpose(rows, (1, 0, 2)), begin)
            return self.out(F.concat(*(F.swapaxes(s, 0, 1) for s in states), dim=2))
        return self.out(F.slice_axis(self.layer(rows), axis=1, begin=-1, end=None))


class Unrolled(Rows):
    def hybrid_forward(self, F, x):
        rows = F.reshape(F.slice_axis(x, axis=2, begin=0, end=5), (0, -3, -2))
        outputs, _ = self.layer.unroll(5, rows, layout="NTC")
        return self.out(outputs[-1])


def made(kind, layer, **options):
    seed_everything(3)
    network = kind(layer(), **options)
    network.initialize("xavier")
    network.hybridize()
    network(mx.sym.var("data"))
    network.infer_shape(mx.nd.zeros((2, *SHAPE)))
    for each in network.collect_params().values():
        each._finish_deferred_init()
    return network


NETWORKS = {
    "lstm": lambda: made(Rows, lambda: rnn.LSTM(6, 2, "NTC", bidirectional=True)),
    "gru": lambda: made(Rows, lambda: rnn.GRU(6, layout="NTC")),
    "relu": lambda: made(Rows, lambda: rnn.RNN(6, 2, layout="NTC")),
    "states": lambda: made(Rows, lambda: rnn.LSTM(5, 2), states=True),
    "lstm_cell": lambda: made(Unrolled, lambda: rnn.LSTMCell(6)),
    "gru_cell": lambda: made(Unrolled, lambda: rnn.GRUCell(6)),
}


def dropping():
    layer = lambda: rnn.LSTM(6, 3, "NTC", dropout=0.4, bidirectional=True)  # noqa: E731
    return made(Rows, layer)


@pytest.fixture(params=["xla", "torch"])
def GraphBackend(request):
    return backend_class(request.param)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_learns_as_by_mxnet(GraphBackend, name):
    settings = TrainingSettings("adam", seed=11)
    block = NETWORKS[name]()
    ours, theirs = GraphBackend(block, settings), MXNetBackend(block, settings)
    for a, b in zip(trained(ours, rate=0.01), trained(theirs, rate=0.01)):
        assert a.loss == pytest.approx(b.loss, rel=1e-4)
    one, other = ours.snapshot(), theirs.snapshot()
    assert one.keys() == other.keys()
    for place, array in one.items():
        np.testing.assert_allclose(array, other[place], rtol=1e-3, atol=1e-4, err_msg=place)
    images, _ = data()
    np.testing.assert_allclose(ours.logits(images), theirs.logits(images), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("backend", ["mxnet", "xla", "torch"])
def test_who_goes_on_gets_the_same_bits_with_dropout_between_layers(backend):
    Backend, settings = backend_class(backend), TrainingSettings("adam", seed=4)
    whole = Backend(dropping(), settings)
    losses = [each.loss_sum for each in trained(whole, rate=0.01)]
    left = Backend(dropping(), settings)
    fit = left.begin_fit(*data(), 10)
    first = fit.run(0, 0.01, EpochPosition(), lambda _: None, lambda _: False)
    assert first.loss_sum == losses[0]
    fit.run(1, 0.01, EpochPosition(), lambda _: None, lambda _: True)
    position, (arrays, facts) = fit.position(), left.state()
    resumed = Backend(dropping(), settings)
    resumed.restore(arrays, facts)
    fit = resumed.begin_fit(*data(), 10)
    fit.run(1, 0.01, position, lambda _: None, lambda _: False)
    expected, found = whole.state()[0], resumed.state()[0]
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert array.tobytes() == found[name].tobytes(), name


@pytest.mark.parametrize("mode", ["gru", "lstm"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_layers_apart_give_what_they_give_together(mode, bidirectional):
    """In inference, where nothing is dropped."""
    both = 1 + bidirectional
    names = ["data", "parameters", "state", "state_cell"][: 3 + (mode == "lstm")]
    symbol = mx.sym.RNN(
        *map(mx.sym.var, names),
        mode=mode,
        state_size=4,
        num_layers=3,
        bidirectional=bidirectional,
        state_outputs=True,
        p=0.5,
    )
    graph = graph_of(mx.sym.Group(list(symbol)))
    apart = with_dropout_between(graph)
    assert [node.operator for node in apart.operations].count("Dropout") == 2
    (node,) = graph.operations
    shapes = {"data": (5, 2, 3), **dict.fromkeys(names[2:], (3 * both, 2, 4))}
    shapes["parameters"] = (count_of(node.attributes, 3),)
    answers = []
    for each in (graph, apart):
        random = np.random.default_rng(0)
        run = symbol_of(each).simple_bind(mx.cpu(), grad_req="null", **shapes)
        for name in names:
            run.arg_dict[name][:] = random.standard_normal(run.arg_dict[name].shape)
        answers.append([each.asnumpy() for each in run.forward(is_train=False)])
    for one, other in zip(*answers):
        np.testing.assert_allclose(one, other, atol=1e-6)
