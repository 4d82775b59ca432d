"""The chart of a learning-rate range test."""

from __future__ import annotations

from ..train.range_test import RateCurve
from .drawing import INK, SERIES, Chart, new_figure


def rate_chart(curve: RateCurve) -> Chart:
    """Draw the loss over the learning rate, single batches pale; a line marks the proposed rate.

    >>> import numpy as np
    >>> from mxdigits.report.drawing import drawing
    >>> losses = np.array([2.3] * 20 + [1.5] * 20 + [0.5] * 20 + [9.0] * 20)
    >>> with drawing():
    ...     rate_chart(RateCurve(np.geomspace(1e-4, 1, 80), losses)).title
    'Loss by learning rate; proposed: 0.013'
    """
    figure, axes = new_figure(4.6, 3.2)
    shown, proposed = curve.shown, curve.proposed
    axes.plot(shown.rates, shown.losses, color=SERIES[0], alpha=0.3, linewidth=0.8)
    axes.plot(shown.rates, curve.smooth[: len(shown.rates)], color=SERIES[0])
    if proposed is not None:
        axes.axvline(proposed, color=SERIES[1], linestyle="--")
        place = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        axes.annotate(f"{proposed:g}", (proposed, 1), (4, -10), color=INK, **place)
    axes.set(xscale="log", xlabel="learning rate", ylabel="train loss")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    end = "no rate is proposed" if proposed is None else f"proposed: {proposed:g}"
    return Chart("learning_rate", f"Loss by learning rate; {end}", figure)
