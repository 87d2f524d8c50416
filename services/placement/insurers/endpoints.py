"""The panel of insurers."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.http import Listing, Page, Work, paged, refusals, requires
from contracts.shared import LineFamily
from services.placement.insurers import actions
from services.placement.insurers.rules import ContactNotFound
from services.placement.insurers.schemas import (
    AddContact,
    AddInsurer,
    ChangeContact,
    ChangeInsurer,
    ContactInClear,
    InsurerView,
)
from services.placement.insurers.store import InsurerCodeTaken, InsurerNotFound, Insurers

router = APIRouter(prefix="/insurers", tags=["insurers"])
paging = Annotated[Listing, paged("name", "code", default="code")]


@router.post("", status_code=201, dependencies=[requires("insurers:write")], responses=refusals(InsurerCodeTaken))
async def add_insurer(body: AddInsurer, work: Work) -> InsurerView:
    """Put an insurer on the panel, with what it may write and where.

    Rule: PLC-007, PLC-008 (docs/rules/placement.md).
    """
    return InsurerView.of(await actions.add_insurer(work, **dict(body)))


@router.get("", dependencies=[requires("insurers:read")])
async def list_insurers(
    work: Work,
    listing: paging,
    code: Annotated[str | None, Query(max_length=20)] = None,
    line_family: LineFamily | None = None,
) -> Page[InsurerView]:
    """The panel by page; narrowed to a code, or to insurers that have a licence for a line family."""
    wanted = {"code": code} if code else {}
    wanted |= {"licences.line_families": line_family} if line_family else {}
    found = await Insurers(work).page(listing, wanted)
    return Page(items=[InsurerView.of(insurer) for insurer in found.items], next=found.next)


@router.get("/{insurer_id}", dependencies=[requires("insurers:read")], responses=refusals(InsurerNotFound))
async def show_insurer(insurer_id: str, work: Work) -> InsurerView:
    """One insurer."""
    return InsurerView.of(await Insurers(work).get(insurer_id))


@router.patch("/{insurer_id}", dependencies=[requires("insurers:write")], responses=refusals(InsurerNotFound))
async def change_insurer(insurer_id: str, body: ChangeInsurer, work: Work) -> InsurerView:
    """Change an insurer's name, licences, offices or cooperation terms."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    return InsurerView.of(await actions.change_insurer(insurer_id, changes, work))


@router.post("/{insurer_id}/contacts", dependencies=[requires("insurers:write")], responses=refusals(InsurerNotFound))
async def add_contact(insurer_id: str, body: AddContact, work: Work) -> InsurerView:
    """Add somebody who works there. Enquiries go to the underwriters."""
    return InsurerView.of(await actions.add_contact(insurer_id, work, **dict(body)))


@router.patch(
    "/{insurer_id}/contacts/{contact_id}",
    dependencies=[requires("insurers:write")],
    responses=refusals(InsurerNotFound, ContactNotFound),
)
async def change_contact(insurer_id: str, contact_id: str, body: ChangeContact, work: Work) -> InsurerView:
    """Change a contact."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    return InsurerView.of(await actions.change_contact(insurer_id, contact_id, changes, work))


@router.post(
    "/{insurer_id}/contacts/{contact_id}/removal",
    dependencies=[requires("insurers:write")],
    responses=refusals(InsurerNotFound, ContactNotFound),
)
async def drop_contact(insurer_id: str, contact_id: str, work: Work) -> InsurerView:
    """Remove a contact; documents that went to him stay as they are."""
    return InsurerView.of(await actions.drop_contact(insurer_id, contact_id, work))


@router.get(
    "/{insurer_id}/contacts/{contact_id}",
    dependencies=[requires("insurers:reveal")],
    responses=refusals(InsurerNotFound, ContactNotFound),
)
async def reveal_contact(insurer_id: str, contact_id: str, work: Work) -> ContactInClear:
    """A contact in clear; who read it is kept.

    Rule: SYS-012 (docs/rules/chassis.md).
    """
    return ContactInClear.of(await actions.reveal_contact(insurer_id, contact_id, work))
