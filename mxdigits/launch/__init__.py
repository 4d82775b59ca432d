"""One run by several processes, here or on other machines: started, watched, ended together.

The launcher (``launcher.py``: begin there) has one agent on each machine (``agent.py``), which
starts the workers of that machine (``process.py``) and ends them if the launcher is gone. A worker
is the ordinary command ``mxdigits run``; how workers train together is the backends' business.
"""
