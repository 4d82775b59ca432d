"""The format ``web``: one HTML file that holds a network, and reads digits without a server.

``web.py`` is the format, ``file.py`` writes the file. ``script/`` runs in the browser, beside the
page of :mod:`mxdigits.page`: it repeats :mod:`mxdigits.digitize` in JavaScript, file by file and
function by function; its ``network.js`` answers the page. ``runtime/`` is onnxruntime-web, as
``.ci/web_runtime`` fetches it.
"""
