"""The whole page, and the policy under which a browser shows it."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

_FOLDER = Path(__file__).parent


def server_script() -> str:
    """Return the script that asks the server of the page over HTTP.

    Example:
        >>> "predict" in server_script()
        True
    """
    return (_FOLDER / "server.js").read_text(encoding="utf-8")


def page(network: str, about: str, head: str = "") -> str:
    """Return the page as HTML.

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
    """Return a content-security policy that allows only the page's own scripts and styles.

    Args:
        text: the page; its scripts and styles are known by their SHA-256.
        more: further directives.
        scripts: further sources of scripts.

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
