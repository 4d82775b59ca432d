"""The parameters in training. Start reading at ``weights.py``, which holds and updates them.

- ``groups.py`` lays parameters side by side; ``sgd.py`` updates them in one pass.
- ``optimizer_state.py`` saves an optimizer's state; ``averages.py`` keeps the moving averages.
"""
