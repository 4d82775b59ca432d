"""From YAML to a checked Recipe.

``schema.py`` says which keys there are, ``problems.py`` what to tell of a mistake. A new key
begins here.
"""
