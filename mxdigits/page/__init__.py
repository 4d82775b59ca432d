"""The page to draw a digit on: one for a server and for a file that holds the network itself.

``page.html`` has the markup, the style and the script of the page, which asks an object called
``network``. Whoever shows the page puts a script before it that makes that object, as ``server.js``
does. ``page.py`` puts them together.
"""
