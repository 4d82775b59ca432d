"""Recurrent layers, and the operator that joins their parameters."""

from __future__ import annotations

from collections.abc import Mapping

from ..attributes import AttributeValue, boolean, choice, float32, float64, integer
from .table import op, table


def _lacks_of_rnn(attributes: Mapping[str, AttributeValue]) -> tuple[str, ...]:
    cell = () if attributes["mode"] == "lstm" else ("state_cell",)
    length = () if attributes["use_sequence_length"] else ("sequence_length",)
    return (*cell, *length)


OPERATORS = table(
    op(
        "RNN",
        "data parameters state state_cell sequence_length",
        lacks=_lacks_of_rnn,
        state_size=integer(),
        num_layers=integer(),
        bidirectional=boolean(False),
        mode=choice("gru lstm rnn_relu rnn_tanh"),
        p=float32(0.0),
        state_outputs=boolean(False),
        projection_size=integer(None),
        lstm_state_clip_min=float64(None),
        lstm_state_clip_max=float64(None),
        lstm_state_clip_nan=boolean(False),
        use_sequence_length=boolean(False),
    ),
    op("_rnn_param_concat", "data...", num_args=integer(), dim=integer(1)),
)
