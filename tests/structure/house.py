"""What the structure tests look at: files, services, routes."""

import ast
import importlib
from functools import cache
from pathlib import Path

from fastapi.routing import APIRoute

from chassis.service import Service

ROOT = Path(__file__).resolve().parents[2]
CODE = ("contracts", "chassis", "services", "deploy", "docs", "tests", "bench")


def python_files(*folders: str) -> list[Path]:
    """All Python files below these folders."""
    return sorted(
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts
    )


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def services() -> tuple[Service, ...]:
    """Every service of the product."""
    names = sorted(path.parent.name for path in (ROOT / "services").glob("*/service.py"))
    return tuple(importlib.import_module(f"services.{name}.service").service for name in names)


def routes(service: Service) -> list[APIRoute]:
    """The routes of a service."""
    return [route for router in service.routers for route in router.routes if isinstance(route, APIRoute)]


def where(path: Path) -> str:
    """A path as people write it."""
    return str(path.relative_to(ROOT))
