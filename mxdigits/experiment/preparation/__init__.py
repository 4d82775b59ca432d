"""What a run needs, made before its first batch. Start reading at ``prepare.py``.

A recipe's values go from there to what uses them.

- ``parts.py`` divides the data, ``class_weights.py`` weighs the classes. ``named_runs.py`` finds
  the runs that a recipe starts and learns from; ``teacher.py`` reads the one that it learns from.
- ``choices.py`` checks the options of models and plugins before data are read; ``building.py``
  builds the network and what it learns with.
- ``recipe_devices.py`` and ``recipe_callbacks.py`` make what the recipe asks for; ``fastest.py``
  lets the backends race; ``shared_batches.py`` says whether several workers can train it.
"""
