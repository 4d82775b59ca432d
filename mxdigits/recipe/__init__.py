"""From YAML to a checked Recipe.

- ``schema.py``: the keys of a recipe. A new key is added there.
- ``sections.py``: the keys inside ``data``, ``optimizer``, ``loss`` and ``checkpoint``.
- ``written_forms.py``: the types of keys that may be written in more than one way.
- ``files.py``: finds recipes. ``inheritance.py``: the key ``extends``. ``environment.py``:
  ``${NAME}`` in paths. ``overrides.py``: ``key=value`` on the command line.
- ``problems.py``: the texts of all errors, such as that for a misspelt key, and the checks of names
  and their options. ``synonyms.py``: what people write elsewhere. ``combinations.py``: keys that do
  not go together.
- ``starter.py`` writes a first recipe that fits the data in a folder.

``experiment/preparation/prepare.py`` passes the value of each key to the code that uses it.

Words:

- section: a key whose value is a mapping with keys of its own.
- named options: a name, such as a model's, and the options that are passed to what it names.
- override: ``key.path=value``, which replaces what the file says.
- problem: one mistake: the path of its key and the text of its error.
"""
