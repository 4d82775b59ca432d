"""The words by which a search says how it chooses; they are completed without importing more."""

SAMPLERS = ("tpe", "random", "grid")
PRUNERS = ("median", "asha", "none")
