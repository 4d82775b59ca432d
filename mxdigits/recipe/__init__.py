"""From YAML to a checked Recipe.

``schema.py`` says which keys there are, ``sections.py`` which a section has, ``problems.py`` what
to tell of a mistake. A new key begins there.

Words:

- section: a key whose value is a mapping with keys of its own.
- named options: a name, such as a model's, and the options that go to what it names.
- override: ``key.path=value``, which replaces what the file says.
- problem: one mistake, as the path of its key and what to tell of it.
"""
