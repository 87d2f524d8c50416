"""Load the demonstration company over the public API: branches, people, registrations, the insurer panel, the
authority matrix.

    python -m deploy.local.company --login admin --password-file .run/admin-password

Does nothing where the company stands already. All its people sign in with the administrator's password.
"""

import asyncio
import time
import tomllib
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import httpx
import typer
from rich.console import Console
from stdnum.cn import ric
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from deploy.local.api import Gateway, NotAsTold, Person

TOLD = tomllib.loads(Path(__file__).with_name("company.toml").read_text(encoding="utf-8"))
FIRST_PASSWORD = "to be changed at once"  # noqa: S105 - nobody signs in with it twice
ALL_FAMILIES = ["property", "engineering", "liability", "cargo", "motor", "credit", "personal", "benefits"]
T = TypeVar("T")


async def arrived(look: Callable[[], Awaitable[T]], within: float = 30) -> T:
    """What `look` gives as soon as it is something: what one service tells needs a moment to reach another."""
    async for attempt in AsyncRetrying(
        stop=stop_after_delay(within), wait=wait_fixed(0.1), retry=retry_if_exception_type(NotAsTold), reraise=True
    ):
        with attempt:
            found = await look()
            if not found:
                raise NotAsTold(f"nothing arrived within {within} s")
            return found
    raise AssertionError("unreachable")


