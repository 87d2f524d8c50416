"""What a field means, and an example of it: put into JSON Schemas from tables of words (`fields.toml`).

A table has a section `[fields]`, and one for each schema (or operation, for its parameters) in which a word means
something else: `[Choice]`, or `[quotes.Terms]` where two capabilities have a schema of the same name. An entry is the
sentence, or the sentence and an example where type and name give none. Earlier tables go before later ones.
"""

import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from .personal import Personal

Schema = dict[str, Any]
Table = dict[str, dict[str, Any]]
Shown = Callable[[type[Personal]], str]
WORDS = Path(__file__).with_name("fields.toml")
ID = "01936d2e-7c1a-7c60-8e55-3f1b7a0c9d42"
BY_FORMAT = {"date": "2026-04-01", "date-time": "2026-04-01T02:30:00Z"}
PERSONAL = {kind.__name__: kind for kind in Personal.__subclasses__()}


def words(*paths: Path) -> list[Table]:
    """Tables of words; a file that is not there has none."""
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths if path.is_file()]


class Describing:
    """Describes the properties of schemas; `definitions` are those that `$ref` may name."""

    def __init__(self, tables: Sequence[Table], definitions: dict[str, Schema]) -> None:
        self._tables, self._definitions = tables, definitions
        self._done: set[str] = set()

    def definition(self, name: str, shown: Shown) -> None:
        """Give every property of a definition its description and example, and the whole one example. What is said
        already stays."""
        if name in self._done:
            return
        self._done.add(name)
        schema = self._definitions[name]
        for field, told in schema.get("properties", {}).items():
            self.field(told, field, shown, [*names_of(name), schema.get("title", name)])
        if "properties" in schema and "examples" not in schema:
            schema["examples"] = [
                {field: told["examples"][0] for field, told in schema["properties"].items() if "examples" in told}
            ]

    def field(self, told: Schema, field: str, shown: Shown, owners: Iterable[str] = ()) -> None:
        """Describe one property or parameter."""
        says, given = self._entry(field, owners)
        if says:
            told.setdefault("description", says)
        if "examples" not in told and (example := self._example(told, field, given, shown)) is not None:
            told["examples"] = [example]

    def _entry(self, field: str, owners: Iterable[str]) -> tuple[str, Any]:
        for table in self._tables:
            for section in (*owners, "fields"):
                entry: Any = table
                for part in section.split("."):
                    entry = entry.get(part, {})
                found: Any = entry.get(field)
                if found is not None:
                    return (found, None) if isinstance(found, str) else (found[0], found[1])
        return "", None

    def _example(self, told: Schema, field: str, given: Any, shown: Shown) -> Any:
        if name := told.get("$ref", "").rpartition("/")[2]:
            self.definition(name, shown)
            target = self._definitions[name]
            return target["examples"][0] if "examples" in target else self._example(target, field, given, shown)
        if "anyOf" in told:
            first = next(one for one in told["anyOf"] if one.get("type") != "null")
            return self._example(first, field, given, shown)
        if told.get("type") == "array":
            wanted = cast("list[Any]", given if isinstance(given, list) else [given])
            each = [self._example(told["items"], field.removesuffix("s"), one, shown) for one in wanted]
            return each if each == given else each[:1] if each[0] is not None else None
        return given if _fits(told, given) else _by_type(told, field, shown)


def names_of(component: str) -> list[str]:
    """How tables may call a component: `quotes.Terms` and `Terms` for `services__placement__quotes__model__Terms`."""
    if component.startswith("Page_"):
        return ["Page"]
    parts = component.removesuffix("-Input").removesuffix("-Output").split("__")
    return [parts[-1]] if len(parts) == 1 else [f"{parts[2]}.{parts[-1]}", parts[-1]]


def _fits(told: Schema, given: Any) -> bool:
    """A word that several schemas use need not have the same type, or the same list of values, in each."""
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    kind = kinds.get(told.get("type", ""), object)
    return given is not None and isinstance(given, kind) and given in told.get("enum", [given])


def _by_type(told: Schema, field: str, shown: Shown) -> Any:
    if "enum" in told:
        return told["enum"][0]
    if "const" in told:
        return told["const"]
    if kind := PERSONAL.get(told.get("title", "")):
        return shown(kind)
    match told.get("type"):
        case "boolean":
            return True
        case "string" if told.get("format") in BY_FORMAT:
            return BY_FORMAT[told["format"]]
        case "string" if field in ("id", "by") or field.endswith(("_id", "_by")):
            return ID
        case _:
            return None
