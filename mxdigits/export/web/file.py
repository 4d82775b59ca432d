"""The HTML file: the page, the network and the code that runs it, all in one file."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from pathlib import Path

import numpy as np

from ...digitize.digits.likeness import WEIGHTS
from ...errors import DataError
from ...page.page import page, policy
from ...runs.description import Description

_FOLDER = Path(__file__).parent
_RUNTIME = _FOLDER / "runtime"

# In this order, because each uses those before it.
_SCRIPTS = (
    *("arrays", "resizing", "highest", "components", "rules", "paper_lines", "pieces"),
    *("between_lines", "straight", "shadows", "underlines", "boxes", "light", "ink", "second_look"),
    *("straightening", "drawn_frame", "sheet", "askew", "dashes", "dithering", "mnist_form"),
    *("likeness", "preprocessing", "picture", "occlusion", "network"),
)
_NETWORK = "network-onnx"
_ABOUT = "The network is in this file: nothing is sent. "


def web_page(model: bytes, description: Description) -> str:
    """Return the file as text.

    Args:
        model: the content of an ONNX file.
        description: what the network takes and gives.

    Example:
        >>> text = web_page(b"an ONNX file", Description(name="mine", image_shape=(1, 28, 28)))
        >>> text[:15], len(text) < 5_000_000
        ('<!doctype html>', True)
    """
    network = "\n".join(
        [
            _data("network-description", _description(description, len(model))),
            _data(_NETWORK, _base64(gzip.compress(_apart(model), 9, mtime=0))),
            _data("likeness", _base64(WEIGHTS.read_bytes())),
            _data("runtime-glue", _packed("ort-wasm-simd-threaded.mjs")),
            _data("runtime-wasm", _packed("ort-wasm-simd-threaded.wasm")),
            _data("licence", f"ONNX Runtime Web\n\n{_license()}\n"),
            _data("notices", _packed("ThirdPartyNotices.txt")),
            f"<script>{gzip.decompress(_runtime('ort.wasm.min.js')).decode()}</script>",
            f"<script>\n{_script()}</script>",
        ]
    )
    about = _ABOUT + '<a id="licences" href="#licences">Licences</a>'
    rules = policy(page(network, about), scripts="blob: 'wasm-unsafe-eval'")
    head = f'<meta http-equiv="Content-Security-Policy" content="{html.escape(rules)}">'
    return page(network, about, head)


def model_in(text: str, source: object) -> bytes:
    """Return the ONNX file inside the text of a web file; ``source`` is its name in messages.

    Raises:
        DataError: if there is none.

    Example:
        >>> text = web_page(b"an ONNX file", Description(name="mine", image_shape=(1, 28, 28)))
        >>> model_in(text, "mine.html")
        b'an ONNX file'
    """
    found = re.search(f'<script type="text/plain" id="{_NETWORK}">([^<]*)</script>', text)
    size = re.search(r'"bytes": (\d+)', text)
    if not found or not size:
        raise DataError(f"{source} holds no network: it was not written by mxdigits export")
    apart = np.frombuffer(gzip.decompress(base64.b64decode(found[1])), np.uint8)
    return apart.reshape(4, -1).T.tobytes()[: int(size[1])]


def _apart(model: bytes) -> bytes:
    """All first bytes of the floats, then all second bytes ...: gzip makes it a tenth smaller."""
    whole = np.frombuffer(model + bytes(-len(model) % 4), np.uint8)
    return whole.reshape(-1, 4).T.tobytes()


def _description(description: Description, size: int) -> str:
    told = {**description.model_dump(mode="json"), "bytes": size}
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")


def _script() -> str:
    texts = [(_FOLDER / "script" / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS]
    return '"use strict";\n{\n' + "\n".join(texts) + "}\n"  # braces keep names local


def _data(name: str, content: str) -> str:
    return f'<script type="text/plain" id="{name}">{content}</script>'


def _packed(name: str) -> str:
    return _base64(_runtime(name))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _runtime(name: str) -> bytes:
    return (_RUNTIME / f"{name}.gz").read_bytes()


def _license() -> str:
    return (_RUNTIME / "LICENSE").read_text(encoding="utf-8")
