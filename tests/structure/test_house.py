"""The architecture as tests. A failure says what to do."""

import ast
import re
import tomllib

from chassis.permits import Permit, guard_of
from tests.structure.house import CODE, ROOT, python_files, routes, services, tree, where

LAYERS = ["model", "rules", "store", "actions", "schemas", "endpoints", "consumers", "jobs"]
BELOW = {"endpoints": 4, "consumers": 4, "jobs": 4, "schemas": 4, "actions": 3, "store": 2, "rules": 1, "model": 0}


def test_files_end_by_400_lines():
    long = {where(path): n for path in python_files(*CODE) if (n := path.read_text().count("\n")) > 400}
    assert not long, f"split these, each part under a name of its own: {long}"


def test_functions_end_by_50_lines():
    long = [
        f"{where(path)}:{node.lineno} {node.name}"
        for path in python_files(*CODE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert not long, f"give parts of these names of their own: {long}"


def test_every_route_names_its_scope_or_says_why_it_is_open():
    bare = [
        f"{service.name} {sorted(route.methods or ())} {route.path}"
        for service in services()
        for route in routes(service)
        if guard_of([d.dependency for d in route.dependencies if d.dependency]) is None
    ]
    assert not bare, f'add dependencies=[requires("things:verb")] or open_to_all("why") to: {bare}'


def test_every_scope_belongs_to_a_role():
    given: set[str] = set()
    for path in (ROOT / "services/identity/roles/scopes").glob("*.toml"):
        told = tomllib.loads(path.read_text())["scopes"]
        given |= {scope for scope, roles in told.items() if roles}
    needed = {
        guard.scope
        for service in services()
        for route in routes(service)
        if isinstance(guard := guard_of([d.dependency for d in route.dependencies if d.dependency]), Permit)
    }
    assert not needed - given, (
        f"name the roles in services/identity/roles/scopes/<service>.toml for: {sorted(needed - given)}"
    )
    assert not given - needed, f"no route asks for these scopes: {sorted(given - needed)}"


def test_every_operation_has_a_description_and_a_name_of_its_own():
    for service in services():
        names = [route.name for route in routes(service)]
        double = {name for name in names if names.count(name) > 1}
        assert not double, f"{service.name}: one name, one operation: {double}"
        silent = [route.name for route in routes(service) if not route.description]
        assert not silent, f"{service.name}: say in a docstring what these do: {silent}"


def test_imports_inside_a_slice_go_downwards():
    wrong: list[str] = []
    for path in python_files("services"):
        if path.stem not in BELOW or path.parent.parent.name == "services":
            continue
        slice_name = ".".join(path.relative_to(ROOT).parts[:-1])
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module:
                modules = (
                    [node.module]
                    if node.module != slice_name
                    else [f"{slice_name}.{alias.name}" for alias in node.names]
                )
                for module in modules:
                    layer = module.removeprefix(f"{slice_name}.")
                    if module.startswith(f"{slice_name}.") and layer in BELOW and not _below(layer, path.stem):
                        wrong.append(f"{where(path)} imports {layer}")
    assert not wrong, f"move what they need downwards (endpoints → schemas → actions → store → rules → model): {wrong}"


def _below(layer: str, importer: str) -> bool:
    order = {"model": 0, "rules": 1, "store": 2, "actions": 3, "schemas": 4, "endpoints": 5, "consumers": 5, "jobs": 5}
    if importer == "actions" and layer == "schemas":
        return False
    return order[layer] < order[importer]


def test_rules_and_models_touch_neither_clock_nor_database():
    wrong: list[str] = []
    for path in python_files("services"):
        if path.stem in ("rules", "model"):
            text = path.read_text()
            wrong += [
                where(path)
                for word in ("datetime.now", "date.today", "pymongo", "utc_now", "async def")
                if word in text
            ]
    assert not wrong, f"a rule gets time and data as arguments: {wrong}"


def test_nothing_reads_the_clock_but_the_doors():
    readers = [
        where(path)
        for path in python_files("services")
        if re.search(r"datetime\.now|date\.today|utc_now\(", path.read_text())
    ]
    assert not readers, f"use work.now and work.today in: {readers}"


CALLS_OUTSIDE = "services/webhooks/sending.py"
"""It calls systems of others, never a service of ours: those lie at inner addresses, which it refuses (WHK-002)."""


def test_services_talk_by_events_only():
    names = [service.name for service in services()]
    wrong: list[str] = []
    for path in python_files("services"):
        own = path.relative_to(ROOT / "services").parts[0]
        text = path.read_text()
        wrong += [
            f"{where(path)} uses {name}"
            for name in names
            if name != own and re.search(rf"\bservices[./]{name}\b", text)
        ]
        calls = re.search(r"^(import|from) (httpx|requests|urllib\.request|aiohttp)", text, re.MULTILINE)
        if calls and where(path) != CALLS_OUTSIDE:
            wrong.append(f"{where(path)} calls over HTTP")
    assert not wrong, f"take what you need from events into a copy: {wrong}"


def test_every_copied_topic_is_followed_completely():
    """A copy whose version follows the aggregate's must hear all its facts."""
    from contracts.catalogue import facts

    by_topic: dict[str, set[str]] = {}
    for name, fact in facts().items():
        by_topic.setdefault(fact.topic, set()).add(name)
    assert len(by_topic) > 15
    assert all(name.startswith(f"baoqiao.{topic}.") for topic, names in by_topic.items() for name in names)
