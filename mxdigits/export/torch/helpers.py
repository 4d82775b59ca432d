"""Functions that PyTorch lacks. Those that a network needs are copied into its file.

Nothing imports this module. A function may use others of this module, ``torch``, ``math`` and
``F``, which is ``torch.nn.functional``.
"""

import math

import torch
import torch.nn.functional as F


def over_root_of_size(x):
    """Divide by the square root of the size of the last axis."""
    return x / math.sqrt(x.shape[-1])


def cube_root(x):
    """The real cube root, of negative numbers too."""
    return x.sign() * x.abs() ** (1 / 3)


def root(x, p):
    """The square root or the cube root."""
    return x.sqrt() if p == 2 else cube_root(x)


def gamma(x):
    """The gamma function; below 0.5 by reflection."""
    large = torch.where(x < 0.5, 1 - x, x).double().lgamma().exp()
    reflected = math.pi / (torch.sin(math.pi * x.double()) * large)
    return torch.where(x < 0.5, reflected, large).to(x.dtype)


def rounded_half_away(x):
    """Round to whole numbers, halves away from zero."""
    size = x.abs()
    down = size.floor()
    return x.sign() * torch.where(size - down >= 0.5, down + 1, down)


def rounded_half_down(x):
    """Round to whole numbers, halves down."""
    return torch.where(x - x.floor() <= x.ceil() - x, x.floor(), x.ceil())


def dequantized(x, low, high):
    """Whole numbers of 8 bits as floating-point ones, by the range that they stand for; 0 is 0."""
    largest = torch.maximum(low.abs(), high.abs()).reshape(())
    return x.float() * (largest / (torch.iinfo(x.dtype).max + 0.5))


def smooth_l1(x, scalar):
    """A parabola near zero, and straight lines beyond."""
    square = scalar * scalar
    far = x.abs() > 1 / square
    return torch.where(far, x.abs() - 0.5 / square, 0.5 * square * x * x)


def modulo(x, y):
    """The rest of a division, with the divisor's sign; 0 for a division by zero."""
    rest = torch.remainder(x, torch.where(y == 0, torch.ones_like(y), y))
    return torch.where(y == 0, torch.zeros_like(rest), rest)


def chosen_rows(condition, x, y):
    """Take each row from x or from y."""
    return torch.where((condition != 0).reshape(-1, *[1] * (x.dim() - 1)), x, y)


def group_norm(x, groups, weight, bias, eps):
    """Group normalisation with a weight and a bias for each group."""
    shape = (1, -1, *[1] * (x.dim() - 2))
    times = x.shape[1] // groups
    weight, bias = (each.repeat_interleave(times).reshape(shape) for each in (weight, bias))
    return F.group_norm(x, groups, eps=eps) * weight + bias


def l2_normalized(x, mode, eps):
    """Divide by the Euclidean norm of an instance, of its channels, or of its pixels."""
    ranges = {"instance": range(1, x.dim()), "channel": [1], "spatial": range(2, x.dim())}
    return x / (x.square().sum(dim=tuple(ranges[mode]), keepdim=True) + eps).sqrt()


