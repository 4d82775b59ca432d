"""Learning rates by epoch: by hand for a few, by their promises for all."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.train.schedule import make_schedule
from mxdigits.train.schedule_shapes import SCHEDULES

HALF = math.sqrt(0.5)


@pytest.mark.parametrize(
    ("name", "options", "rates"),
    [
        ("constant", {}, [1, 1, 1, 1]),
        ("step", {}, [1, 0.1, 0.01, 0.001]),
        ("step", {"step": 2}, [1, 1, 0.1, 0.1]),
        ("step", {"step": 1, "factor": 0.5}, [1, 0.5, 0.25, 0.125]),
        ("step", {"step": 9}, [1, 1, 1, 1]),
        ("step", {"factor": 0}, [1, 0, 0, 0]),
        ("step", {"factor": 2}, [1, 2, 4, 8]),
        ("poly", {}, [1, 9 / 16, 4 / 16, 1 / 16]),
        ("poly", {"pwr": 1}, [1, 0.75, 0.5, 0.25]),
        ("poly", {"pwr": 1, "final_lr": 0.2}, [1, 0.8, 0.6, 0.4]),
        ("poly", {"pwr": 0}, [1, 1, 1, 1]),
        ("poly", {"pwr": 0.5}, [1, math.sqrt(3) / 2, HALF, 0.5]),
        ("cosine", {}, [1, (1 + HALF) / 2, 0.5, (1 - HALF) / 2]),
        ("cosine", {"final_lr": 0.5}, [1, (3 + HALF) / 4, 0.75, (3 - HALF) / 4]),
        ("cosine", {"final_lr": 2}, [1, 2 - (1 + HALF) / 2, 1.5, 2 - (1 - HALF) / 2]),
        # A warm-up of n epochs rises in n + 1 equal steps; what follows begins at the base rate.
        ("constant", {"warmup_epochs": 1}, [0.5, 1, 1, 1]),
        ("constant", {"warmup_epochs": 3}, [0.25, 0.5, 0.75, 1]),
        ("constant", {"warmup_epochs": 3, "warmup_begin_lr": 0.2}, [0.4, 0.6, 0.8, 1]),
        ("constant", {"warmup_epochs": 1, "warmup_begin_lr": 3}, [2, 1, 1, 1]),
        ("step", {"warmup_epochs": 1}, [0.5, 1, 0.1, 0.01]),
        ("step", {"warmup_epochs": 2, "step": 1, "factor": 0.5}, [1 / 3, 2 / 3, 1, 0.5]),
        ("poly", {"warmup_epochs": 2, "pwr": 1}, [1 / 3, 2 / 3, 1, 0.5]),
        ("cosine", {"warmup_epochs": 2}, [1 / 3, 2 / 3, 1, 0.5]),
        ("cosine", {"warmup_epochs": 3, "final_lr": 0.5}, [0.25, 0.5, 0.75, 1]),
        ("exponential", {}, [1, 0.9, 0.81, 0.729]),
        ("exponential", {"factor": 0.5, "warmup_epochs": 1}, [0.5, 1, 0.5, 0.25]),
        ("cosine_restarts", {"period": 1}, [1, 1, 1, 1]),
        ("cosine_restarts", {"period": 2}, [1, 0.5, 1, 0.5]),
        ("cosine_restarts", {"period": 1, "growth": 2}, [1, 1, 0.5, 1]),
        ("cosine_restarts", {"period": 2, "final_lr": 0.5}, [1, 0.75, 1, 0.75]),
        ("cosine_restarts", {"period": 2, "warmup_epochs": 1}, [0.5, 1, 0.5, 1]),
        (
            "cosine_restarts",
            {"period": 9},
            [1] + [(1 + math.cos(k * math.pi / 9)) / 2 for k in (1, 2, 3)],
        ),
        ("cosine_restarts", {"period": 3, "growth": 1e300}, [1, 0.75, 0.25, 1]),
        ("one_cycle", {"rise": 0.5, "begin": 0.1}, [0.1, 0.55, 1, 0.50005]),
        ("one_cycle", {"rise": 0, "end": 0}, [1, (1 + HALF) / 2, 0.5, (1 - HALF) / 2]),
    ],
)
def test_rates_of_four_epochs(name, options, rates):
    schedule = make_schedule(name, 1, 4, **options)
    assert [schedule(epoch) for epoch in range(4)] == pytest.approx(rates, abs=1e-12)
    tenth = make_schedule(name, 0.1, 4, **options)
    if not {"final_lr", "warmup_begin_lr"} & set(options):
        assert [tenth(epoch) for epoch in range(4)] == pytest.approx([r / 10 for r in rates])


def test_a_run_of_one_epoch_trains_at_the_base_rate():
    for name in SCHEDULES.keys() - {"one_cycle"}:
        assert make_schedule(name, 0.3, 1)(0) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("name", "options", "epoch", "rates"),
    [
        ("constant", {}, 1, [1, 1, 1, 1]),
        ("cosine", {}, 0, [1, (1 + HALF) / 2, 0.5, (1 - HALF) / 2]),
        ("constant", {"warmup_epochs": 0.5}, 0, [1 / 3, 2 / 3, 1, 1]),
        ("constant", {"warmup_epochs": 0.75, "warmup_begin_lr": 1}, 0, [1, 1, 1, 1]),
        ("cosine", {"warmup_epochs": 0.5}, 0, [1 / 3, 2 / 3, 1, 0.5]),
        ("poly", {"pwr": 1}, 0, [1, 0.75, 0.5, 0.25]),
        ("step", {"step": 1}, 1, [0.1, 0.1, 0.1, 0.1]),
        ("one_cycle", {"rise": 0.5, "begin": 0, "end": 0}, 0, [0, 0.5, 1, 0.5]),
    ],
)
def test_rates_of_four_batches(name, options, epoch, rates):
    planned = make_schedule(name, 1, epoch + 1, by="batch", **options)
    assert planned.rates(epoch, 4).tolist() == pytest.approx(rates, abs=1e-12)


def test_by_epoch_all_batches_have_one_rate():
    assert make_schedule("cosine", 1, 2).rates(1, 4) == pytest.approx(0.5)


def test_only_one_cycle_goes_by_batch_unless_it_is_told():
    found = {name: shape().by for name, shape in SCHEDULES.items()}
    assert {name for name, by in found.items() if by == "batch"} == {"one_cycle"}


def test_an_unknown_schedule():
    with pytest.raises(KeyError):
        make_schedule("linear", 1, 4)


WHOLE = "must be a whole number of at least"
NUMBER = "must be a number of at least 0"


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize(
    ("option", "value", "what"),
    [
        ("warmup_epochs", -1, f"{WHOLE} 0, got -1"),
        ("warmup_epochs", 1.0, f"{WHOLE} 0, got 1.0"),
        ("warmup_epochs", 0.5, f"{WHOLE} 0, got 0.5; by: batch takes any share of an epoch"),
        ("by", "step", "must be epoch or batch, got 'step'"),
        ("rise", 1, f"{NUMBER} and less than 1, got 1"),
        ("begin", -1, f"{NUMBER}, got -1"),
        ("end", None, f"{NUMBER}, got nothing"),
        ("warmup_epochs", True, f"{WHOLE} 0, got true"),
        ("warmup_epochs", None, f"{WHOLE} 0, got nothing"),
        ("warmup_begin_lr", -0.1, f"{NUMBER}, got -0.1"),
        ("warmup_begin_lr", "0.1", f"{NUMBER}, got '0.1'"),
        ("step", 0, f"{WHOLE} 1, got 0"),
        ("step", 2.5, f"{WHOLE} 1, got 2.5"),
        ("step", [1, 2], f"{WHOLE} 1, got [1, 2]"),
        ("factor", -0.1, f"{NUMBER}, got -0.1"),
        ("factor", math.nan, f"{NUMBER}, got nan"),
        ("pwr", -1, f"{NUMBER}, got -1"),
        ("pwr", False, f"{NUMBER}, got false"),
        ("final_lr", math.inf, f"{NUMBER}, got inf"),
        ("final_lr", {"a": 1}, f"{NUMBER}, got {{'a': 1}}"),
    ],
)
def test_values_that_make_no_sense(name, option, value, what):
    if option not in SCHEDULES[name].__dataclass_fields__:
        with pytest.raises(TypeError):
            make_schedule(name, 1, 4, **{option: value})
        return
    with pytest.raises(ValueError, match=option) as caught:
        make_schedule(name, 1, 4, **{option: value})
    assert str(caught.value) == f"{option}: {what}"


rate = st.floats(1e-9, 1e3)
low = st.floats(0, 1e3)
options = {
    "constant": {},
    "step": {"step": st.integers(1, 50), "factor": st.floats(0.01, 1)},
    "poly": {"pwr": st.floats(0, 5), "final_lr": low},
    "cosine": {"final_lr": low},
}


@st.composite
def schedules(draw):
    name = draw(st.sampled_from(sorted(options)))
    epochs = draw(st.integers(1, 100))
    chosen = draw(st.fixed_dictionaries({}, optional=options[name]))
    chosen["warmup_epochs"] = draw(st.integers(0, epochs - 1))
    chosen["warmup_begin_lr"] = draw(low)
    return name, draw(rate), epochs, chosen


@given(schedules())
def test_every_rate_is_a_finite_number_between_those_that_were_named(drawn):
    name, base, epochs, chosen = drawn
    schedule = make_schedule(name, base, epochs, **chosen)
    rates = [schedule(epoch) for epoch in range(epochs)]
    assert all(isinstance(each, float) for each in rates)
    named = [base, chosen.get("final_lr", 0.0), chosen["warmup_begin_lr"]]
    slack = 1e-9 * max(named)
    assert all(min(named) - slack <= each <= max(named) + slack for each in rates)
    warm = chosen["warmup_epochs"]
    assert rates[warm] == pytest.approx(base)


@given(schedules())
def test_the_rates_move_one_way_in_the_warm_up_and_one_way_after_it(drawn):
    name, base, epochs, chosen = drawn
    schedule = make_schedule(name, base, epochs, **chosen)
    warm = chosen["warmup_epochs"]
    before = [schedule(epoch) for epoch in range(warm + 1)]
    after = [schedule(epoch) for epoch in range(warm, epochs)]
    slack = 1e-9 * max(*before, *after)
    for rates in (before, after):
        steps = [b - a for a, b in zip(rates, rates[1:])]
        assert all(s <= slack for s in steps) or all(s >= -slack for s in steps)


@given(st.sampled_from(["poly", "cosine"]), rate, low, st.integers(1, 100), st.integers(0, 99))
def test_the_end_of_the_last_epoch_is_where_the_final_rate_is_reached(
    name, base, final, epochs, warm
):
    schedule = make_schedule(name, base, epochs + warm, final_lr=final, warmup_epochs=warm)
    assert schedule(epochs + warm) == pytest.approx(final, abs=1e-9 * max(base, final))


@pytest.mark.parametrize(
    ("name", "options", "rates"),
    [
        ("exponential", {"factor": 0.25}, [1, 0.5, 0.25, 0.125]),
        ("cosine_restarts", {"period": 1}, [1, 0.5, 1, 0.5]),
        # The second is of three epochs, a sixth of which is over after half of one.
        (
            "cosine_restarts",
            {"period": 1, "growth": 3},
            [1, 0.5, 1, (1 + math.cos(math.pi / 6)) / 2],
        ),
    ],
)
def test_rates_of_two_batches_in_each_of_two_epochs(name, options, rates):
    schedule = make_schedule(name, 1, 2, by="batch", **options)
    found = [rate for epoch in range(2) for rate in schedule.rates(epoch, 2)]
    assert found == pytest.approx(rates)


def test_a_period_that_grows_begins_each_time_with_an_epoch():
    schedule = make_schedule("cosine_restarts", 1, 40, period=3, growth=1.5)
    begins = [epoch for epoch in range(40) if schedule(epoch) == 1]
    assert begins == [0, 3, 7, 14, 24, 39]  # 3, 4.5, 6.75, 10.125 and 15.1875 epochs, rounded
