"""Rules, refusals, tests and pages are kept in step."""

import importlib
import re
import sys

from chassis.refusals import Conflict, Forbidden, Invalid, Missing, Refusal, TryLater
from chassis.rulebook import rulebook
from docs.generate import PAGES, page, registers
from tests.structure.house import ROOT, python_files, where

KINDS = (Refusal, Invalid, Missing, Forbidden, Conflict, TryLater)
ID = re.compile(r"\b(?:SYS|IDN|CLI|HRM|PLC|NTF|FIN|WHK)-\d{3}\b")


def refusals() -> list[type[Refusal]]:
    """Every named refusal of chassis and services."""
    for path in python_files("chassis", "services"):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    found: list[type[Refusal]] = []
    todo: list[type[Refusal]] = [Refusal]
    while todo:
        for kind in todo.pop().__subclasses__():
            todo.append(kind)
            ours = kind.__module__.startswith(("chassis.", "services.")) and kind.__module__ in sys.modules
            if ours and kind not in KINDS:
                found.append(kind)
    return found


def test_every_refusal_names_a_rule_that_is_registered():
    nameless = [
        f"{kind.__module__}.{kind.__name__}: {kind.rule or 'none'}"
        for kind in refusals()
        if kind.rule not in rulebook()
    ]
    assert not nameless, f"give `rule` an id of services/<service>/rules.toml: {nameless}"


def test_every_refusal_speaks_both_languages():
    dumb = [
        f"{kind.__module__}.{kind.__name__}"
        for kind in refusals()
        if not kind.zh or not kind.en or bool(kind.todo_zh) != bool(kind.todo_en)
    ]
    assert not dumb, f"give them zh and en (and todo_zh with todo_en): {dumb}"


def test_every_rule_that_code_or_tests_name_is_registered():
    wrong = [
        f"{where(path)}: {found}"
        for path in python_files("chassis", "services", "tests")
        for found in sorted(set(ID.findall(path.read_text())))
        if found not in rulebook() and path.name != "test_rules.py"
    ]
    assert not wrong, f"register them or mend the id: {wrong}"


def test_every_rule_has_a_test():
    tested: set[str] = set()
    for path in python_files("tests"):
        for line in re.findall(r"mark\.rule\(([^)]*)\)", path.read_text()):
            tested |= set(ID.findall(line))
    untested = sorted(set(rulebook()) - tested)
    assert not untested, f'mark the test that proves it with @pytest.mark.rule("…"): {untested}'


def test_the_pages_are_those_of_the_registers():
    stale = [
        name
        for name, register in registers().items()
        if not (PAGES / f"{name}.md").is_file() or (PAGES / f"{name}.md").read_text() != page(name, register)
    ]
    assert not stale, f"run `make docs`: {stale}"
