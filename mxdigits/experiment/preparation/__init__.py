"""Makes what a run needs before its first batch. Start reading at ``prepare.py``.

It passes the values of a recipe to the code that uses them.

- ``parts.py`` divides the data, ``class_weights.py`` weighs the classes. ``named_runs.py`` finds
  and reads the runs of the keys ``init`` and ``teacher``.
- ``choices.py`` checks the options of models and plugins before data are read; ``building.py``
  builds the network and what it learns with.
- ``recipe_devices.py`` and ``recipe_callbacks.py`` make what the recipe asks for; ``fastest.py``
  lets the backends race; ``shared_batches.py`` checks whether several workers can train a recipe.
"""
