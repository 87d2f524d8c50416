"""What newer code wrote, kept by older code that changes it: in a rolling upgrade both work on the same documents.

Fields that only the newer code knows are passed over when a document is read (`Value.read`) and stay in it when it
is changed, at any depth. Does not promise: that old code understands a new word of a status or a new meaning of an
old field. Such a change takes two releases: the first learns to read it, the second writes it.
"""

from typing import Any

Document = dict[str, Any]


def carried(found: Any, known: Any, new: Any) -> Any:
    """`new`, with what `found` holds beyond `known`.

    `found` is the value in the document, `known` as this code read it, `new` as this code wants it. Items of a list
    are recognised by being equal to one read, or by their `id`.
    """
    if new == known:
        return found
    if isinstance(found, dict) and isinstance(known, dict) and isinstance(new, dict):
        beyond = {name: value for name, value in found.items() if name not in known}
        return beyond | {name: carried(found.get(name), known.get(name), value) for name, value in new.items()}
    if isinstance(found, list) and isinstance(known, list | tuple) and isinstance(new, list | tuple):
        pairs = list(zip(found, known, strict=False))
        return [_item(pairs, item) for item in new]
    return new


def _item(pairs: list[tuple[Any, Any]], new: Any) -> Any:
    for found, known in pairs:
        if new == known:
            return found
    if isinstance(new, dict) and "id" in new:
        for found, known in pairs:
            if isinstance(known, dict) and known.get("id") == new["id"]:
                return carried(found, known, new)
    return new
