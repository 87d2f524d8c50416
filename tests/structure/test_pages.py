"""The glossary and the page of sources say what the code says."""

import re
import tomllib
from collections.abc import Iterator

import pytest
import yaml

from docs.generate import PAGES, registers
from docs.lifecycles import PAGE, machines, page
from services.identity.roles.defaults import default_names
from tests.structure.house import ROOT

SOURCES = (PAGES / "README.md").read_text(encoding="utf-8")
BROKER_RULE = "保险经纪人监管规定"
RANGE = re.compile(r"(SD|X|G)-(\d\d) 至 \1-(\d\d)")
LETTERED = re.compile(r"\b(?:SD|X|G)-\d\d\b|(?<![\w./-])[A-Z]\d{1,2}(?![\w-])")
ARTICLES = re.compile(r"(?:(?P<law>[一-鿿]{2,}(?:法|规定|办法)) )?第(?P<numbers>[\d、]+)条")


def sources() -> Iterator[tuple[str, str]]:
    """Each rule's id and its source."""
    for register in registers().values():
        for rule in tomllib.loads(register.read_text(encoding="utf-8"))["rule"]:
            yield rule["id"], rule["source"]


def names_in(source: str) -> set[str]:
    """The ids that a source names, ranges written out."""
    between = {
        f"{kind}-{number:02d}"
        for kind, first, last in RANGE.findall(source)
        for number in range(int(first), int(last) + 1)
    }
    return between | set(LETTERED.findall(source))


def articles_in(source: str) -> set[tuple[str, str]]:
    """The articles that a source names, with their law."""
    return {
        (found["law"] or BROKER_RULE, number)
        for found in ARTICLES.finditer(source)
        for number in found["numbers"].split("、")
    }


def test_every_id_that_a_rule_names_as_its_source_is_on_the_page():
    told = set(re.findall(r"^\| ([A-Z]+-?\d+) \|", SOURCES, re.MULTILINE))
    lacking = sorted({f"{rule}: {name}" for rule, source in sources() for name in names_in(source) - told})
    assert not lacking, f"add their rows to docs/rules/README.md: {lacking}"


def test_every_article_that_a_rule_names_as_its_source_is_on_the_page():
    rows = re.findall(r"^\| ([一-鿿]+)(?: \([^|]*\))? \| (\d+) \|", SOURCES, re.MULTILINE)
    lacking = sorted({f"{rule}: {a}" for rule, source in sources() for a in articles_in(source) - set(rows)})
    assert not lacking, f"add their rows to docs/rules/README.md: {lacking}"


@pytest.mark.parametrize(
    ("source", "names", "articles"),
    [
        ("SD-23 至 SD-25; X-01; K1", {"SD-23", "SD-24", "SD-25", "X-01", "K1"}, set()),
        ("GB/T 22239-2019 8.1.4.1; GB 11643-1999; RFC 9700 §4.14.2", set(), set()),
        ("E1; 第34、40条", {"E1"}, {(BROKER_RULE, "34"), (BROKER_RULE, "40")}),
        ("Y10; 保险法 第16条", {"Y10"}, {("保险法", "16")}),
    ],
)
def test_sources_are_read_as_people_read_them(source: str, names: set[str], articles: set[tuple[str, str]]):
    assert names_in(source) == names
    assert articles_in(source) == articles


def test_the_glossary_shows_the_lifecycles_as_they_are():
    assert len(list(machines())) > 20
    assert PAGE.read_text(encoding="utf-8") == page(), "run `.venv/bin/python -m docs.lifecycles`"


def test_the_operators_pages_count_as_the_code_does():
    parts = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))["services"]
    assert f"({len(parts)} containers," in (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    commands = (ROOT / "docs/operators-command.md").read_text(encoding="utf-8")
    assert f"Default roles: {len(default_names())} made" in commands
