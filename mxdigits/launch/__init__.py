"""One run by several processes, here or on other machines: started, watched, ended together.

The launcher (``launcher.py``: begin there) starts one agent on each machine (``agent.py``). The
agent starts the workers of that machine (``process.py``), and ends them if the launcher is gone. A
worker is the ordinary command ``mxdigits run``; the backends decide how workers train together.
"""