def pooled(x, kernel, stride, pad, convention, kind, p=1, padding_counts=True):
    """Pool windows of any size, padding and stride; ``full`` counts windows that are cut off."""
    counts, inside = [], []
    lowest = torch.finfo(x.dtype).min if kind == "max" else 0.0
    for place, (size, step, edge) in enumerate(zip(kernel, stride, pad)):
        dim, length = place + 2, x.shape[place + 2]
        span = length + 2 * edge - size
        count = -(-span // step) if convention == "full" else span // step
        count = -(-(length + 2 * edge) // step) - 1 if convention == "same" else count
        begins = torch.arange(count + 1) * step - edge
        ends = (begins + size).clamp(max=length + edge)
        counts.append(ends - begins)
        inside.append((ends.clamp(max=length) - begins.clamp(min=0)).clamp(min=0))
        after = max(int(count * step + size - edge - length), 0)
        widths = [0] * (2 * (x.dim() - 1 - dim)) + [edge, after]
        x = F.pad(x, widths, value=lowest)[(slice(None),) * dim + (slice(count * step + size),)]
    for place, (size, step) in enumerate(zip(kernel, stride)):
        x = x.unfold(place + 2, size, step)
    dims = tuple(range(-len(kernel), 0))
    if kind == "max":
        return x.amax(dim=dims)
    if kind != "avg":
        total = (x**p).sum(dim=dims)
        return total if p == 1 else root(total, p)
    number = torch.ones(())
    for each in counts if padding_counts else inside:
        number = number.unsqueeze(-1) * each
    return x.sum(dim=dims) / number.clamp(min=1)


def up_sampled(images, scale, mode):
    """Repeat the pixels of images until all are as large as the first one's, scaled."""
    height = images[0].shape[2] * scale
    large = [F.interpolate(x, scale_factor=height // x.shape[2], mode="nearest") for x in images]
    return torch.cat(large, dim=1) if mode == "concat" else sum(large)


def resized(x, mode, scales, align_corners):
    """Interpolate to a size that follows from the image's own."""

    def wanted(size, scale):
        if mode in ("size", "odd_scale"):
            odd = mode == "odd_scale" and size % 2
            return int((size - odd) * scale) + odd
        parity = 0 if mode.startswith("to_even") else 1
        return size if size % 2 == parity else size + (1 if mode.endswith("up") else -1)

    sizes = [wanted(size, scale) for size, scale in zip(x.shape[2:], scales)]
    return resized_to(x, sizes, align_corners)


def resized_to(x, sizes, align_corners):
    """Interpolate; of an axis that becomes one pixel, that is the first one."""
    rows, columns = (1 if wanted == 1 else None for wanted in sizes)
    x = x[..., :rows, :columns]
    return F.interpolate(x, size=tuple(sizes), mode="bilinear", align_corners=align_corners)


def with_states(given):
    """What a recurrent layer gives: its outputs, and the states at its end, one after the other."""
    x, states = given
    return (x, *states) if isinstance(states, tuple) else (x, states)


def reshaped(x, codes, reverse=False):
    """Reshape by codes: 0 keeps a size, -1 is inferred, -2 keeps all that remain, -3 joins two,
    -4 splits one into the two that follow, -6 drops a size of 1.
    """
    left, todo = list(x.shape), list(codes)
    if reverse:
        left, todo = left[::-1], todo[::-1]
    sizes = []
    while todo:
        code = todo.pop(0)
        if code == -2:
            sizes, left = sizes + left, []
        elif code == -3:
            sizes.append(left.pop(0) * left.pop(0))
        elif code == -4:
            size, first, second = left.pop(0), todo.pop(0), todo.pop(0)
            sizes += [size // second if first == -1 else first]
            sizes += [size // sizes[-1] if second == -1 else second]
        elif code == -6:
            left.pop(0)
        else:
            size = left.pop(0) if left else 1
            sizes.append(code or size)
    return x.reshape(sizes[::-1] if reverse else sizes)


def reshaped_to(x, target, keep_first):
    """Reshape; of the target a size of 0 is inferred."""
    sizes = [size or -1 for size in target]
    return x.reshape([x.shape[0], *sizes[1:]] if keep_first else sizes)


def squeezed(x):
    """Drop all axes of size 1; what has no axes left gets one."""
    x = x.squeeze()
    return x if x.dim() else x.reshape(1)


def sliced(x, begins, ends, steps):
    """Slice each of the first axes, backwards too."""
    for dim, (begin, end, step) in enumerate(zip(begins, ends, steps)):
        places = range(*slice(begin, end, step).indices(x.shape[dim]))
        x = x.index_select(dim, torch.tensor(list(places), device=x.device))
    return x


def cut_like(x, other, dims):
    """Cut axes down to the sizes that another array has there."""
    for dim in dims or range(other.dim()):
        x = x.narrow(dim, 0, other.shape[dim])
    return x


def expanded_like(x, other, dims, others):
    """Repeat along axes up to the sizes that another array has along its own."""
    sizes = [-1] * x.dim()
    for dim, theirs in zip(dims, others):
        sizes[dim] = other.shape[theirs]
    return x.expand(sizes)


def taken(x, indices, dim, mode):
    """Look up places along an axis; those outside are wrapped, or moved to the edge."""
    size = x.shape[dim]
    places = indices.long()
    places = places % size if mode == "wrap" else places.clamp(0, size - 1)
    found = x.index_select(dim, places.flatten())
    dim = dim % x.dim()
    return found.reshape(*x.shape[:dim], *places.shape, *x.shape[dim + 1 :])


def picked(x, index, dim, mode):
    """One number along an axis for each place; those outside are wrapped, or moved to the edge."""
    size, places = x.shape[dim], index.long()
    places = places if index.dim() == x.dim() else places.unsqueeze(dim)
    return x.gather(dim, places % size if mode == "wrap" else places.clamp(0, size - 1))


def first_of(x, k, dim, largest, dtype=torch.int64):
    """The k largest or smallest numbers along an axis, and their places; among all for no axis."""
    x, dim = (x.flatten(), 0) if dim is None else (x, dim)
    values, places = x.sort(dim=dim, descending=largest, stable=True)
    k = k if k > 0 else x.shape[dim]
    return values.narrow(dim, 0, k), places.narrow(dim, 0, k).to(dtype)


def mask_of_first(x, k, dim, largest):
    """1 where the k largest or smallest numbers along an axis are, and 0 elsewhere."""
    _, places = first_of(x, k, dim, largest)
    zeros = torch.zeros_like(x.flatten() if dim is None else x)
    return zeros.scatter(dim or 0, places, 1).reshape(x.shape)


def counted_like(x, start, step, repeat, dim):
    """Count, in the shape of an array or of one of its axes; each number ``repeat`` times."""
    shape = list(x.shape) if dim is None else [x.shape[dim]]
    places = torch.arange(math.prod(shape), device=x.device) // repeat
    return (start + step * places.double()).to(x.dtype).reshape(shape)


def warped_grid(flow):
    """Places to sample at, from -1 to 1: each pixel moved by so many pixels."""
    height, width = flow.shape[2:]
    rows, columns = torch.arange(height), torch.arange(width)
    pixels = torch.stack(torch.meshgrid(columns, rows, indexing="xy")).to(flow)
    middle = torch.tensor([(width - 1) / 2, (height - 1) / 2]).reshape(1, 2, 1, 1).to(flow)
    return (flow + pixels) / middle - 1


def affine_grid(maps, size):
    """Places to sample at, from -1 to 1: those of an image of a size, by affine maps (N, 6)."""
    rows, columns = (torch.linspace(-1, 1, each, dtype=torch.float64) for each in size)
    x, y = torch.meshgrid(columns, rows, indexing="xy")
    places = torch.stack([x, y, torch.ones_like(x)]).reshape(3, -1).to(maps)
    return torch.matmul(maps.reshape(-1, 2, 3), places).reshape(-1, 2, *size)


def softmax_within(x, length, dim):
    """Shares that sum to 1; those behind ``length`` are 0."""
    dim = dim % x.dim()
    shape = [-1 if each == dim else 1 for each in range(x.dim())]
    places = torch.arange(x.shape[dim], device=x.device).reshape(shape)
    counted = places < length.long().unsqueeze(dim)
    shares = torch.where(counted, x, torch.finfo(x.dtype).min).softmax(dim=dim)
    return torch.where(counted, shares, torch.zeros_like(shares))


def transformed(x, maps, size):
    """Images of another size, of which affine maps (N, 6) say where each pixel comes from."""
    maps = maps.reshape(-1, 2, 3)
    grid = F.affine_grid(maps, (*x.shape[:2], *size), align_corners=True)
    return F.grid_sample(x, grid, align_corners=True)


def one_hot(x, depth, on, off):
    """A further axis, with ``on`` at the place that a number says, and ``off`` elsewhere."""
    there = x.long().unsqueeze(-1) == torch.arange(depth, device=x.device)
    return off + (on - off) * there.double()


def embedded(x, layer):
    """A row of a layer's table for each number; those outside are moved to the edge."""
    return layer(x.long().clamp(0, layer.num_embeddings - 1))
