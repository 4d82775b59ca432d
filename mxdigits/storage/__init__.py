"""Files: written completely or not at all, locked while a process works, read without trust.

Anybody may have made the files that are read here: sizes are bounded, and nothing in a file is
run. The names and the meaning of a run's files are in ``runs/``.

- ``files.py`` writes and reads files; start reading there. ``disk.py`` renames and flushes them,
  even if a file system cannot. ``lock.py`` locks a run's folder.
- ``strict_yaml.py`` reads YAML with the place of each key, ``json_text.py`` writes JSON.
- ``npz.py`` reads NPZ archives. ``schema.py`` is the base of all pydantic models.

Words:

- plain file: no pipe, device or folder; reading one never waits.
- owner: the process that uses a run folder, as its lock file says.
- mark: the line and column at which a key of a YAML file stands.
"""
