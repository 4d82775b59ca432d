"""The names of samplers and pruners, in a module that completion can import alone."""

SAMPLERS = ("tpe", "random", "grid")
PRUNERS = ("median", "asha", "none")
