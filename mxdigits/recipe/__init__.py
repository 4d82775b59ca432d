"""From YAML to a checked Recipe.

``schema.py`` says which keys there are, ``sections.py`` which a section has, ``problems.py`` what
to tell of a mistake. A new key begins there.
"""
