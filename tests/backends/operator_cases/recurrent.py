"""Cases of recurrent layers."""

from __future__ import annotations

from typing import Any

from backends.cases import Case, between, case, normal

from mxdigits.graph import OPERATORS
from mxdigits.graph.recurrent import count_of


def _rnn(mode: str, steps: int = 5, inputs: int = 3, units: int = 4, **more: Any) -> Case:
    attributes = {"mode": mode, "state_size": units, "num_layers": 1, **more}
    count = count_of(OPERATORS["RNN"].completed(attributes), inputs)
    both = 2 if more.get("bidirectional") else 1
    states = [normal(both * attributes["num_layers"], 3, units)] * (1 + (mode == "lstm"))
    training = not more.get("p")
    return Case(
        "RNN",
        (normal(steps, 3, inputs), between(-0.8, 0.8, count), *states),
        attributes,
        training=training,
        gradients=training,
    )


CASES = [
    *(
        _rnn(mode, **options)
        for mode in ("rnn_relu", "rnn_tanh", "gru", "lstm")
        for options in [
            {},
            {"state_outputs": True},
            {"num_layers": 3, "state_outputs": True},
            {"bidirectional": True},
            {"bidirectional": True, "num_layers": 2, "state_outputs": True, "steps": 7},
        ]
    ),
    _rnn("lstm", steps=1, units=1, inputs=1),
    _rnn("gru", num_layers=2, p=0.5),
    case("_rnn_param_concat", normal(4), normal(6), normal(3), dim=0),
]
