"""The page that a server shows, and the policy under which a browser shows it."""

from __future__ import annotations

from ..page.page import page, policy, server_script

# The policy of answers that are no pages: nothing is allowed.
NOTHING = "default-src 'none'; frame-ancestors 'none'"

_ABOUT = 'For programs there is an <a href="openapi.json">API</a>.'


def read_page() -> tuple[str, str]:
    """Return the page and its content-security policy: the page may only contact its own server.

    Example:
        >>> text, policy = read_page()
        >>> text[:15], policy[:18]
        ('<!doctype html>', "default-src 'none'")
    """
    text = page(f"<script>\n{server_script()}</script>", _ABOUT)
    return text, policy(text, "connect-src 'self'", "frame-ancestors 'none'")
