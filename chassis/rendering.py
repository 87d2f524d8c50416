"""PDF by typst, in a process of its own: its memory and its faults stay out of the service."""

import asyncio
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 30.0
FONTS = ("cvttf_NotoSansCJK_Regular", "cvttf_NotoSansCJK_Bold")


class RenderingFailed(Exception):
    """The template could not be rendered; the message is typst's."""


async def render(template: Path, data: dict[str, Any]) -> bytes:
    """The PDF of a template with JSON data, which it reads as `json(bytes(sys.inputs.data))`. Same data, same bytes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "chassis.rendering",
        str(template),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        async with asyncio.timeout(SECONDS):
            out, err = await process.communicate(json.dumps(data, ensure_ascii=False).encode())
    except BaseException:
        process.kill()
        raise
    if process.returncode:
        raise RenderingFailed(err.decode(errors="replace")[-2000:])
    return out


def font_folders() -> list[str]:
    """Where the Noto CJK fonts of the installed wheels lie."""
    found = [importlib.util.find_spec(name) for name in FONTS]
    return [str(Path(spec.origin).parent) for spec in found if spec and spec.origin]


def main() -> None:
    """Render the template named on the command line with the data on standard input."""
    import typst

    data = sys.stdin.read()
    pdf = typst.compile(
        sys.argv[1], root=str(ROOT), font_paths=font_folders(), ignore_system_fonts=True, sys_inputs={"data": data}
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
