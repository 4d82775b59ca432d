"""The workers that train one network together, whatever the backend. Start at ``agreement.py``.

``companions.py`` describes the helper processes that some backends need; processes of one machine
communicate by ``shared_memory.py`` and ``sockets.py``.
"""
