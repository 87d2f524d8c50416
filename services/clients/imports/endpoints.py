"""The HTTP door of imports."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Response, UploadFile
from pydantic import Json

from chassis.files import MOST_BYTES, XLSX, BranchMissing, FileRefused, attachment
from chassis.http import Flag, Listing, Page, Work, paged, refusals, requires
from chassis.sheets import TableFileRefused
from services.clients.imports import actions
from services.clients.imports.model import Outcome
from services.clients.imports.rules import ImportNotFound, ImportRunning, NoClientTable, UnknownSheet
from services.clients.imports.schemas import ImportView, RowView
from services.clients.imports.store import Imports, ReportRows

router = APIRouter(prefix="/imports", tags=["imports"])
BRANCHES = "Owning branch by sheet, as a JSON object; `branch` owns the sheets that it does not name"


@router.post(
    "",
    status_code=201,
    dependencies=[requires("imports:write")],
    responses=refusals(TableFileRefused, NoClientTable, UnknownSheet, BranchMissing, FileRefused),
)
async def import_clients(
    work: Work,
    file: UploadFile,
    branch: Annotated[str, Form(max_length=64)],
    branches: Annotated[Json[dict[str, str]] | None, Form(description=BRANCHES)] = None,
    dry_run: Annotated[Flag, Form(description="Report only, make nothing")] = True,
) -> ImportView:
    """Take in a client file (.xlsx or .csv), or look what taking it in would make.

    The rows' outcomes are at `/imports/{id}/rows`. A file of up to 2,000 rows is done with the answer; a longer one is
    `running` until the worker has made it. Taking the same file in again makes nothing new.

    Rules: CLI-001, CLI-002, CLI-003, CLI-004, CLI-010, CLI-011, CLI-012, CLI-013, CLI-014 (docs/rules/clients.md).
    """
    upload = actions.Upload(await file.read(MOST_BYTES + 1), file.filename or "", branch, branches or {})
    return ImportView.of(await actions.import_clients(upload, dry_run=dry_run, work=work))


@router.get("", dependencies=[requires("imports:read")])
async def list_imports(work: Work, paging: Annotated[Listing, paged()]) -> Page[ImportView]:
    """Imports by page, the newest first."""
    found = await Imports(work).page(paging)
    return Page(items=[ImportView.of(one) for one in found.items], next=found.next)


@router.get("/{import_id}", dependencies=[requires("imports:read")], responses=refusals(ImportNotFound))
async def show_import(import_id: str, work: Work) -> ImportView:
    """One import: what each sheet is, what is wrong with the file as a whole, and the counts."""
    return ImportView.of(await Imports(work).get(import_id))


@router.get("/{import_id}/rows", dependencies=[requires("imports:read")], responses=refusals(ImportNotFound))
async def list_import_rows(
    import_id: str,
    work: Work,
    paging: Annotated[Listing, paged(default="id")],
    outcome: Outcome | None = None,
    sheet: Annotated[str | None, Query(max_length=100)] = None,
) -> Page[RowView]:
    """The outcome of each row, in the order of the file, with the reasons.

    Rule: CLI-014 (docs/rules/clients.md).
    """
    found = await Imports(work).get(import_id)
    condition = {name: value for name, value in {"outcome": outcome, "sheet": sheet}.items() if value is not None}
    page = await ReportRows(found.id, found.plan_id, work).page(paging, condition)
    return Page(items=[RowView.of(row) for row in page.items], next=page.next)


@router.get(
    "/{import_id}/report",
    dependencies=[requires("imports:read")],
    responses=refusals(ImportNotFound, ImportRunning),
    response_class=Response,
)
async def download_report(
    import_id: str, work: Work, form: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "xlsx"
) -> Response:
    """The whole report as a table, a line for each finding; no cell of it runs as a formula.

    Rule: CLI-014 (docs/rules/clients.md).
    """
    content, name = await actions.export_report(import_id, form, work)
    return attachment(content, XLSX if form == "xlsx" else "text/csv", name)
