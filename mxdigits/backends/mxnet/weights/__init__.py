"""The parameters while they learn. Start reading at ``weights.py``, which holds and updates them.

- ``groups.py`` lays parameters side by side; ``sgd.py`` updates them in one pass.
- ``optimizer_state.py`` is what an optimizer remembers; ``averages.py`` the moving averages.
"""
