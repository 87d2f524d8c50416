"""What may change within a version of a contract: optional fields may be added, nothing else."""

from typing import Any

Schema = dict[str, Any]


def breaks(before: Schema, after: Schema) -> list[str]:
    """Why readers or writers of `before` would not get on with `after`; empty when they do. Both are JSON Schemas
    of pydantic."""
    return _object("", before, after, before.get("$defs", {}), after.get("$defs", {}))


def _object(place: str, before: Schema, after: Schema, old: Schema, new: Schema) -> list[str]:
    faults: list[str] = []
    had, has = before.get("properties", {}), after.get("properties", {})
    for name in sorted(set(had) - set(has)):
        faults.append(f"{place}/{name} is gone")
    for name in sorted(set(after.get("required", [])) - set(before.get("required", []))):
        faults.append(f"{place}/{name} is required now")
    for name in sorted(set(before.get("required", [])) - set(after.get("required", []))):
        faults.append(f"{place}/{name} is no longer sure to be there")
    for name in sorted(set(had) & set(has)):
        faults += _value(f"{place}/{name}", had[name], has[name], old, new)
    return faults


def _value(place: str, before: Schema, after: Schema, old: Schema, new: Schema) -> list[str]:
    before, after = _resolved(before, old), _resolved(after, new)
    if before.get("properties") is not None and after.get("properties") is not None:
        return _object(place, before, after, old, new)
    if "items" in before and "items" in after:
        return _value(f"{place}[]", before["items"], after["items"], old, new)
    if "anyOf" in before and "anyOf" in after and len(before["anyOf"]) == len(after["anyOf"]):
        pairs = zip(before["anyOf"], after["anyOf"], strict=True)
        return [fault for had, has in pairs for fault in _value(place, had, has, old, new)]
    faults = [
        f"{place}: {word} was {before.get(word)}, is {after.get(word)}"
        for word in WORDS
        if before.get(word) != after.get(word)
    ]
    if lost := sorted(set(before.get("enum", [])) ^ set(after.get("enum", []))):
        faults.append(f"{place}: the words {', '.join(map(str, lost))} were added or taken away")
    return faults


WORDS = ("type", "format", "pattern", "const", "anyOf", "additionalProperties", "maxLength")


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    name = schema.get("$ref", "").rpartition("/")[2]
    return definitions[name] if name else schema
