"""The page to draw a digit on: the same for a server and for a file that holds the network.

``page.html`` has the markup, the style and the script of the page; the script asks an object
called ``network``. Another script, such as ``server.js``, must come before it and make that object.
``page.py`` puts them together.
"""
