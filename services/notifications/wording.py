"""Fill in texts: names in braces are replaced by values, and nothing else happens.

A value is one line of plain text: control characters become spaces, so that it can neither end a mail header nor
begin a new one. A template names values only; it cannot reach into them as `str.format` would.
"""

import re
from collections.abc import Mapping

_NAME = re.compile(r"\{([a-z_]+)\}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its names filled in; raises KeyError for a name without a value."""
    return _NAME.sub(lambda found: one_line(values[found[1]]), template)


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    return _UNPRINTABLE.sub(" ", text).strip()


def names_in(template: str) -> set[str]:
    """The names that a template fills in."""
    return set(_NAME.findall(template))
