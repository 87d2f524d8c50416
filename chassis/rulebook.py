"""The register of rules that a service enforces: id, sentence in two languages, source, in force from."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Rule:
    """One rule. `source` is the law's article, the owner's rule (SD-…), a decision on a conflict (X-…) or gap (G-…)."""

    id: str
    zh: str
    en: str
    source: str
    in_force_from: date


@cache
def rulebook() -> dict[str, Rule]:
    """All registers that this process carries: the chassis' own and those of the services present, by rule id."""
    rules: dict[str, Rule] = {}
    for register in [ROOT / "chassis/rules.toml", *sorted((ROOT / "services").glob("*/rules.toml"))]:
        for told in tomllib.loads(register.read_text(encoding="utf-8"))["rule"]:
            rule = Rule(**told)
            if rule.id in rules:
                raise ValueError(f"{register}: rule {rule.id} stands twice")
            rules[rule.id] = rule
    return rules


def rule(rule_id: str) -> Rule:
    """The rule with this id; raises KeyError for one that no register has."""
    return rulebook()[rule_id]
