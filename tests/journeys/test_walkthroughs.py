"""The walkthroughs do what they say: every block is run, and what it prints is what stands under it."""

import ast
import asyncio
import doctest
import re
import subprocess
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from deploy.local.company import Company
from tests.journeys.conftest import ROOT
from tests.journeys.telling import PASSWORD, a_story
from tests.support.stack import MailBox, Stack

PAGES = ROOT / "docs/walkthroughs"
BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```\n(?:```(?:text|json)\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
SAME = doctest.OutputChecker().check_output


def blocks(page: Path, language: str) -> list[tuple[int, str, str]]:
    """The page's blocks: the line on which each begins, its code, and what stands under it."""
    text = page.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, found.start()) + 2, found[2], found[3] or "")
        for found in BLOCK.finditer(text)
        if found[1] == language
    ]


def compiled(code: str, page: Path, line: int) -> CodeType:
    """A block that may await, with the page's line numbers."""
    tree = ast.parse("\n" * (line - 1) + code, page.name)
    return compile(tree, page.name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def wrong(page: Path, line: int, told: str, printed: str) -> list[str]:
    """What is to be said of a block that printed something else than the page tells; `...` stands for anything."""
    if SAME(told, printed, doctest.ELLIPSIS):
        return []
    return [f"{page.name}:{line} printed\n{printed}instead of\n{told}"]


@pytest.mark.usefixtures("company")
async def test_placing_a_risk_is_told_as_it_is(stack: Stack, mail: MailBox):
    page = PAGES / "placing-a-risk.md"
    printed: list[str] = []
    faults: list[str] = []
    names: dict[str, Any] = {
        "story": a_story(stack, mail),
        "print": lambda *told: printed.append(" ".join(map(str, told)) + "\n"),
    }
    for line, code, told in blocks(page, "python"):
        running = eval(compiled(code, page, line), names)  # noqa: S307 - the page is ours, and read as a person would type it
        if running is not None:
            await running
        faults += wrong(page, line, told, "".join(printed))
        printed.clear()
    assert not faults, "\n".join(faults)


async def test_the_first_steps_are_told_as_they_are(stack: Stack, company: Company, tmp_path: Path):
    page = PAGES / "first-steps.md"
    address = str(stack.gateway.http.base_url).removesuffix("/").removesuffix("/api")
    (tmp_path / ".run").mkdir()
    (tmp_path / ".run/admin-password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    found = blocks(page, "sh")
    script = "\n".join(f"{code}\nprintf '\\n%s\\n' ---8---" for _, code, _ in found)
    run = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-euo", "pipefail", "-c", script.replace("http://127.0.0.1:8080", address)],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    answers = run.stdout.split("\n---8---\n")
    faults: list[str] = []
    for (line, _, told), printed in zip(found, answers, strict=False):
        faults += wrong(page, line, told, f"{printed.rstrip()}\n" if printed.strip() else "")
    assert not faults, "\n".join(faults)
