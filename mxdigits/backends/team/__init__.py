"""The workers that train one network together, whatever the backend. Start at ``agreement.py``.

``companions.py`` starts the helper processes that some need; ``shared_memory.py`` and
``sockets.py`` are how processes of one machine reach each other.
"""
