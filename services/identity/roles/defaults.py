"""The default roles, read from the files that come with the product: names.toml and scopes/<service>.toml."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def default_scopes() -> dict[str, tuple[str, ...]]:
    """The scopes of each default role, sorted; raises ValueError for a file that names a role which does not exist."""
    scopes: dict[str, set[str]] = {code: set() for code in default_names()}
    for file in sorted((HERE / "scopes").glob("*.toml")):
        for scope, codes in _read(file)["scopes"].items():
            if unknown := set(codes) - set(scopes):
                raise ValueError(f"{file.name}: {scope} is given to unknown roles {sorted(unknown)}")
            for code in codes:
                scopes[code].add(scope)
    return {code: tuple(sorted(carried)) for code, carried in scopes.items()}


@cache
def default_names() -> dict[str, str]:
    """The names of the default roles by code."""
    return dict(_read(HERE / "names.toml")["roles"])


@cache
def known_scopes() -> frozenset[str]:
    """Every scope that any service asks for."""
    return frozenset(scope for file in (HERE / "scopes").glob("*.toml") for scope in _read(file)["scopes"])


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
