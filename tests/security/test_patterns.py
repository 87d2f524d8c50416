"""No regular expression takes longer than its text is long: in the code, in what OpenAPI publishes, at the gateway."""

import ast
import importlib
import json
import re
import re._constants as code  # pyright: ignore[reportMissingImports]
import re._parser as reader  # pyright: ignore[reportMissingImports]
from typing import Any

import pytest

from deploy.envoy.render import GatewaySettings, render
from tests.security.bodies import doors, parts
from tests.structure.house import python_files, tree, where

FOLDERS = ("contracts", "chassis", "services", "deploy")
CALLS = {"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
SMALL = 5
"""A repeat of at most so many cannot make a text dear by itself."""


def is_dear(pattern: str | bytes) -> bool:
    """Whether a text exists over which the engine may try again and again: a repeat inside a repeat, or two repeats of
    the same characters side by side, of which at least one has no small most."""
    return _dear(list(reader.parse(pattern)), within=False)


def _dear(steps: list[Any], *, within: bool) -> bool:
    before: set[int] | None = None  # what the repeat before takes, when nothing stands between
    for kind, told in steps:
        if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
            least, most, inner = told
            many = most > SMALL
            if many and least != most and within:
                return True
            if _dear(list(inner), within=within or (many and least != most and not _begins_apart(list(inner)))):
                return True
            takes = _characters(list(inner)) if many else set[int]()
            # where turns begin apart, only their beginning meets what stands before
            meets = _of(*next(iter(inner))) if many and _begins_apart(list(inner)) else takes
            if before and takes and before & meets and most == code.MAXREPEAT:
                return True
            before = (before or set()) | takes if least == 0 else takes
        elif kind is code.SUBPATTERN:
            if _dear(list(told[3]), within=within):
                return True
            before = None
        elif kind is code.BRANCH:
            if any(_dear(list(branch), within=within) for branch in told[1]):
                return True
            before = None
        elif kind is not code.AT:
            before = None
    return False


def _begins_apart(inner: list[Any]) -> bool:
    """Whether each turn of a repeat begins with a character that the rest of the turn does not take: `(,\\d+)*`."""
    while len(inner) == 1 and inner[0][0] is code.SUBPATTERN:
        inner = list(inner[0][1][3])
    if not inner or inner[0][0] not in (code.LITERAL, code.IN):
        return False
    first = _of(*inner[0])
    return not any(first & _characters([step]) for step in inner[1:])


def _characters(steps: list[Any]) -> set[int]:
    """The ASCII characters that these steps may take (and 128 for all others)."""
    return set().union(*(_of(kind, told) for kind, told in steps)) if steps else set()


def _of(kind: Any, told: Any) -> set[int]:
    every = set(range(129))
    match kind:
        case code.LITERAL:
            return {min(told, 128)}
        case code.NOT_LITERAL:
            return every - {told}
        case code.ANY:
            return every
        case code.IN:
            negated = bool(told) and told[0][0] is code.NEGATE
            found = set().union(*(_in_class(*each) for each in told if each[0] is not code.NEGATE))
            return every - (found - {128}) if negated else found
        case code.MAX_REPEAT | code.MIN_REPEAT:
            return _characters(list(told[2]))
        case code.SUBPATTERN:
            return _characters(list(told[3]))
        case code.BRANCH:
            return set().union(*(_characters(list(branch)) for branch in told[1]))
    return set()


def _in_class(kind: Any, told: Any) -> set[int]:
    match kind:
        case code.LITERAL:
            return {min(told, 128)}
        case code.RANGE:
            return set(range(min(told[0], 128), min(told[1], 128) + 1))
        case code.CATEGORY:
            word = {ord(c) for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"}
            digit, space = set(range(48, 58)), {9, 10, 11, 12, 13, 32}
            name = str(told).rpartition("_")[2].lower()
            of = {"digit": digit, "space": space, "word": word}[name] | {128}
            return set(range(129)) - (of - {128}) if "NOT" in str(told) else of
    return set(range(129))


def in_the_code() -> list[Any]:
    """Every pattern written as a text in the code, with its place; f-strings by their fixed parts."""
    found: list[Any] = []
    for path in python_files(*FOLDERS):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and (pattern := _pattern_of(node)) is not None:
                found.append(pytest.param(pattern, id=f"{where(path)}:{node.lineno}"))
    return found


def _pattern_of(call: ast.Call) -> str | bytes | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    of_re = ast.unparse(call.func).startswith("re.")
    told = call.args[0] if of_re and name in CALLS and call.args else None
    told = next((word.value for word in call.keywords if word.arg == "pattern"), told)
    if isinstance(told, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in told.values)
    return told.value if isinstance(told, ast.Constant) and isinstance(told.value, str | bytes) else None


def put_together() -> list[Any]:
    """Every pattern that a module of ours keeps, with its name: also those that are put together from parts."""
    found: list[Any] = []
    for path in python_files(*FOLDERS):
        if "re.compile(" in path.read_text(encoding="utf-8"):
            module = importlib.import_module(where(path).removesuffix(".py").replace("/", "."))
            kept = {name: value for name, value in vars(module).items() if isinstance(value, re.Pattern)}
            found += [pytest.param(value.pattern, id=f"{module.__name__}.{name}") for name, value in kept.items()]
    return found


def at_the_gateway() -> list[str]:
    """The patterns of the gateway's configuration (RE2 there, which is linear by itself: this is a second belt)."""
    found: list[str] = []

    def look(told: Any) -> None:
        if isinstance(told, dict):
            found.extend([told["regex"]] if isinstance(told.get("regex"), str) else [])
            for inner in told.values():
                look(inner)
        elif isinstance(told, list):
            for inner in told:
                look(inner)

    look(json.loads(render(GatewaySettings(admin_port=1), {"identity": "host:1"})))
    return found


@pytest.mark.parametrize("pattern", in_the_code() + put_together())
def test_no_pattern_in_the_code_is_dear(pattern: str | bytes):
    assert not is_dear(pattern)


def test_no_published_pattern_is_dear():
    published = {schema["pattern"] for door in doors() for _, schema in parts(door.schema) if "pattern" in schema}
    assert published
    assert not [pattern for pattern in {*published, *at_the_gateway()} if is_dear(pattern)]


@pytest.mark.parametrize(
    "dear",
    [r"(a+)+$", r"(\w*)*x", r"(a|a+)*", r"a+(?:a,)*x", r"a*(?:,a*)*a*x", r"\d+\d+$", r"\s*.*\s*$", r"(\w+\s?)*$"],
)
def test_a_dear_pattern_would_be_found(dear: str):
    assert is_dear(dear)


@pytest.mark.parametrize(
    "cheap", [r"^[a-z]+$", r"(,\d+)*", r"-?\d{1,15}(\.\d{1,2})?", r"^\d+-\d+$", r"a{2}b{1,3}c+", r"a+(?:,a+)*x"]
)
def test_a_cheap_one_passes(cheap: str):
    assert not is_dear(cheap)
