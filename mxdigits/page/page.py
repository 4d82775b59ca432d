"""The page put together, and the policy under which a browser shows it."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

_FOLDER = Path(__file__).parent


def server_script() -> str:
    """The script that asks the network over HTTP, of the server that sent the page.

    Example:
        >>> "predict" in server_script()
        True
    """
    return (_FOLDER / "server.js").read_text(encoding="utf-8")


def page(network: str, about: str, head: str = "") -> str:
    """The page as HTML.

    Args:
        network: HTML whose scripts make the object ``network``, which the page asks.
        about: HTML of a sentence at the foot of the page.
        head: HTML for the head of the page.

    Example:
        >>> "<script>const network = 1;</script>" in page("<script>const network = 1;</script>", "")
        True
    """
    text = (_FOLDER / "page.html").read_text(encoding="utf-8")
    for slot, content in (("head", head), ("about", about), ("network", network)):
        before, _, after = text.partition(f"<!-- {slot} -->")
        text = before + content + after
    return text


def policy(text: str, *more: str, scripts: str = "") -> str:
    """A content-security policy: a page runs its own scripts and styles, known by their SHA-256.

    Args:
        text: the page.
        more: what else it may, as directives.
        scripts: what scripts may besides.

    Example:
        >>> policy("<script>1</script>", "connect-src 'self'").split("; ")[0]
        "default-src 'none'"
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hashes(text, 'script')} {scripts}".rstrip(),
            f"style-src {_hashes(text, 'style')}",
            "img-src data:",  # the page's icon
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            *more,
        ]
    )


def _hashes(text: str, tag: str) -> str:
    contents = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.S)
    digests = [hashlib.sha256(content.encode()).digest() for content in contents]
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
