"""A licence as the metadata of a model card say it: by the words of Hugging Face's hub."""

from __future__ import annotations

import re

# What the hub knows of what SPDX lists: https://huggingface.co/docs/hub/repositories-licenses
_WORDS = """
    apache-2.0 mit afl-3.0 artistic-2.0 bsl-1.0 bsd-2-clause bsd-3-clause bsd-3-clause-clear
    cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0
    cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0
    cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0
    wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gpl-2.0 gpl-3.0 lgpl-2.1
    lgpl-3.0 isc lppl-1.3c ms-pl mpl-2.0 osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib
"""
_ON_HUB = frozenset(_WORDS.split())
_OTHER_NAMES = {
    "agpl-3.0-only": "agpl-3.0",
    "c-uda-1.0": "c-uda",
    "gpl-2.0-only": "gpl-2.0",
    "gpl-3.0-only": "gpl-3.0",
    "lgpl-2.1-only": "lgpl-2.1",
    "lgpl-3.0-only": "lgpl-3.0",
    "lgpllr": "lgpl-lr",
    "odbl-1.0": "odbl",
    "odc-by-1.0": "odc-by",
    "pddl-1.0": "pddl",
}


def license_metadata(license: str) -> dict[str, str]:
    """The keys of a card's metadata that say the licence: one that the hub knows, or another.

    Args:
        license: an identifier or an expression, as SPDX writes it; empty for none.

    >>> license_metadata("CC-BY-4.0")
    {'license': 'cc-by-4.0'}
    >>> license_metadata("MIT OR Apache-2.0")
    {'license': 'other', 'license_name': 'mit-or-apache-2.0'}
    """
    if not license:
        return {}
    lower = license.lower()
    known = _OTHER_NAMES.get(lower, lower)
    if known in _ON_HUB or lower in _OTHER_NAMES:
        return {"license": known}
    name = re.sub(r"[^a-z0-9.+]+", "-", lower).strip("-")
    return {"license": "other", "license_name": name, **_link(license)}


def _link(license: str) -> dict[str, str]:
    """Where the text of a single licence stands that SPDX lists."""
    if " " in license or license.startswith("LicenseRef-") or license.endswith("+"):
        return {}
    return {"license_link": f"https://spdx.org/licenses/{license}.html"}
