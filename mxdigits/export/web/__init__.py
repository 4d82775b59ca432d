"""The format ``web``: one HTML file that holds a network, and reads digits without a server.

``web.py`` is the format, ``file.py`` the file. ``script/`` is what runs in the browser besides the
page of :mod:`mxdigits.page`: :mod:`mxdigits.digitize` once more, file by file and function by
function, and ``network.js``, which answers the page. ``runtime/`` is onnxruntime-web, as
``.ci/web_runtime`` fetches it.
"""
