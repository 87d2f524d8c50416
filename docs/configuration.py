"""Write docs/configuration.md from the settings classes: `python -m docs.configuration`."""

import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from chassis.settings import Settings, Unit, is_secret, name_of
from deploy.envoy.render import GatewaySettings
from services.notifications.messages.mail import MailSettings
from services.webhooks.sending import WebhookSettings

PAGE = Path(__file__).resolve().parent / "configuration.md"
CLASSES: dict[str, type[BaseSettings]] = {
    "Every service": Settings,
    "Notifications": MailSettings,
    "Webhooks": WebhookSettings,
    "The gateway": GatewaySettings,
}
HEAD = """# Configuration

Generated from the settings classes by `make docs`; change the texts there. All that a process is told stands in its
environment. It is read and checked at the start: a process that is told something wrong ends with code 78 and lists
everything that is wrong on standard error. So does one that is told a misspelt name; names of ours that resemble none
of its own are passed over, since they may belong to another program of the same environment.

A setting marked secret holds a secret or names the file that does: it is never shown, not even when it is wrong.
"""
COLUMNS = "| name | what it says | unit | default | secret |\n|---|---|---|---|---|\n"
COMMANDS = """
## Commands

These are read by the commands on a developer's machine, not by a service.

| name | what it says | unit | default | secret |
|---|---|---|---|---|
| `BAOQIAO_PORT` | where the gateway listens, for `make run` and `make demo` | port | `8080` | no |
| `BAOQIAO_DEMO_DATA` | the files that `make demo` imports | folder | those of deploy/local/data | no |
| `BAOQIAO_TEST_MONGO_URL`, `BAOQIAO_TEST_KAFKA_BOOTSTRAP`, `BAOQIAO_TEST_KAFKA_USERS`, `BAOQIAO_TEST_SMTP_PORT`, `BAOQIAO_TEST_MAIL_DIR` | servers that run already, for the tests; `python -m deploy.local servers` prints them | | the tests start their own | no |
"""  # noqa: E501 - a row of a table


def page() -> str:
    """The page as it must be."""
    return HEAD + "".join(_part(title, kind) for title, kind in CLASSES.items()) + COMMANDS


def _part(title: str, kind: type[BaseSettings]) -> str:
    rows = [_row(kind, field, info) for field, info in kind.model_fields.items()]
    return f"\n## {title}\n\n{kind.__doc__}\n\n{COLUMNS}" + "".join(rows)


def _row(kind: type[BaseSettings], field: str, info: FieldInfo) -> str:
    [unit] = [mark.name for mark in info.metadata if isinstance(mark, Unit)]
    secret = "yes" if is_secret(kind, field) else "no"
    text = " ".join((info.description or "").split())
    cells = (f"`{name_of(kind, field)}`", text, _choices(info.annotation) or unit, _default(info.default), secret)
    return f"| {' | '.join(cells)} |\n"


def _choices(annotation: Any) -> str:
    return ", ".join(f"`{each}`" for each in get_args(annotation)) if get_origin(annotation) is Literal else ""


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "none: must be told"
    return "empty" if value in ("", None) else f"`{value}`"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