class Company:
    """Sets everything up, step by step; `since` is the first day of all that is effective from a date."""

    def __init__(self, gateway: Gateway, password: str, since: date, people: list[str] | None = None) -> None:
        self.gateway, self.password, self.since = gateway, password, since
        self.branches: dict[str, str] = {}
        self.users: dict[str, str] = {}
        self._people = [person for person in TOLD["person"] if people is None or person["login"] in people]

    async def set_up(self, login: str) -> None:
        """All of it, as the administrator and the people in charge; nothing where it stands already."""
        admin = await self.gateway.sign_in(login, self.password)
        if await self._stands(admin):
            return
        await self._branches(admin)
        await self._users(admin)
        await self._employees(await self.person("hr.hq"))
        await self._market(admin)
        await self._matrices(admin, await self.person("gm.hq"))
        await self._question_sets(admin)
        await self._notice(await self.person("com"), await self.person("com2"))
        await self._accounts(await self.person("csh"), await self.person("fin"))

    async def _stands(self, admin: Person) -> bool:
        """Whether everything is there; raises NotAsTold when an earlier set-up was cut off."""
        if len((await admin.get("/identity/branches"))["items"]) == 1:
            return False
        accounts = await (await self.person("csh")).get("/finance/client_accounts")
        if not accounts["items"]:
            raise NotAsTold("The demonstration company stands in part only; forget the data and load it anew")
        return True

    async def person(self, login: str) -> Person:
        """One of the company's people, signed in."""
        return await self.gateway.sign_in(login, self.password)

    async def _branches(self, admin: Person) -> None:
        [headquarters] = [found for found in (await admin.get("/identity/branches"))["items"] if not found["parent_id"]]
        self.branches["HQ"] = headquarters["id"]
        for told in TOLD["branch"]:
            body = {name: told[name] for name in ("code", "name", "kind", "region")}
            body |= {"parent_id": self.branches[told["parent"]], "from_on": self.since.isoformat()}
            self.branches[told["code"]] = (await admin.post("/identity/branches", body))["id"]

    async def _users(self, admin: Person) -> None:
        for told in self._people:
            body = {"login": told["login"], "name": told["name"], "branch": self.branches[told["branch"]]}
            body |= {"email": f"{told['login']}@mudu.example", "password": FIRST_PASSWORD}
            user = await admin.post("/identity/users", body)
            roles = {
                "branch_id": self.branches[told["branch"]],
                "roles": told["roles"],
                "from_on": self.since.isoformat(),
            }
            await admin.post(f"/identity/users/{user['id']}/assignments", roles, match=user)
            await self.gateway.sign_in(told["login"], FIRST_PASSWORD, self.password)
            self.users[told["login"]] = user["id"]

    async def _employees(self, hr: Person) -> None:
        employees: dict[str, str] = {}
        for number, told in enumerate(self._people, 1):
            employees[told["login"]] = (await hr.post("/hr/employees", self._employee(number, told, employees)))["id"]
        for number, told in enumerate(self._people, 1):
            if told.get("kinds"):
                confirmed = {"confirmed_by": employees["hr.hq"], "grounds": "入职面谈、背景调查与专业考核合格"}
                registration = {
                    "employee_id": employees[told["login"]],
                    "number": f"{self.since:%Y%m%d}{number:018d}",
                    "scope": {"kinds_of_work": told["kinds"], "line_families": ALL_FAMILIES},
                    "criteria": {"sense_of_responsibility": confirmed, "professional_knowledge": confirmed},
                    "from_on": self.since.isoformat(),
                }
                await hr.post("/hr/registrations", registration)

    def _employee(self, number: int, told: dict[str, Any], employees: dict[str, str]) -> dict[str, Any]:
        identity = f"31010119900101{number:03d}"
        return {
            "number": f"E{number:04d}",
            "name": told["name"],
            "branch_id": self.branches[told["branch"]],
            "user_id": self.users[told["login"]],
            "supervisor_id": employees.get(told.get("reports_to", "")),
            "position": "/".join(told["roles"]),
            "identity_number": identity + ric.calc_check_digit(f"{identity}0"),
            "from_on": self.since.isoformat(),
        }

    async def _market(self, admin: Person) -> None:
        for told in TOLD["insurer"]:
            body: dict[str, Any] = {"code": told["code"], "name": told["name"]}
            body["licences"] = [{"line_families": ALL_FAMILIES, "regions": told["regions"], "until_on": None}]
            if "issue_days" in told:
                terms = {"agreement": f"{told['name']}合作协议", "from_on": self.since.isoformat()}
                body["terms"] = terms | {"issue_days": told["issue_days"], "remittance_days": 30, "commission_days": 30}
            insurer = await admin.post("/placement/insurers", body)
            contact = {"role": "underwriter", "name": "核保部", "email": f"uw@{told['code'].lower()}.example"}
            await admin.post(f"/placement/insurers/{insurer['id']}/contacts", contact, match=insurer)
        for told in TOLD["clause"]:
            words = {name: told[name] for name in ("title_zh", "title_en", "text_zh", "text_en")}
            body = {"code": told["code"], "kind": told["kind"], "line_families": ["property"], "words": words}
            await admin.post("/placement/clauses", body)

    async def _matrices(self, admin: Person, general_manager: Person) -> None:
        for told in TOLD["matrix"]:
            rows = [{**row, "above": _yuan(row.get("above")), "up_to": _yuan(row.get("up_to"))} for row in told["rows"]]
            drafted = await admin.post(
                "/placement/authority_matrices", {"kind": told["kind"], "note": told["note"], "rows": rows}
            )
            path = f"/placement/authority_matrices/{drafted['id']}/activation"
            await general_manager.post(path, {"from_on": self.since.isoformat()}, match=drafted)

    async def _question_sets(self, admin: Person) -> None:
        drafted = await admin.post("/placement/question_sets", TOLD["question_set"])
        await admin.post(f"/placement/question_sets/{drafted['id']}/editions", match=drafted)

    async def _notice(self, author: Person, publisher: Person) -> None:
        texts = {item: {"zh": text} for item, text in TOLD["notice"].items()}
        edition = await author.post(
            "/clients/notice_editions", {"branch": self.branches["HQ"], "name": "2026-1", "texts": texts}
        )
        await publisher.post(f"/clients/notice_editions/{edition['id']}/publication", match=edition)

    async def _accounts(self, cashier: Person, finance: Person) -> None:
        body = {
            "branch": self.branches["HQ"],
            "holder": "沐渡保险经纪有限公司",
            "bank": "澜桥银行上海分行",
            "number": "88001000000000001",
        }
        account = await cashier.post("/finance/client_accounts", body)
        await finance.post(f"/finance/client_accounts/{account['id']}/confirmation", match=account)


def _yuan(amount: str | None) -> dict[str, str] | None:
    return {"amount": amount, "currency": "CNY"} if amount else None


def main(
    login: Annotated[str, typer.Option()] = "admin",
    password_file: Annotated[Path, typer.Option(exists=True, dir_okay=False)] = Path(".run/admin-password"),
    address: Annotated[str, typer.Option(help="the gateway")] = "http://127.0.0.1:8080",
) -> None:
    """Load the demonstration company."""
    password = password_file.read_text(encoding="utf-8").splitlines()[0]

    async def run() -> None:
        async with httpx.AsyncClient(base_url=f"{address}/api", timeout=30) as http:
            today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
            company = Company(Gateway(http, time.time), password, today)
            await company.set_up(login)

    try:
        asyncio.run(run())
    except NotAsTold as error:
        Console(stderr=True, highlight=False).print(str(error), markup=False)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
