"""A small service that the chassis' own tests use: parcels that are posted and delivered."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime
from pymongo import IndexModel

from chassis import branches
from chassis.consuming import Consumers
from chassis.copies import Copy
from chassis.files import files_router
from chassis.http import Body, Listing, Page, View, Work, paged, refusals, requires
from chassis.jobs import Jobs
from chassis.lists import Slice
from chassis.model import Aggregate, Value
from chassis.moves import IllegalMove, move
from chassis.refusals import Conflict, Missing
from chassis.service import Service
from chassis.store import Store
from chassis.work import Work as WorkInHand
from contracts.facts import Fact
from contracts.money import Money
from contracts.personal import PhoneNumber


class ParcelPosted(Fact, topic="sample.parcels"):
    """A parcel is on its way."""

    parcel_id: str
    label: str
    phone: PhoneNumber | None = None


class ParcelDelivered(Fact, topic="sample.parcels"):
    """A parcel has arrived."""

    parcel_id: str


class Status(StrEnum):
    POSTED = "posted"
    DELIVERED = "delivered"


MOVES = {Status.POSTED: frozenset({Status.DELIVERED}), Status.DELIVERED: frozenset[Status]()}


class Parcel(Aggregate):
    label: str
    value: Money
    phone: PhoneNumber | None = None
    note: str | None = None
    sent_at: datetime | None = None
    status: Status = Status.POSTED


class ParcelNotFound(Missing):
    zh = "没有包裹 {id}"
    en = "There is no parcel {id}"


class LabelTaken(Conflict):
    zh = "标签已被使用"
    en = "The label is taken"


class Parcels(Store[Parcel]):
    collection = "parcels"
    model = Parcel
    missing = ParcelNotFound
    indexes = [IndexModel([("label", 1)], name="label", unique=True)]
    duplicates = {"label": LabelTaken}


class PostParcel(Body):
    label: str
    value: Money
    phone: PhoneNumber | None = None
    note: str | None = None
    sent_at: AwareDatetime | None = None
    branch: str = "hq"


class ParcelView(View):
    id: str
    version: int
    branch: str
    label: str
    value: Money
    phone: PhoneNumber | None
    note: str | None
    status: Status


def _posted(parcel: Parcel) -> ParcelPosted:
    return ParcelPosted(parcel_id=parcel.id, label=parcel.label, phone=parcel.phone)


router = APIRouter(prefix="/parcels", tags=["parcels"])


@router.post("", status_code=201, dependencies=[requires("parcels:write")], responses=refusals(LabelTaken))
async def post_parcel(body: PostParcel, work: Work) -> ParcelView:
    """Post a parcel."""
    parcel = Parcel(id=work.new_id("parcels"), **{name: getattr(body, name) for name in PostParcel.model_fields})
    return ParcelView.of(await Parcels(work).add(parcel, _posted(parcel)))


@router.post(
    "/{parcel_id}/delivery", dependencies=[requires("parcels:write")], responses=refusals(ParcelNotFound, IllegalMove)
)
async def deliver_parcel(parcel_id: str, work: Work) -> ParcelView:
    """Deliver it."""
    return ParcelView.of(await deliver(parcel_id, work))


@router.get("/{parcel_id}", dependencies=[requires("parcels:read")], responses=refusals(ParcelNotFound))
async def show_parcel(parcel_id: str, work: Work) -> ParcelView:
    """One parcel."""
    return ParcelView.of(await Parcels(work).get(parcel_id))


@router.get("", dependencies=[requires("parcels:read")])
async def list_parcels(work: Work, paging: Annotated[Listing, paged("label", "note", "sent_at")]) -> Page[ParcelView]:
    """Parcels by page."""
    found: Slice[Parcel] = await Parcels(work).page(paging)
    return Page(items=[ParcelView.of(parcel) for parcel in found.items], next=found.next)


async def deliver(parcel_id: str, work: WorkInHand) -> Parcel:
    """The parcel, delivered."""
    return await Parcels(work).change(
        parcel_id, lambda parcel: (move(parcel, MOVES, Status.DELIVERED), ParcelDelivered(parcel_id=parcel.id))
    )


class ParcelCopy(Value):
    id: str
    branch: str
    label: str
    v: int
    phone: PhoneNumber | None = None


class ParcelCopies(Copy[ParcelCopy]):
    collection = "copy_parcels"
    model = ParcelCopy
    missing = ParcelNotFound


consumers = Consumers()
jobs = Jobs()


@consumers.on(ParcelPosted)
async def copy_parcel(posted: ParcelPosted, work: WorkInHand) -> None:
    """Keep a copy."""
    await ParcelCopies(work).put(posted.parcel_id, label=posted.label, phone=posted.phone)


@consumers.on(ParcelPosted)
async def send_back(posted: ParcelPosted, work: WorkInHand) -> None:
    """An effect that makes a document: a parcel back, once."""
    if posted.label.startswith("return "):
        parcel = Parcel(
            id=work.new_id("parcels"),
            branch=work.event.branch if work.event else "",
            label="back",
            value=Money(amount_minor=0),
        )
        await Parcels(work).add(parcel, ParcelPosted(parcel_id=parcel.id, label="back"))


service = Service(
    name="sample",
    title="Sample",
    routers=[router, files_router("parcels:read", "parcels:write")],
    stores=[Parcels],
    consumers=[consumers, branches.consumers],
    jobs=[jobs],
)
