"""Write the generated pages: `python -m docs.generate` (docs/rules/*.md from the registers that the services carry)."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs/rules"
HEAD = """# Rules of {name}

Generated from `{register}` by `make docs`; change them there. A refusal or reminder that a rule causes carries its id.
Sources: article numbers are those of the laws and regulations named; SD-… are the owner's own rules, X-… conflicts
that were resolved, G-… gaps that were decided ([index](README.md)).

| id | rule | 规则 | source | in force from |
|---|---|---|---|---|
"""


def registers() -> dict[str, Path]:
    """The registers by the name of their page."""
    services = {path.parent.name: path for path in sorted((ROOT / "services").glob("*/rules.toml"))}
    return {"chassis": ROOT / "chassis/rules.toml", **services}


def page(name: str, register: Path) -> str:
    """The page of one register."""
    rules = tomllib.loads(register.read_text(encoding="utf-8"))["rule"]
    rows = [
        "| "
        + " | ".join(
            str(told).replace("|", "/") for told in (r["id"], r["en"], r["zh"], r["source"], r["in_force_from"])
        )
        + " |"
        for r in sorted(rules, key=lambda r: r["id"])
    ]
    return HEAD.format(name=name, register=register.relative_to(ROOT)) + "\n".join(rows) + "\n"


def main() -> None:
    """Write all pages."""
    for name, register in registers().items():
        (PAGES / f"{name}.md").write_text(page(name, register), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
