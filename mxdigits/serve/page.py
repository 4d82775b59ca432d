"""The page, and the policy under which a browser shows it."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

_PAGE = Path(__file__).with_name("page.html")

# What an answer that is no page may do: nothing.
NOTHING = "default-src 'none'; frame-ancestors 'none'"


def read_page() -> tuple[str, str]:
    """The page as text, and its content-security policy.

    It runs its own script and style, known by their SHA-256, and speaks with its own server.

    >>> text, policy = read_page()
    >>> text[:15], policy[:18]
    ('<!doctype html>', "default-src 'none'")
    """
    text = _PAGE.read_text(encoding="utf-8")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hashes(text, 'script')}",
            f"style-src {_hashes(text, 'style')}",
            "img-src data:",  # the page's icon
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ]
    )
    return text, policy


def _hashes(text: str, tag: str) -> str:
    contents = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.S)
    digests = [hashlib.sha256(content.encode()).digest() for content in contents]
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
