"""A worker's part of a batch, seen by PyTorch as in the whole batch."""

from __future__ import annotations

import threading

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mxdigits.backends.batches import all_pieces, shares
from mxdigits.backends.team.agreement import Part
from mxdigits.backends.torch.drawing import Generator
from mxdigits.backends.torch.operators.normalization import batch_norm
from mxdigits.backends.torch.rows import Rows
from mxdigits.backends.torch.whole_batch import OtherImages, PartDraw
from mxdigits.graph import OPERATORS


class Place:
    """Which of several workers one is; nobody is asked anything."""

    def __init__(self, rank, count):
        self.rank, self.count = rank, count


class Threads(Place):
    """A team of threads, which tell each other through a list."""

    def __init__(self, rank, barrier, told):
        super().__init__(rank, len(told))
        self._barrier, self._told = barrier, told

    def of_all(self, own):
        self._told[self.rank] = own.detach()
        self._barrier.wait(10)
        found = torch.stack(self._told)
        self._barrier.wait(10)
        return found


def drawn(draw, kind, shape, by_image):
    draw.begin(seed=3, epoch=1, batch=2)
    return draw, getattr(draw, kind)(shape, by_image=by_image)


@pytest.mark.parametrize("kind", ["uniform", "normal"])
@pytest.mark.parametrize("part", [Part(0, 4, 10), Part(4, 7, 10), Part(7, 10, 10), Part(1, 1, 1)])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_worker_draws_the_numbers_of_its_images(kind, part, rows):
    draw, whole = drawn(Generator(torch.device("cpu")), kind, (part.whole * rows, 5), True)
    draw.begin(seed=3, epoch=1, batch=2)
    own = getattr(PartDraw(draw, part), kind)((part.own * rows, 5), by_image=True)
    begin = part.first_seen * rows
    torch.testing.assert_close(own, whole[begin : begin + part.own * rows], rtol=0, atol=0)


@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_what_is_not_of_images_all_workers_draw_alike(kind):
    draw, whole = drawn(Generator(torch.device("cpu")), kind, (3, 5), False)
    draw.begin(seed=3, epoch=1, batch=2)
    own = getattr(PartDraw(draw, Part(0, 3, 10)), kind)((3, 5))
    torch.testing.assert_close(own, whole, rtol=0, atol=0)


@pytest.mark.parametrize(("count", "parts"), [(1, 1), (2, 1), (3, 2), (4, 3)])
def test_workers_take_every_image_of_an_epoch_once_and_fill_up_with_others(count, parts):
    samples, size = 53, 10
    order = np.random.default_rng(0).permutation(samples).astype(np.int32)
    for batch, (begin, end) in enumerate(all_pieces(samples, size, 1)):
        seen = []
        for rank in range(count):
            rows = Rows(Place(rank, count), samples, size, parts, own_alone=False)
            low, high = rows.bounds(batch)
            seen += rows.taken(order)[low:high].tolist()
        assert set(seen) == set(order[begin:end].tolist())
        empty = sum(
            count - len(shares(low, high, count))
            for low, high in all_pieces(samples, size, parts)
            if begin <= low < end
        )
        assert len(seen) == end - begin + empty


def test_a_worker_that_holds_its_own_images_alone_takes_them_one_after_the_other():
    rows = Rows(Place(2, 3), 25, 10, 2, own_alone=True)
    # Of pieces of 5, 5, 5, 5, 3 and 2 images it has 1, 1, 1, 1, 1 and none.
    assert rows.taken(np.arange(5, dtype=np.int32)).tolist() == [0, 1, 2, 3, 4, 0]
    assert [rows.bounds(batch) for batch in range(3)] == [(0, 2), (2, 4), (4, 6)]


@pytest.mark.parametrize("shape", [(7, 3), (7, 3, 4, 4)])
@pytest.mark.parametrize("count", [2, 3, 9])  # of nine workers two have no image
def test_batch_normalization_is_that_of_the_whole_batch(shape, count):
    torch.manual_seed(1)
    data, weight = torch.randn(shape) * 3 + 2, torch.randn(shape)
    attributes = OPERATORS["BatchNorm"].completed({"fix_gamma": False})
    whole = normalized(data, weight, attributes, None)
    bounds = shares(0, len(data), count)
    bounds += [(len(data), len(data))] * (count - len(bounds))
    barrier, told, found = threading.Barrier(count), [None] * count, [None] * count

    def work(rank):
        part = Part(*bounds[rank], len(data))
        seen = slice(part.first_seen, part.first_seen + part.own)
        others = OtherImages(Threads(rank, barrier, told), len(data))
        found[rank] = normalized(data[seen], weight[seen] * bool(part.counted), attributes, others)

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for rank, (low, high) in enumerate(bounds):
        for name in ("result", "slope"):
            torch.testing.assert_close(found[rank][name][: high - low], whole[name][low:high])
        for name in ("mean", "variance"):
            torch.testing.assert_close(found[rank][name], whole[name])
    for name in ("gamma", "beta"):
        torch.testing.assert_close(sum(each[name] for each in found), whole[name])


def normalized(data, weight, attributes, others):
    """What a batch normalization gives, and the gradients of a sum of it."""
    data = data.clone().requires_grad_()
    gamma, beta = (torch.full((3,), each, requires_grad=True) for each in (1.5, 0.5))
    running = torch.zeros(3), torch.ones(3)
    (result,), measured = batch_norm(
        data, gamma, beta, *running, **attributes, training=True, others=others
    )
    slopes = torch.autograd.grad((result * weight).sum(), [data, gamma, beta])
    numbers = [result.detach(), *slopes, measured.mean, measured.variance]
    return dict(zip(("result", "slope", "gamma", "beta", "mean", "variance"), numbers))
