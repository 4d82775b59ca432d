"""The scripts of the page in one file; a browser runs them in the tests of the page."""

from __future__ import annotations

import re
from pathlib import Path

from mxdigits.export.web import file
from mxdigits.export.web.file import web_page
from mxdigits.runs.description import Description

SCRIPTS = sorted((Path(file.__file__).parent / "script").glob("*.js"))


def test_every_script_is_in_the_file():
    text = web_page(b"1234", Description(name="mine", image_shape=(1, 28, 28)))
    assert [path.name for path in SCRIPTS if path.read_text() not in text] == []


def test_the_scripts_share_no_name():
    """They are one script in the file, which a browser would refuse whole."""
    text = "\n".join(path.read_text() for path in SCRIPTS)
    names = re.findall(r"^(?:async )?(?:function\*?|const|let) (\w+)", text, re.MULTILINE)
    names += re.findall(r"^const .*, ([A-Z_]+) = ", text, re.MULTILINE)  # a line may have several
    assert [name for name in set(names) if names.count(name) > 1] == []
