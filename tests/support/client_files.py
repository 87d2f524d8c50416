"""Client files as branches keep them, and how they are sent."""

import json
from pathlib import Path
from typing import Any

import httpx

from chassis.sheets import to_csv, to_xlsx
from tests.support.clients import a_uscc
from tests.support.service import Caller

ROOT = Path(__file__).resolve().parents[2]
HEADER = ["客户编号", "客户名称", "证件种类", "证件号", "联系人", "电话", "建档日期", "备注"]


def a_client_row(seed: int, **cells: Any) -> list[Any]:
    """A row of a client file that nothing is wrong with, but what is told."""
    told: dict[str, Any] = {
        "客户编号": f"OLD-{seed:05d}",
        "客户名称": f"岫云{seed}精密装备有限公司",
        "证件种类": "营业执照",
        "证件号": a_uscc(seed),
        "联系人": "温若川",
        "电话": "13900001101",
        "建档日期": "2019.5.6",
        "备注": "",
    }
    return [*(told | cells).values()]


def a_client_book(*rows: list[Any], sheet: str = "客户") -> bytes:
    """An .xlsx file with these rows below a header."""
    return to_xlsx(sheet, HEADER, rows)


def a_client_csv(*rows: list[Any]) -> bytes:
    """A CSV file with these rows below a header."""
    return to_csv(HEADER, rows)


async def send(
    who: Caller, content: bytes, *, dry_run: bool, branch: str = "sh", name: str = "clients.xlsx", **more: Any
) -> httpx.Response:
    """Send a file to be imported; `branches` in `more` is the mapping of sheets."""
    data = {"branch": branch, "dry_run": str(dry_run).lower()}
    if branches := more.pop("branches", None):
        data["branches"] = json.dumps(branches)
    files = {"file": (name, content, "application/octet-stream")}
    return await who.post("/imports", files=files, data=data, **more)


async def rows_of(who: Caller, import_id: str, **params: Any) -> list[dict[str, Any]]:
    """All rows of a report, page by page."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        told = {**params, "limit": 100} | ({"cursor": cursor} if cursor else {})
        page = (await who.get(f"/imports/{import_id}/rows", params=told)).json()
        rows += page["items"]
        cursor = page["next"]
    return rows
